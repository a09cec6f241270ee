//! `assistant`: every line of its text.

use std::time::Duration;

use errand::{agent::model::ModelError, limits::Limit};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Backend, Server, answer, defaults},
    script::{Act, Script, create},
};

fn is_error(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.body["code"], code, "{answer:?}");
    assert!(answer.body["error"].as_str().is_some_and(|text| !text.is_empty()), "{answer:?}");
    assert_eq!(answer.body.as_object().unwrap().len(), 2, "{answer:?}");
}

fn is_time(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(text).is_ok())
}

#[rstest]
#[tokio::test]
async fn a_chat_makes_a_task_and_tells_what_was_called(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
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
async fn a_chat_without_calls_has_no_tool_calls(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([Act::Say("Hello.")])).await else { return };
    let ann = server.user("ann").await;
    let chat = ann.post("/api/chat", json!({"message": "hi"})).await;
    assert_eq!(chat.status, 200);
    assert!(chat.body.get("tool_calls").is_none(), "{}", chat.body);
}

#[rstest]
#[tokio::test]
async fn deleting_a_conversation(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::adding()).await else { return };
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let id = ann.chat("a secret thing").await.body["conversation_id"].clone();
    let path = format!("/api/conversations/{id}");
    is_error(&bob.delete(&path).await, 403, "FORBIDDEN");
    is_error(&bob.get(&path).await, 403, "FORBIDDEN");
    let foreign = bob.post("/api/chat", json!({"message": "hi", "conversation_id": id})).await;
    is_error(&foreign, 403, "FORBIDDEN");
    let deleted = ann.delete(&path).await;
    assert_eq!((deleted.status, &deleted.body["success"]), (200, &json!(true)));
    assert!(deleted.body["message"].is_string());
    let gone = ann.delete(&path).await;
    is_error(&gone, 404, "CONVERSATION_NOT_FOUND");
    assert_eq!(gone.body["error"], "Conversation not found");
    is_error(&ann.get(&path).await, 404, "CONVERSATION_NOT_FOUND");
    // What was told of it does not keep what was said: the task stays, the sentence does not.
    let (events, _) = ann.socket().await.sync(Some(0)).await;
    assert!(events.iter().all(|event| event["type"] != "message_created"), "{events:?}");
    assert!(events.iter().any(|event| event["type"] == "session_deleted"));
}

#[rstest]
#[tokio::test]
async fn creating_a_task(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let body = json!({"title": "  Pay rent ", "description": "in cash", "due_date": "2026-12-01T09:00:00+01:00", "priority": "high"});
    let made = ann.post("/api/tasks", body).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert!(made.body["id"].is_i64());
    assert_eq!(made.body["title"], "Pay rent");
    assert_eq!(made.body["description"], "in cash");
    assert_eq!(made.body["due_date"], "2026-12-01T08:00:00Z");
    assert_eq!(made.body["priority"], "high");
    assert_eq!(made.body["completed"], false);
    assert!(made.body["user_id"].is_string());
    assert!(is_time(&made.body["created_at"]) && is_time(&made.body["updated_at"]));
    let least = ann.post("/api/tasks", json!({"title": "Least", "due_date": null, "unknown": 1})).await;
    assert_eq!((least.status, &least.body["due_date"], &least.body["priority"]), (201, &Value::Null, &json!("medium")));
}

#[rstest]
#[case(json!({}))]
#[case(json!({"title": "  "}))]
#[case(json!({"title": "x".repeat(201)}))]
#[case(json!({"title": "a", "description": "x".repeat(1001)}))]
#[case(json!({"title": "a", "due_date": "2026-12-01T09:00:00"}))]
#[case(json!({"title": "a", "due_date": "soon"}))]
#[case(json!({"title": "a", "priority": "urgent"}))]
#[case(json!({"title": 7}))]
#[case(json!("a"))]
#[tokio::test]
async fn bad_tasks_are_refused(#[case] body: Value, #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    is_error(&ann.post("/api/tasks", body).await, 400, "VALIDATION_ERROR");
    assert!(ann.tasks().await.is_empty());
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
async fn every_endpoint_wants_a_token(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let endpoints = [
        (Method::POST, "/api/chat"),
        (Method::GET, "/api/conversations"),
        (Method::GET, "/api/conversations/1"),
        (Method::DELETE, "/api/conversations/1"),
        (Method::POST, "/api/tasks"),
    ];
    for (method, path) in endpoints {
        for token in [None, Some("nonsense"), Some("eyJhbGciOiJub25lIn0.e30.")] {
            let mut request = server.http.request(method.clone(), format!("{}{path}", server.base)).json(&json!({}));
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            is_error(&answer(request).await, 401, "UNAUTHORIZED");
        }
    }
}

#[rstest]
#[tokio::test]
async fn an_expired_token_is_no_token(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start_with(backend, Script::of([]), |config| {
        config.auth.token_lifetime = Duration::from_secs(1);
    })
    .await
    else {
        return;
    };
    let ann = server.user("ann").await;
    assert_eq!(ann.get("/api/conversations").await.status, 200);
    tokio::time::sleep(Duration::from_millis(2100)).await;
    is_error(&ann.get("/api/conversations").await, 401, "UNAUTHORIZED");
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
#[tokio::test]
async fn the_framework_refuses_in_the_contracts_words(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let json = |request: reqwest::RequestBuilder| request.header("content-type", "application/json");
    is_error(&answer(json(ann.request(Method::POST, "/api/chat")).body("{")).await, 400, "VALIDATION_ERROR");
    is_error(&answer(json(ann.request(Method::POST, "/api/chat")).body("{} x")).await, 400, "VALIDATION_ERROR");
    is_error(&answer(ann.request(Method::POST, "/api/chat").body("{}")).await, 415, "VALIDATION_ERROR");
    is_error(&answer(ann.request(Method::PUT, "/api/chat")).await, 405, "VALIDATION_ERROR");
    is_error(&answer(ann.request(Method::GET, "/api/tasks")).await, 405, "VALIDATION_ERROR");
    let huge = answer(json(ann.request(Method::POST, "/api/chat")).body(vec![b' '; 3 << 20])).await;
    is_error(&huge, 413, "VALIDATION_ERROR");
    is_error(&ann.get("/api/conversations/seven").await, 404, "CONVERSATION_NOT_FOUND");
    is_error(&ann.get("/api/conversations/99999999999999999999").await, 404, "CONVERSATION_NOT_FOUND");
}
