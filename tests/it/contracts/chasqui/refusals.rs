//! What the framework refuses, it refuses in this contract's words; and the listener is this contract's alone.

use errand::{config::Listen, serve::Listeners};
use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use super::{Person, is_error};
use crate::{
    harness::{Backend, Server, answer, defaults},
    script::Script,
};

#[rstest]
#[tokio::test]
async fn the_framework_refuses_in_the_contracts_words(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    let json = |body: &str| {
        ann.request(Method::POST, "/api/tasks").header("content-type", "application/json").body(body.to_owned())
    };
    let cases = [
        (json("{\"title\":"), 400),
        (json("{\"title\": \"x\"} y"), 400),
        (json(""), 400),
        (ann.request(Method::POST, "/api/tasks").header("content-type", "text/plain").body("{}"), 415),
        (ann.request(Method::POST, "/api/tasks"), 415),
        (json(&"x".repeat(3 << 20)), 413),
        (ann.request(Method::DELETE, "/api/tasks"), 405),
        (ann.request(Method::GET, "/api/login"), 405),
        (ann.request(Method::POST, "/api/ws/chat"), 405),
        (ann.request(Method::GET, "/api/ws/chat"), 426),
        (ann.request(Method::GET, "/api/nothing"), 404),
        (ann.request(Method::GET, "/api/tasks/"), 404),
        (ann.request(Method::GET, "/"), 404),
    ];
    for (request, status) in cases {
        is_error(&answer(request).await, status);
    }
}

#[rstest]
#[tokio::test]
async fn each_listener_serves_its_own_contracts(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    let there = server.http.post(format!("{}/api/register", server.base)).json(&json!({}));
    assert_eq!(answer(there).await.status, 404, "nothing of chasqui on the main listener");
    for path in ["/api/chat/sessions", "/api/chat", "/api/v1/tasks", "/ws", "/index.html"] {
        is_error(&ann.get(path).await, 404);
    }
    let health = ann.get("/health").await;
    assert_eq!((health.status, &health.body["status"]), (200, &json!("healthy")));
    assert_eq!(ann.get("/openapi/chasqui.json").await.status, 200);
    assert!(ann.get("/api/tasks").await.headers.contains_key("x-request-id"));
}

#[tokio::test]
async fn an_address_that_is_taken_names_its_setting_and_off_takes_none() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut server = defaults().server;
    server.listen = "127.0.0.1:0".parse().unwrap();
    server.listen_chasqui = Listen::At(taken.local_addr().unwrap());
    let refused = Listeners::bind(&server).await.unwrap_err().to_string();
    for word in [&taken.local_addr().unwrap().to_string(), "server.listen_chasqui", "off"] {
        assert!(refused.contains(word), "{refused}");
    }
    server.listen_chasqui = Listen::Off;
    assert!(Listeners::bind(&server).await.unwrap().chasqui.is_none());
    server.listen = taken.local_addr().unwrap();
    assert!(Listeners::bind(&server).await.unwrap_err().to_string().contains("server.listen names"));
}
