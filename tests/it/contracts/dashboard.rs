//! `dashboard`: sessions, messages and tasks over REST. Its socket has a file of its own.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Backend, Server, answer},
    script::Script,
};

fn is_fixed(answer: &Answer, status: u16) {
    let body = match status {
        401 => json!({"error": "Unauthorized", "message": "Authentication token is missing or invalid"}),
        403 => json!({"error": "Forbidden", "message": "You don't have permission to access this resource"}),
        404 => json!({"error": "Not Found", "message": "The requested resource was not found"}),
        other => panic!("{other} is not a fixed answer"),
    };
    assert_eq!((answer.status, &answer.body), (status, &body));
}

fn is_bad(answer: &Answer, field: &str) {
    assert_eq!(answer.status, 400, "{answer:?}");
    assert!(answer.body["error"].is_string());
    assert!(answer.body["details"].to_string().contains(field), "{answer:?}");
}

#[rstest]
#[tokio::test]
async fn sessions_and_their_messages(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let made = ann.post("/api/chat/sessions", json!({"title": "Plans"})).await;
    assert_eq!(made.status, 200, "creates answer 200, as the text says");
    let fields = ["id", "user_id", "title", "created_at", "updated_at", "is_active"];
    assert!(fields.iter().all(|field| made.body.get(field).is_some()), "{}", made.body);
    assert_eq!((&made.body["title"], &made.body["is_active"]), (&json!("Plans"), &json!(true)));
    let path = format!("/api/chat/sessions/{}", made.body["id"].as_str().unwrap());

    let renamed = ann.send(Method::PATCH, &path, json!({"title": "Better plans"})).await;
    assert_eq!((renamed.status, &renamed.body["title"]), (200, &json!("Better plans")));
    assert_eq!(ann.get("/api/chat/sessions").await.body, json!([renamed.body]));
    assert_eq!(bob.get("/api/chat/sessions").await.body, json!([]));

    let messages = format!("{path}/messages");
    let said = ann.post(&messages, json!({"role": "user", "content": "hello", "message_type": "text"})).await;
    assert_eq!(said.status, 200);
    assert_eq!(said.body["session_id"], made.body["id"]);
    assert_eq!(
        (&said.body["role"], &said.body["content"], &said.body["message_type"]),
        (&json!("user"), &json!("hello"), &json!("text"))
    );
    for kind in ["command", "response"] {
        let body = json!({"role": "assistant", "content": "x", "message_type": kind});
        assert_eq!(ann.post(&messages, body).await.body["message_type"], kind);
    }
    let read = ann.get(&messages).await;
    assert_eq!((read.status, read.body.as_array().unwrap().len()), (200, 3), "oldest first, and nobody answered");
    assert_eq!(read.body[0], said.body);

    for answer in [
        bob.get(&messages).await,
        bob.post(&messages, json!({"role": "user", "content": "x", "message_type": "text"})).await,
        bob.send(Method::PATCH, &path, json!({"title": "mine"})).await,
        bob.delete(&path).await,
    ] {
        is_fixed(&answer, 403);
    }
    let deleted = ann.delete(&path).await;
    assert_eq!((deleted.status, deleted.body), (204, Value::Null));
    for answer in
        [ann.delete(&path).await, ann.get(&messages).await, ann.get("/api/chat/sessions/seven/messages").await]
    {
        is_fixed(&answer, 404);
    }
}

