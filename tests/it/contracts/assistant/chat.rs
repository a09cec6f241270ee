//! Chats: turns over HTTP, their limit, and models that fail.

use std::time::Duration;

use errand::{agent::model::ModelError, limits::Limit};
use rstest::rstest;
use serde_json::{Value, json};

use super::{each, is_error, is_time};
use crate::{
    harness::{Backend, Server, defaults},
    script::{Act, Script, create},
};

#[rstest]
#[tokio::test]
async fn chat_makes_a_task_and_tells_what_was_called(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::adding()).await else { return };
    let ann = server.user("ann").await;
    let chat = ann.chat("buy milk").await;
    assert_eq!(chat.status, 200, "{chat:?}");
    assert!(chat.body["conversation_id"].is_i64());
    assert_eq!(chat.body["response"], "It is on your list.");
    assert!(is_time(&chat.body["timestamp"]));
    let calls = chat.body["tool_calls"].as_array().unwrap();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0]["name"], "create_tasks");
    assert_eq!(calls[0]["arguments"], json!({"tasks": [{"title": "buy milk"}]}));
    assert_eq!(calls[0]["is_error"], false);
    assert_eq!(calls[0]["result"]["tasks"][0]["title"], "buy milk");
    assert_eq!(chat.body["receipts"][0]["title"], "buy milk");
    assert_eq!(ann.tasks().await.len(), 1);

    // The same conversation goes on, and is read back with calls and outcomes.
    let id = &chat.body["conversation_id"];
    let again = ann.post("/api/chat", json!({"message": "buy bread", "conversation_id": id})).await;
    assert_eq!(&again.body["conversation_id"], id);
    let read = ann.get(&format!("/api/conversations/{id}")).await;
    assert_eq!(read.status, 200);
    assert_eq!(&read.body["conversation"]["id"], id);
    assert_eq!(read.body["conversation"]["title"], "buy milk");
    assert_eq!(read.body["conversation"]["is_active"], true);
    let said: Vec<_> = read.body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| {
            assert!(message["id"].is_i64() && message["content"].is_string() && is_time(&message["timestamp"]));
            format!("{} {}", message["role"].as_str().unwrap(), message["message_type"].as_str().unwrap())
        })
        .collect();
    let turn = ["user text", "assistant command", "system response", "assistant text"];
    assert_eq!(said, [turn, turn].concat());

    let list = ann.get("/api/conversations").await;
    let conversation = &list.body["conversations"][0];
    assert_eq!(&conversation["id"], id);
    assert_eq!(conversation["message_count"], 8);
    assert!(is_time(&conversation["created_at"]) && is_time(&conversation["updated_at"]));
    server.stop().await;
}

#[rstest]
#[tokio::test]
async fn chat_without_calls_has_no_tool_calls(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([Act::Say("Hello.")])).await else { return };
    let ann = server.user("ann").await;
    let chat = ann.post("/api/chat", json!({"message": "hi"})).await;
    assert_eq!(chat.status, 200);
    assert!(chat.body.get("tool_calls").is_none(), "{}", chat.body);
}

#[rstest]
#[case(json!({"message": ""}), 400, "VALIDATION_ERROR")]
#[case(json!({"message": " \u{0}\n"}), 400, "VALIDATION_ERROR")]
#[case(json!({"message": "x".repeat(8001)}), 400, "VALIDATION_ERROR")]
#[case(json!({"message": "hi", "user_timezone": "Mars/Olympus"}), 400, "VALIDATION_ERROR")]
#[case(json!({"message": "hi", "conversation_id": "seven"}), 400, "VALIDATION_ERROR")]
#[case(json!({"message": "hi", "client_message_id": ""}), 400, "VALIDATION_ERROR")]
#[case(json!({"text": "hi"}), 400, "VALIDATION_ERROR")]
#[case(json!({"message": "hi", "conversation_id": 999_999}), 404, "CONVERSATION_NOT_FOUND")]
#[tokio::test]
async fn bad_chats_are_refused_and_nothing_is_stored(
    #[case] body: Value,
    #[case] status: u16,
    #[case] code: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::adding()).await else { return };
    let ann = server.user("ann").await;
    is_error(&ann.post("/api/chat", body).await, status, code);
    assert_eq!(ann.get("/api/conversations").await.body, json!({"conversations": []}));
}

#[rstest]
#[case("👩‍🚀 launch at 🌍 — ünïcödé, 日本語, עברית")]
#[case("<script>alert(1)</script> & \"quotes\" '; DROP TABLE tasks; --")]
#[tokio::test]
async fn any_text_survives(#[case] text: &str, #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::adding()).await else { return };
    let ann = server.user("ann").await;
    assert_eq!(ann.chat(text).await.status, 200);
    assert_eq!(ann.tasks().await[0]["title"], text);
    let longest = ann.post("/api/chat", json!({"message": "y".repeat(8000)})).await;
    assert_eq!(longest.status, 200, "8,000 characters are allowed");
    let calls = longest.body["tool_calls"].as_array().unwrap();
    assert_eq!(calls[0]["is_error"], true, "a title of 8,000 characters is not: {longest:?}");
}

#[rstest]
#[tokio::test]
async fn a_hundred_chats_an_hour_for_each_user(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start_with(backend, Script::by(|_| Act::Say("Hello.")), |config| {
        config.limits.enabled = true;
        config.limits.chat = Limit { max: 3, per: Duration::from_hours(1) };
    })
    .await
    else {
        return;
    };
    assert_eq!(defaults().limits.chat, Limit { max: 100, per: Duration::from_hours(1) });
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    for _ in 0..3 {
        assert_eq!(ann.chat("hi").await.status, 200);
    }
    let refused = ann.chat("hi").await;
    is_error(&refused, 429, "RATE_LIMIT_EXCEEDED");
    let wait: u64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((3500..=3600).contains(&wait), "{wait}");
    assert_eq!(ann.get("/api/conversations").await.status, 200, "only chats count");
    assert_eq!(bob.chat("hi").await.status, 200, "each user has a hundred");
}

