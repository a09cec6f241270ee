//! `GET /metrics`.

use rstest::rstest;

use super::{Person, is_error, is_paced};
use crate::{
    harness::{Backend, Server, answer},
    script::Script,
};

#[rstest]
#[tokio::test]
async fn metrics_tell_what_was_counted(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    Person::new(&server, "ann").await;
    let told = answer(server.http.get(format!("{}/metrics", server.base))).await;
    is_paced(&told);
    assert_eq!(told.status, 200);
    assert!(told.headers["content-type"].to_str().unwrap().starts_with("text/plain"));
    assert!(told.body.as_str().unwrap().contains("face=\"rooms\""), "{told:?}");
}

#[rstest]
#[tokio::test]
async fn metrics_can_be_for_whoever_has_the_token(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let token = |config: &mut errand::config::Config| {
        config.telemetry.metrics_token = Some("a token of Prometheus".to_owned().into());
    };
    let Some(server) = Server::start_with(backend, Script::of([]), token).await else { return };
    let ask = || server.http.get(format!("{}/metrics", server.base));
    is_error(&answer(ask()).await, 401, "AUTH_TOKEN_INVALID");
    is_error(&answer(ask().bearer_auth("another")).await, 401, "AUTH_TOKEN_INVALID");
    assert_eq!(answer(ask().bearer_auth("a token of Prometheus")).await.status, 200);
}

#[rstest]
#[tokio::test]
async fn metrics_can_be_off(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let off = |config: &mut errand::config::Config| config.telemetry.metrics = false;
    let Some(server) = Server::start_with(backend, Script::of([]), off).await else { return };
    is_error(&answer(server.http.get(format!("{}/metrics", server.base))).await, 404, "RESOURCE_NOT_FOUND");
}
