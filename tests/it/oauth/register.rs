//! Programs that register themselves, and what they may not say.

use chrono::TimeDelta;
use rstest::rstest;
use serde_json::{Value, json};

use super::{Browser, CALLBACK, asking, connected, refused, registered, server, server_at_a_fixed_time};
use crate::{
    harness::{Backend, Server, answer},
    script::Script,
};

#[rstest]
#[tokio::test]
async fn whatever_it_asks_for_it_is_told_what_it_is(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server(backend).await else { return };
    let body = json!({
        "client_name": " Ed\u{7}itor ", "redirect_uris": [CALLBACK, "http://localhost/cb", "cursor://host/cb"],
        "token_endpoint_auth_method": "client_secret_basic", "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"], "scope": "openid", "software_id": "x", "unknown": {"a": 1},
    });
    let answer = server.post("/oauth/register", &body).await;
    assert_eq!((answer.status, &answer.headers["cache-control"]), (201, &"no-store".parse().unwrap()));
    assert_eq!(
        (&answer.body["client_name"], &answer.body["redirect_uris"]),
        (&json!("Editor"), &body["redirect_uris"])
    );
    assert_eq!(answer.body["token_endpoint_auth_method"], "none");
    assert_eq!(answer.body["client_secret"], Value::Null);
    assert!(answer.body["client_id_issued_at"].is_i64());
}

#[rstest]
#[case::nothing(json!({}), "invalid_redirect_uri")]
#[case::empty(json!({"redirect_uris": []}), "invalid_redirect_uri")]
#[case::too_many(json!({"redirect_uris": vec![CALLBACK; 21]}), "invalid_redirect_uri")]
#[case::script(json!({"redirect_uris": [CALLBACK, "javascript:alert(1)"]}), "invalid_redirect_uri")]
#[case::data(json!({"redirect_uris": ["data:text/html,x"]}), "invalid_redirect_uri")]
#[case::file(json!({"redirect_uris": ["file:///etc/passwd"]}), "invalid_redirect_uri")]
#[case::plain_http(json!({"redirect_uris": ["http://client.example/cb"]}), "invalid_redirect_uri")]
#[case::fragment(json!({"redirect_uris": ["https://client.example/cb#x"]}), "invalid_redirect_uri")]
#[case::user(json!({"redirect_uris": ["https://a@client.example/cb"]}), "invalid_redirect_uri")]
#[case::no_list(json!({"redirect_uris": CALLBACK}), "invalid_client_metadata")]
#[case::numbers(json!({"redirect_uris": [1]}), "invalid_client_metadata")]
#[case::name(json!({"redirect_uris": [CALLBACK], "client_name": {"x": 1}}), "invalid_client_metadata")]
#[case::implicit(json!({"redirect_uris": [CALLBACK], "response_types": ["token"]}), "invalid_client_metadata")]
#[case::password(json!({"redirect_uris": [CALLBACK], "grant_types": ["password"]}), "invalid_client_metadata")]
#[case::array(json!([1, 2]), "invalid_client_metadata")]
#[tokio::test]
async fn nonsense_is_refused(
    #[case] body: Value,
    #[case] error: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = server(backend).await else { return };
    refused(&server.post("/oauth/register", &body).await, 400, error);
}

#[rstest]
#[tokio::test]
async fn too_large_or_no_json_is_refused(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server(backend).await else { return };
    let large = json!({"redirect_uris": [CALLBACK], "client_name": "x".repeat(70_000)});
    refused(&server.post("/oauth/register", &large).await, 400, "invalid_client_metadata");
    let text = server.http.post(format!("{}/oauth/register", server.base)).body("redirect_uris=x");
    refused(&answer(text).await, 400, "invalid_client_metadata");
    let long = json!({"redirect_uris": [CALLBACK], "client_name": "é".repeat(500)});
    let name = server.post("/oauth/register", &long).await.body["client_name"].as_str().unwrap().to_owned();
    assert_eq!(name.chars().count(), 100);
}

#[rstest]
#[tokio::test]
async fn an_address_cannot_register_without_end(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let limited = |config: &mut errand::config::Config| {
        config.limits.enabled = true;
        config.limits.oauth_clients.max = 2;
    };
    let Some(server) = Server::start_with(backend, Script::of([]), limited).await else { return };
    let body = json!({"redirect_uris": [CALLBACK]});
    for _ in 0..2 {
        assert_eq!(server.post("/oauth/register", &body).await.status, 201);
    }
    let third = server.post("/oauth/register", &body).await;
    refused(&third, 429, "temporarily_unavailable");
    assert!(third.headers.contains_key("retry-after"));
}

#[rstest]
#[tokio::test]
async fn a_registration_that_nobody_used_is_forgotten(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server_at_a_fixed_time(backend).await else { return };
    server.user("ann").await;
    let (used, unused) = (registered(&server, &[CALLBACK]).await, registered(&server, &[CALLBACK]).await);
    connected(&server, &used, "ann").await;
    server.app.clock.advance(TimeDelta::days(8));
    let fresh = registered(&server, &[CALLBACK]).await;
    for (client, known) in [(used, true), (unused, false), (fresh, true)] {
        let page = Browser::new(&server).open(&asking(&client, &[])).await;
        assert_eq!((page.status == 200, page.is_a_stop()), (known, !known), "{page:?}");
    }
}
