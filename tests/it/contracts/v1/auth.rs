//! `v1`: its two authentication endpoints.

use std::time::Duration;

use errand::limits::Limit;
use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::{
    harness::{Backend, Server, answer, defaults},
    script::Script,
};

#[rstest]
#[tokio::test]
async fn register_and_log_in(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let body = json!({"email": "ann@example.com", "username": "Ann", "password": "correct horse"});
    let registered = server.post("/api/v1/auth/register", &body).await;
    assert_eq!(registered.status, 200);
    assert_eq!(registered.body["email"], "ann@example.com");
    assert_eq!(registered.body["username"], "Ann");
    assert!(registered.body["id"].is_i64());
    assert_eq!(registered.body.as_object().unwrap().len(), 3, "no more than the text says: {}", registered.body);

    // Names are unique without regard to case, and so are addresses.
    for taken in [
        json!({"email": "other@example.com", "username": "ANN", "password": "correct horse"}),
        json!({"email": "ANN@example.com", "username": "other", "password": "correct horse"}),
    ] {
        let refused = server.post("/api/v1/auth/register", &taken).await;
        assert_eq!((refused.status, refused.body), (400, json!({"detail": "Username or email already registered"})));
    }

    let logged_in = server.post("/api/v1/auth/login", &json!({"username": "ann", "password": "correct horse"})).await;
    assert_eq!(logged_in.status, 200);
    assert_eq!(logged_in.body["token_type"], "bearer");
    assert!(logged_in.body["access_token"].as_str().unwrap().split('.').count() == 3);
    for wrong in [
        json!({"username": "ann", "password": "wrong horse"}),
        json!({"username": "nobody", "password": "correct horse"}),
    ] {
        let refused = server.post("/api/v1/auth/login", &wrong).await;
        assert_eq!((refused.status, refused.body), (401, json!({"detail": "Incorrect username or password"})));
    }
    server.stop().await;
}

#[rstest]
#[case(json!({"email": "a@example.com", "username": "ann", "password": "short"}), "password")]
#[case(json!({"email": "nonsense", "username": "ann", "password": "correct horse"}), "email")]
#[case(json!({"email": "a@example.com", "username": "a b", "password": "correct horse"}), "username")]
#[case(json!({"email": "a@example.com", "username": "ann"}), "password")]
#[case(json!({"email": "a@example.com", "username": 7, "password": "correct horse"}), "username")]
#[case(json!([]), "body")]
#[tokio::test]
async fn bad_registrations_are_told_apart(
    #[case] body: serde_json::Value,
    #[case] field: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let refused = server.post("/api/v1/auth/register", &body).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body["detail"].as_str().unwrap().contains(field), "{}", refused.body);
}

#[rstest]
#[tokio::test]
async fn the_framework_refuses_in_the_contracts_words(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let login = format!("{}/api/v1/auth/login", server.base);
    let cases = [
        (server.http.post(&login).header("content-type", "application/json").body("{\"username\":"), 400),
        (server.http.post(&login).header("content-type", "text/plain").body("{}"), 415),
        (server.http.post(&login), 415),
        (server.http.get(&login), 405),
        (server.http.post(&login).header("content-type", "application/json").body("x".repeat(3 << 20)), 413),
        (server.http.request(Method::GET, format!("{}/api/v1/nothing", server.base)), 404),
    ];
    for (request, status) in cases {
        let refused = answer(request).await;
        assert_eq!(refused.status, status, "{refused:?}");
        assert!(refused.body["detail"].is_string(), "{refused:?}");
        assert_eq!(refused.body.as_object().unwrap().len(), 1);
    }
}

#[rstest]
#[tokio::test]
async fn a_hundred_requests_a_minute_for_each_address(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    assert_eq!(defaults().limits.v1, Limit { max: 100, per: Duration::from_mins(1) });
    let Some(server) = Server::start_with(backend, Script::of([]), |config| {
        config.limits.enabled = true;
        config.limits.v1 = Limit { max: 2, per: Duration::from_mins(1) };
    })
    .await
    else {
        return;
    };
    let nobody = json!({});
    let ask = || server.post("/api/v1/auth/login", &nobody);
    assert_eq!((ask().await.status, ask().await.status), (400, 400));
    let refused = ask().await;
    assert_eq!((refused.status, refused.body), (429, json!({"detail": "Too many requests"})));
    assert!(refused.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() <= 60);
}
