//! `assistant`: every line of its text, a file a section.

mod chat;
mod conversations;
mod tasks;

use std::time::Duration;

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use super::{each, is_time};
use crate::{
    harness::{Answer, Backend, Server, answer},
    script::Script,
};

/// Every error of this contract is an `error` and a `code`, and nothing else.
fn is_error(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.body["code"], code, "{answer:?}");
    assert!(answer.body["error"].as_str().is_some_and(|text| !text.is_empty()), "{answer:?}");
    assert_eq!(answer.body.as_object().unwrap().len(), 2, "{answer:?}");
}

#[rstest]
#[tokio::test]
async fn every_endpoint_wants_a_token(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let endpoints = [
        (Method::POST, "/api/chat"),
        (Method::GET, "/api/conversations"),
        (Method::GET, "/api/conversations/1"),
        (Method::DELETE, "/api/conversations/1"),
        (Method::POST, "/api/tasks"),
    ];
    for (method, path) in endpoints {
        for token in [None, Some("nonsense"), Some("eyJhbGciOiJub25lIn0.e30.")] {
            let mut request = server.http.request(method.clone(), format!("{}{path}", server.base)).json(&json!({}));
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            is_error(&answer(request).await, 401, "UNAUTHORIZED");
        }
    }
}

#[rstest]
#[tokio::test]
async fn an_expired_token_is_no_token(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start_with(backend, Script::of([]), |config| {
        config.auth.token_lifetime = Duration::from_secs(1);
    })
    .await
    else {
        return;
    };
    let ann = server.user("ann").await;
    assert_eq!(ann.get("/api/conversations").await.status, 200);
    tokio::time::sleep(Duration::from_millis(2100)).await;
    is_error(&ann.get("/api/conversations").await, 401, "UNAUTHORIZED");
}

#[rstest]
#[tokio::test]
async fn the_framework_refuses_in_the_contracts_words(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let json = |request: reqwest::RequestBuilder| request.header("content-type", "application/json");
    is_error(&answer(json(ann.request(Method::POST, "/api/chat")).body("{")).await, 400, "VALIDATION_ERROR");
    is_error(&answer(json(ann.request(Method::POST, "/api/chat")).body("{} x")).await, 400, "VALIDATION_ERROR");
    is_error(&answer(ann.request(Method::POST, "/api/chat").body("{}")).await, 415, "VALIDATION_ERROR");
    is_error(&answer(ann.request(Method::PUT, "/api/chat")).await, 405, "VALIDATION_ERROR");
    is_error(&answer(ann.request(Method::GET, "/api/tasks")).await, 405, "VALIDATION_ERROR");
    let huge = answer(json(ann.request(Method::POST, "/api/chat")).body(vec![b' '; 3 << 20])).await;
    is_error(&huge, 413, "VALIDATION_ERROR");
    is_error(&ann.get("/api/conversations/seven").await, 404, "CONVERSATION_NOT_FOUND");
    is_error(&ann.get("/api/conversations/99999999999999999999").await, 404, "CONVERSATION_NOT_FOUND");
}
