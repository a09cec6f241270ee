//! How many sockets one user may have, and what several instances know of each other's.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use rstest::rstest;
use serde_json::json;

use super::{super::Person, Wire, hall, message, now::is_online};
use crate::{
    harness::{Backend, Server, redis_url},
    script::Script,
};

#[rstest]
#[tokio::test]
async fn a_sixth_socket_is_refused_and_closed_with_4429(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start_with(backend, Script::of([]), |config| config.limits.enabled = true).await else {
        return;
    };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let mut five = Vec::new();
    for _ in 0..5 {
        five.push(Wire::open(&ann).await);
    }
    let mut sixth = Wire::open(&ann).await;
    let error = sixth.is_refused("CONNECTION_LIMIT_EXCEEDED").await;
    assert_eq!(error["details"]["limit"], 5);
    assert_eq!(sixth.0.receive().await, Err(Some(4429)));
    Wire::open(&bob).await.heard_nothing().await; // others have their own
    for wire in &mut five {
        wire.heard_nothing().await;
    }
    five.pop();
    let mut again = Wire::open(&ann).await;
    for _ in 0..50 {
        // The place is free as soon as the server has seen that the socket is closed.
        again.say("dance", json!({})).await;
        if again.next().await["data"]["code"] == "VALIDATION_INVALID_FORMAT" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        again = Wire::open(&ann).await;
    }
    panic!("the place was not free again");
}

/// Two instances on one database and one Redis; none where one of them is missing.
async fn two() -> Option<(Server, Server)> {
    let redis = redis_url().await?;
    let script = || Script::of([]);
    let one = Server::start_with(Backend::Postgres, script(), |config| {
        config.redis.url = Some(redis.into());
        config.limits.enabled = true;
        config.limits.rooms.max = 10_000;
    });
    let one = one.await?;
    let other = one.another(Arc::new(script())).await;
    Some((one, other))
}

#[tokio::test]
async fn instances_hear_of_typing_and_presence_from_each_other() {
    let Some((one, other)) = two().await else { return };
    let (room, ann, bob) = hall(&one).await;
    let there = Person { server: &other, name: "bob", token: bob.token.clone(), refresh: bob.refresh.clone() };
    let mut anns = Wire::within(&ann, &room).await;
    let mut bobs = Wire::within(&there, &room).await;
    assert_eq!(anns.presence().await["event"], "user_online");
    assert_eq!(is_online(&ann, &room, "bob").await, true);
    bobs.say("typing_start", json!({"chatroom_id": room})).await;
    assert_eq!(anns.hears("typing_indicator").await["is_typing"], true);
    bobs.say("typing_stop", json!({"chatroom_id": room})).await;
    assert_eq!(anns.hears("typing_indicator").await["is_typing"], false);
    drop(bobs);
    assert_eq!(anns.presence().await["event"], "user_offline");
    assert_eq!(is_online(&ann, &room, "bob").await, false);
    drop(anns);
    other.stop().await;
}

#[tokio::test]
async fn sockets_are_counted_across_instances() {
    let Some((one, other)) = two().await else { return };
    let ann = Person::new(&one, "ann").await;
    let there = Person { server: &other, name: "ann", token: ann.token.clone(), refresh: ann.refresh.clone() };
    let mut five = Vec::new();
    for number in 0..5 {
        five.push(Wire::open(if number % 2 == 0 { &ann } else { &there }).await);
    }
    for person in [&ann, &there] {
        let mut sixth = Wire::open(person).await;
        sixth.is_refused("CONNECTION_LIMIT_EXCEEDED").await;
        assert_eq!(sixth.0.receive().await, Err(Some(4429)));
    }
    for wire in &mut five {
        wire.heard_nothing().await;
    }
    drop(five);
    other.stop().await;
}

#[tokio::test]
async fn what_is_said_at_one_instance_is_heard_at_another_at_once() {
    const SOON: Duration = Duration::from_millis(300);
    let Some((one, other)) = two().await else { return };
    let (room, ann, bob) = hall(&one).await;
    let there = Person { server: &other, name: "bob", token: bob.token.clone(), refresh: bob.refresh.clone() };
    let mut anns = Wire::within(&ann, &room).await;
    let mut bobs = Wire::within(&there, &room).await;
    let mut at_once = 0;
    for number in 0..20 {
        bobs.say("send_message", message(&room, &number.to_string())).await;
        bobs.hears("message_received").await; // it is stored
        let stored = Instant::now();
        anns.hears("message_received").await;
        at_once += usize::from(stored.elapsed() < SOON);
        tokio::time::sleep(Duration::from_millis(37)).await; // at no particular time of the poll
    }
    assert!(at_once >= 17, "{at_once} of 20; by the poll alone it would be about six");
    drop((anns, bobs));
    other.stop().await;
}
