//! A person says yes, and what becomes of it.

use errand_core::Scopes;
use rstest::rstest;
use serde_json::json;

use super::{Browser, CALLBACK, asking, code, principal, redeem, refresh, registered, server, text};
use crate::harness::Backend;

#[rstest]
#[tokio::test]
async fn from_a_wish_to_tokens(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server(backend).await else { return };
    server.user("ann").await;
    let client = registered(&server, &[CALLBACK]).await;
    let resource = format!("{}/mcp", server.base);
    let mut browser = Browser::new(&server);
    let first = browser.open(&asking(&client, &[("resource", &resource)])).await;
    assert!(first.html.contains("Probe") && !first.html.contains("tasks:read"), "{first:?}");
    let second = browser.log_in(&first.ticket(), "Ann@example.com", super::PASSWORD).await;
    for part in ["Probe", "nobody has checked", "ann", "tasks:read", "tasks:write", "client.example"] {
        assert!(second.html.contains(part), "{part}: {second:?}");
    }
    let back = browser.decide(&second.ticket(), "allow", &["tasks:read", "tasks:write"]).await;
    assert!(back.location().as_str().starts_with("https://client.example/callback?"));
    assert_eq!(back.told("state").unwrap(), "a state & more");
    assert_eq!(back.told("iss").unwrap(), server.base);

    let answer = redeem(&server, &client, &back.told("code").unwrap(), &[("resource", &resource)]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(
        (&answer.headers["cache-control"], &answer.headers["pragma"]),
        (&"no-store".parse().unwrap(), &"no-cache".parse().unwrap())
    );
    assert_eq!((&answer.body["token_type"], &answer.body["expires_in"]), (&json!("Bearer"), &json!(3600)));
    assert_eq!(answer.body["scope"], "tasks:read tasks:write");
    assert!(text(&answer.body, "access_token").starts_with("errand_at_"));
    assert!(text(&answer.body, "refresh_token").starts_with("errand_rt_"));
    let who = principal(&server, text(&answer.body, "access_token")).await.unwrap();
    assert_eq!((who.account.username.as_str(), who.client.as_deref()), ("ann", Some("Probe")));
    assert_eq!(who.scopes.to_string(), Scopes::ALL.to_string());
}

#[rstest]
#[tokio::test]
async fn no_more_is_granted_than_was_chosen_and_asked_for(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = server(backend).await else { return };
    server.user("ann").await;
    let client = registered(&server, &[CALLBACK]).await;
    let cases: [(&str, &[&str], &str); 3] = [
        ("tasks:read tasks:write", &["tasks:read"], "tasks:read"),
        ("tasks:read openid", &["tasks:read", "tasks:write", "openid"], "tasks:read"),
        ("", &["tasks:read", "tasks:write"], "tasks:read tasks:write"),
    ];
    for (asked, chosen, granted) in cases {
        let page = Browser::new(&server).allow(&asking(&client, &[("scope", asked)]), "ann", chosen).await;
        let tokens = redeem(&server, &client, &page.told("code").unwrap(), &[]).await.body;
        assert_eq!(tokens["scope"], granted, "{asked}");
        let who = principal(&server, text(&tokens, "access_token")).await.unwrap();
        assert_eq!(who.scopes.to_string(), granted);
        let wider = refresh(&server, &client, text(&tokens, "refresh_token"), &[("scope", "tasks:write")]).await;
        if granted == "tasks:read" {
            super::refused(&wider, 400, "invalid_scope");
        } else {
            assert_eq!(wider.body["scope"], "tasks:write", "{wider:?}");
        }
    }
}

#[rstest]
#[tokio::test]
async fn nothing_chosen_is_asked_again(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server(backend).await else { return };
    server.user("ann").await;
    let client = registered(&server, &[CALLBACK]).await;
    let mut browser = Browser::new(&server);
    let page = browser.allow(&asking(&client, &[]), "ann", &[]).await;
    assert!(page.status == 200 && page.html.contains("Choose what it may do"), "{page:?}");
    let page = browser.decide(&page.ticket(), "allow", &["tasks:read"]).await;
    assert!(page.told("code").is_some());
}

#[rstest]
#[tokio::test]
async fn a_no_is_told_the_client_with_and_without_a_login(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = server(backend).await else { return };
    server.user("ann").await;
    let client = registered(&server, &[CALLBACK]).await;
    let mut browser = Browser::new(&server);
    let first = browser.open(&asking(&client, &[])).await;
    let second = browser.log_in(&first.ticket(), "ann", super::PASSWORD).await;
    for ticket in [first.ticket(), second.ticket()] {
        let back = browser.decide(&ticket, "deny", &["tasks:read"]).await;
        assert_eq!(back.told("error").unwrap(), "access_denied");
        assert_eq!(
            (back.told("state").unwrap(), back.told("iss").unwrap()),
            ("a state & more".into(), server.base.clone())
        );
        assert_eq!(back.told("code"), None);
    }
}

#[rstest]
#[tokio::test]
async fn a_program_on_the_machine_has_another_port_each_time(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = server(backend).await else { return };
    server.user("ann").await;
    let client = registered(&server, &["http://localhost/callback"]).await;
    let redirect = "http://localhost:51004/callback";
    let mut browser = Browser::new(&server);
    let first = browser.open(&asking(&client, &[("redirect_uri", redirect)])).await;
    let second = browser.log_in(&first.ticket(), "ann", super::PASSWORD).await;
    assert!(second.html.contains("on the computer in front of you"), "{second:?}");
    let back = browser.decide(&second.ticket(), "allow", &["tasks:read"]).await;
    assert!(back.location().as_str().starts_with("http://localhost:51004/callback?code="), "{back:?}");
    let code = back.told("code").unwrap();
    let elsewhere = redeem(&server, &client, &code, &[("redirect_uri", "http://localhost:51005/callback")]).await;
    super::refused(&elsewhere, 400, "invalid_grant");
    assert_eq!(redeem(&server, &client, &code, &[("redirect_uri", redirect)]).await.status, 200);
}

#[rstest]
#[tokio::test]
async fn the_same_wish_again_is_another_grant(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server(backend).await else { return };
    let ann = server.user("ann").await;
    let client = registered(&server, &[CALLBACK]).await;
    let (one, two) = (code(&server, &client, "ann").await, code(&server, &client, "ann").await);
    assert_eq!(ann.get("/account/clients").await.body, json!([]), "nothing was fetched yet");
    for code in [one, two] {
        assert_eq!(redeem(&server, &client, &code, &[]).await.status, 200);
    }
    assert_eq!(ann.get("/account/clients").await.body.as_array().unwrap().len(), 2);
}
