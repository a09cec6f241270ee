//! `POST /auth/logout`, and the sessions of a person.

use std::time::{Duration, Instant};

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{Person, fields, is_error, is_time, is_well};
use crate::{
    harness::{Backend, Server, Socket, answer},
    script::Script,
};

async fn sessions(person: &Person<'_>) -> Vec<Value> {
    let listed = person.get("/auth/sessions").await;
    is_well(&listed, 200)["sessions"].as_array().unwrap().clone()
}

/// The current one's id.
async fn current(person: &Person<'_>) -> String {
    let sessions = sessions(person).await;
    let mut current = sessions.iter().filter(|session| session["is_current"] == true);
    let id = current.next().unwrap()["id"].as_str().unwrap().to_owned();
    assert!(current.next().is_none());
    id
}

#[rstest]
#[tokio::test]
async fn logout_ends_this_session_everywhere_and_no_other(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    let other = ann.again().await;
    let (mut closed, mut open) = (
        Socket::open(&server, &format!("?token={}", ann.token)).await,
        Socket::open(&server, &format!("?token={}", other.token)).await,
    );
    closed.sync(None).await;
    ann.log_out().await;
    assert_eq!(closed.receive().await, Err(Some(4401)));
    open.sync(None).await;
    is_error(&ann.get("/users/me").await, 401, "AUTH_TOKEN_INVALID");
    for url in [format!("{}/api/tasks/sync", server.base), format!("{}/api/tasks", server.chasqui)] {
        assert_eq!(answer(server.http.get(url).bearer_auth(&ann.token)).await.status, 401);
    }
    let refused = server.post("/auth/refresh", &json!({"refresh_token": ann.refresh})).await;
    is_error(&refused, 401, "AUTH_REFRESH_TOKEN_INVALID");
    is_error(&answer(ann.request(Method::POST, "/auth/logout")).await, 401, "AUTH_TOKEN_INVALID");
    is_well(&other.get("/users/me").await, 200);
}

#[rstest]
#[tokio::test]
async fn logout_ends_a_session_of_another_contract(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let user = server.user("ann").await;
    assert_eq!(user.get("/api/tasks/sync").await.status, 200);
    assert_eq!(answer(user.request(Method::POST, "/auth/logout")).await.status, 200);
    assert_eq!(user.get("/api/tasks/sync").await.status, 401);
}

#[tokio::test]
async fn logout_is_heard_by_other_instances_at_once() {
    let Some(server) = Server::start(Backend::Postgres, Script::of([])).await else { return };
    let other = server.another(std::sync::Arc::new(Script::of([]))).await;
    let ann = Person::new(&server, "ann").await;
    let there = || other.http.get(format!("{}/users/me", other.base)).bearer_auth(&ann.token);
    assert_eq!(answer(there()).await.status, 200);
    let mut socket = Socket::open(&other, &format!("?token={}", ann.token)).await;
    socket.sync(None).await;
    ann.log_out().await;
    is_error(&answer(there()).await, 401, "AUTH_TOKEN_INVALID");
    let began = Instant::now();
    assert_eq!(socket.receive().await, Err(Some(4401)));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    other.stop().await;
}

#[rstest]
#[tokio::test]
async fn a_socket_that_is_renewed_hangs_on_the_new_session(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    let next = ann.again().await;
    let mut socket = Socket::open(&server, &format!("?token={}", ann.token)).await;
    socket.send("auth", json!({"token": next.token})).await;
    socket.sync(None).await;
    ann.log_out().await;
    socket.sync(None).await;
    next.log_out().await;
    assert_eq!(socket.receive().await, Err(Some(4401)));
}

#[rstest]
#[tokio::test]
async fn list_sessions_tells_where_somebody_is_logged_in(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    Person::new(&server, "bob").await;
    let login = server.http.post(format!("{}/api/v1/auth/login", server.base)).header("user-agent", "a phone\u{9}");
    let login = login.json(&json!({"username": "ann", "password": "correct horse"}));
    assert_eq!(answer(login).await.status, 200);
    let listed = sessions(&ann).await;
    assert_eq!(listed.len(), 2, "{listed:?}");
    let expected = ["created_at", "expires_at", "id", "ip_address", "is_current", "last_used_at", "user_agent"];
    for session in &listed {
        assert_eq!(fields(session), expected);
        assert!(["created_at", "expires_at", "last_used_at"].iter().all(|field| is_time(&session[field])));
        assert_eq!(session["ip_address"], "127.0.0.1");
    }
    assert_eq!((&listed[0]["user_agent"], &listed[0]["is_current"]), (&json!("a phone"), &json!(false)));
    assert_eq!(listed[1]["is_current"], true);
}

#[rstest]
#[tokio::test]
async fn end_session_logs_a_lost_device_out(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let lost = ann.again().await;
    let path = format!("/auth/sessions/{}", current(&lost).await);
    let foreign = answer(bob.request(Method::DELETE, &path)).await;
    is_error(&foreign, 403, "RESOURCE_ACCESS_DENIED");
    is_well(&lost.get("/users/me").await, 200);
    let ended = answer(ann.request(Method::DELETE, &path)).await;
    assert_eq!((ended.status, &ended.body["success"]), (200, &json!(true)));
    is_error(&lost.get("/users/me").await, 401, "AUTH_TOKEN_INVALID");
    assert_eq!(sessions(&ann).await.len(), 1);
    for path in [path.as_str(), "/auth/sessions/nonsense", "/auth/sessions/00000000-0000-0000-0000-000000000000"] {
        is_error(&answer(ann.request(Method::DELETE, path)).await, 404, "RESOURCE_NOT_FOUND");
    }
}

#[rstest]
#[tokio::test]
async fn a_new_password_ends_every_session(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    let account = server.app.account_named("ann").await.unwrap();
    server.app.set_password(account.id, "another horse".into()).await.unwrap();
    is_error(&ann.get("/users/me").await, 401, "AUTH_TOKEN_INVALID");
}
