//! What the socket does not take.

use rstest::rstest;
use serde_json::json;

use super::is_frame;
use crate::{
    harness::{Backend, Server},
    script::Script,
};

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
