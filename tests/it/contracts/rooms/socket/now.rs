//! Typing and presence: true at this moment, and nowhere stored.

use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::{Value, json};

use super::{super::Person, Wire, hall, id, message};
use crate::{
    harness::{Backend, Server},
    script::Script,
};

#[rstest]
#[tokio::test]
async fn typing_is_told_to_others_and_ends(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let (mut anns, mut again) = (Wire::within(&ann, &room).await, Wire::within(&ann, &room).await);
    let (mut bobs, mut outside) = (Wire::within(&bob, &room).await, Wire::open(&bob).await);
    let ann = id(&ann).await;
    let indicator = |typing: bool| json!({"chatroom_id": room, "user_id": ann, "username": "ann", "is_typing": typing});
    let here = json!({"chatroom_id": room});
    anns.say("typing_start", here.clone()).await;
    assert_eq!(bobs.hears("typing_indicator").await, indicator(true));
    anns.say("typing_start", here.clone()).await;
    anns.say("typing_stop", here.clone()).await;
    assert_eq!(bobs.hears("typing_indicator").await, indicator(false), "what is said too often is told once");
    anns.say("typing_stop", here.clone()).await;
    bobs.heard_nothing().await;
    // Who has written has stopped typing.
    anns.say("typing_start", here.clone()).await;
    assert_eq!(bobs.hears("typing_indicator").await, indicator(true));
    anns.say("send_message", message(&room, "mine")).await;
    let mut told = [bobs.next().await, bobs.next().await];
    told.sort_by_key(|frame| frame["event"].to_string());
    assert_eq!((&told[0]["event"], &told[1]["data"]), (&json!("message_received"), &indicator(false)));
    // As has who is gone.
    anns.hears("message_received").await;
    anns.say("typing_start", here).await;
    assert_eq!(bobs.hears("typing_indicator").await, indicator(true));
    anns.heard_nothing().await;
    drop(anns);
    assert_eq!(bobs.hears("typing_indicator").await, indicator(false));
    again.hears("message_received").await;
    again.heard_nothing().await;
    outside.heard_nothing().await;
}

#[tokio::test]
async fn typing_ends_by_itself_after_ten_seconds() {
    let server = Server::start(Backend::Sqlite, Script::of([])).await.unwrap();
    let (room, ann, bob) = hall(&server).await;
    let (mut anns, mut bobs) = (Wire::within(&ann, &room).await, Wire::within(&bob, &room).await);
    anns.say("typing_start", json!({"chatroom_id": room})).await;
    assert_eq!(bobs.hears("typing_indicator").await["is_typing"], true);
    let began = Instant::now();
    tokio::time::sleep(Duration::from_secs(8)).await;
    assert_eq!(bobs.hears("typing_indicator").await["is_typing"], false);
    let after = began.elapsed().as_secs_f64();
    assert!((9.0..13.0).contains(&after), "{after} s");
}

#[rstest]
#[tokio::test]
async fn presence_is_told_to_people_who_share_a_room(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let cat = Person::new(&server, "cat").await;
    let (mut anns, mut cats) = (Wire::open(&ann).await, Wire::open(&cat).await);
    let bob_is = |event: &str, id: &str| json!({"event": event, "data": {"user_id": id, "username": "bob"}});
    let id = id(&bob).await;
    let (first, second) = (Wire::open(&bob).await, Wire::open(&bob).await);
    assert_eq!(anns.presence().await, bob_is("user_online", &id));
    assert_eq!(is_online(&ann, &room, "bob").await, true);
    drop(first);
    assert_eq!(is_online(&ann, &room, "bob").await, true, "one is left");
    drop(second);
    assert_eq!(anns.presence().await, bob_is("user_offline", &id), "with the last one, and once");
    assert_eq!(is_online(&ann, &room, "bob").await, false);
    cats.0.send_text(r#"{"event": "dance"}"#).await;
    assert_eq!(cats.0.next().await["event"], "error", "who shares no room hears nothing of it");
}

/// Whether somebody is shown as online in a room.
pub(super) async fn is_online(asker: &Person<'_>, room: &str, name: &str) -> Value {
    let shown = asker.get(&format!("/chatrooms/{room}")).await;
    let members = super::super::is_well(&shown, 200)["members"].as_array().unwrap();
    members.iter().find(|member| member["username"] == name).unwrap()["is_online"].clone()
}
