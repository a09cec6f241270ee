//! The forms of the consent page, sent by others than the page.

use chrono::TimeDelta;
use reqwest::header;
use rstest::rstest;

use super::{Browser, CALLBACK, PASSWORD, asking, registered, server, server_at_a_fixed_time};
use crate::{
    harness::{Backend, Server},
    script::Script,
};

#[rstest]
#[tokio::test]
async fn the_page_is_nobodys_frame_and_has_no_script(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server(backend).await else { return };
    let client = registered(&server, &[CALLBACK]).await;
    let page = Browser::new(&server).open(&asking(&client, &[])).await;
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; ") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("script-src") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
    let cookie = page.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    for style in ["base", "controls", "shell", "consent"] {
        let path = format!("/styles/{style}.css");
        assert!(page.html.contains(&path), "{path}");
        assert_eq!(server.http.get(format!("{}{path}", server.base)).send().await.unwrap().status(), 200);
    }
}

#[rstest]
#[tokio::test]
async fn what_a_client_calls_itself_is_text(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server(backend).await else { return };
    let name = "<script>alert(1)</script>\u{202e}\"><img src=x>";
    let body = serde_json::json!({"client_name": name, "redirect_uris": [CALLBACK]});
    let client = server.post("/oauth/register", &body).await.body["client_id"].as_str().unwrap().to_owned();
    let page = Browser::new(&server).open(&asking(&client, &[])).await;
    assert!(page.html.contains("&lt;script&gt;alert(1)"), "{page:?}");
    assert!(!page.html.contains("<script") && !page.html.contains("<img src=x") && !page.html.contains('\u{202e}'));
}

#[rstest]
#[tokio::test]
async fn a_form_is_good_in_its_own_browser_only(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server(backend).await else { return };
    server.user("ann").await;
    let client = registered(&server, &[CALLBACK]).await;
    let (mut browser, mut other) = (Browser::new(&server), Browser::new(&server));
    let first = browser.open(&asking(&client, &[])).await;
    let second = browser.log_in(&first.ticket(), "ann", PASSWORD).await;
    assert!(other.decide(&second.ticket(), "allow", &["tasks:read"]).await.is_a_stop(), "no cookie");
    other.open(&asking(&client, &[])).await;
    assert!(other.decide(&second.ticket(), "allow", &["tasks:read"]).await.is_a_stop(), "another's cookie");
    assert!(other.log_in(&first.ticket(), "ann", PASSWORD).await.is_a_stop());
    assert!(browser.decide(&second.ticket(), "allow", &["tasks:read"]).await.told("code").is_some());
}

#[rstest]
#[tokio::test]
async fn two_tabs_do_not_disturb_each_other(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server(backend).await else { return };
    server.user("ann").await;
    let client = registered(&server, &[CALLBACK]).await;
    let mut browser = Browser::new(&server);
    let (one, two) = (browser.open(&asking(&client, &[])).await, browser.open(&asking(&client, &[])).await);
    for tab in [one, two] {
        assert_eq!(browser.log_in(&tab.ticket(), "ann", PASSWORD).await.status, 200);
    }
}

#[rstest]
#[tokio::test]
async fn a_form_that_is_made_up_is_refused(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server(backend).await else { return };
    let ann = server.user("ann").await;
    let client = registered(&server, &[CALLBACK]).await;
    let mut browser = Browser::new(&server);
    let first = browser.open(&asking(&client, &[])).await.ticket();
    assert!(browser.decide(&first, "allow", &["tasks:read"]).await.is_a_stop(), "without a login");
    let second = browser.log_in(&first, "ann", PASSWORD).await.ticket();
    let [header, body, seal] = second.split('.').collect::<Vec<_>>()[..] else { panic!("{second}") };
    let none = "eyJhbGciOiJub25lIn0";
    let longer = format!("{body}A");
    let other = first.split('.').nth(1).unwrap();
    let forged = [
        String::new(),
        "x".to_owned(),
        format!("{header}.{longer}.{seal}"),
        format!("{header}.{other}.{seal}"),
        format!("{none}.{body}."),
        format!("{header}.{body}."),
        ann.token.clone(), // sealed with the same secret, for something else
    ];
    for ticket in forged {
        assert!(browser.decide(&ticket, "allow", &["tasks:read"]).await.is_a_stop(), "{ticket}");
        assert!(browser.log_in(&ticket, "ann", PASSWORD).await.is_a_stop(), "{ticket}");
    }
    assert!(browser.decide(&second, "perhaps", &["tasks:read"]).await.is_a_stop());
    let login = ann.server.http.get(format!("{}/api/chat/sessions", server.base)).bearer_auth(&second);
    assert_eq!(login.send().await.unwrap().status(), 401, "and a ticket is no token");
}

#[rstest]
#[tokio::test]
async fn a_form_does_not_stay_good(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server_at_a_fixed_time(backend).await else { return };
    server.user("ann").await;
    let client = registered(&server, &[CALLBACK]).await;
    let mut browser = Browser::new(&server);
    let first = browser.open(&asking(&client, &[])).await;
    server.app.clock.advance(TimeDelta::seconds(599));
    let second = browser.log_in(&first.ticket(), "ann", PASSWORD).await;
    assert_eq!(second.status, 200);
    server.app.clock.advance(TimeDelta::seconds(600));
    assert!(browser.decide(&second.ticket(), "allow", &["tasks:read"]).await.is_a_stop());
}

#[rstest]
#[tokio::test]
async fn passwords_cannot_be_tried_without_end(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let limited = |config: &mut errand::config::Config| {
        config.limits.enabled = true;
        config.limits.oauth_login.max = 3;
    };
    let Some(server) = Server::start_with(backend, Script::of([]), limited).await else { return };
    server.user("ann").await;
    let client = registered(&server, &[CALLBACK]).await;
    let mut browser = Browser::new(&server);
    let mut page = browser.open(&asking(&client, &[])).await;
    for (name, password) in [("ann", "wrong horse"), ("nobody", PASSWORD), ("", "")] {
        page = browser.log_in(&page.ticket(), name, password).await;
        assert!(page.status == 401 && page.html.contains("Wrong name or password."), "{page:?}");
    }
    let page = browser.log_in(&page.ticket(), "ann", PASSWORD).await;
    assert_eq!(page.status, 429, "{page:?}");
    assert!(page.headers[header::RETRY_AFTER].to_str().unwrap().parse::<u64>().unwrap() <= 60);
}
