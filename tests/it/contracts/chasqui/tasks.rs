//! `/tasks`.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{Person, fields, is_error};
use crate::{
    harness::{Backend, Server, answer},
    script::Script,
};

#[rstest]
#[tokio::test]
async fn create_task_answers_201_with_the_task(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    let made = ann.post("/api/tasks", json!({"title": " Buy milk ", "description": "two litres"})).await;
    assert_eq!(made.status, 201);
    assert_eq!(fields(&made.body), ["completed", "created_at", "description", "id", "title", "updated_at"]);
    assert_eq!((&made.body["title"], &made.body["description"]), (&json!("Buy milk"), &json!("two litres")));
    assert_eq!(made.body["completed"], false);
    assert!(made.body["id"].as_str().unwrap().parse::<uuid::Uuid>().is_ok(), "a bare UUID");
    assert!(made.body["created_at"].as_str().unwrap().ends_with('Z'));
    for without in [json!({"title": "x"}), json!({"title": "x", "description": null, "unknown": 1})] {
        let made = ann.post("/api/tasks", without).await;
        assert_eq!((made.status, &made.body["description"]), (201, &json!("")));
    }
}

#[rstest]
#[case(json!({}), "title")]
#[case(json!({"title": "  "}), "title")]
#[case(json!({"title": "x".repeat(201)}), "title")]
#[case(json!({"title": "x", "description": "x".repeat(1001)}), "description")]
#[case(json!({"title": 7}), "title")]
#[tokio::test]
async fn create_task_refuses_what_is_invalid(
    #[case] body: Value,
    #[case] field: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    let refused = ann.post("/api/tasks", body).await;
    assert!(is_error(&refused, 400).contains(field), "{refused:?}");
    assert_eq!(ann.get("/api/tasks").await.body, json!([]));
}

#[rstest]
#[tokio::test]
async fn list_tasks_answers_all_of_ones_own(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let mut made = Vec::new();
    for number in 0..120 {
        made.push(ann.post("/api/tasks", json!({"title": format!("task {number}")})).await.body);
    }
    made.reverse();
    let listed = ann.get("/api/tasks").await;
    assert_eq!((listed.status, listed.body), (200, Value::Array(made)), "all of them, the newest first");
    assert_eq!(bob.get("/api/tasks").await.body, json!([]));
}

#[rstest]
#[tokio::test]
async fn update_task_completes_and_reopens(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    let made = ann.post("/api/tasks", json!({"title": "Buy milk", "description": "two litres"})).await.body;
    let path = format!("/api/tasks/{}", made["id"].as_str().unwrap());
    let done = ann.patch(&path, json!({"completed": true})).await;
    assert_eq!((done.status, &done.body["completed"]), (200, &json!(true)));
    assert_eq!(fields(&done.body), fields(&made));
    assert_eq!((&done.body["title"], &done.body["description"]), (&made["title"], &made["description"]));
    assert_ne!(done.body["updated_at"], made["updated_at"]);
    assert_eq!(
        ann.patch(&path, json!({"completed": true})).await.body,
        done.body,
        "what is so already does not change"
    );
    for nothing in [json!({}), json!({"completed": null}), json!({"unknown": true})] {
        assert_eq!(ann.patch(&path, nothing).await.body, done.body);
    }
    let open = ann.patch(&path, json!({"completed": false})).await;
    assert_eq!((open.status, &open.body["completed"]), (200, &json!(false)));
    assert_eq!(ann.get("/api/tasks").await.body, json!([open.body]));
}

/// The same tasks as on every other face, seen by whether they are done.
#[rstest]
#[tokio::test]
async fn update_task_is_the_same_task_everywhere(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    let there = async |method: Method, path: &str, body: Value| {
        let request = server.http.request(method, format!("{}{path}", server.base)).bearer_auth(&ann.token);
        answer(request.json(&body)).await
    };
    let made = there(Method::POST, "/api/tasks/", json!({"title": "begun", "status": "in_progress"})).await.body;
    let id = made["id"].as_str().unwrap();
    let (here, board) = (format!("/api/tasks/{id}"), format!("/api/tasks/{id}"));
    assert_eq!(ann.get("/api/tasks").await.body[0]["completed"], false);
    // It is not completed: nothing has to change for that.
    assert_eq!(ann.patch(&here, json!({"completed": false})).await.status, 200);
    let status = async || there(Method::PUT, &board, json!({})).await.body["status"].clone();
    assert_eq!(status().await, "in_progress");
    ann.patch(&here, json!({"completed": true})).await;
    assert_eq!(status().await, "completed");
    ann.patch(&here, json!({"completed": false})).await;
    assert_eq!(status().await, "pending");
}

#[rstest]
#[tokio::test]
async fn update_task_refuses(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let made = ann.post("/api/tasks", json!({"title": "Buy milk"})).await.body;
    let path = format!("/api/tasks/{}", made["id"].as_str().unwrap());
    is_error(&bob.patch(&path, json!({"completed": true})).await, 404);
    is_error(&ann.patch(&format!("/api/tasks/{}", uuid::Uuid::nil()), json!({"completed": true})).await, 404);
    is_error(&ann.patch("/api/tasks/7", json!({"completed": true})).await, 404);
    assert!(is_error(&ann.patch(&path, json!({"completed": "yes"})).await, 400).contains("completed"));
    assert_eq!(ann.get("/api/tasks").await.body, json!([made]));
}
