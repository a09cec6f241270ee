//! What the socket does not take, and in which contract's words it says so.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rstest::rstest;
use serde_json::{Value, json};

use super::{super::Person, Wire, content, hall, message};
use crate::{
    harness::{Backend, Server},
    script::Script,
};

#[rstest]
#[tokio::test]
async fn what_cannot_be_done_is_an_error_event_and_the_socket_stays_open(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, _) = hall(&server).await;
    let cat = Person::new(&server, "cat").await;
    let (mut anns, mut cats) = (Wire::open(&ann).await, Wire::open(&cat).await);
    let nowhere = uuid::Uuid::nil().to_string();
    for event in ["join_chatroom", "typing_start", "message_read", "send_message"] {
        let asked = |room: &str| {
            let mut data = message(room, "mine");
            data["message_id"] = json!(nowhere);
            data
        };
        cats.say(event, asked(&room)).await;
        let error = cats.is_refused("CHATROOM_ACCESS_DENIED").await;
        assert_eq!(error["details"]["chatroom_id"], room);
        anns.say(event, asked(&nowhere)).await;
        anns.is_refused("CHATROOM_NOT_FOUND").await;
    }
    let with = |field: &str, value: Value| {
        let mut data = message(&room, "mine");
        data[field] = value;
        data
    };
    let mut other = content();
    other["key_version"] = json!(7);
    let mut long = content();
    long["encrypted_data"] = json!(STANDARD.encode(vec![7; 64 * 1024 + 17]));
    let cases = [
        (with("content", other), "MESSAGE_ENCRYPTION_FAILED"),
        (with("content", long), "MESSAGE_TOO_LONG"),
        (with("content", json!({"encrypted_data": "AAAA", "iv": "x", "key_version": 1})), "VALIDATION_INVALID_FORMAT"),
        (with("content", json!({"iv": "AAAA"})), "VALIDATION_REQUIRED_FIELD"),
        (with("content", Value::Null), "VALIDATION_INVALID_FORMAT"),
        (with("message_type", json!("system")), "VALIDATION_INVALID_FORMAT"),
        (with("reply_to", json!(nowhere)), "VALIDATION_INVALID_VALUE"),
        (with("client_id", json!("")), "VALIDATION_INVALID_VALUE"),
        (with("chatroom_id", json!(7)), "VALIDATION_INVALID_FORMAT"),
    ];
    for (data, code) in cases {
        anns.say("send_message", data).await;
        let error = anns.next().await;
        assert_eq!((&error["event"], &error["data"]["code"]), (&json!("error"), &json!(code)), "{error}");
    }
    anns.say(
        "send_message",
        with(
            "content",
            json!({"encrypted_data": STANDARD.encode([7; 40]), "iv": STANDARD.encode([9; 12]), "key_version": 9}),
        ),
    )
    .await;
    let error = anns.is_refused("MESSAGE_ENCRYPTION_FAILED").await;
    assert_eq!(error["details"]["current_key_version"], 1);
    assert_eq!(error["details"]["client_id"], "mine", "so that a client knows which one");
    anns.say("message_read", json!({"chatroom_id": room, "message_id": nowhere})).await;
    anns.is_refused("MESSAGE_NOT_FOUND").await;
    anns.say("send_message", message(&room, "mine")).await;
    anns.hears("message_received").await;
}

/// The longest message does not fit into a frame of the other contract, and has to fit into one of this.
#[rstest]
#[tokio::test]
async fn the_longest_message_can_be_sent(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, _) = hall(&server).await;
    let mut anns = Wire::within(&ann, &room).await;
    let mut longest = message(&room, "mine");
    longest["content"]["encrypted_data"] = json!(STANDARD.encode(vec![7; 64 * 1024]));
    anns.say("send_message", longest.clone()).await;
    assert_eq!(anns.hears("message_received").await["message"]["content"], longest["content"]);
    anns.0.send_text(&json!({"event": "dance", "data": "x".repeat(140_000)}).to_string()).await;
    assert_eq!(anns.0.receive().await, Err(Some(1009)));
}

#[rstest]
#[tokio::test]
async fn a_frame_is_answered_in_the_dialect_that_it_came_in(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    let mut wire = Wire::open(&ann).await;
    let is_dashboard = |frame: &Value| frame["type"] == "error" && frame["timestamp"].is_string();
    let is_rooms = |frame: &Value| frame["event"] == "error" && frame["data"]["details"].is_object();
    let nothing = ["not json", "[]", "{}", "7", r#"{"event": null}"#];
    for text in nothing {
        wire.0.send_text(text).await;
        let error = wire.0.next().await;
        assert!(is_dashboard(&error), "the dialect of who has said nothing yet: {text} -> {error}");
    }
    let cases = [
        (r#"{"event": "dance"}"#, true),
        (r#"{"event": 7, "data": {}}"#, true),
        (r#"{"event": "join_chatroom"}"#, true),
        (r#"{"event": "join_chatroom", "data": {"chatroom_id": "x"}}"#, true),
        ("not json", true),
        (r#"{"type": "dance"}"#, false),
        ("not json", false),
        ("{}", false),
    ];
    for (text, rooms) in cases {
        wire.0.send_text(text).await;
        let error = wire.0.next().await;
        assert!(if rooms { is_rooms(&error) } else { is_dashboard(&error) }, "{text} -> {error}");
    }
    wire.0.send_text(r#"{"type": "sync_request"}"#).await;
    assert_eq!(wire.0.next().await["type"], "sync_response", "it is still open, for both");
}

#[rstest]
#[tokio::test]
async fn a_newer_token_is_taken_in_this_dialect_too(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let (first, second) = (ann.again().await, ann.again().await);
    let mut wire = Wire::open(&first).await;
    wire.say("auth", json!({"token": bob.token})).await;
    wire.is_refused("AUTH_TOKEN_INVALID").await;
    wire.say("auth", json!({"token": second.token})).await;
    wire.heard_nothing().await;
    first.log_out().await;
    wire.heard_nothing().await;
    second.log_out().await;
    assert_eq!(wire.0.receive().await, Err(Some(4401)));
}
