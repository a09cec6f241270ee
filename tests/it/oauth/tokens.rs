//! Secrets that are good once, for one client, for a while.

use chrono::TimeDelta;
use futures::future::join_all;
use rstest::rstest;
use serde_json::Value;

use super::{
    CALLBACK, code, connected, form, principal, redeem, refresh, refused, registered, server, server_at_a_fixed_time,
    text,
};
use crate::harness::{Backend, Server};

async fn is_good(server: &Server, tokens: &Value) -> bool {
    principal(server, text(tokens, "access_token")).await.is_ok()
}

#[rstest]
#[tokio::test]
async fn a_code_that_comes_twice_takes_everything_back(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server(backend).await else { return };
    server.user("ann").await;
    let client = registered(&server, &[CALLBACK]).await;
    let other = connected(&server, &client, "ann").await;
    let code = code(&server, &client, "ann").await;
    let tokens = redeem(&server, &client, &code, &[]).await.body;
    assert!(is_good(&server, &tokens).await);
    refused(&redeem(&server, &client, &code, &[]).await, 400, "invalid_grant");
    assert!(!is_good(&server, &tokens).await);
    refused(&refresh(&server, &client, text(&tokens, "refresh_token"), &[]).await, 400, "invalid_grant");
    assert!(is_good(&server, &other).await, "another grant stays");
}

#[rstest]
#[case::other_client("client_id", "errand_client_of_somebody_else")]
#[case::other_redirect("redirect_uri", "https://client.example/other")]
#[case::wrong_verifier("code_verifier", "another verifier of at least forty-three characters, wrong")]
#[case::wrong_code("code", "errand_ac_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
#[case::no_code_of_ours("code", "' OR 1=1 --")]
#[tokio::test]
async fn a_code_is_for_who_asked_for_it(
    #[case] parameter: &str,
    #[case] value: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = server(backend).await else { return };
    server.user("ann").await;
    let client = registered(&server, &[CALLBACK]).await;
    let code = code(&server, &client, "ann").await;
    refused(&redeem(&server, &client, &code, &[(parameter, value)]).await, 400, "invalid_grant");
    let good = redeem(&server, &client, &code, &[]).await;
    assert_eq!(good.status, 200, "who has stolen a code without the verifier does not spoil it: {good:?}");
}