#[rstest]
#[tokio::test]
async fn when_the_model_fails_the_message_and_what_was_done_stay(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let failing = Script::of([
        create("call ann"),
        Act::Fail(ModelError::Unavailable { status: Some(503), retry_after: None, detail: "a key: sk-secret".into() }),
    ]);
    let Some(server) = Server::start(backend, failing).await else { return };
    let ann = server.user("ann").await;
    let failed = ann.chat("remind me to call ann").await;
    is_error(&failed, 500, "AI_SERVICE_ERROR");
    let told = failed.body["error"].as_str().unwrap();
    assert!(told.contains("call ann") && !told.contains("sk-secret"), "{told}");
    let id = &ann.get("/api/conversations").await.body["conversations"][0]["id"];
    let messages = ann.get(&format!("/api/conversations/{id}")).await.body["messages"].clone();
    let kinds: Vec<_> = messages.as_array().unwrap().iter().map(|message| message["message_type"].clone()).collect();
    assert_eq!(kinds, ["text", "command", "response", "error"]);
    assert_eq!(messages[3]["role"], "system");
    assert_eq!(ann.tasks().await.len(), 1);
    // And the conversation is not poisoned.
    let id = id.clone();
    assert_eq!(ann.post("/api/chat", json!({"message": "go on", "conversation_id": id})).await.status, 200);
}

#[rstest]
#[tokio::test]
async fn a_model_that_takes_too_long_is_an_ai_service_error(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let slow = Script::of([Act::Think(Duration::from_mins(1), Box::new(Act::Say("late")))]);
    let Some(server) = Server::start_with(backend, slow, |config| {
        config.agent.model_call_timeout = Duration::from_millis(200);
    })
    .await
    else {
        return;
    };
    let ann = server.user("ann").await;
    is_error(&ann.chat("hi").await, 500, "AI_SERVICE_ERROR");
}

#[rstest]
#[tokio::test]
async fn a_model_that_panics_fails_its_turn_only(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([Act::Panic, Act::Say("Hello.")])).await else { return };
    let ann = server.user("ann").await;
    assert_eq!(ann.chat("hi").await.status, 500);
    assert_eq!(ann.chat("hi").await.status, 200);
}

#[rstest]
#[case(json!({"message": "hi", "conversation_id": null, "user_timezone": null, "client_message_id": null}))]
#[case(json!({"message": "  hi ", "user_timezone": " "}))]
#[case(json!({"message": "hi", "user_timezone": "America/New_York", "unknown": [1]}))]
#[tokio::test]
async fn what_is_optional_may_be_null_and_unknown_fields_are_ignored(
    #[case] body: Value,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([Act::Say("Hello.")])).await else { return };
    let ann = server.user("ann").await;
    let chat = ann.post("/api/chat", body).await;
    assert_eq!((chat.status, &chat.body["response"]), (200, &json!("Hello.")), "{chat:?}");
    let id = &chat.body["conversation_id"];
    let read = ann.get(&format!("/api/conversations/{id}")).await.body;
    assert_eq!(each(&read["messages"], "content"), ["hi", "Hello."]);
}

#[rstest]
#[tokio::test]
async fn the_last_zone_holds_where_none_is_sent_and_utc_before_the_first(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let script = Script::by(|_| Act::Say("Hello."));
    let asked = std::sync::Arc::clone(&script.asked);
    let Some(server) = Server::start(backend, script).await else { return };
    let ann = server.user("ann").await;
    for zone in [Value::Null, json!("Asia/Tokyo"), Value::Null, json!("America/New_York"), Value::Null] {
        assert_eq!(ann.post("/api/chat", json!({"message": "hi", "user_timezone": zone})).await.status, 200);
    }
    let zones: Vec<_> = asked.lock().unwrap().iter().map(|request| request.now.timezone().name()).collect();
    assert_eq!(zones, ["UTC", "Asia/Tokyo", "Asia/Tokyo", "America/New_York", "America/New_York"]);
}

#[rstest]
#[tokio::test]
async fn tool_calls_come_in_the_order_they_ran(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let calls = vec![
        ("create_tasks", json!({"tasks": [{"title": "one"}]})),
        ("create_tasks", json!({"tasks": [{"title": ""}]})),
        ("list_tasks", json!({})),
    ];
    let script = Script::of([Act::Call(calls), create("two"), Act::Say("Done.")]);
    let Some(server) = Server::start(backend, script).await else { return };
    let ann = server.user("ann").await;
    let chat = ann.chat("do several things").await;
    let calls = &chat.body["tool_calls"];
    assert_eq!(each(calls, "name"), ["create_tasks", "create_tasks", "list_tasks", "create_tasks"]);
    assert_eq!(each(calls, "is_error"), [false, true, false, false]);
    for call in calls.as_array().unwrap() {
        assert!(call["id"].is_string() && call["arguments"].is_object() && !call["result"].is_null(), "{call}");
        assert_eq!(call.as_object().unwrap().len(), 5, "{call}");
    }
}

#[test]
fn a_model_has_thirty_seconds() {
    assert_eq!(defaults().agent.model_call_timeout, Duration::from_secs(30));
}
