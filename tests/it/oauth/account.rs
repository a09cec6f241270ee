//! What a person sees and takes back of what they allowed, and the tokens that they make for themselves.

use chrono::TimeDelta;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{CALLBACK, connected, principal, redeem, registered, server, server_at_a_fixed_time, text};
use crate::harness::{Backend, Server};

#[rstest]
#[tokio::test]
async fn a_client_is_listed_and_disconnected_at_once(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server_at_a_fixed_time(backend).await else { return };
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let client = registered(&server, &[CALLBACK]).await;
    let tokens = connected(&server, &client, "ann").await;
    let listed = ann.get("/account/clients").await;
    assert_eq!(listed.status, 200);
    let [one] = &listed.body.as_array().unwrap()[..] else { panic!("{listed:?}") };
    assert_eq!((&one["name"], &one["scopes"]), (&json!("Probe"), &json!(["tasks:read", "tasks:write"])));
    assert_eq!((&one["last_used_at"], one.get("host")), (&Value::Null, None));
    assert_eq!(bob.get("/account/clients").await.body, json!([]));

    let access = text(&tokens, "access_token");
    principal(&server, access).await.unwrap();
    let used = |body: &Value| body[0]["last_used_at"].as_str().unwrap().to_owned();
    let first = used(&ann.get("/account/clients").await.body);
    server.app.clock.advance(TimeDelta::seconds(59));
    tokio::time::sleep(std::time::Duration::from_millis(2100)).await; // until the token is looked up again
    principal(&server, access).await.unwrap();
    assert_eq!(used(&ann.get("/account/clients").await.body), first, "kept to the minute");

    let path = format!("/account/clients/{}", text(one, "id"));
    assert_eq!(bob.delete(&path).await.status, 404);
    principal(&server, access).await.unwrap();
    assert_eq!(ann.delete(&path).await.status, 204);
    principal(&server, access).await.unwrap_err();
    super::refused(&super::refresh(&server, &client, text(&tokens, "refresh_token"), &[]).await, 400, "invalid_grant");
    assert_eq!(ann.get("/account/clients").await.body, json!([]));
    assert_eq!(ann.delete(&path).await.status, 404);
}

#[rstest]
#[tokio::test]
async fn a_code_that_waits_is_taken_back_with_its_grant(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = server(backend).await else { return };
    let ann = server.user("ann").await;
    let client = registered(&server, &[CALLBACK]).await;
    let tokens = connected(&server, &client, "ann").await;
    let id = ann.get("/account/clients").await.body[0]["id"].as_str().unwrap().to_owned();
    let token = principal(&server, text(&tokens, "access_token")).await.unwrap();
    assert_eq!(token.client.as_deref(), Some("Probe"));
    // Made through the token's list, a client cannot be taken for one of the person's own tokens.
    assert_eq!(ann.delete(&format!("/account/tokens/{id}")).await.status, 404);
    assert_eq!(ann.delete(&format!("/account/clients/{id}")).await.status, 204);
    super::refused(&redeem(&server, &client, "errand_ac_x", &[]).await, 400, "invalid_grant");
}

