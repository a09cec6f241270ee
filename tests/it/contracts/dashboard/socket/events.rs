//! What every socket of a user hears.

use errand_core::{Caller, Door, app::Work, task::NewTask};
use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use super::{
    super::{is_time, is_uuid, tasks::is_task},
    is_frame,
};
use crate::{
    harness::{Backend, Server},
    script::Script,
    store::titled,
};

#[rstest]
#[tokio::test]
async fn every_event_has_the_form_of_the_text(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let mut socket = ann.socket().await;
    // As the text prints frames: with a timestamp of the client's own, which says nothing.
    socket
        .send_text(
            &json!({"type": "sync_request", "data": {}, "timestamp": "2026-11-21T08:00:00Z", "x": 1}).to_string(),
        )
        .await;
    let synced = socket.next().await;
    assert!(
        is_frame(&synced) && synced["type"] == "sync_response" && is_time(&synced["data"]["timestamp"]),
        "{synced}"
    );
    assert_eq!(synced["data"]["tasks"], json!([]));

    let made = ann.post("/api/tasks/", json!({"title": "a", "due_date": "2026-12-01T08:00:00Z"})).await.body;
    let path = format!("/api/tasks/{}", made["id"].as_str().unwrap());
    ann.send(Method::PUT, &path, json!({"title": "b"})).await;
    ann.send(Method::PUT, &path, json!({"status": "in_progress"})).await;
    for kind in ["task_created", "task_updated", "task_status_changed"] {
        let frame = socket.next().await;
        let data = &frame["data"];
        assert!(is_frame(&frame) && frame["type"] == kind, "{kind}: {frame}");
        assert!(is_task(&data["task"]) && is_time(&data["timestamp"]), "{frame}");
        assert_eq!((&data["userId"], &data["task"]["id"]), (&made["user_id"], &made["id"]));
    }
    let (_, synced) = socket.sync(None).await;
    assert!(is_task(&synced["data"]["tasks"][0]), "{synced}");
    assert_eq!(synced["data"]["tasks"], json!(ann.tasks().await), "the same as over REST");
    ann.delete(&path).await;
    let deleted = socket.next().await;
    assert!(is_frame(&deleted) && deleted["type"] == "task_deleted" && is_time(&deleted["data"]["timestamp"]));
    assert_eq!((&deleted["data"]["taskId"], &deleted["data"]["userId"]), (&made["id"], &made["user_id"]));
}

#[rstest]
#[tokio::test]
async fn changes_on_other_contracts_are_told_too(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::adding()).await else { return };
    let ann = server.user("ann").await;
    let mut socket = ann.socket().await;
    socket.sync(None).await;
    ann.post("/api/tasks", json!({"title": "by assistant's endpoint"})).await;
    let number = ann.post("/api/v1/tasks", json!({"title": "by v1's"})).await.body["id"].clone();
    for title in ["by assistant's endpoint", "by v1's"] {
        let frame = socket.next().await;
        assert_eq!((&frame["type"], &frame["data"]["task"]["title"]), (&json!("task_created"), &json!(title)));
        assert_eq!(frame["data"]["source"], "rest");
    }
    let path = format!("/api/v1/tasks/{number}");
    for (status, kind) in
        [("completed", "task_status_changed"), ("archived", "task_deleted"), ("pending", "task_created")]
    {
        ann.send(Method::PUT, &path, json!({"status": status})).await;
        let frame = socket.next().await;
        assert_eq!(frame["type"], kind, "what is put away leaves the board and comes back to it: {frame}");
    }
    ann.delete(&path).await;
    assert_eq!(socket.next().await["type"], "task_deleted");
    ann.post("/api/v1/messages", json!({"content": "by the assistant"})).await;
    let frame = socket.next_of("task_created").await;
    assert_eq!(
        (&frame["data"]["task"]["title"], &frame["data"]["source"]),
        (&json!("by the assistant"), &json!("chat"))
    );
}

#[rstest]
#[tokio::test]
async fn sessions_are_told_of(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let mut socket = ann.socket().await;
    socket.sync(None).await;
    let session = ann.session().await;
    let path = format!("/api/chat/sessions/{session}");
    ann.send(Method::PATCH, &path, json!({"title": "renamed"})).await;
    ann.post(&format!("{path}/messages"), json!({"role": "user", "content": "hi", "message_type": "text"})).await;
    ann.delete(&path).await;
    for kind in ["session_created", "session_updated", "message_created", "session_deleted"] {
        let frame = socket.next().await;
        let data = &frame["data"];
        assert!(is_frame(&frame) && frame["type"] == kind, "{kind}: {frame}");
        let told = [&data["session"]["id"], &data["session_id"], &data["message"]["session_id"]];
        assert!(told.into_iter().any(|id| is_uuid(id) && *id == session), "{frame}");
    }
}

