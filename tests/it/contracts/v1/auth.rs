//! Registering and logging in.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use super::is_error;
use crate::{
    harness::{Backend, Server, answer},
    script::Script,
};

#[rstest]
#[tokio::test]
async fn register_and_then_login(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
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
async fn register_refuses_what_is_invalid(
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
#[case(json!({"username": "ann"}))]
#[case(json!({"username": "ann", "password": null}))]
#[case(json!("ann"))]
#[tokio::test]
async fn login_refuses_what_is_invalid(
    #[case] body: serde_json::Value,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    is_error(&server.post("/api/v1/auth/login", &body).await, 400);
}

#[rstest]
#[tokio::test]
async fn every_other_endpoint_but_health_wants_a_token(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let endpoints = [
        (Method::POST, "/messages"),
        (Method::GET, "/messages/history"),
        (Method::GET, "/tasks"),
        (Method::POST, "/tasks"),
        (Method::PUT, "/tasks/1"),
        (Method::DELETE, "/tasks/1"),
    ];
    for (method, path) in endpoints {
        for token in [None, Some("nonsense"), Some("eyJhbGciOiJub25lIn0.e30.")] {
            let mut request = server.http.request(method.clone(), format!("{}/api/v1{path}", server.base));
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            let refused = answer(request.json(&json!({}))).await;
            assert_eq!((refused.status, refused.body), (401, json!({"detail": "Not authenticated"})), "{path}");
        }
    }
}
