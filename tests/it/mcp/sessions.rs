//! Sessions of 2025-11-25: whose they are, how long they live, and what they outlive.

use std::{sync::Arc, time::Duration};

use errand::config::Config;
use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use super::{asked, begin, message, modern, ping};
use crate::{
    harness::{Backend, Server, User, answer},
    script::Script,
};

async fn server(backend: Backend, change: impl FnOnce(&mut Config)) -> Option<Server> {
    Server::start_with(backend, Script::adding(), change).await
}

#[rstest]
#[tokio::test]
async fn somebody_elses_session_is_like_none(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server(backend, |_| {}).await else { return };
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let session = begin(&ann).await;
    let none = "00000000-0000-4000-8000-000000000000";
    for method in [Method::GET, Method::POST, Method::DELETE] {
        let ask = async |session: &str| {
            let request = asked(&bob, method.clone()).header("mcp-session-id", session);
            answer(request.json(&message("ping", &json!({})))).await
        };
        let (theirs, nobodys) = (ask(&session).await, ask(none).await);
        assert_eq!((theirs.status, theirs.body), (404, nobodys.body), "{method}");
    }
    assert_eq!(ping(&ann, &session).await.status, 200);
}

#[rstest]
#[case::upper_case(|session: &str| session.to_uppercase())]
#[case::in_braces(|session: &str| format!("{{{session}}}"))]
#[case::without_hyphens(|session: &str| session.replace('-', ""))]
#[case::no_id(|_: &str| "session".to_owned())]
#[tokio::test]
async fn a_session_has_one_name(#[case] rename: fn(&str) -> String) {
    let server = server(Backend::Sqlite, |_| {}).await.unwrap();
    let ann = server.user("ann").await;
    let session = begin(&ann).await;
    assert_eq!(ping(&ann, &rename(&session)).await.status, 404);
}

#[rstest]
#[tokio::test]
async fn a_session_ends_when_its_client_says_so(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server(backend, |_| {}).await else { return };
    let ann = server.user("ann").await;
    let session = begin(&ann).await;
    let ended = answer(asked(&ann, Method::DELETE).header("mcp-session-id", &session)).await;
    assert_eq!(ended.status, 204);
    assert_eq!(ping(&ann, &session).await.status, 404);
    let token = ann.token.clone();
    let server = server.restart().await;
    assert_eq!(ping(&User { server: &server, token }, &session).await.status, 404);
}

#[rstest]
#[tokio::test]
async fn one_too_many_ends_the_one_used_longest_ago(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server(backend, |config| config.mcp.sessions_per_user = 2).await else { return };
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let of_bob = begin(&bob).await;
    let (first, second, third) = (begin(&ann).await, begin(&ann).await, begin(&ann).await);
    let mut there = Vec::new();
    for session in [&first, &second, &third] {
        there.push(ping(&ann, session).await.status);
    }
    assert_eq!(there, [404, 200, 200]);
    assert_eq!(ping(&bob, &of_bob).await.status, 200);
}

#[rstest]
#[tokio::test]
async fn an_unused_session_ends(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let short = |config: &mut Config| config.mcp.session_idle = Duration::from_secs(1);
    let Some(server) = server(backend, short).await else { return };
    let ann = server.user("ann").await;
    let (used, unused) = (begin(&ann).await, begin(&ann).await);
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(ping(&ann, &used).await.status, 200);
    }
    assert_eq!(ping(&ann, &unused).await.status, 404);
}

/// Both ask for a session that the process does not have in memory yet.
#[tokio::test]
async fn two_at_once_after_a_restart() {
    let server = server(Backend::Sqlite, |_| {}).await.unwrap();
    let ann = server.user("ann").await;
    let (session, token) = (begin(&ann).await, ann.token.clone());
    let server = server.restart().await;
    let ann = User { server: &server, token };
    let ping = async |id: u32| {
        let ping = json!({"jsonrpc": "2.0", "id": id, "method": "ping"}); // no two requests of a session have the same id
        answer(asked(&ann, Method::POST).header("mcp-session-id", &session).json(&ping)).await.status
    };
    assert_eq!(tokio::join!(ping(1), ping(2)), (200, 200));
}

#[tokio::test]
async fn a_session_goes_on_at_another_instance() {
    let Some(server) = server(Backend::Postgres, |_| {}).await else { return };
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let session = begin(&ann).await;
    let other = server.another(Arc::new(Script::adding())).await;
    let there = |user: &User<'_>| User { server: &other, token: user.token.clone() };
    assert_eq!(ping(&there(&bob), &session).await.status, 404);
    assert_eq!(ping(&there(&ann), &session).await.status, 200);
    assert_eq!(ping(&ann, &session).await.status, 200);
    other.stop().await;
}

/// What a client of the new era sends along is not taken for a session.
#[tokio::test]
async fn the_new_era_has_no_sessions() {
    let server = server(Backend::Sqlite, |_| {}).await.unwrap();
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let session = begin(&ann).await;
    let listed = answer(modern(&bob, "tools/list", json!({})).header("mcp-session-id", session)).await;
    assert_eq!(listed.status, 200, "{listed:?}");
    assert!(!listed.headers.contains_key("mcp-session-id"));
}
