//! Rooms in the core: made once, heard by those who take part, numbered without holes, and nothing that was acknowledged is lost.

use std::{collections::HashSet, task::Poll, time::Duration};

use errand_core::{
    App, Caller, Door, Error, Noun, RoomId,
    app::Opened,
    event::{Event, Topic},
    feed::{Next, QUEUE_EVENTS, Subscriptions},
    id::RoomMessageId,
    room::{PersonRef, RoomKind},
};
use futures::future::join_all;
use rstest::rstest;

use crate::{
    harness::{Backend, Database},
    store::account,
};

async fn person(app: &App, name: &str) -> Caller {
    Caller::new(&account(app, name).await, Door::Rest)
}

fn named(name: &str) -> PersonRef {
    PersonRef::Name(name.into())
}

async fn direct(app: &App, caller: &Caller, other: &Caller) -> RoomId {
    match app.open_direct_room(caller, &[PersonRef::Id(other.user)]).await.unwrap() {
        Opened::Made(room) | Opened::There(room) => room.id,
    }
}

/// The next event that is a message: its number and its words.
async fn heard(subscriptions: &mut Subscriptions) -> (i64, String) {
    let next = tokio::time::timeout(Duration::from_secs(3), subscriptions.next()).await.expect("an event in time");
    let Next::Event(event) = next.unwrap() else { panic!("too slow") };
    let Event::RoomMessageCreated { message } = &event.event else { panic!("not a message") };
    assert_eq!(event.topic, Topic::Room(message.room));
    (event.seq, message.content.clone())
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_open_a_direct_room_at_once_get_the_same_one(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (ann, bob) = (person(&app, "ann").await, person(&app, "bob").await);
    let asks = (0..24).map(|number| {
        let (app, caller) = (app.clone(), if number % 2 == 0 { ann.clone() } else { bob.clone() });
        let other = named(if number % 2 == 0 { "Bob" } else { "ANN" });
        tokio::spawn(async move { app.open_direct_room(&caller, &[other]).await.unwrap() })
    });
    let opened: Vec<_> = join_all(asks).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(opened.iter().filter(|opened| matches!(opened, Opened::Made(_))).count(), 1);
    let ids: HashSet<_> = opened.iter().map(|(Opened::Made(room) | Opened::There(room))| room.id).collect();
    assert_eq!(ids.len(), 1);
    let rooms = app.rooms(&bob).await.unwrap();
    assert_eq!((rooms.len(), rooms[0].kind, rooms[0].participants.len()), (1, RoomKind::Direct, 2));
}

/// Each is told on everybody's topic. Were those taken in the order of the people, two would wait for each other.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_who_make_rooms_with_each_other_at_once_make_them(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let people = [person(&app, "ann").await, person(&app, "bob").await, person(&app, "eve").await];
    let makes = (0..90).map(|number| {
        let (app, caller) = (app.clone(), people[number % 3].clone());
        let others = [1, 2].map(|step| PersonRef::Id(people[(number + step) % 3].user));
        tokio::spawn(async move { app.make_group(&caller, None, &others).await })
    });
    let made: Vec<_> = join_all(makes).await.into_iter().map(|made| made.unwrap().unwrap().id).collect();
    for caller in &people {
        assert_eq!(app.newest_event(caller, Topic::Rooms).await.unwrap(), 90);
        assert_eq!(app.newest_event(caller, Topic::User).await.unwrap(), 0, "what is one's own has not changed");
        let mut heard = app.store.subscribe(Topic::Rooms(caller.user)).await.unwrap();
        assert!(heard.rewind(0).await.unwrap());
        let told = std::iter::from_fn(|| heard.take_ready()).map(|told| {
            let Event::RoomEntered { room_id } = told.event else { panic!("{told:?}") };
            (told.seq, room_id)
        });
        let (numbers, rooms): (Vec<_>, HashSet<_>) = told.unzip();
        assert_eq!(numbers, (1..=90).collect::<Vec<_>>());
        assert_eq!(rooms, made.iter().copied().collect());
    }
}

