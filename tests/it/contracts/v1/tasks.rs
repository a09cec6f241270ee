//! Tasks with a title and one of three statuses.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{each, is_error, is_time};
use crate::{
    harness::{Answer, Backend, Server, User},
    script::Script,
};

fn is_not_found(answer: &Answer) {
    assert_eq!((answer.status, &answer.body), (404, &json!({"detail": "Task not found"})));
}

async fn add(user: &User<'_>, title: &str) -> Value {
    let made = user.post("/api/v1/tasks", json!({"title": title})).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.body
}

async fn list(user: &User<'_>, query: &str) -> Value {
    let list = user.get(&format!("/api/v1/tasks{query}")).await;
    assert_eq!(list.status, 200, "{list:?}");
    list.body
}

#[rstest]
#[tokio::test]
async fn create_task_and_then_change_and_delete_it(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    assert_eq!(list(&ann, "").await, json!([]));
    let made = add(&ann, "  Pay rent ").await;
    assert!(made["id"].is_i64() && is_time(&made["created_at"]) && is_time(&made["updated_at"]));
    assert_eq!((&made["title"], &made["status"]), (&json!("Pay rent"), &json!("pending")));
    assert_eq!(made.as_object().unwrap().len(), 5, "no more than the text says: {made}");
    assert_eq!(list(&ann, "").await, json!([made]), "what was answered is what is read back");

    let path = format!("/api/v1/tasks/{}", made["id"]);
    let put = ann.send(Method::PUT, &path, json!({"title": "Pay the rent", "status": "completed"})).await;
    assert_eq!(put.status, 200, "{put:?}");
    assert_eq!((&put.body["id"], &put.body["created_at"]), (&made["id"], &made["created_at"]));
    assert_eq!((&put.body["title"], &put.body["status"]), (&json!("Pay the rent"), &json!("completed")));
    assert_eq!(put.body.as_object().unwrap().len(), 5);
    assert_eq!(list(&ann, "").await, json!([put.body]));

    let deleted = ann.delete(&path).await;
    assert_eq!((deleted.status, deleted.body), (204, Value::Null));
    is_not_found(&ann.delete(&path).await);
    is_not_found(&ann.send(Method::PUT, &path, json!({"title": "again"})).await);
    assert_eq!(list(&ann, "").await, json!([]));
}

#[rstest]
#[case(json!({"title": "new"}), "new", "pending")]
#[case(json!({"status": "archived"}), "old", "archived")]
#[case(json!({"title": null, "status": null}), "old", "pending")]
#[case(json!({"colour": "red"}), "old", "pending")]
#[case(json!({}), "old", "pending")]
#[tokio::test]
async fn update_task_leaves_what_is_missing(
    #[case] body: Value,
    #[case] title: &str,
    #[case] status: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let path = format!("/api/v1/tasks/{}", add(&ann, "old").await["id"]);
    let put = ann.send(Method::PUT, &path, body).await;
    assert_eq!((put.status, &put.body["title"], &put.body["status"]), (200, &json!(title), &json!(status)));
}

#[rstest]
#[tokio::test]
async fn list_tasks_has_the_newest_first_filtered_by_status(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    add(&bob, "bob's").await;
    for (title, status) in
        [("a", "completed"), ("b", "archived"), ("c", "pending"), ("d", "archived"), ("e", "pending")]
    {
        let path = format!("/api/v1/tasks/{}", add(&ann, title).await["id"]);
        ann.send(Method::PUT, &path, json!({"status": status})).await;
    }
    // Begun on another contract: here it is still pending, wherever that is asked or shown.
    ann.post("/api/tasks/", json!({"title": "f", "status": "in_progress"})).await;
    assert_eq!(each(&list(&ann, "").await, "title"), ["f", "e", "d", "c", "b", "a"]);
    let pending = list(&ann, "?status=pending").await;
    assert_eq!(each(&pending, "title"), ["f", "e", "c"]);
    assert_eq!(each(&pending, "status"), ["pending", "pending", "pending"]);
    assert_eq!(each(&list(&ann, "?status=completed").await, "title"), ["a"]);
    assert_eq!(each(&list(&ann, "?status=archived").await, "title"), ["d", "b"]);
    assert_eq!(each(&list(&ann, "?status=archived&limit=1&offset=1").await, "title"), ["b"]);
    assert_eq!(each(&list(&ann, "?limit=2&offset=3&unknown=1").await, "title"), ["c", "b"]);
    assert_eq!(list(&ann, "?offset=6").await, json!([]));
}