#[rstest]
#[tokio::test]
async fn tasks(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let body = json!({"title": "Pay rent", "description": "in cash", "status": "in_progress", "priority": "urgent",
        "due_date": "2026-12-01T09:00:00+01:00"});
    let made = ann.post("/api/tasks/", body).await;
    assert_eq!(made.status, 200, "{made:?}");
    for (field, value) in [
        ("title", "Pay rent"),
        ("description", "in cash"),
        ("status", "in_progress"),
        ("priority", "urgent"),
        ("due_date", "2026-12-01T08:00:00Z"),
    ] {
        assert_eq!(made.body[field], value);
    }
    assert!(made.body["id"].as_str().unwrap().len() == 36 && made.body["user_id"].is_string());
    let path = format!("/api/tasks/{}", made.body["id"].as_str().unwrap());

    // What is missing stays, null clears, unknown fields are ignored.
    let updated = ann.send(Method::PUT, &path, json!({"status": "completed", "due_date": null, "colour": "red"})).await;
    assert_eq!(updated.status, 200);
    assert_eq!((&updated.body["status"], &updated.body["due_date"]), (&json!("completed"), &Value::Null));
    assert_eq!((&updated.body["title"], &updated.body["priority"]), (&json!("Pay rent"), &json!("urgent")));
    let sync = ann.get("/api/tasks/sync").await;
    assert_eq!((sync.status, &sync.body["tasks"]), (200, &json!([updated.body])));
    assert!(sync.body["last_sync"].is_string());
    assert_eq!(bob.tasks().await, Vec::<Value>::new());

    is_fixed(&bob.send(Method::PUT, &path, json!({"title": "mine"})).await, 403);
    is_fixed(&bob.delete(&path).await, 403);
    let deleted = ann.delete(&path).await;
    assert_eq!((deleted.status, deleted.body), (204, Value::Null));
    is_fixed(&ann.delete(&path).await, 404);
    is_fixed(&ann.send(Method::PUT, &path, json!({"title": "again"})).await, 404);
    is_fixed(&ann.delete("/api/tasks/12").await, 404);
    assert!(ann.tasks().await.is_empty());
}

#[rstest]
#[case("/api/tasks/", json!({}), "title")]
#[case("/api/tasks/", json!({"title": ""}), "title")]
#[case("/api/tasks/", json!({"title": "x".repeat(201), "description": "y".repeat(1001)}), "description")]
#[case("/api/tasks/", json!({"title": "a", "priority": "huge"}), "priority")]
#[case("/api/tasks/", json!({"title": "a", "status": "archived"}), "status")]
#[case("/api/tasks/", json!({"title": "a", "due_date": "2026-12-01T09:00:00"}), "offset")]
#[case("/api/chat/sessions", json!({"title": "  "}), "title")]
#[case("/api/chat/sessions", json!([1]), "body")]
#[tokio::test]
async fn bad_bodies_are_refused_with_the_field(
    #[case] path: &str,
    #[case] body: Value,
    #[case] field: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    is_bad(&ann.post(path, body).await, field);
}

#[rstest]
#[tokio::test]
async fn every_endpoint_wants_a_token_and_refusals_stay_in_the_contract(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let id = uuid::Uuid::nil();
    let endpoints = [
        (Method::GET, "/api/chat/sessions".to_owned()),
        (Method::POST, "/api/chat/sessions".to_owned()),
        (Method::PATCH, format!("/api/chat/sessions/{id}")),
        (Method::DELETE, format!("/api/chat/sessions/{id}")),
        (Method::GET, format!("/api/chat/sessions/{id}/messages")),
        (Method::POST, format!("/api/chat/sessions/{id}/messages")),
        (Method::GET, "/api/tasks/sync".to_owned()),
        (Method::POST, "/api/tasks/".to_owned()),
        (Method::PUT, format!("/api/tasks/{id}")),
        (Method::DELETE, format!("/api/tasks/{id}")),
    ];
    for (method, path) in endpoints {
        is_fixed(&answer(server.http.request(method, format!("{}{path}", server.base)).json(&json!({}))).await, 401);
    }
    let ann = server.user("ann").await;
    is_fixed(&ann.get("/api/nothing").await, 404);
    let refused = answer(ann.request(Method::PATCH, "/api/tasks/")).await;
    assert_eq!((refused.status, &refused.body["error"]), (405, &json!("Method Not Allowed")));
    let refused = answer(ann.request(Method::POST, "/api/tasks/").body("{}")).await;
    assert_eq!(refused.status, 415);
    assert!(refused.body["details"].is_object());
    assert!(refused.headers.contains_key("x-request-id"));
}