#[rstest]
#[tokio::test]
async fn a_task_made_anywhere_reaches_every_socket_of_its_owner(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::adding()).await else { return };
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let (mut one, mut two, mut other) = (ann.socket().await, ann.socket().await, bob.socket().await);
    for socket in [&mut one, &mut two, &mut other] {
        socket.sync(None).await;
    }
    ann.chat("call the dentist").await;
    for socket in [&mut one, &mut two] {
        let frame = socket.next_of("task_created").await;
        let data = &frame["data"];
        assert_eq!((&data["task"]["title"], &data["source"]), (&json!("call the dentist"), &json!("chat")));
        assert_eq!(data["userId"], data["task"]["user_id"]);
        assert!(data["timestamp"].is_string() && frame["timestamp"].is_string() && frame["seq"].is_i64());
        socket.next_of("turn_completed").await;
    }
    let made = ann.post("/api/tasks/", json!({"title": "by rest"})).await.body;
    let path = format!("/api/tasks/{}", made["id"].as_str().unwrap());
    assert_eq!(one.next_of("task_created").await["data"]["source"], "rest");
    ann.send(Method::PUT, &path, json!({"status": "completed"})).await;
    let changed = one.next().await;
    assert_eq!(
        (&changed["type"], &changed["data"]["task"]["status"]),
        (&json!("task_status_changed"), &json!("completed"))
    );
    ann.send(Method::PUT, &path, json!({"status": "pending", "title": "both"})).await;
    assert_eq!(one.next().await["type"], "task_status_changed");
    let updated = one.next().await;
    assert_eq!((&updated["type"], &updated["data"]["task"]["title"]), (&json!("task_updated"), &json!("both")));
    ann.send(Method::PUT, &path, json!({"title": "both"})).await;
    ann.delete(&path).await;
    let deleted = one.next().await;
    assert_eq!(
        (&deleted["type"], &deleted["data"]["taskId"]),
        (&json!("task_deleted"), &made["id"]),
        "no change, no event"
    );
    assert_eq!(deleted["data"]["userId"], made["user_id"]);

    bob.post("/api/tasks/", json!({"title": "bob's"})).await;
    let frame = other.next().await;
    assert_eq!(frame["data"]["task"]["title"], "bob's", "bob heard nothing of ann's");
}

#[rstest]
#[tokio::test]
async fn sync_replays_what_was_missed(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start_with(backend, Script::adding(), |config| config.database.replay = 20).await else {
        return;
    };
    let ann = server.user("ann").await;
    let (before, first) = ann.socket().await.sync(None).await;
    assert!(before.is_empty());
    assert_eq!((&first["data"]["tasks"], &first["seq"]), (&json!([]), &json!(0)));
    assert!(first["data"]["timestamp"].is_string());
    for number in 0..5 {
        ann.post("/api/tasks/", json!({"title": format!("task {number}")})).await;
    }
    let (missed, now) = ann.socket().await.sync(Some(2)).await;
    assert_eq!(missed.iter().map(|frame| frame["seq"].as_i64().unwrap()).collect::<Vec<_>>(), [3, 4, 5]);
    assert_eq!((now["data"]["tasks"].as_array().unwrap().len(), &now["seq"]), (5, &json!(5)));
    assert!(now["data"].get("gap").is_none());
    let (missed, now) = ann.socket().await.sync(None).await;
    assert!(missed.is_empty() && now["seq"] == 5, "without since only the answer comes");
    for since in [-1, 99] {
        let (missed, now) = ann.socket().await.sync(Some(since)).await;
        assert_eq!(
            (missed.len(), &now["data"]["gap"], now["data"]["tasks"].as_array().unwrap().len()),
            (0, &json!(true), 5)
        );
    }
    for number in 0..20 {
        ann.post("/api/tasks/", json!({"title": format!("more {number}")})).await;
    }
    assert_eq!(ann.socket().await.sync(Some(0)).await.1["data"]["gap"], true, "too old to be told again");
    assert_eq!(ann.socket().await.sync(Some(5)).await.0.len(), 20);
}

#[rstest]
#[tokio::test]
async fn ten_thousand_tasks_come_in_one_answer(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let caller = Caller::new(&server.app.account_named("ann").await.unwrap(), Door::Rest);
    for batch in 0..200 {
        let task = |number| NewTask { description: "x".repeat(400), ..titled(format!("task {batch}.{number}")) };
        server.app.change_tasks(&caller, Work::Add((0..50).map(task).collect()), None).await.unwrap();
    }
    let (_, synced) = ann.socket().await.sync(None).await;
    assert_eq!(synced["data"]["tasks"].as_array().unwrap().len(), 10_000);
    assert_eq!(synced["seq"], 10_000);
    assert_eq!(ann.tasks().await.len(), 10_000);
}
