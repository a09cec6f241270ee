//! What clients find out by themselves.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::server;
use crate::{
    harness::{Backend, Server, answer},
    script::Script,
};

async fn found(server: &Server, path: &str) -> Value {
    let answer =
        answer(server.http.get(format!("{}{path}", server.base)).header("origin", "https://page.example")).await;
    assert_eq!((answer.status, &answer.headers["content-type"]), (200, &"application/json".parse().unwrap()), "{path}");
    assert_eq!(answer.headers["access-control-allow-origin"], "*", "{path}");
    answer.body
}

#[rstest]
#[tokio::test]
async fn the_resource_leads_to_its_server_and_that_to_its_endpoints(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = server(backend).await else { return };
    let base = &server.base;
    let resource = found(&server, "/.well-known/oauth-protected-resource/mcp").await;
    assert_eq!(resource, found(&server, "/.well-known/oauth-protected-resource").await);
    assert_eq!(
        (&resource["resource"], &resource["authorization_servers"]),
        (&json!(format!("{base}/mcp")), &json!([base]))
    );
    assert_eq!(resource["scopes_supported"], json!(["tasks:read", "tasks:write"]));

    let metadata = found(&server, "/.well-known/oauth-authorization-server").await;
    assert_eq!(metadata, found(&server, "/.well-known/openid-configuration").await);
    let expected = json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}/oauth/authorize"),
        "token_endpoint": format!("{base}/oauth/token"),
        "revocation_endpoint": format!("{base}/oauth/revoke"),
        "registration_endpoint": format!("{base}/oauth/register"),
        "scopes_supported": ["tasks:read", "tasks:write"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "client_id_metadata_document_supported": true,
    });
    assert_eq!(metadata, expected);
    for path in ["/.well-known/oauth-authorization-server/mcp", "/.well-known/openid-configuration/mcp"] {
        let answer = answer(server.http.get(format!("{base}{path}"))).await;
        assert_eq!(answer.status, 404, "an issuer with a path is another one");
    }
}

#[rstest]
#[tokio::test]
async fn this_machine_answers_by_the_name_that_was_used_and_by_no_strange_one(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = server(backend).await else { return };
    let port = server.base.rsplit_once(':').unwrap().1;
    let issuer = async |host: &str| {
        let request = server.http.get(format!("{}/.well-known/oauth-authorization-server", server.base));
        answer(request.header("host", host)).await.body["issuer"].as_str().unwrap().to_owned()
    };
    assert_eq!(issuer(&format!("localhost:{port}")).await, format!("http://localhost:{port}"));
    assert!(!issuer("evil.example").await.contains("evil"));
}

#[rstest]
#[tokio::test]
async fn a_configured_name_is_the_only_one(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let named = |config: &mut errand::config::Config| config.server.public_url = Some("https://errand.example/".into());
    let Some(server) = Server::start_with(backend, Script::of([]), named).await else { return };
    assert_eq!(found(&server, "/.well-known/oauth-authorization-server").await["issuer"], "https://errand.example");
    let resource = found(&server, "/.well-known/oauth-protected-resource/mcp").await;
    assert_eq!(resource["resource"], "https://errand.example/mcp");
    let client = super::registered(&server, &[super::CALLBACK]).await;
    let page =
        super::Browser::new(&server).open(&super::asking(&client, &[("resource", "https://errand.example/mcp")])).await;
    assert!(page.headers["set-cookie"].to_str().unwrap().contains("; Secure"), "{page:?}");
}

#[rstest]
#[case("/oauth/token", "POST")]
#[case("/oauth/revoke", "POST")]
#[case("/oauth/register", "POST")]
#[case("/.well-known/oauth-protected-resource/mcp", "GET")]
#[case("/.well-known/oauth-authorization-server", "GET")]
#[tokio::test]
async fn pages_of_others_may_ask_what_programs_ask(
    #[case] path: &str,
    #[case] method: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = server(backend).await else { return };
    let request = server.http.request(Method::OPTIONS, format!("{}{path}", server.base));
    let request = request.header("origin", "https://page.example").header("access-control-request-method", method);
    let answer = answer(request.header("access-control-request-headers", "content-type, mcp-protocol-version")).await;
    let header = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
    assert!(answer.status == 200 && header("access-control-allow-methods").contains(method), "{answer:?}");
    assert!(header("access-control-allow-headers").contains("mcp-protocol-version"), "{answer:?}");
    assert!(!answer.headers.contains_key("access-control-allow-credentials"));
}

#[rstest]
#[case("/oauth/authorize")]
#[case("/account/clients")]
#[tokio::test]
async fn and_not_what_people_do(#[case] path: &str, #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server(backend).await else { return };
    let request = server.http.get(format!("{}{path}", server.base)).header("origin", "https://page.example");
    assert!(!answer(request).await.headers.contains_key("access-control-allow-origin"));
}
