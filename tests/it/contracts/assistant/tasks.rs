//! Making a task without the assistant.

use rstest::rstest;
use serde_json::{Value, json};

use super::{is_error, is_time};
use crate::{
    harness::{Backend, Server},
    script::Script,
};

#[rstest]
#[tokio::test]
async fn create_task_has_what_the_text_says(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
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
#[tokio::test]
async fn the_longest_texts_and_each_priority_are_taken(
    #[values("low", "medium", "high")] priority: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let body = json!({"title": "é".repeat(200), "description": "日".repeat(1000), "priority": priority});
    let made = ann.post("/api/tasks", body.clone()).await;
    assert_eq!(made.status, 201, "{made:?}");
    for field in ["title", "description", "priority"] {
        assert_eq!(made.body[field], body[field]);
    }
    assert_eq!(made.body.as_object().unwrap().len(), 9, "{made:?}");
}

#[rstest]
#[case(json!({}))]
#[case(json!({"title": "  "}))]
#[case(json!({"title": "x".repeat(201)}))]
#[case(json!({"title": "a", "description": "x".repeat(1001)}))]
#[case(json!({"title": "a", "due_date": "2026-12-01T09:00:00"}))]
#[case(json!({"title": "a", "due_date": "soon"}))]
#[case(json!({"title": "a", "due_date": 7}))]
#[case(json!({"title": "a", "description": {}}))]
#[case(json!({"title": "a", "priority": "urgent"}))]
#[case(json!({"title": "a", "priority": "High"}))]
#[case(json!({"title": null}))]
#[case(json!({"title": 7}))]
#[case(json!("a"))]
#[tokio::test]
async fn create_task_refuses_what_is_invalid(
    #[case] body: Value,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    is_error(&ann.post("/api/tasks", body).await, 400, "VALIDATION_ERROR");
    assert!(ann.tasks().await.is_empty());
}