#[rstest]
#[tokio::test]
async fn who_does_not_take_part_can_do_nothing(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (ann, bob, eve) = (person(&app, "ann").await, person(&app, "bob").await, person(&app, "eve").await);
    let room = direct(&app, &ann, &bob).await;
    for (room, forbidden) in [(room, true), (RoomId::fresh(), false)] {
        let expected = |error: Error| match error {
            Error::Forbidden(Noun::Room) => assert!(forbidden),
            Error::NotFound(Noun::Room) => assert!(!forbidden),
            other => panic!("{other}"),
        };
        let mut subscriptions = Subscriptions::default();
        expected(app.room(&eve, room).await.unwrap_err());
        expected(app.room_messages(&eve, room, None, 10).await.unwrap_err());
        expected(app.say_in_room(&eve, room, "hello").await.unwrap_err());
        expected(app.follow_room(&eve, &mut subscriptions, room, Some(0)).await.unwrap_err());
        assert!(subscriptions.is_empty());
    }
    assert!(app.rooms(&eve).await.unwrap().is_empty());
    assert!(app.room_messages(&ann, room, None, 10).await.unwrap().is_empty());
    assert_eq!(app.room(&bob, room).await.unwrap().participants.len(), 2);
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_messages_at_once_are_numbered_without_holes_and_stored_in_that_order(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (ann, bob) = (person(&app, "ann").await, person(&app, "bob").await);
    let room = direct(&app, &ann, &bob).await;
    let mut listener = Subscriptions::default();
    app.follow_room(&bob, &mut listener, room, None).await.unwrap();
    let says = (0..150).map(|number| {
        let (app, caller) = (app.clone(), if number % 2 == 0 { ann.clone() } else { bob.clone() });
        // Every tenth breaks a rule: nothing of it stays.
        let content = if number % 10 == 9 { String::new() } else { format!("message {number}") };
        tokio::spawn(async move { app.say_in_room(&caller, room, &content).await })
    });
    let said = join_all(says).await.into_iter().filter(|said| said.as_ref().unwrap().is_ok()).count();
    assert_eq!(said, 135);
    let mut told = Vec::new();
    for seq in 1..=135 {
        let (number, content) = heard(&mut listener).await;
        assert_eq!(number, seq);
        told.push(content);
    }
    let newer = app.room_messages(&ann, room, None, 100).await.unwrap();
    let older = app.room_messages(&ann, room, Some(newer[0].id), 100).await.unwrap();
    let stored: Vec<_> = older.into_iter().chain(newer).map(|message| message.content).collect();
    assert_eq!(stored, told);
}

#[rstest]
#[tokio::test]
async fn what_was_acknowledged_is_there_after_the_store_was_opened_again(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (ann, bob) = (person(&app, "ann").await, person(&app, "bob").await);
    let room = direct(&app, &ann, &bob).await;
    let mut said = Vec::new();
    for number in 0..5 {
        said.push(app.say_in_room(&ann, room, &format!("message {number}")).await.unwrap());
    }
    app.store.close().await;
    let app = database.app().await;
    assert_eq!(app.room_messages(&bob, room, None, 50).await.unwrap(), said);
    let mut listener = Subscriptions::default();
    let followed = app.follow_room(&bob, &mut listener, room, Some(0)).await.unwrap();
    assert_eq!((followed.seq, followed.gap), (0, false));
    for (seq, message) in (1..).zip(&said) {
        assert_eq!(heard(&mut listener).await, (seq, message.content.clone()));
    }
}

#[rstest]
#[tokio::test]
async fn limits_and_places_in_the_history_are_checked(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (ann, bob, eve) = (person(&app, "ann").await, person(&app, "bob").await, person(&app, "eve").await);
    let (room, other) = (direct(&app, &ann, &bob).await, direct(&app, &bob, &eve).await);
    let elsewhere = app.say_in_room(&bob, other, "elsewhere").await.unwrap().id;
    for (before, limit, field) in [
        (None, 0, "limit"),
        (None, 101, "limit"),
        (Some(elsewhere), 10, "before"),
        (Some(RoomMessageId::fresh()), 10, "before"),
    ] {
        let Err(Error::Invalid(problems)) = app.room_messages(&bob, room, before, limit).await else {
            panic!("{field}")
        };
        assert_eq!(problems[0].field, field);
    }
    for people in [vec![], vec![named("nobody")], vec![named("ann")]] {
        assert!(matches!(app.make_group(&ann, None, &people).await, Err(Error::Invalid(_))));
    }
}

#[rstest]
#[tokio::test]
async fn one_subscriber_hears_several_rooms(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (ann, bob, eve) = (person(&app, "ann").await, person(&app, "bob").await, person(&app, "eve").await);
    let (one, two) = (direct(&app, &ann, &bob).await, direct(&app, &ann, &eve).await);
    let mut listener = Subscriptions::default();
    app.follow_room(&ann, &mut listener, one, None).await.unwrap();
    app.say_in_room(&eve, two, "before").await.unwrap();
    app.follow_room(&ann, &mut listener, two, None).await.unwrap();
    assert_eq!(listener.len(), 2);
    app.say_in_room(&bob, one, "in one").await.unwrap();
    assert_eq!(heard(&mut listener).await, (1, "in one".into()));
    app.say_in_room(&eve, two, "in two").await.unwrap();
    // Following again without a number changes nothing, also when something waits.
    let again = app.follow_room(&ann, &mut listener, two, None).await.unwrap();
    assert_eq!(again.seq, 1);
    assert_eq!(heard(&mut listener).await, (2, "in two".into()));
    // With a number it begins anew from there.
    let anew = app.follow_room(&ann, &mut listener, two, Some(0)).await.unwrap();
    assert_eq!((anew.seq, anew.gap), (0, false));
    assert_eq!(heard(&mut listener).await, (1, "before".into()));
    assert_eq!(heard(&mut listener).await, (2, "in two".into()));
    app.say_in_room(&eve, two, "once").await.unwrap();
    assert_eq!(heard(&mut listener).await, (3, "once".into()));
    assert!(futures::poll!(std::pin::pin!(listener.next())).is_pending(), "and only once");
}

#[rstest]
#[tokio::test]
async fn who_is_behind_in_one_room_misses_nothing_of_another(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (ann, bob, eve) = (person(&app, "ann").await, person(&app, "bob").await, person(&app, "eve").await);
    let (long, live) = (direct(&app, &ann, &bob).await, direct(&app, &ann, &eve).await);
    let writes = i64::try_from(QUEUE_EVENTS).unwrap() + 20;
    for number in 1..=writes {
        app.say_in_room(&bob, long, &number.to_string()).await.unwrap();
    }
    let mut listener = Subscriptions::default();
    app.follow_room(&ann, &mut listener, long, Some(0)).await.unwrap();
    app.follow_room(&ann, &mut listener, live, None).await.unwrap();
    let mut seen = [(long, 0), (live, 0)];
    for step in 1..=2 * writes {
        if step <= writes {
            app.say_in_room(&eve, live, &step.to_string()).await.unwrap();
        }
        // Cancelled while it reads, unless it has something at once.
        let polled = futures::poll!(std::pin::pin!(listener.next()));
        let next = if let Poll::Ready(next) = polled { next } else { listener.next().await };
        let Next::Event(event) = next.unwrap() else { panic!("too slow after {seen:?}") };
        let place = seen.iter_mut().find(|(room, _)| event.topic == Topic::Room(*room)).unwrap();
        place.1 += 1;
        assert_eq!(event.seq, place.1);
    }
    assert_eq!(seen, [(long, writes), (live, writes)]);
    assert!(futures::poll!(std::pin::pin!(listener.next())).is_pending());
}

#[rstest]
#[tokio::test]
async fn what_waits_on_all_topics_of_a_subscriber_is_bounded_together(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (ann, bob, eve) = (person(&app, "ann").await, person(&app, "bob").await, person(&app, "eve").await);
    let rooms = [direct(&app, &ann, &bob).await, direct(&app, &ann, &eve).await];
    let mut slow = Subscriptions::default();
    for room in rooms {
        app.follow_room(&ann, &mut slow, room, None).await.unwrap();
    }
    let long = "x".repeat(8000); // counted twice, with what it costs beside: 60 of them are within the bound, 120 are not
    for _ in 0..60 {
        for room in rooms {
            app.say_in_room(&ann, room, &long).await.unwrap();
        }
    }
    let mut events = 0;
    while let Next::Event(_) = slow.next().await.unwrap() {
        events += 1;
    }
    assert!(events < 120, "one of the queues was let go, {events}");
    // Whoever begins anew has the whole bound again.
    let mut again = Subscriptions::default();
    app.follow_room(&ann, &mut again, rooms[0], Some(0)).await.unwrap();
    for seq in 1..=60 {
        assert_eq!(heard(&mut again).await.0, seq);
    }
}
