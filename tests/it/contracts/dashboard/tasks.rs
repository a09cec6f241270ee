//! The board over REST.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{each, is_bad, is_fixed, is_time, is_uuid};
use crate::{
    harness::{Backend, Server, User},
    script::Script,
};

async fn add(user: &User<'_>, body: Value) -> Value {
    let made = user.post("/api/tasks/", body).await;
    assert_eq!(made.status, 200, "creates answer 200, as the text says: {made:?}");
    made.body
}

fn path(task: &Value) -> String {
    format!("/api/tasks/{}", task["id"].as_str().unwrap())
}

/// Every field of the text, of its type.
pub(super) fn is_task(task: &Value) -> bool {
    let one_of = |field: &str, words: &[&str]| words.iter().any(|word| task[field] == *word);
    is_uuid(&task["id"])
        && is_uuid(&task["user_id"])
        && task["title"].is_string()
        && task["description"].is_string()
        && one_of("status", &["pending", "in_progress", "completed"])
        && one_of("priority", &["low", "medium", "high", "urgent"])
        && (task["due_date"].is_null() || is_time(&task["due_date"]))
        && is_time(&task["created_at"])
        && is_time(&task["updated_at"])
}

#[rstest]
#[tokio::test]
async fn create_task_has_what_the_text_says(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let made = add(
        &ann,
        json!({"title": " Pay rent ", "description": "in cash", "status": "in_progress", "priority": "urgent",
        "due_date": "2026-12-01T09:00:00.123456789+01:00", "colour": "red"}),
    )
    .await;
    assert!(is_task(&made), "{made}");
    let told = ["title", "description", "status", "priority", "due_date"].map(|field| made[field].as_str().unwrap());
    assert_eq!(told, ["Pay rent", "in cash", "in_progress", "urgent", "2026-12-01T08:00:00.123456Z"]);
    let sync = ann.get("/api/tasks/sync").await;
    assert_eq!((sync.status, &sync.body["tasks"]), (200, &json!([made])), "what was answered is what is read back");
}

#[rstest]
#[tokio::test]
async fn what_is_not_said_has_a_default(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let nothing = json!({"title": "a", "description": null, "status": null, "priority": null, "due_date": null});
    for body in [json!({"title": "a"}), nothing] {
        let made = add(&ann, body).await;
        assert!(is_task(&made), "{made}");
        let told = ["description", "status", "priority"].map(|field| made[field].as_str().unwrap());
        assert_eq!((told, &made["due_date"]), (["", "pending", "medium"], &Value::Null));
    }
}

#[rstest]
#[tokio::test]
async fn the_longest_texts_are_taken(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let (title, description) = ("é".repeat(200), "日".repeat(1000));
    let made = add(&ann, json!({"title": title, "description": description})).await;
    assert_eq!((&made["title"], &made["description"]), (&json!(title), &json!(description)));
}

#[rstest]
#[tokio::test]
async fn sync_tasks_has_all_that_is_not_put_away(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let empty = ann.get("/api/tasks/sync").await;
    assert_eq!((empty.status, &empty.body["tasks"]), (200, &json!([])));
    assert!(is_time(&empty.body["last_sync"]));
    assert_eq!(empty.body.as_object().unwrap().len(), 2);
    for status in ["pending", "in_progress", "completed"] {
        add(&ann, json!({"title": status, "status": status})).await;
    }
    let archived = ann.post("/api/v1/tasks", json!({"title": "archived"})).await.body;
    ann.send(Method::PUT, &format!("/api/v1/tasks/{}", archived["id"]), json!({"status": "archived"})).await;
    add(&bob, json!({"title": "bob's"})).await;
    let sync = ann.get("/api/tasks/sync").await.body;
    assert_eq!(each(&sync["tasks"], "title"), ["pending", "in_progress", "completed"]);
    assert_eq!(each(&sync["tasks"], "status"), ["pending", "in_progress", "completed"]);
    assert!(sync["last_sync"].as_str() > empty.body["last_sync"].as_str());
}

#[rstest]
#[case(json!({"title": "new"}), "title", json!("new"))]
#[case(json!({"description": "new"}), "description", json!("new"))]
#[case(json!({"description": ""}), "description", json!(""))]
#[case(json!({"status": "pending"}), "status", json!("pending"))]
#[case(json!({"status": "completed"}), "status", json!("completed"))]
#[case(json!({"priority": "low"}), "priority", json!("low"))]
#[case(json!({"due_date": "2027-01-01T00:00:00Z"}), "due_date", json!("2027-01-01T00:00:00Z"))]
#[case::null_clears(json!({"due_date": null}), "due_date", Value::Null)]
#[case::unknown_fields_are_ignored(json!({"colour": "red", "id": "1", "user_id": "2"}), "", Value::Null)]
#[case::nothing(json!({}), "", Value::Null)]
#[tokio::test]
async fn update_task_leaves_what_is_missing(
    #[case] body: Value,
    #[case] field: &str,
    #[case] value: Value,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let made = add(
        &ann,
        json!({"title": "old", "description": "old", "status": "in_progress", "priority": "urgent",
        "due_date": "2026-12-01T08:00:00Z"}),
    )
    .await;
    let put = ann.send(Method::PUT, &path(&made), body).await;
    assert_eq!(put.status, 200, "{put:?}");
    assert!(is_task(&put.body), "{put:?}");
    for known in ["id", "user_id", "title", "description", "status", "priority", "due_date", "created_at"] {
        let expected = if known == field { &value } else { &made[known] };
        assert_eq!(&put.body[known], expected, "{known}");
    }
    assert_eq!(ann.tasks().await, [put.body]);
}

