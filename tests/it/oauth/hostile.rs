//! Wishes that are not as they should be: nobody is sent to an address that is not registered, and no code is given without PKCE.

use reqwest::header;
use rstest::rstest;

use super::{Browser, CALLBACK, asking, registered, server};
use crate::harness::Backend;

#[rstest]
#[case::prefix("https://client.example/callback/more")]
#[case::query("https://client.example/callback?next=https://evil.example")]
#[case::fragment("https://client.example/callback#part")]
#[case::empty_fragment("https://client.example/callback#")]
#[case::traversal("https://client.example/callback/../evil")]
#[case::encoded_traversal("https://client.example/callback/%2e%2e/evil")]
#[case::case_of_the_path("https://client.example/CALLBACK")]
#[case::case_of_the_host("https://CLIENT.example/callback")]
#[case::user("https://client.example@evil.example/callback")]
#[case::longer_host("https://client.example.evil.example/callback")]
#[case::port("https://client.example:8443/callback")]
#[case::scheme("http://client.example/callback")]
#[case::backslash("https://client.example\\@evil.example/callback")]
#[case::script("javascript:alert(1)")]
#[case::data("data:text/html,<script>alert(1)</script>")]
#[case::relative("/callback")]
#[case::none("")]
#[tokio::test]
async fn an_address_that_is_not_registered_is_never_gone_to(
    #[case] redirect_uri: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = server(backend).await else { return };
    let client = registered(&server, &[CALLBACK]).await;
    let page = Browser::new(&server).open(&asking(&client, &[("redirect_uri", redirect_uri)])).await;
    assert!(page.is_a_stop(), "{page:?}");
    assert!(!page.html.contains("evil.example"), "{page:?}");
}

#[rstest]
#[tokio::test]
async fn who_is_not_known_sends_nobody_anywhere(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server(backend).await else { return };
    let client = registered(&server, &[CALLBACK]).await;
    for id in [
        "",
        "errand_client_unknown",
        "' OR 1=1 --",
        "http://client.example/x",
        "file:///etc/passwd",
        "https://127.0.0.1/x",
    ] {
        assert!(Browser::new(&server).open(&asking(id, &[])).await.is_a_stop(), "{id}");
    }
    let mut twice = asking(&client, &[]);
    twice.push(("redirect_uri".into(), "https://evil.example/".into()));
    assert!(Browser::new(&server).open(&twice).await.is_a_stop());
}

#[rstest]
#[case::no_challenge(&[("code_challenge", "")], "invalid_request")]
#[case::plain(&[("code_challenge_method", "plain")], "invalid_request")]
#[case::plain_by_default(&[("code_challenge_method", "")], "invalid_request")]
#[case::no_hash(&[("code_challenge", "short")], "invalid_request")]
#[case::no_type(&[("response_type", "")], "invalid_request")]
#[case::implicit(&[("response_type", "token")], "unsupported_response_type")]
#[case::hybrid(&[("response_type", "code id_token")], "unsupported_response_type")]
#[case::scope(&[("scope", "everything")], "invalid_scope")]
#[case::resource(&[("resource", "https://other.example/mcp")], "invalid_target")]
#[case::no_url(&[("resource", "mcp")], "invalid_target")]
#[case::two_scopes(&[("scope", "tasks:read"), ("scope", "tasks:write")], "invalid_request")]
#[tokio::test]
async fn the_client_is_told_what_is_wrong_with_its_wish(
    #[case] other: &[(&str, &str)],
    #[case] error: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = server(backend).await else { return };
    let client = registered(&server, &[CALLBACK]).await;
    let back = Browser::new(&server).open(&asking(&client, other)).await;
    assert!(back.location().as_str().starts_with("https://client.example/callback?error="), "{back:?}");
    assert_eq!(back.told("error").unwrap(), error);
    assert_eq!(
        (back.told("state").unwrap(), back.told("iss").unwrap()),
        ("a state & more".into(), server.base.clone())
    );
    assert_eq!(back.headers[header::REFERRER_POLICY], "no-referrer");
}

#[rstest]
#[tokio::test]
async fn one_resource_of_several_must_not_be_anothers(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server(backend).await else { return };
    let client = registered(&server, &[CALLBACK]).await;
    let ours = format!("{}/mcp/", server.base);
    let open = async |other: &[(&str, &str)]| Browser::new(&server).open(&asking(&client, other)).await;
    assert_eq!(open(&[("resource", &ours), ("resource", &ours)]).await.status, 200);
    let back = open(&[("resource", &ours), ("resource", "https://other.example/mcp")]).await;
    assert_eq!(back.told("error").unwrap(), "invalid_target");
}
