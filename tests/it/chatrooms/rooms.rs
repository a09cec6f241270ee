//! Making, listing, changing and deleting.

use errand_core::{
    Error, Noun, RoomId, Slice,
    chatroom::{ChatEvent, ChatroomEdit, NewChatroom, Role},
    feed::Subscriptions,
    room::PersonRef,
};
use rstest::rstest;

use super::{called, follow, heard, make, own, person, resized, three, wrong};
use crate::harness::{Backend, Database};

#[rstest]
#[tokio::test]
async fn what_was_made_is_what_is_read(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let ann = person(&app, "ann").await;
    let new =
        NewChatroom { description: " Plans ".into(), is_private: true, max_members: Some(7), ..called(" The\nhall ") };
    let made = app.make_chatroom(&ann, new).await.unwrap();
    assert_eq!((made.name.as_str(), made.description.as_deref()), ("The hall", Some("Plans")));
    assert_eq!((made.owner, made.is_private, made.max_members, made.member_count), (ann.user, true, 7, 1));
    assert_eq!((made.auto_summary_enabled, made.summary_threshold), (true, 50));
    assert_eq!((made.key_version, made.needed_key_version), (0, 1));
    let details = app.chatroom(&ann, made.id).await.unwrap();
    assert_eq!((&details.chatroom, details.role, details.members.len()), (&made, Role::Owner, 1));
    let member = details.members[0].clone();
    let shown = (member.person.username.as_str(), member.person.display_name.as_str());
    assert_eq!((shown, member.is_assistant), (("ann", "ann"), false));
    assert_eq!((member.joined_at, member.last_read_at), (made.created_at, made.created_at));
    assert_eq!(own(&app, &ann).await, [ChatEvent::Joined { member }]);
    let unsaid = app.make_chatroom(&ann, called("x")).await.unwrap();
    assert_eq!((unsaid.description, unsaid.max_members, unsaid.is_private), (None, 100, false));
    let bad = NewChatroom { max_members: Some(1), description: "x".repeat(501), ..called(" ") };
    assert_eq!(wrong(app.make_chatroom(&ann, bad).await), ["name", "description", "max_members"]);
}

#[rstest]
#[tokio::test]
async fn a_list_has_ones_own_by_name_and_in_stretches(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (ann, bob) = (person(&app, "ann").await, person(&app, "bob").await);
    for name in ["Garden", "100%", "ÉTÉ", "Gardening", "a_b", "axb"] {
        make(&app, &ann, name).await;
    }
    make(&app, &bob, "Garden of Bob").await;
    for (search, limit, offset, names, total) in [
        (None, 100, 0, vec!["axb", "a_b", "Gardening", "ÉTÉ", "100%", "Garden"], 6),
        (None, 2, 2, vec!["Gardening", "ÉTÉ"], 6),
        (None, 2, 6, vec![], 6),
        (Some(" gARDEN"), 100, 0, vec!["Gardening", "Garden"], 2),
        (Some("garden"), 1, 1, vec!["Garden"], 2),
        (Some("été"), 100, 0, vec!["ÉTÉ"], 1),
        (Some("%"), 100, 0, vec!["100%"], 1),
        (Some("_"), 100, 0, vec!["a_b"], 1),
        (Some("\\"), 100, 0, vec![], 0),
    ] {
        let listed = app.chatrooms(&ann, search, Slice::new(limit, offset).unwrap()).await.unwrap();
        let found: Vec<_> = listed.entries.iter().map(|entry| entry.chatroom.name.as_str()).collect();
        assert_eq!((found, listed.total), (names, total), "{search:?}");
        assert!(listed.entries.iter().all(|entry| entry.role == Role::Owner));
    }
}

#[rstest]
#[tokio::test]
async fn a_change_is_told_and_what_is_none_is_not(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, moderator, bob]) = three(&app).await;
    let mut ear = follow(&app, &bob, room, None).await;
    let edit = ChatroomEdit { name: Some("Attic".into()), summary_threshold: Some(9), ..ChatroomEdit::default() };
    let edited = app.edit_chatroom(&moderator, room, edit.clone()).await.unwrap();
    assert_eq!((edited.name.as_str(), edited.summary_threshold, edited.max_members), ("Attic", 9, 100));
    assert!(edited.updated_at > edited.created_at);
    assert_eq!(heard(&mut ear).await.1, ChatEvent::Updated { chatroom: edited.clone() });
    assert_eq!(app.edit_chatroom(&moderator, room, edit).await.unwrap(), edited);
    assert_eq!(wrong(resized(&app, &ann, room, 2).await), ["max_members"], "three are there");
    let three = resized(&app, &ann, room, 3).await.unwrap();
    assert_eq!(heard(&mut ear).await.1, ChatEvent::Updated { chatroom: three.clone() }, "nothing between the two");
    assert_eq!(app.chatroom(&bob, room).await.unwrap().chatroom, three);
    let listed = app.chatrooms(&bob, Some("attic"), Slice::new(1, 0).unwrap()).await.unwrap();
    assert_eq!(listed.total, 1, "a new name is found");
}

#[rstest]
#[tokio::test]
async fn a_deleted_room_is_gone_with_all_that_was_told_of_it(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, _, bob]) = three(&app).await;
    let mut ear = follow(&app, &bob, room, None).await;
    let mut late = follow(&app, &ann, room, Some(0)).await;
    app.delete_chatroom(&ann, room).await.unwrap();
    let (seq, event) = heard(&mut ear).await;
    assert_eq!((event, ear.is_empty()), (ChatEvent::Deleted, true));
    while heard(&mut late).await != (seq, ChatEvent::Deleted) {}
    assert!(late.is_empty());
    assert!(matches!(app.chatroom(&ann, room).await, Err(Error::NotFound(Noun::Chatroom))));
    assert!(matches!(app.delete_chatroom(&ann, room).await, Err(Error::NotFound(Noun::Chatroom))));
    assert_eq!(app.chatrooms(&bob, None, Slice::new(9, 0).unwrap()).await.unwrap().total, 0);
    assert_eq!(own(&app, &bob).await.last(), Some(&ChatEvent::Deleted));
}

#[rstest]
#[tokio::test]
async fn chatrooms_and_conversations_between_people_do_not_know_each_other(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, _, bob]) = three(&app).await;
    let group = app.make_group(&ann, None, &[PersonRef::Id(bob.user)]).await.unwrap().id;
    let no_room = |error: Error| assert!(matches!(error, Error::NotFound(Noun::Room)), "{error}");
    no_room(app.room(&ann, room).await.unwrap_err());
    no_room(app.say_in_room(&ann, room, "hello").await.unwrap_err());
    no_room(app.room_messages(&ann, room, None, 10).await.unwrap_err());
    no_room(app.follow_room(&ann, &mut Subscriptions::default(), room, None).await.unwrap_err());
    let listed: Vec<RoomId> = app.rooms(&ann).await.unwrap().iter().map(|room| room.id).collect();
    assert_eq!(listed, [group]);
    let no_chatroom = |error: Error| assert!(matches!(error, Error::NotFound(Noun::Chatroom)), "{error}");
    no_chatroom(app.chatroom(&ann, group).await.unwrap_err());
    no_chatroom(app.leave_chatroom(&ann, group).await.unwrap_err());
    no_chatroom(app.delete_chatroom(&ann, group).await.unwrap_err());
    no_chatroom(app.follow_chatroom(&ann, &mut Subscriptions::default(), group, None).await.unwrap_err());
    assert_eq!(app.chatrooms(&ann, None, Slice::new(9, 0).unwrap()).await.unwrap().total, 1);
}