#[rstest]
#[tokio::test]
async fn fifty_tasks_unless_said_otherwise(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    for number in 0..101 {
        add(&ann, &format!("{number}")).await;
    }
    let titles = |from: i32, to: i32| (to..=from).rev().map(|number| number.to_string()).collect::<Vec<_>>();
    assert_eq!(each(&list(&ann, "").await, "title"), titles(100, 51));
    assert_eq!(each(&list(&ann, "?limit=100").await, "title"), titles(100, 1));
    assert_eq!(each(&list(&ann, "?limit=100&offset=50").await, "title"), titles(50, 0));
}

#[rstest]
#[case(json!({}), "title")]
#[case(json!({"title": " "}), "title")]
#[case(json!({"title": "x".repeat(201)}), "title")]
#[case(json!({"title": 7}), "title")]
#[case(json!({"title": null}), "title")]
#[case(json!("a"), "body")]
#[tokio::test]
async fn create_task_refuses_what_is_invalid_with_the_field(
    #[case] body: Value,
    #[case] field: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let refused = ann.post("/api/v1/tasks", body).await;
    is_error(&refused, 400);
    assert!(refused.body["detail"].as_str().unwrap().contains(field), "{refused:?}");
    assert!(ann.tasks().await.is_empty());
}

#[rstest]
#[case(json!({"title": ""}), "title")]
#[case(json!({"title": "x".repeat(201)}), "title")]
#[case(json!({"status": "in_progress"}), "status")]
#[case(json!({"status": "done"}), "status")]
#[case(json!({"status": 1}), "status")]
#[tokio::test]
async fn update_task_refuses_what_is_invalid_and_changes_nothing(
    #[case] body: Value,
    #[case] field: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let made = add(&ann, "as it was").await;
    let refused = ann.send(Method::PUT, &format!("/api/v1/tasks/{}", made["id"]), body).await;
    is_error(&refused, 400);
    assert!(refused.body["detail"].as_str().unwrap().contains(field), "{refused:?}");
    assert_eq!(list(&ann, "").await, json!([made]));
}

#[rstest]
#[tokio::test]
async fn delete_task_and_update_find_neither_foreign_tasks_nor_ids_of_another_form(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let made = add(&ann, "ann's").await;
    let uuid = ann.tasks().await[0]["id"].as_str().unwrap().to_owned();
    for id in [made["id"].to_string(), "999999".into(), uuid, "seven".into(), "%FF".into(), "1.0".into()] {
        let path = format!("/api/v1/tasks/{id}");
        is_not_found(&bob.send(Method::PUT, &path, json!({"title": "mine"})).await);
        is_not_found(&bob.delete(&path).await);
    }
    assert_eq!(list(&ann, "").await, json!([made]));
}

#[rstest]
#[case("status=in_progress", "status")]
#[case("status=Pending", "status")]
#[case("status=", "status")]
#[case("limit=0", "limit")]
#[case("limit=101", "limit")]
#[case("limit=many", "limit")]
#[case("offset=-1", "offset")]
#[case("limit=0&offset=-1", "limit")]
#[tokio::test]
async fn bad_queries_are_refused_with_the_parameter(
    #[case] query: &str,
    #[case] field: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let refused = ann.get(&format!("/api/v1/tasks?{query}")).await;
    is_error(&refused, 400);
    assert!(refused.body["detail"].as_str().unwrap().contains(field), "{refused:?}");
}
