//! The assistant among people: where it is, and what it cannot be.

use errand_core::{
    App, Caller, Door, Error, Noun, RoomId, Slice,
    account::Registration,
    assistant::{Assistant, NewAssistant},
    chatroom::{ChatEvent, ChatroomEdit, NewChatroom, Refused, Role, Verb, Wanted},
    id::UserId,
    room::PersonRef,
};
use rstest::rstest;

use super::{admit, called, code, follow, heard, make, own, person, post, publish_key, refused, roles, wrapped, wrong};
use crate::harness::{Backend, Database};

fn new() -> NewAssistant {
    NewAssistant { id: UserId::fresh(), public_key: "a key".into(), sealed_key: vec![1, 2, 3] }
}

async fn appoint(app: &App) -> (Assistant, Caller) {
    let assistant = app.appoint_assistant(new()).await.unwrap();
    let caller = Caller::new(&assistant.account, Door::System);
    (assistant, caller)
}

async fn wants(app: &App, who: &Caller, room: RoomId, auto_summary_enabled: bool) {
    let edit = ChatroomEdit { auto_summary_enabled: Some(auto_summary_enabled), ..ChatroomEdit::default() };
    app.edit_chatroom(who, room, edit).await.unwrap();
}

async fn is_there(app: &App, who: &Caller, room: RoomId) -> bool {
    app.chatroom(who, room).await.unwrap().members.iter().any(|member| member.is_assistant)
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_who_make_it_at_once_make_one(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let (one, two) = (database.app().await, database.app().await);
    let (first, second, third) =
        tokio::join!(one.appoint_assistant(new()), two.appoint_assistant(new()), one.appoint_assistant(new()));
    let made = first.unwrap();
    assert_eq!((&second.unwrap(), &third.unwrap()), (&made, &made));
    assert_eq!(two.assistant().await.unwrap(), Some(made.clone()));
    assert_eq!((made.account.username.as_str(), made.sealed_key), ("errand", vec![1, 2, 3]));
}

#[rstest]
#[tokio::test]
async fn it_is_nobody_who_could_log_in_or_be_addressed(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let ann = person(&app, "ann").await;
    let (assistant, _) = appoint(&app).await;
    for login in ["errand", "ERRAND", assistant.account.email.as_str()] {
        for password in ["", "correct horse"] {
            assert!(matches!(app.log_in(login, password).await, Err(Error::Credentials)));
        }
        assert!(matches!(app.account_named(login).await, Err(Error::NotFound(Noun::Account))));
    }
    let email = "errand@example.com".into();
    let registration = Registration { username: "Errand".into(), email, password: "correct horse".into() };
    assert!(matches!(app.register(registration).await, Err(Error::AlreadyRegistered)));
    let people: Vec<_> = app.accounts().await.unwrap().into_iter().map(|account| account.username).collect();
    assert_eq!(people, ["ann"]);
    let open = app.open_direct_room(&ann, &[PersonRef::Name("errand".into())]).await;
    assert_eq!(wrong(open), ["participants"]);
}

#[rstest]
#[tokio::test]
async fn a_person_keeps_the_name_that_it_would_have(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let theirs = person(&app, "Errand").await;
    let (assistant, _) = appoint(&app).await;
    assert_eq!(assistant.account.username, "errand-assistant");
    assert_ne!(assistant.account.id, theirs.user);
    assert_eq!(app.account_named("errand").await.unwrap().id, theirs.user);
    let room = make(&app, &theirs, "The hall").await;
    let members = app.chatroom(&theirs, room).await.unwrap().members;
    let shown: Vec<_> = members.iter().map(|member| (member.person.username.as_str(), member.is_assistant)).collect();
    assert_eq!(shown, [("Errand", false), ("errand-assistant", true)]);
}

#[rstest]
#[tokio::test]
async fn it_is_there_exactly_while_the_room_wants_it(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let ann = person(&app, "ann").await;
    let before = make(&app, &ann, "Older than it").await;
    let unwanted = NewChatroom { auto_summary_enabled: Some(false), ..called("Without it") };
    let without = app.make_chatroom(&ann, unwanted).await.unwrap().id;
    let (assistant, caller) = appoint(&app).await;
    assert_eq!((app.seat_assistant().await.unwrap(), app.seat_assistant().await.unwrap()), (1, 0));
    assert!(is_there(&app, &ann, before).await && !is_there(&app, &ann, without).await);

    let room = app.make_chatroom(&ann, NewChatroom { max_members: Some(2), ..called("The hall") }).await.unwrap();
    let details = app.chatroom(&ann, room.id).await.unwrap();
    assert_eq!((room.member_count, details.chatroom.member_count, details.members.len()), (1, 1, 2));
    let member = &details.members[1];
    let shown = (member.person.display_name.as_str(), member.role, member.is_assistant);
    assert_eq!(shown, ("Errand", Role::Member, true));
    let bob = person(&app, "bob").await;
    admit(&app, &ann, room.id, &bob, Role::Member).await;
    let (eve, second) = (person(&app, "eve").await, code(&app, &ann, room.id, 1).await);
    assert_eq!(refused(app.join_chatroom(&eve, &second).await), Refused::Full);

    let mut ear = follow(&app, &bob, room.id, None).await;
    wants(&app, &ann, room.id, false).await;
    let (user, by) = (assistant.account.id, Some(ann.user));
    assert_eq!(heard(&mut ear).await.1, ChatEvent::Left { user, by, needed_key_version: 1 });
    let ChatEvent::Updated { chatroom } = heard(&mut ear).await.1 else { panic!() };
    assert!(!chatroom.auto_summary_enabled && !is_there(&app, &ann, room.id).await);
    assert!(matches!(app.room_keys(&caller, room.id).await, Err(Error::Forbidden(Noun::Chatroom))));
    wants(&app, &ann, room.id, false).await;
    wants(&app, &ann, room.id, true).await;
    let ChatEvent::Joined { member } = heard(&mut ear).await.1 else { panic!() };
    assert_eq!((member.person.id, member.is_assistant), (user, true));
    assert!(own(&app, &caller).await.is_empty(), "nobody listens there");
}

#[rstest]
#[tokio::test]
async fn it_cannot_be_put_out_or_made_something_else_and_inherits_nothing(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (ann, bob) = (person(&app, "ann").await, person(&app, "bob").await);
    let (assistant, caller) = appoint(&app).await;
    let (room, user) = (make(&app, &ann, "The hall").await, assistant.account.id);
    admit(&app, &ann, room, &bob, Role::Member).await;
    assert_eq!(wrong(app.kick(&ann, room, user).await), ["user_id"]);
    assert_eq!(refused(app.kick(&bob, room, user).await), Refused::Denied(Verb::Kick { of: Role::Member }));
    for role in [Role::Moderator, Role::Owner] {
        assert_eq!(wrong(app.set_role(&ann, room, user, role).await), ["role"]);
    }
    app.leave_chatroom(&ann, room).await.unwrap();
    let expected = [("errand".to_owned(), Role::Member), ("bob".to_owned(), Role::Owner)];
    assert_eq!(roles(&app, &bob, room).await, expected);
    app.leave_chatroom(&bob, room).await.unwrap();
    assert!(matches!(app.chatroom(&bob, room).await, Err(Error::NotFound(Noun::Chatroom))), "the last person is out");
    assert_eq!(app.chatrooms(&caller, None, Slice::new(9, 0).unwrap()).await.unwrap().total, 0);
    let room = make(&app, &ann, "Another").await;
    app.delete_chatroom(&ann, room).await.unwrap();
    assert!(own(&app, &caller).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn people_decide_whether_it_gets_a_key(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let ann = person(&app, "ann").await;
    publish_key(&database, &ann).await;
    let (_, assistant) = appoint(&app).await;
    let room = make(&app, &ann, "The hall").await;
    let holders = app.room_keys(&ann, room).await.unwrap().holders;
    let shown: Vec<_> = holders.iter().map(|holder| (holder.public_key.as_deref(), holder.is_assistant)).collect();
    assert_eq!(shown, [(Some("a key"), false), (Some("a key"), true)]);
    assert_eq!(wrong(app.write_room_keys(&ann, room, 1, vec![wrapped(&assistant)]).await), ["keys"]);
    app.write_room_keys(&ann, room, 1, vec![wrapped(&ann)]).await.unwrap();
    let held = async || app.room_keys(&assistant, room).await.unwrap().held.len();
    assert_eq!(held().await, 0);
    app.write_room_keys(&ann, room, 2, vec![wrapped(&ann), wrapped(&assistant)]).await.unwrap();
    assert_eq!(held().await, 1);
    wants(&app, &ann, room, false).await;
    assert_eq!(app.chatroom(&ann, room).await.unwrap().chatroom.needed_key_version, 3, "it knows the older ones");
    wants(&app, &ann, room, true).await;
    assert_eq!(held().await, 0, "what it left, it has no keys of");
    assert_eq!(app.room_keys(&ann, room).await.unwrap().held.len(), 2, "others have theirs");
}

#[rstest]
#[tokio::test]
async fn it_reads_back_what_is_wanted(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, _, bob]) = super::with_key(&database, &app).await;
    let mut ids = Vec::new();
    for (number, who) in [&ann, &bob, &ann, &bob, &ann].into_iter().enumerate() {
        ids.push(post(&app, who, room, &format!("message {number}")).await);
    }
    app.delete_message(&ann, room, ids[2]).await.unwrap();
    let all = app.read_back(&bob, room, Wanted::default(), None, 100).await.unwrap();
    let read = |messages: &[errand_core::chatroom::SealedMessage]| -> Vec<usize> {
        messages.iter().map(|message| ids.iter().position(|id| *id == message.id).unwrap()).collect()
    };
    assert_eq!(read(&all), [4, 3, 1, 0]);
    let two = app.read_back(&bob, room, Wanted::default(), None, 2).await.unwrap();
    let rest = app.read_back(&bob, room, Wanted::default(), Some(two[1].seq), 100).await.unwrap();
    assert_eq!((read(&two), read(&rest)), (vec![4, 3], vec![1, 0]));
    let at = |at: usize| Some(all[at].created_at);
    for (wanted, expected) in [
        (Wanted { sender: Some(bob.user), ..Wanted::default() }, vec![3, 1]),
        (Wanted { kind: Some(errand_core::chatroom::MessageKind::Image), ..Wanted::default() }, vec![]),
        (Wanted { from: at(2), to: at(1), ..Wanted::default() }, vec![3, 1]),
        (Wanted { from: at(1), ..Wanted::default() }, vec![4, 3]),
        (Wanted { to: at(3), ..Wanted::default() }, vec![0]),
        (Wanted { from: at(0).map(|at| at + chrono::TimeDelta::seconds(1)), ..Wanted::default() }, vec![]),
        (Wanted { to: at(3).map(|at| at - chrono::TimeDelta::seconds(1)), ..Wanted::default() }, vec![]),
    ] {
        assert_eq!(read(&app.read_back(&bob, room, wanted, None, 100).await.unwrap()), expected, "{wanted:?}");
    }
    let whole = app.chat_messages(&bob, room, &ids).await.unwrap();
    assert_eq!(whole.iter().map(|message| message.id).collect::<Vec<_>>(), [ids[0], ids[1], ids[3], ids[4]]);
    let eve = person(&app, "eve").await;
    let stranger = app.read_back(&eve, room, Wanted::default(), None, 1).await;
    assert!(matches!(stranger, Err(Error::Forbidden(Noun::Chatroom))));
    let stranger = app.chat_messages(&eve, room, &ids).await;
    assert!(matches!(stranger, Err(Error::Forbidden(Noun::Chatroom))));
}
