//! Hearing: without a hole, and nothing after one has left, on whatever instance one listens.

use std::time::Duration;

use errand_core::{
    Error, Noun, RoomId,
    chatroom::{ChatEvent, Role},
    event::Topic,
    feed::Subscriptions,
};
use futures::future::join_all;
use rstest::rstest;

use super::{admit, code, follow, heard, own, person, resized, three};
use crate::harness::{Backend, Database};

#[rstest]
#[tokio::test]
async fn who_is_put_out_hears_that_and_then_nothing(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    // PostgreSQL: the one who is put out listens at another instance.
    let other = if backend == Backend::Postgres { database.app().await } else { app.clone() };
    let (room, [ann, moderator, bob]) = three(&app).await;
    let (mut ear, mut stays) = (follow(&other, &bob, room, None).await, follow(&app, &ann, room, None).await);
    app.kick(&moderator, room, bob.user).await.unwrap();
    resized(&app, &ann, room, 50).await.unwrap();
    let left = ChatEvent::Left { user: bob.user, by: Some(moderator.user), needed_key_version: 1 };
    let (seq, event) = heard(&mut ear).await;
    assert_eq!(event, left);
    assert!(ear.is_empty() && !ear.hears(Topic::Room(room)));
    let more = tokio::time::timeout(Duration::from_millis(1500), ear.next()).await;
    assert!(more.is_err(), "{more:?}");
    assert_eq!(heard(&mut stays).await, (seq, left.clone()));
    assert!(matches!(heard(&mut stays).await, (next, ChatEvent::Updated { .. }) if next == seq + 1));
    assert_eq!(own(&app, &bob).await.last(), Some(&left));
    for since in [None, Some(0), Some(seq)] {
        let mut again = Subscriptions::default();
        let answer = app.follow_chatroom(&bob, &mut again, room, since).await;
        assert!(matches!(answer, Err(Error::Forbidden(Noun::Chatroom))) && again.is_empty());
    }
}

#[rstest]
#[tokio::test]
async fn who_comes_back_hears_on_and_what_was_missed(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, _, bob]) = three(&app).await;
    app.leave_chatroom(&bob, room).await.unwrap();
    admit(&app, &ann, room, &bob, Role::Member).await;
    resized(&app, &ann, room, 50).await.unwrap();
    let mut ear = follow(&app, &bob, room, Some(0)).await;
    let mut told = Vec::new();
    while !matches!(told.last(), Some((_, ChatEvent::Updated { .. }))) {
        told.push(heard(&mut ear).await);
    }
    assert!(told.iter().any(|(_, event)| matches!(event, ChatEvent::Left { user, .. } if *user == bob.user)));
    assert_eq!(told.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), (1..=told.len() as i64).collect::<Vec<_>>());
    app.kick(&ann, room, bob.user).await.unwrap();
    assert!(matches!(heard(&mut ear).await.1, ChatEvent::Left { .. }));
    assert!(ear.is_empty(), "the one before was another time");
}

#[rstest]
#[tokio::test]
async fn strangers_hear_nothing(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, _) = three(&app).await;
    let eve = person(&app, "eve").await;
    for (room, since) in [(room, None), (room, Some(0)), (RoomId::fresh(), None)] {
        let mut ear = Subscriptions::default();
        assert!(app.follow_chatroom(&eve, &mut ear, room, since).await.is_err());
        assert!(ear.is_empty());
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_who_come_and_go_at_once_are_told_in_one_order_without_a_hole(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, moderator, _]) = three(&app).await;
    let since = app.store.subscribe(Topic::Room(room)).await.unwrap().seen();
    let (mut one, mut two) =
        (follow(&app, &ann, room, Some(since)).await, follow(&app, &moderator, room, Some(since)).await);
    let code = code(&app, &ann, room, 24).await;
    let people = join_all((0..12).map(|number| {
        let app = app.clone();
        async move { person(&app, &format!("p{number}")).await }
    }))
    .await;
    join_all(people.into_iter().map(|who| {
        let (app, code) = (app.clone(), code.clone());
        tokio::spawn(async move {
            for _ in 0..2 {
                app.join_chatroom(&who, &code).await.unwrap();
                app.leave_chatroom(&who, room).await.unwrap();
            }
        })
    }))
    .await;
    let mut inside = std::collections::HashSet::new();
    for seq in since + 1..=since + 48 {
        let told = heard(&mut one).await;
        assert_eq!(told.0, seq);
        match &told.1 {
            ChatEvent::Joined { member } => assert!(inside.insert(member.person.id)),
            ChatEvent::Left { user, .. } => assert!(inside.remove(user)),
            other => panic!("{other:?}"),
        }
        assert_eq!(heard(&mut two).await, told);
    }
    assert!(inside.is_empty());
}

#[rstest]
#[tokio::test]
async fn one_hears_of_ones_rooms_without_having_joined_them(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, moderator, bob]) = three(&app).await;
    let eve = person(&app, "eve").await;
    let (mut ear, mut other) = (Subscriptions::default(), Subscriptions::default());
    app.follow_own_rooms(&eve, &mut ear).await.unwrap();
    app.follow_own_rooms(&bob, &mut other).await.unwrap();
    admit(&app, &ann, room, &eve, Role::Moderator).await;
    resized(&app, &ann, room, 50).await.unwrap();
    app.kick(&ann, room, eve.user).await.unwrap();
    app.delete_chatroom(&ann, room).await.unwrap();
    assert!(matches!(heard(&mut ear).await.1, ChatEvent::Joined { member } if member.person.id == eve.user));
    assert_eq!(heard(&mut ear).await.1, ChatEvent::RoleChanged { user: eve.user, role: Role::Moderator });
    assert!(matches!(heard(&mut ear).await.1, ChatEvent::Left { user, by: Some(_), .. } if user == eve.user));
    assert_eq!(heard(&mut other).await.1, ChatEvent::Deleted);
    assert!(!ear.is_empty() && futures::poll!(std::pin::pin!(ear.next())).is_pending(), "it was eve's room no longer");
    assert_eq!(own(&app, &moderator).await.last(), Some(&ChatEvent::Deleted));
}
