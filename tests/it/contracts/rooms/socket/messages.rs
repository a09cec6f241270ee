//! Joining, writing, and what others hear of it.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{super::is_well, Wire, content, hall, id, message};
use crate::{
    harness::{Backend, Server, answer},
    script::Script,
};

#[rstest]
#[tokio::test]
async fn send_message_reaches_all_who_joined(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let (mut anns, mut bobs) = (Wire::within(&ann, &room).await, Wire::open(&bob).await);
    let joined = bobs.join(&room, None).await;
    assert_eq!((&joined["chatroom_id"], &joined["gap"]), (&json!(room), &json!(false)));
    let sent = message(&room, "mine");
    anns.say("send_message", sent.clone()).await;
    let (own, others) = (anns.hears("message_received").await, bobs.hears("message_received").await);
    assert_eq!((&own["client_id"], &own["message"]["client_id"]), (&json!("mine"), &json!("mine")));
    assert_eq!((&others["client_id"], &others["message"]["client_id"]), (&Value::Null, &Value::Null));
    let message = &others["message"];
    assert_eq!((&message["content"], &message["message_type"]), (&sent["content"], &json!("text")));
    assert_eq!((&message["username"], &message["chatroom_id"]), (&json!("ann"), &json!(room)));
    assert_eq!((&others["seq"], &message["seq"]), (&own["seq"], &own["seq"]));
    assert_eq!(others["seq"], joined["seq"].as_i64().unwrap() + 1, "the room's numbers have no holes");
    let history = bob.get(&format!("/chatrooms/{room}/messages")).await;
    assert_eq!(&is_well(&history, 200)["messages"][0], message, "REST shows the same object");
}

#[rstest]
#[tokio::test]
async fn the_same_client_id_again_gives_the_same_message_and_stores_nothing(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let (mut anns, mut bobs) = (Wire::within(&ann, &room).await, Wire::within(&bob, &room).await);
    let sent = message(&room, "mine");
    anns.say("send_message", sent.clone()).await;
    let first = anns.hears("message_received").await;
    anns.say("send_message", sent).await;
    assert_eq!(anns.hears("message_received").await, first);
    assert_eq!(bobs.hears("message_received").await["message"]["id"], first["message"]["id"]);
    bobs.heard_nothing().await;
    // Another's id is their own affair.
    bobs.say("send_message", message(&room, "mine")).await;
    assert_ne!(bobs.hears("message_received").await["message"]["id"], first["message"]["id"]);
}

#[rstest]
#[tokio::test]
async fn who_writes_without_having_joined_hears_the_room(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let (mut anns, mut bobs) = (Wire::open(&ann).await, Wire::within(&bob, &room).await);
    anns.say("send_message", message(&room, "mine")).await;
    anns.hears("message_received").await;
    bobs.hears("message_received").await;
    bobs.say("send_message", message(&room, "yours")).await;
    assert_eq!(anns.hears("message_received").await["client_id"], Value::Null);
}

#[rstest]
#[tokio::test]
async fn since_seq_tells_again_what_came_after_it(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start_with(backend, Script::of([]), |config| config.database.replay = 10).await else {
        return;
    };
    let (room, ann, bob) = hall(&server).await;
    let mut anns = Wire::within(&ann, &room).await;
    let mut last = 0;
    for number in 0..250 {
        anns.say("send_message", message(&room, &format!("{number}"))).await;
        last = anns.hears("message_received").await["seq"].as_i64().unwrap();
    }
    let mut bobs = Wire::open(&bob).await;
    let since = last - 240;
    assert_eq!(bobs.join(&room, Some(since)).await["seq"], since);
    for seq in since + 1..=last {
        assert_eq!(bobs.hears("message_received").await["seq"], seq);
    }
    bobs.heard_nothing().await;
    for never in [-1, last + 1] {
        let joined = bobs.join(&room, Some(never)).await;
        assert_eq!((&joined["gap"], &joined["seq"]), (&json!(true), &json!(last)));
    }
    let beginning = Wire::open(&bob).await.join(&room, Some(0)).await;
    assert_eq!((&beginning["gap"], &beginning["seq"]), (&json!(false), &json!(0)));
}

#[rstest]
#[tokio::test]
async fn leave_chatroom_ends_it_for_this_socket(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let (mut anns, mut bobs) = (Wire::within(&ann, &room).await, Wire::within(&bob, &room).await);
    bobs.say("leave_chatroom", json!({"chatroom_id": room})).await;
    assert_eq!(bobs.hears("left_chatroom").await, json!({"chatroom_id": room}));
    anns.say("send_message", message(&room, "mine")).await;
    anns.hears("message_received").await;
    bobs.heard_nothing().await;
    is_well(&bob.get(&format!("/chatrooms/{room}")).await, 200); // still a member
}

#[rstest]
#[tokio::test]
async fn what_happens_to_messages_is_told(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let mut bobs = Wire::within(&bob, &room).await;
    let path = format!("/chatrooms/{room}/messages");
    let body = json!({"content": content(), "client_id": "mine"});
    let sent = ann.send(Method::POST, &path, body).await;
    let message = is_well(&sent, 201)["message"]["id"].as_str().unwrap().to_owned();
    let seq = bobs.hears("message_received").await["seq"].as_i64().unwrap();
    let edited = content();
    is_well(&ann.send(Method::PATCH, &format!("{path}/{message}"), json!({"content": edited})).await, 200);
    let told = bobs.hears("message_edited").await;
    assert_eq!((&told["message"]["content"], &told["seq"]), (&edited, &json!(seq + 1)));
    assert!(told["message"]["edited_at"].is_string() && told["message"].get("client_id").is_none(), "{told}");
    for (method, event) in [(Method::PUT, "reaction_added"), (Method::DELETE, "reaction_removed")] {
        answer(ann.request(method, &format!("{path}/{message}/reactions/👍"))).await;
        let told = bobs.hears(event).await;
        let about = (&told["message_id"], &told["emoji"], &told["user_id"], &told["chatroom_id"]);
        assert_eq!(about, (&json!(message), &json!("👍"), &json!(id(&ann).await), &json!(room)));
    }
    answer(ann.request(Method::DELETE, &format!("{path}/{message}"))).await;
    let told = bobs.hears("message_deleted").await;
    assert_eq!((&told["message_id"], &told["seq"]), (&json!(message), &json!(seq + 4)));
}

#[rstest]
#[tokio::test]
async fn message_read_marks_what_was_read_and_is_told(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let (mut anns, mut bobs) = (Wire::within(&ann, &room).await, Wire::within(&bob, &room).await);
    let mut messages = Vec::new();
    for number in 0..3 {
        anns.say("send_message", message(&room, &format!("{number}"))).await;
        messages.push(anns.hears("message_received").await["message"]["id"].clone());
        bobs.hears("message_received").await;
    }
    let unread = async || is_well(&bob.get("/chatrooms").await, 200)["chatrooms"][0]["unread_count"].clone();
    assert_eq!(unread().await, 3);
    bobs.say("message_read", json!({"chatroom_id": room, "message_id": messages[1]})).await;
    let told = anns.hears("message_read_by").await;
    assert_eq!((&told["message_id"], &told["user_id"]), (&messages[1], &json!(id(&bob).await)));
    assert_eq!(unread().await, 1);
    // A mark moves on only.
    bobs.hears("message_read_by").await;
    bobs.say("message_read", json!({"chatroom_id": room, "message_id": messages[0]})).await;
    bobs.heard_nothing().await;
    assert_eq!(unread().await, 1);
}
