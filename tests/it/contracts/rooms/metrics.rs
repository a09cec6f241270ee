//! What was counted, as `/metrics` tells it. All servers of a process count together: what is looked at is what came to it.

use std::collections::HashMap;

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::{
    harness::{Answer, Backend, Server, Socket, User, answer},
    script::{Act, Script, create},
};

/// The samples of a text, by name and labels.
fn samples(text: &str) -> HashMap<&str, f64> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.rsplit_once(' ').unwrap()).map(|(name, value)| (name, value.parse().unwrap())).collect()
}

async fn told(server: &Server) -> String {
    let response = server.http.get(format!("{}/metrics", server.base)).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    response.text().await.unwrap()
}

async fn asked(user: &User<'_>) {
    let request = user.request(Method::POST, "/api/chat").json(&json!({"message": "remind me to call Ann"}));
    assert_eq!(answer(request).await.status, 200);
}

#[rstest]
#[tokio::test]
async fn metrics_tell_what_a_turn_did(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([create("call Ann"), Act::Say("Done.")])).await else {
        return;
    };
    let ann = server.user("ann").await;
    let before = told(&server).await;
    asked(&ann).await;
    let after = told(&server).await;
    let (before, after) = (samples(&before), samples(&after));
    for counted in [
        r#"errand_http_request_seconds_count{face="assistant",method="POST",status="200"}"#,
        r#"errand_turn_seconds_count{outcome="completed"}"#,
        r#"errand_tool_calls_total{tool="create_tasks",door="chat",outcome="done"}"#,
        r#"errand_model_seconds_count{model="script",outcome="answered"}"#,
        "errand_store_commit_seconds_count",
        "errand_store_commit_writes_count",
    ] {
        let more = after.get(counted).copied().unwrap_or_default() - before.get(counted).copied().unwrap_or_default();
        assert!(more >= 1.0, "{counted} grew by {more}: {after:#?}");
    }
}

#[rstest]
#[tokio::test]
async fn metrics_tell_of_open_sockets(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let _socket = Socket::open(&server, &format!("?token={}", ann.token)).await;
    let text = told(&server).await;
    assert!(samples(&text)[r#"errand_sockets{path="/ws"}"#] >= 1.0, "{text}");
    assert!(text.contains("# TYPE errand_http_request_seconds histogram"), "{text}");
    assert!(
        text.contains(r#"errand_http_request_seconds_bucket{face="v1",method="POST",status="200",le="0.25"}"#),
        "{text}"
    );
}

#[tokio::test]
async fn metrics_are_for_whoever_shows_the_token() {
    const TOKEN: &str = "what prometheus shows";
    let server = Server::start_with(Backend::Sqlite, Script::of([]), |config| {
        config.telemetry.metrics_token = Some(TOKEN.to_owned().into());
    });
    let server = server.await.unwrap();
    let ask = |token: Option<&str>| {
        let request = server.http.get(format!("{}/metrics", server.base));
        token.map_or(request.try_clone().unwrap(), |token| request.bearer_auth(token))
    };
    for wrong in [None, Some(""), Some("what prometheus show"), Some("what prometheus shows!")] {
        let Answer { status, body, .. } = answer(ask(wrong)).await;
        assert_eq!((status, &body["error"]["code"]), (401, &json!("AUTH_TOKEN_INVALID")), "{wrong:?}");
    }
    assert_eq!(ask(Some(TOKEN)).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn metrics_that_are_off_are_no_path() {
    let off = Server::start_with(Backend::Sqlite, Script::of([]), |config| config.telemetry.metrics = false);
    let server = off.await.unwrap();
    let nothing = answer(server.http.get(format!("{}/metrics", server.base))).await;
    assert_eq!((nothing.status, &nothing.body["error"]["code"]), (404, &json!("RESOURCE_NOT_FOUND")));
}