#[rstest]
#[tokio::test]
async fn delete_task_deletes_it(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let made = add(&ann, json!({"title": "a"})).await;
    let deleted = ann.delete(&path(&made)).await;
    assert_eq!((deleted.status, deleted.body), (204, Value::Null));
    is_fixed(&ann.delete(&path(&made)).await, 404);
    is_fixed(&ann.send(Method::PUT, &path(&made), json!({"title": "again"})).await, 404);
    assert!(ann.tasks().await.is_empty());
}

#[rstest]
#[tokio::test]
async fn somebody_elses_task_is_forbidden(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let made = add(&ann, json!({"title": "ann's"})).await;
    is_fixed(&bob.send(Method::PUT, &path(&made), json!({"title": "mine"})).await, 403);
    is_fixed(&bob.send(Method::PUT, &path(&made), json!({})).await, 403);
    is_fixed(&bob.delete(&path(&made)).await, 403);
    assert_eq!(ann.tasks().await, [made]);
    assert!(bob.tasks().await.is_empty());
}

#[rstest]
#[case("00000000-0000-7000-8000-000000000000")]
#[case("1")]
#[case("seven")]
#[tokio::test]
async fn what_is_no_task_is_not_found(
    #[case] id: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    add(&ann, json!({"title": "a"})).await;
    is_fixed(&ann.send(Method::PUT, &format!("/api/tasks/{id}"), json!({"title": "b"})).await, 404);
    is_fixed(&ann.delete(&format!("/api/tasks/{id}")).await, 404);
}

#[rstest]
#[tokio::test]
async fn the_slash_at_the_end_tells_two_contracts_apart(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let (with, without) =
        (ann.post("/api/tasks/", json!({"title": "a"})).await, ann.post("/api/tasks", json!({"title": "b"})).await);
    assert_eq!((with.status, without.status), (200, 201));
    assert!(is_uuid(&with.body["id"]) && without.body["id"].is_i64());
    assert_eq!(each(&json!(ann.tasks().await), "title"), ["a", "b"], "and both are the same tasks");
    is_fixed(&ann.get("/api/tasks/sync/").await, 404);
    is_fixed(&ann.get("/api/chat/sessions/").await, 404);
}

#[rstest]
#[case(json!({}), "title")]
#[case(json!({"title": null}), "title")]
#[case(json!([1]), "body")]
#[tokio::test]
async fn a_title_is_needed(
    #[case] body: Value,
    #[case] field: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    is_bad(&ann.post("/api/tasks/", body).await, field);
    assert!(ann.tasks().await.is_empty());
}

#[rstest]
#[case(json!({"title": ""}), "title")]
#[case(json!({"title": " \n\u{0}"}), "title")]
#[case(json!({"title": "x".repeat(201)}), "title")]
#[case(json!({"title": 7}), "title")]
#[case(json!({"title": "x".repeat(201), "description": "y".repeat(1001)}), "description")]
#[case(json!({"title": "a", "description": "y".repeat(1001)}), "description")]
#[case(json!({"title": "a", "description": ["y"]}), "description")]
#[case(json!({"title": "a", "priority": "huge"}), "priority")]
#[case(json!({"title": "a", "priority": 1}), "priority")]
#[case(json!({"title": "a", "status": "archived"}), "status")]
#[case(json!({"title": "a", "status": "Pending"}), "status")]
#[case(json!({"title": "a", "due_date": "2026-12-01T09:00:00"}), "offset")]
#[case(json!({"title": "a", "due_date": "2026-12-01"}), "due_date")]
#[case(json!({"title": "a", "due_date": "tomorrow"}), "due_date")]
#[case(json!({"title": "a", "due_date": "2026-02-30T09:00:00Z"}), "due_date")]
#[case(json!({"title": "a", "due_date": "0001-01-01T00:00:00Z"}), "due_date")]
#[case(json!({"title": "a", "due_date": 1_764_580_000}), "due_date")]
#[tokio::test]
async fn bad_fields_are_refused_by_their_names_and_nothing_changes(
    #[case] body: Value,
    #[case] field: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    is_bad(&ann.post("/api/tasks/", body.clone()).await, field);
    assert!(ann.tasks().await.is_empty());
    let made = add(&ann, json!({"title": "as it was"})).await;
    is_bad(&ann.send(Method::PUT, &path(&made), body).await, field);
    assert_eq!(ann.tasks().await, [made]);
}
