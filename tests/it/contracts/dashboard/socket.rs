//! `/ws` in the dialect of `dashboard`.

use std::time::Duration;

use errand_core::{Caller, Door, app::Work, task::NewTask};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{is_time, is_uuid, tasks::is_task};
use crate::{
    harness::{Backend, Server, Socket},
    script::{Act, Script, create},
    store::titled,
};

/// What every frame to a client has, and nothing else.
fn is_frame(frame: &Value) -> bool {
    frame["type"].is_string()
        && frame["data"].is_object()
        && is_time(&frame["timestamp"])
        && frame["seq"].is_i64()
        && frame.as_object().unwrap().len() == 4
}

#[rstest]
#[case("")]
#[case("?token=nonsense")]
#[tokio::test]
async fn without_a_token_the_socket_is_closed_with_1008(
    #[case] query: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    assert_eq!(Socket::open(&server, query).await.receive().await, Err(Some(1008)));
}

#[rstest]
#[tokio::test]
async fn an_expired_token_is_no_token(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let lifetime = |config: &mut errand::config::Config| config.auth.token_lifetime = Duration::from_secs(1);
    let Some(server) = Server::start_with(backend, Script::of([]), lifetime).await else { return };
    let ann = server.user("ann").await;
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert_eq!(ann.socket().await.receive().await, Err(Some(1008)));
}

#[rstest]
#[tokio::test]
async fn a_token_in_the_header_works_on_the_upgrade_too(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let mut socket = Socket::with(&server, "", &[("authorization", &format!("Bearer {}", ann.token))]).await;
    assert_eq!(socket.sync(None).await.1["type"], "sync_response");
    assert_eq!(Socket::with(&server, "", &[("authorization", "Basic x")]).await.receive().await, Err(Some(1008)));
}

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
async fn bad_frames_get_an_error_and_the_socket_stays_open(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let foreign = bob.session().await;
    let session = ann.session().await;
    let mut socket = ann.socket().await;
    let cases = [
        ("not json".to_owned(), "VALIDATION_ERROR"),
        ("[]".to_owned(), "VALIDATION_ERROR"),
        ("{}".to_owned(), "VALIDATION_ERROR"),
        (json!({"type": "dance", "data": {}}).to_string(), "VALIDATION_ERROR"),
        (json!({"type": "sync_request", "data": {"since": "yesterday"}}).to_string(), "VALIDATION_ERROR"),
        (json!({"type": "message", "data": {"content": "hi"}}).to_string(), "VALIDATION_ERROR"),
        (json!({"type": "message", "data": {"content": "", "session_id": session}}).to_string(), "VALIDATION_ERROR"),
        (
            json!({"type": "message", "data": {"content": "x".repeat(8001), "session_id": session}}).to_string(),
            "VALIDATION_ERROR",
        ),
        (json!({"type": "message", "data": {"content": "hi", "session_id": 7}}).to_string(), "VALIDATION_ERROR"),
        (json!({"type": "message"}).to_string(), "VALIDATION_ERROR"),
        (json!({"type": 7, "data": {}}).to_string(), "VALIDATION_ERROR"),
        (
            json!({"type": "message", "data": {"content": "hi", "session_id": session, "user_timezone": "x"}})
                .to_string(),
            "VALIDATION_ERROR",
        ),
        (
            json!({"type": "message", "data": {"content": "hi", "session_id": uuid::Uuid::nil()}}).to_string(),
            "CONVERSATION_NOT_FOUND",
        ),
        (json!({"type": "message", "data": {"content": "hi", "session_id": foreign}}).to_string(), "FORBIDDEN"),
        (json!({"type": "auth", "data": {"token": bob.token}}).to_string(), "UNAUTHORIZED"),
    ];
    for (frame, code) in cases {
        socket.send_text(&frame).await;
        let error = socket.next_of("error").await;
        assert_eq!(error["data"]["code"], code, "{frame} -> {error}");
        assert!(is_frame(&error) && error["data"]["message"].is_string(), "{error}");
    }
    socket.send_text(&json!({"type": "sync_request"}).to_string()).await;
    assert_eq!(socket.next().await["type"], "sync_response", "it is still open");
}

#[rstest]
#[tokio::test]
async fn a_frame_over_64_kib_closes_with_1009(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let mut socket = ann.socket().await;
    let frame = |length: usize| json!({"type": "dance", "data": "x".repeat(length)}).to_string();
    socket.send_text(&frame(65_000)).await;
    assert_eq!(socket.next().await["type"], "error", "that much is allowed");
    socket.send_text(&frame(70_000)).await;
    assert_eq!(socket.receive().await, Err(Some(1009)));
}

#[rstest]
#[tokio::test]
async fn a_socket_ends_with_its_token_unless_it_is_renewed(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start_with(backend, Script::of([]), |config| {
        config.auth.token_lifetime = Duration::from_secs(2);
    })
    .await
    else {
        return;
    };
    let ann = server.user("ann").await;
    let (mut left, mut renewed) = (ann.socket().await, ann.socket().await);
    tokio::time::sleep(Duration::from_millis(1200)).await;
    let login = server.post("/api/v1/auth/login", &json!({"username": "ann", "password": "correct horse"})).await;
    renewed.send("auth", json!({"token": login.body["access_token"]})).await;
    assert_eq!(left.receive().await, Err(Some(4401)));
    let (_, synced) = renewed.sync(None).await;
    assert_eq!(synced["type"], "sync_response");
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