#[rstest]
#[tokio::test]
async fn tokens_are_for_the_resource_that_was_asked_for(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = server(backend).await else { return };
    server.user("ann").await;
    let client = registered(&server, &[CALLBACK]).await;
    let code = code(&server, &client, "ann").await;
    let elsewhere = [("resource", "https://other.example/mcp")];
    refused(&redeem(&server, &client, &code, &elsewhere).await, 400, "invalid_target");
    let tokens = redeem(&server, &client, &code, &[]).await.body;
    refused(&refresh(&server, &client, text(&tokens, "refresh_token"), &elsewhere).await, 400, "invalid_target");
    let ours = format!("{}/mcp", server.base);
    let renewed = refresh(&server, &client, text(&tokens, "refresh_token"), &[("resource", &ours)]).await;
    assert_eq!(renewed.status, 200, "{renewed:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_redeem_at_once_one_gets_tokens(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server(backend).await else { return };
    server.user("ann").await;
    let client = registered(&server, &[CALLBACK]).await;
    let code = code(&server, &client, "ann").await;
    let answers = join_all((0..8).map(|_| redeem(&server, &client, &code, &[]))).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!((won.len(), lost.len()), (1, 7), "{answers:?}");
    for lost in lost {
        refused(lost, 400, "invalid_grant");
    }
    assert!(!is_good(&server, &won[0].body).await, "it was shown twice");

    let tokens = connected(&server, &client, "ann").await;
    let token = text(&tokens, "refresh_token");
    let answers = join_all((0..8).map(|_| refresh(&server, &client, token, &[]))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
    assert!(!is_good(&server, &tokens).await);
}

#[rstest]
#[tokio::test]
async fn each_refresh_token_is_good_once(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server(backend).await else { return };
    server.user("ann").await;
    let client = registered(&server, &[CALLBACK]).await;
    let first = connected(&server, &client, "ann").await;
    let second = refresh(&server, &client, text(&first, "refresh_token"), &[]).await.body;
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert!(is_good(&server, &first).await && is_good(&server, &second).await);
    let third = refresh(&server, &client, text(&second, "refresh_token"), &[("scope", "tasks:read")]).await.body;
    assert_eq!(third["scope"], "tasks:read");
    let fourth = refresh(&server, &client, text(&third, "refresh_token"), &[]).await.body;
    assert_eq!(fourth["scope"], "tasks:read tasks:write", "fewer scopes are for one access token");

    refused(&refresh(&server, &client, text(&first, "refresh_token"), &[]).await, 400, "invalid_grant");
    for tokens in [&first, &second, &third, &fourth] {
        assert!(!is_good(&server, tokens).await, "the grant is taken back");
    }
    refused(&refresh(&server, &client, text(&fourth, "refresh_token"), &[]).await, 400, "invalid_grant");
}

#[rstest]
#[tokio::test]
async fn another_client_cannot_refresh(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server(backend).await else { return };
    server.user("ann").await;
    let (client, other) = (registered(&server, &[CALLBACK]).await, registered(&server, &[CALLBACK]).await);
    let tokens = connected(&server, &client, "ann").await;
    refused(&refresh(&server, &other, text(&tokens, "refresh_token"), &[]).await, 400, "invalid_grant");
    refused(&refresh(&server, &client, text(&tokens, "access_token"), &[]).await, 400, "invalid_grant");
    assert_eq!(refresh(&server, &client, text(&tokens, "refresh_token"), &[]).await.status, 200);
}

#[rstest]
#[tokio::test]
async fn everything_ends_in_time(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server_at_a_fixed_time(backend).await else { return };
    server.user("ann").await;
    let client = registered(&server, &[CALLBACK]).await;
    let late = code(&server, &client, "ann").await;
    server.app.clock.advance(TimeDelta::seconds(60));
    refused(&redeem(&server, &client, &late, &[]).await, 400, "invalid_grant");

    let in_time = code(&server, &client, "ann").await;
    server.app.clock.advance(TimeDelta::seconds(59));
    let tokens = redeem(&server, &client, &in_time, &[]).await.body;
    server.app.clock.advance(TimeDelta::seconds(3599));
    assert!(is_good(&server, &tokens).await);
    server.app.clock.advance(TimeDelta::seconds(1));
    assert!(!is_good(&server, &tokens).await, "an hour");
    server.app.clock.advance(TimeDelta::days(29));
    let renewed = refresh(&server, &client, text(&tokens, "refresh_token"), &[]).await.body;
    assert!(is_good(&server, &renewed).await);
    server.app.clock.advance(TimeDelta::days(30));
    refused(&refresh(&server, &client, text(&renewed, "refresh_token"), &[]).await, 400, "invalid_grant");
}

#[rstest]
#[tokio::test]
async fn what_a_client_hands_in_is_not_good_any_more(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server(backend).await else { return };
    server.user("ann").await;
    let (client, other) = (registered(&server, &[CALLBACK]).await, registered(&server, &[CALLBACK]).await);
    let tokens = connected(&server, &client, "ann").await;
    let (access, renewing) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    let hand_in = async |client: &str, token: &str| {
        let parameters = [("client_id", client), ("token", token)];
        form(&server, "/oauth/revoke", &super::with(&parameters, &[])).await.status
    };
    assert!(is_good(&server, &tokens).await);
    assert_eq!((hand_in(&other, renewing).await, hand_in(&client, "nothing").await), (200, 200));
    assert!(is_good(&server, &tokens).await, "another client's is not touched");
    assert_eq!(hand_in(&client, access).await, 200);
    assert!(!is_good(&server, &tokens).await);
    let renewed = refresh(&server, &client, renewing, &[]).await.body;
    assert_eq!(hand_in(&client, text(&renewed, "refresh_token")).await, 200);
    assert!(!is_good(&server, &renewed).await, "with a refresh token all of the grant");
    refused(
        &form(&server, "/oauth/revoke", &super::with(&[("client_id", &client)], &[])).await,
        400,
        "invalid_request",
    );
}

#[rstest]
#[case::no_grant_type(&[("grant_type", "")], "invalid_request")]
#[case::other_grant_type(&[("grant_type", "password")], "unsupported_grant_type")]
#[case::no_code(&[("code", "")], "invalid_request")]
#[case::no_verifier(&[("code_verifier", "")], "invalid_request")]
#[case::no_client(&[("client_id", "")], "invalid_request")]
#[case::twice(&[("code", "one"), ("code", "two")], "invalid_request")]
#[tokio::test]
async fn what_is_missing_or_wrong_is_named(
    #[case] other: &[(&str, &str)],
    #[case] error: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = server(backend).await else { return };
    refused(&redeem(&server, "a client", "errand_ac_x", other).await, 400, error);
}

#[rstest]
#[tokio::test]
async fn a_client_cannot_prove_who_it_is(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server(backend).await else { return };
    let request = server.http.post(format!("{}/oauth/token", server.base)).basic_auth("client", Some("secret"));
    let answer = crate::harness::answer(request).await;
    refused(&answer, 401, "invalid_client");
    assert!(answer.headers["www-authenticate"].to_str().unwrap().starts_with("Basic "));
    let json = server.post("/oauth/token", &serde_json::json!({"grant_type": "refresh_token"})).await;
    refused(&json, 400, "invalid_request");
}
