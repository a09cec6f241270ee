//! Turns over the socket.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};

use super::is_frame;
use crate::{
    harness::{Backend, Server},
    script::{Act, Script, create},
};

#[rstest]
#[tokio::test]
async fn a_turn_over_the_socket_is_the_turn_over_http(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::adding()).await else { return };
    let ann = server.user("ann").await;
    let session = ann.session().await;
    let mut socket = ann.socket().await;
    socket.sync(None).await;
    socket.send("message", json!({"content": "buy milk", "session_id": session})).await;
    let mut kinds = Vec::new();
    let mut text = String::new();
    let completed = loop {
        let frame = socket.next().await;
        assert!(is_frame(&frame), "{frame}");
        match frame["type"].as_str().unwrap() {
            "assistant_delta" => text.push_str(frame["data"]["text"].as_str().unwrap()),
            "turn_completed" => break frame,
            "message_created" => {
                let message = &frame["data"]["message"];
                assert_eq!(message["session_id"], json!(session));
                kinds.push(format!(
                    "{} {}",
                    message["role"].as_str().unwrap(),
                    message["message_type"].as_str().unwrap()
                ));
            }
            other => kinds.push(other.to_owned()),
        }
    };
    kinds.retain(|kind| kind != "turn_started"); // it is not stored, so it may come a little earlier or later
    assert_eq!(kinds, ["user text", "task_created", "assistant command", "assistant response", "assistant text"]);
    assert_eq!(text, "It is on your list.");
    assert_eq!(completed["data"]["session_id"], json!(session));
    assert_eq!(completed["data"]["tool_calls"][0]["name"], "create_tasks");
    let messages = ann.get(&format!("/api/chat/sessions/{session}/messages")).await.body;
    assert_eq!(messages[3]["id"], completed["data"]["message_id"]);
    assert_eq!(messages[3]["html"], "<p>It is on your list.</p>\n");
    assert_eq!(messages[1]["tool_call"]["name"], "create_tasks");
    assert_eq!(messages[2]["tool_result"]["is_error"], false);
}

#[rstest]
#[tokio::test]
async fn a_failed_turn_is_told(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([Act::Panic])).await else { return };
    let ann = server.user("ann").await;
    let session = ann.session().await;
    let mut socket = ann.socket().await;
    socket.send("message", json!({"content": "hi", "session_id": session})).await;
    let failed = socket.next_of("turn_failed").await;
    assert_eq!((&failed["data"]["session_id"], &failed["data"]["code"]), (&json!(session), &json!("INTERNAL_ERROR")));
    assert!(failed["data"]["message"].is_string());
}

#[rstest]
#[tokio::test]
async fn somebody_who_comes_in_the_middle_of_a_turn_sees_it(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let slow = Script::of([Act::Think(Duration::from_millis(600), Box::new(create("late"))), Act::Say("It is there.")]);
    let Some(server) = Server::start(backend, slow).await else { return };
    let ann = server.user("ann").await;
    let session = ann.session().await;
    let mut first = ann.socket().await;
    first.send("message", json!({"content": "hi", "session_id": session})).await;
    first.next_of("turn_started").await;
    drop(first); // the turn goes on without whoever asked
    let mut second = ann.socket().await;
    assert_eq!(second.next_of("turn_started").await["data"]["session_id"], json!(session));
    assert_eq!(second.next_of("turn_completed").await["data"]["session_id"], json!(session));
    assert_eq!(ann.tasks().await.len(), 1);
}

#[rstest]
#[tokio::test]
async fn stop_says_what_had_happened(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let slow = Script::of([create("half"), Act::Think(Duration::from_mins(1), Box::new(Act::Say("never")))]);
    let Some(server) = Server::start(backend, slow).await else { return };
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let session = ann.session().await;
    let (mut socket, mut foreign) = (ann.socket().await, bob.socket().await);
    socket.send("message", json!({"content": "hi", "session_id": session})).await;
    socket.next_of("task_created").await;
    foreign.send("cancel_turn", json!({"session_id": session})).await;
    foreign.sync(None).await;
    socket.send("cancel_turn", json!({"session_id": session})).await;
    let failed = socket.next_of("turn_failed").await;
    assert_eq!(failed["data"]["code"], "CANCELLED");
    assert!(failed["data"]["message"].as_str().unwrap().contains("half"), "{failed}");
    let messages = ann.get(&format!("/api/chat/sessions/{session}/messages")).await.body;
    let kinds: Vec<Value> =
        messages.as_array().unwrap().iter().map(|message| message["message_type"].clone()).collect();
    assert_eq!(kinds, ["text", "command", "response", "text"], "every call has its result");
    assert_eq!((&messages[3]["role"], &messages[3]["code"]), (&json!("assistant"), &json!("CANCELLED")));
}