#[rstest]
#[tokio::test]
async fn a_token_of_ones_own_is_shown_once(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server_at_a_fixed_time(backend).await else { return };
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let made = ann
        .post("/account/tokens", json!({"name": " a script ", "scopes": ["tasks:read"], "expires_in_days": 1}))
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!((&made.body["name"], &made.body["scopes"]), (&json!("a script"), &json!(["tasks:read"])));
    let token = text(&made.body, "token").to_owned();
    assert!(token.starts_with("errand_pat_"));
    let mut listed = made.body.clone();
    listed.as_object_mut().unwrap().remove("token");
    assert_eq!(ann.get("/account/tokens").await.body, json!([listed]));
    assert_eq!((bob.get("/account/tokens").await.body, ann.get("/account/clients").await.body), (json!([]), json!([])));

    let who = principal(&server, &token).await.unwrap();
    assert_eq!(
        (who.account.username.as_str(), who.client, who.scopes.to_string().as_str()),
        ("ann", None, "tasks:read")
    );
    let path = format!("/account/tokens/{}", text(&made.body, "id"));
    assert_eq!(bob.delete(&path).await.status, 404);
    assert_eq!(ann.delete(&path.replace("tokens", "clients")).await.status, 404);
    principal(&server, &token).await.unwrap();
    server.app.clock.advance(TimeDelta::days(1));
    principal(&server, &token).await.unwrap_err();

    let forever = server.user("eve").await;
    let made = forever.post("/account/tokens", json!({"name": "all"})).await.body;
    assert_eq!((&made["expires_at"], &made["scopes"]), (&Value::Null, &json!(["tasks:read", "tasks:write"])));
    server.app.clock.advance(TimeDelta::days(400));
    principal(&server, text(&made, "token")).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_removed_token_is_refused_at_once(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server(backend).await else { return };
    let ann = server.user("ann").await;
    let made = ann.post("/account/tokens", json!({"name": "x"})).await.body;
    let token = text(&made, "token");
    principal(&server, token).await.unwrap();
    assert_eq!(ann.delete(&format!("/account/tokens/{}", text(&made, "id"))).await.status, 204);
    principal(&server, token).await.unwrap_err();
}

#[rstest]
#[tokio::test]
async fn another_instance_hears_of_it_within_seconds(#[values(Backend::Postgres)] backend: Backend) {
    let Some(server) = server(backend).await else { return };
    let ann = server.user("ann").await;
    let made = ann.post("/account/tokens", json!({"name": "x"})).await.body;
    let (token, other) = (text(&made, "token"), server.another_app().await);
    other.bearer(token).await.unwrap();
    assert_eq!(ann.delete(&format!("/account/tokens/{}", text(&made, "id"))).await.status, 204);
    tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
    other.bearer(token).await.unwrap_err();
}

#[rstest]
#[case(json!({}), "body")]
#[case(json!({"name": ""}), "name")]
#[case(json!({"name": "x".repeat(101)}), "name")]
#[case(json!({"name": "x", "scopes": []}), "scopes")]
#[case(json!({"name": "x", "scopes": ["tasks:read", "admin"]}), "scopes")]
#[case(json!({"name": "x", "expires_in_days": 0}), "expires_in_days")]
#[case(json!({"name": "x", "expires_in_days": 3651}), "expires_in_days")]
#[tokio::test]
async fn what_is_wrong_with_a_token_is_named(
    #[case] body: Value,
    #[case] field: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = server(backend).await else { return };
    let answer = server.user("ann").await.post("/account/tokens", body).await;
    assert_eq!((answer.status, &answer.body["error"]), (400, &json!("Bad Request")));
    assert!(answer.body["details"][field].is_string(), "{answer:?}");
}

#[rstest]
#[tokio::test]
async fn tokens_for_programs_are_good_at_mcp_only(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server(backend).await else { return };
    let ann = server.user("ann").await;
    let client = registered(&server, &[CALLBACK]).await;
    let tokens = connected(&server, &client, "ann").await;
    let personal = ann.post("/account/tokens", json!({"name": "x"})).await.body;
    let paths = ["/api/chat/sessions", "/api/conversations", "/api/v1/tasks", "/account/clients", "/account/tokens"];
    let status = async |server: &Server, path: &str, token: &str| {
        server
            .http
            .request(Method::GET, format!("{}{path}", server.base))
            .bearer_auth(token)
            .send()
            .await
            .unwrap()
            .status()
    };
    for token in [text(&personal, "token"), text(&tokens, "access_token"), text(&tokens, "refresh_token")] {
        for path in paths {
            assert_eq!(status(&server, path, token).await, 401, "{path}");
        }
        let chasqui = server.http.get(format!("{}/api/tasks", server.chasqui)).bearer_auth(token);
        assert_eq!(chasqui.send().await.unwrap().status(), 401);
    }
    principal(&server, text(&tokens, "refresh_token")).await.unwrap_err();
    principal(&server, &ann.token).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn the_database_has_no_secret(#[values(Backend::Sqlite)] backend: Backend) {
    let Some(server) = server(backend).await else { return };
    let ann = server.user("ann").await;
    let client = registered(&server, &[CALLBACK]).await;
    let tokens = connected(&server, &client, "ann").await;
    let personal = ann.post("/account/tokens", json!({"name": "x"})).await.body;
    let secrets = [text(&personal, "token"), text(&tokens, "access_token"), text(&tokens, "refresh_token")];
    let mut read = 0;
    let files = std::fs::read_dir(server.folder()).unwrap().map(|file| file.unwrap().path());
    for file in files.filter(|file| file.is_file()) {
        let bytes = std::fs::read(file).unwrap();
        read += bytes.len();
        for secret in secrets {
            let random = &secret.as_bytes()[secret.len() - 43..];
            assert!(!bytes.windows(20).any(|window| window == &random[..20]), "{secret}");
        }
    }
    assert!(read > 10_000, "the database was read");
}
