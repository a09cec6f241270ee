//! With an outside identity service: people log in there, and what its tokens say they are for holds here.

use jsonwebtoken::Algorithm;
use rstest::rstest;
use serde_json::json;

use super::principal;
use crate::{
    harness::{Backend, Server, answer},
    issuer::{Key, NAME, Service, but, claims},
    script::Script,
};

#[rstest]
#[tokio::test]
async fn its_address_is_named_and_none_of_ours_is_served(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let outside = |config: &mut errand::config::Config| {
        config.auth.jwks_url = Some("https://id.example.com/jwks".into());
        config.auth.issuer = Some(NAME.into());
    };
    let Some(server) = Server::start_with(backend, Script::of([]), outside).await else { return };
    let get = async |path: &str| answer(server.http.get(format!("{}{path}", server.base))).await;
    let resource = get("/.well-known/oauth-protected-resource/mcp").await;
    assert_eq!(resource.body["authorization_servers"], json!([NAME]));
    for path in ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration", "/oauth/authorize"] {
        assert_eq!(get(path).await.status, 404, "{path}");
    }
    for path in ["/oauth/token", "/oauth/register", "/oauth/login", "/oauth/consent"] {
        assert_eq!(server.post(path, &json!({})).await.status, 405, "{path}");
    }
    let ann = server.user("ann").await;
    let made = ann.post("/account/tokens", json!({"name": "x"})).await.body;
    principal(&server, super::text(&made, "token")).await.unwrap();
}

#[rstest]
#[case::nothing(json!({}), "tasks:read tasks:write")]
#[case::less(json!({"scope": "openid tasks:read"}), "tasks:read")]
#[case::none_of_ours(json!({"scope": "openid profile"}), "")]
#[tokio::test]
async fn its_tokens_are_for_what_they_say(
    #[case] other: serde_json::Value,
    #[case] scopes: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let key = Key::new(Algorithm::EdDSA, "one");
    let service = Service::publishing(&[&key]).await;
    let configured = |config: &mut errand::config::Config| config.auth.jwks_url = Some(service.url.clone());
    let Some(server) = Server::start_with(backend, Script::of([]), configured).await else { return };
    let who = principal(&server, &key.sign(&but(claims("1"), &other))).await.unwrap();
    assert_eq!((who.scopes.to_string().as_str(), who.client), (scopes, None));
}
