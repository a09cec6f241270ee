//! Health, which needs no token, and the limit by address, which holds for all endpoints.

use std::time::Duration;

use errand::{config::Config, limits::Limit};
use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use super::{is_error, is_time};
use crate::{
    harness::{Answer, Backend, Server, answer, defaults},
    script::Script,
};

#[rstest]
#[tokio::test]
async fn health_needs_no_token_and_tells_the_truth(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let get = || answer(server.http.get(format!("{}/api/v1/health", server.base)));
    let well = get().await;
    assert_eq!((well.status, &well.body["status"]), (200, &json!("healthy")));
    assert!(is_time(&well.body["timestamp"]), "{well:?}");
    server.app.store.close().await;
    is_error(&get().await, 503);
}

fn two_a_minute(config: &mut Config) {
    config.limits.enabled = true;
    config.limits.v1 = Limit { max: 2, per: Duration::from_mins(1) };
}

fn is_too_many(answer: &Answer) {
    assert_eq!((answer.status, &answer.body), (429, &json!({"detail": "Too many requests"})));
    let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
}

#[rstest]
#[tokio::test]
async fn a_hundred_requests_a_minute_for_each_address(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    assert_eq!(defaults().limits.v1, Limit { max: 100, per: Duration::from_mins(1) });
    let Some(server) = Server::start_with(backend, Script::of([]), two_a_minute).await else { return };
    let nobody = json!({});
    let ask = || server.post("/api/v1/auth/login", &nobody);
    assert_eq!((ask().await.status, ask().await.status), (400, 400));
    let endpoints = [
        (Method::POST, "/auth/login"),
        (Method::POST, "/auth/register"),
        (Method::POST, "/messages"),
        (Method::GET, "/messages/history"),
        (Method::GET, "/tasks"),
        (Method::POST, "/tasks"),
        (Method::PUT, "/tasks/1"),
        (Method::DELETE, "/tasks/1"),
        (Method::GET, "/health"),
    ];
    for (method, path) in endpoints {
        is_too_many(&answer(server.http.request(method, format!("{}/api/v1{path}", server.base))).await);
    }
    let elsewhere = answer(server.http.get(format!("{}/api/conversations", server.base))).await;
    assert_eq!(elsewhere.status, 401, "the limit is this contract's");
}

#[rstest]
#[tokio::test]
async fn behind_a_trusted_proxy_each_client_is_counted_by_itself(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start_with(backend, Script::of([]), |config| {
        two_a_minute(config);
        config.server.trusted_proxies = "127.0.0.1".parse().unwrap();
    })
    .await
    else {
        return;
    };
    let health = || server.http.get(format!("{}/api/v1/health", server.base));
    for client in ["203.0.113.1", "203.0.113.2"] {
        for status in [200, 200, 429] {
            let forged = format!("198.51.100.{status}, {client}"); // what the client wrote itself does not count
            assert_eq!(answer(health().header("x-forwarded-for", forged)).await.status, status, "{client}");
        }
    }
    let one = answer(health().header("forwarded", "for=203.0.113.1;proto=https")).await;
    assert_eq!(one.status, 429, "the same client, in the other header");
    for status in [200, 200, 429] {
        assert_eq!(
            answer(health().header("x-forwarded-for", "nonsense")).await.status,
            status,
            "it counts as the proxy"
        );
    }
}

#[rstest]
#[tokio::test]
async fn nobody_is_trusted_who_is_not_configured(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start_with(backend, Script::of([]), two_a_minute).await else { return };
    for (number, status) in [200, 200, 429].into_iter().enumerate() {
        let request = server.http.get(format!("{}/api/v1/health", server.base));
        let request = request.header("x-forwarded-for", format!("203.0.113.{number}"));
        assert_eq!(answer(request.header("forwarded", format!("for=203.0.113.{number}"))).await.status, status);
    }
}
