//! Who may open the socket, and how long it stays open.

use std::time::Duration;

use rstest::rstest;
use serde_json::json;

use crate::{
    harness::{Backend, Server, Socket},
    script::Script,
};

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
