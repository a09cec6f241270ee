//! The room's keys: for those who are in it, each version once, and a new one after somebody left.

use errand_core::{
    Caller,
    chatroom::{ChatEvent, NewChatMessage, Refused, Role, WrappedKey},
    id::UserId,
};
use rstest::rstest;

use super::{
    admit, follow, heard, is_new, make, person, post, publish_key, refused, says, sealed_with, three, with_key,
    wrapped, wrong,
};
use crate::harness::{Backend, Database};

fn under(version: i64) -> NewChatMessage {
    NewChatMessage { content: sealed_with("hello", version), ..says("") }
}

#[rstest]
#[tokio::test]
async fn a_version_is_written_once_for_everybody_who_can_open_it(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, moderator, bob]) = three(&app).await;
    let eve = person(&app, "eve").await;
    publish_key(&database, &ann).await;
    publish_key(&database, &bob).await;
    publish_key(&database, &eve).await;
    assert_eq!(refused(app.post(&ann, room, under(1)).await), Refused::KeyVersion { current: 0, needed: 1 });
    let mut ear = follow(&app, &ann, room, None).await;
    let both = || vec![wrapped(&ann), wrapped(&bob)];
    let unfit = |text: &str| WrappedKey { user: bob.user, wrapped_key: text.into() };
    for (keys, why) in [
        (vec![], "none for ann, bob"),
        (vec![wrapped(&ann)], "none for bob"),
        ([both(), vec![wrapped(&moderator)]].concat(), "mod has none"),
        ([both(), vec![wrapped(&eve)]].concat(), "members only"),
        ([both(), vec![WrappedKey { user: UserId::fresh(), ..wrapped(&ann) }]].concat(), "members only"),
        ([both(), vec![wrapped(&bob)]].concat(), "two for bob"),
        (vec![wrapped(&ann), unfit("AAAA")], "the one for bob"),
        (vec![wrapped(&ann), unfit("no base64")], "the one for bob"),
    ] {
        let error = app.write_room_keys(&ann, room, 1, keys).await.unwrap_err();
        assert!(error.to_string().starts_with("keys ") && error.to_string().contains(why), "{error}");
    }
    for version in [0, -1, 2, i64::MAX] {
        assert_eq!(wrong(app.write_room_keys(&ann, room, version, both()).await), ["version"]);
    }
    app.write_room_keys(&bob, room, 1, both()).await.unwrap();
    assert_eq!(heard(&mut ear).await.1, ChatEvent::KeysChanged { version: 1, by: bob.user });
    assert_eq!(refused(app.write_room_keys(&ann, room, 1, both()).await), Refused::KeyWritten { current: 1 });
    app.write_room_keys(&ann, room, 2, both()).await.unwrap();
    let keys = app.room_keys(&bob, room).await.unwrap();
    assert_eq!((keys.current, keys.needed), (2, 1));
    let held: Vec<_> = keys.held.iter().map(|key| (key.version, key.wrapped_by)).collect();
    assert_eq!(held, [(1, bob.user), (2, ann.user)]);
    assert_eq!(keys.held[0].wrapped_key, wrapped(&bob).wrapped_key);
    let holders: Vec<_> =
        keys.holders.iter().map(|one| (one.person.username.as_str(), one.public_key.is_some())).collect();
    assert_eq!(holders, [("ann", true), ("mod", false), ("bob", true)]);
    assert!(app.room_keys(&moderator, room).await.unwrap().held.is_empty());
    is_new(app.post(&ann, room, under(1)).await.unwrap());
    is_new(app.post(&moderator, room, under(2)).await.unwrap());
    assert_eq!(refused(app.post(&ann, room, under(3)).await), Refused::KeyVersion { current: 2, needed: 1 });
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_write_a_version_at_once_write_one(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, people) = with_key(&database, &app).await;
    let write = |who: &Caller| {
        let (app, who, keys) = (app.clone(), who.clone(), people.iter().map(wrapped).collect());
        async move { app.write_room_keys(&who, room, 2, keys).await }
    };
    let (one, two) = tokio::join!(write(&people[0]), write(&people[1]));
    let (won, lost) = if one.is_ok() { (one, two) } else { (two, one) };
    won.unwrap();
    assert_eq!(refused(lost), Refused::KeyWritten { current: 2 });
}

#[rstest]
#[tokio::test]
async fn after_somebody_left_only_a_new_key_is_good(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, moderator, bob]) = with_key(&database, &app).await;
    let before = post(&app, &ann, room, "before").await;
    let mut ear = follow(&app, &ann, room, None).await;
    app.kick(&ann, room, bob.user).await.unwrap();
    let left = ChatEvent::Left { user: bob.user, by: Some(ann.user), needed_key_version: 2 };
    assert_eq!(heard(&mut ear).await.1, left);
    let old = Refused::KeyVersion { current: 1, needed: 2 };
    assert_eq!(refused(app.post(&ann, room, under(1)).await), old);
    assert_eq!(refused(app.post(&ann, room, under(2)).await), old);
    assert_eq!(refused(app.edit_message(&ann, room, before, sealed_with("x", 1)).await), old);
    let keys = app.write_room_keys(&ann, room, 2, vec![wrapped(&ann), wrapped(&moderator), wrapped(&bob)]).await;
    assert_eq!(wrong(keys), ["keys"], "whoever left gets none");
    app.write_room_keys(&moderator, room, 2, vec![wrapped(&ann), wrapped(&moderator)]).await.unwrap();
    is_new(app.post(&ann, room, under(2)).await.unwrap());
    assert_eq!(refused(app.post(&ann, room, under(1)).await), Refused::KeyVersion { current: 2, needed: 2 });
    // Whoever comes back has what they had, and no more until the next version.
    admit(&app, &ann, room, &bob, Role::Member).await;
    let held: Vec<_> = app.room_keys(&bob, room).await.unwrap().held.into_iter().map(|key| key.version).collect();
    assert_eq!(held, [1]);
    // Two who leave before there is a new one need one new one.
    app.leave_chatroom(&bob, room).await.unwrap();
    app.leave_chatroom(&moderator, room).await.unwrap();
    assert_eq!(app.chatroom(&ann, room).await.unwrap().chatroom.needed_key_version, 3);
    let unused = make(&app, &ann, "Without a key").await;
    admit(&app, &ann, unused, &bob, Role::Member).await;
    app.leave_chatroom(&bob, unused).await.unwrap();
    assert_eq!(app.chatroom(&ann, unused).await.unwrap().chatroom.needed_key_version, 1, "bob never had one");
}
