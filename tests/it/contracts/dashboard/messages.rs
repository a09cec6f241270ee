//! The messages of a session. Posting one stores it; only the socket's `message` asks the assistant.

use errand::agent::model::ModelError;
use rstest::rstest;
use serde_json::{Value, json};

use super::{each, is_bad, is_time, is_uuid};
use crate::{
    harness::{Backend, Server},
    script::{Act, Script, create},
};

fn path(session: &str) -> String {
    format!("/api/chat/sessions/{session}/messages")
}

#[rstest]
#[tokio::test]
async fn create_message_stores_it_and_nobody_answers(
    #[values("user", "assistant")] role: &str,
    #[values("text", "command", "response")] kind: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let script = Script::of([]);
    let asked = std::sync::Arc::clone(&script.asked);
    let Some(server) = Server::start(backend, script).await else { return };
    let ann = server.user("ann").await;
    let session = ann.session().await;
    let body = json!({"role": role, "content": "  hello\nthere ", "message_type": kind, "colour": "red"});
    let said = ann.post(&path(&session), body).await;
    assert_eq!(said.status, 200, "creates answer 200: {said:?}");
    assert!(is_uuid(&said.body["id"]) && is_time(&said.body["created_at"]), "{said:?}");
    let told = ["session_id", "role", "content", "message_type"].map(|field| said.body[field].as_str().unwrap());
    assert_eq!(told, [session.as_str(), role, "hello\nthere", kind]);
    assert_eq!(ann.get(&path(&session)).await.body, json!([said.body]));
    assert!(asked.lock().unwrap().is_empty(), "nobody asked the assistant");
}

#[rstest]
#[tokio::test]
async fn list_messages_has_the_oldest_first(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let (session, other) = (ann.session().await, ann.session().await);
    assert_eq!(ann.get(&path(&session)).await.body, json!([]));
    for content in ["a", "b", "c"] {
        ann.post(&path(&session), json!({"role": "user", "content": content, "message_type": "text"})).await;
        ann.post(&path(&other), json!({"role": "user", "content": "elsewhere", "message_type": "text"})).await;
    }
    let list = ann.get(&path(&session)).await;
    assert_eq!((list.status, each(&list.body, "content")), (200, vec![json!("a"), json!("b"), json!("c")]));
}

#[rstest]
#[case(json!({"content": "x", "message_type": "text"}), "role")]
#[case(json!({"role": null, "content": "x", "message_type": "text"}), "role")]
#[case(json!({"role": "system", "content": "x", "message_type": "text"}), "role")]
#[case(json!({"role": "user", "message_type": "text"}), "content")]
#[case(json!({"role": "user", "content": "", "message_type": "text"}), "content")]
#[case(json!({"role": "user", "content": " \n", "message_type": "text"}), "content")]
#[case(json!({"role": "user", "content": "x".repeat(8001), "message_type": "text"}), "content")]
#[case(json!({"role": "user", "content": 7, "message_type": "text"}), "content")]
#[case(json!({"role": "user", "content": "x", "message_type": "error"}), "message_type")]
#[case(json!({"role": "user", "content": "x", "message_type": 1}), "message_type")]
#[tokio::test]
async fn bad_messages_are_refused_with_the_field(
    #[case] body: Value,
    #[case] field: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let session = ann.session().await;
    is_bad(&ann.post(&path(&session), body).await, field);
    assert_eq!(ann.get(&path(&session)).await.body, json!([]));
}

#[rstest]
#[tokio::test]
async fn what_the_assistant_did_is_told_in_the_words_of_the_text(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let fails = Act::Fail(ModelError::Unavailable { status: Some(503), retry_after: None, detail: "gone".into() });
    let Some(server) = Server::start(backend, Script::of([create("a task"), fails])).await else { return };
    let ann = server.user("ann").await;
    assert_eq!(ann.chat("make a task").await.status, 500);
    let sessions = ann.get("/api/chat/sessions").await.body;
    let messages = ann.get(&path(sessions[0]["id"].as_str().unwrap())).await.body;
    assert_eq!(each(&messages, "role"), ["user", "assistant", "assistant", "assistant"], "there are two roles");
    assert_eq!(each(&messages, "message_type"), ["text", "command", "response", "text"], "there are three types");
    assert_eq!(each(&messages, "code"), [Value::Null, Value::Null, Value::Null, json!("AI_SERVICE_ERROR")]);
    assert_eq!(messages[1]["tool_call"]["name"], "create_tasks");
    assert_eq!(messages[2]["tool_result"]["is_error"], false);
}
