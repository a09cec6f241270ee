//! Clients that are known by a document at an address of their own.

use std::{
    future::IntoFuture,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use rstest::rstest;
use serde_json::json;
use tokio::net::TcpListener;

use super::{Browser, CALLBACK, asking, redeem, text};
use crate::{
    harness::{Backend, Server},
    script::Script,
};

/// A real endpoint with documents of every kind, that counts how often it is asked.
#[derive(Clone)]
struct Site {
    base: String,
    asked: Arc<AtomicUsize>,
}

impl Site {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = Self { base: format!("http://{}", listener.local_addr().unwrap()), asked: Arc::default() };
        let router = Router::new().route("/{kind}", get(document)).with_state(site.clone());
        tokio::spawn(axum::serve(listener, router).into_future());
        site
    }

    fn id(&self, kind: &str) -> String {
        format!("{}/{kind}", self.base)
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn document(State(site): State<Site>, Path(kind): Path<String>) -> Response {
    site.asked.fetch_add(1, Ordering::SeqCst);
    let good = json!({"client_id": site.id(&kind), "client_name": "Good Editor", "redirect_uris": [CALLBACK, "javascript:alert(1)"]});
    let as_json = |body: String| ([(header::CONTENT_TYPE, "application/json")], body).into_response();
    match kind.as_str() {
        "good" => as_json(good.to_string()),
        "nameless" => as_json(json!({"client_id": site.id("nameless"), "redirect_uris": [CALLBACK]}).to_string()),
        "another" => as_json(json!({"client_id": site.id("good"), "redirect_uris": [CALLBACK]}).to_string()),
        "no-redirect" => {
            as_json(json!({"client_id": site.id("no-redirect"), "redirect_uris": ["javascript:x"]}).to_string())
        }
        "empty" => as_json(json!({"client_id": site.id("empty"), "redirect_uris": []}).to_string()),
        "not-json" => as_json("<html>".into()),
        "html" => ([(header::CONTENT_TYPE, "text/html")], good.to_string()).into_response(),
        "huge" => as_json(format!("{}{}", good, " ".repeat(65 << 10))),
        "endless" => {
            let pieces = futures::stream::repeat_with(|| Ok::<_, std::io::Error>("[".repeat(1 << 10)));
            ([(header::CONTENT_TYPE, "application/json")], Body::from_stream(pieces)).into_response()
        }
        "slow" => {
            tokio::time::sleep(Duration::from_mins(1)).await;
            as_json(good.to_string())
        }
        "redirect" => Redirect::temporary(&site.id("good")).into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A server that reads documents of this machine.
async fn server(backend: Backend) -> Option<Server> {
    Server::start_with(backend, Script::of([]), |config| config.oauth.loopback_documents = true).await
}

#[rstest]
#[tokio::test]
async fn a_client_is_who_its_address_says(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = server(backend).await else { return };
    let (ann, site) = (server.user("ann").await, Site::start().await);
    let (client, host) = (site.id("good"), site.base.trim_start_matches("http://").to_owned());
    let mut browser = Browser::new(&server);
    let page = browser.allow(&asking(&client, &[]), "ann", &["tasks:read"]).await;
    let tokens = redeem(&server, &client, &page.told("code").unwrap(), &[]).await.body;
    let who = super::principal(&server, text(&tokens, "access_token")).await.unwrap();
    assert_eq!(who.client.as_deref(), Some("Good Editor"));
    let listed = ann.get("/account/clients").await.body;
    assert_eq!((&listed[0]["name"], &listed[0]["host"]), (&json!("Good Editor"), &json!(host)));

    let page = browser.open(&asking(&client, &[])).await;
    assert!(page.html.contains(&format!("<p class=\"consent-host\">{host}</p>")), "{page:?}");
    let nameless = browser.open(&asking(&site.id("nameless"), &[])).await;
    assert!(nameless.html.contains(&format!("It calls itself “{host}”")), "{nameless:?}");
    assert_eq!(site.asked(), 2, "what was read is kept");
    let elsewhere = browser.open(&asking(&client, &[("redirect_uri", "javascript:alert(1)")])).await;
    assert!(elsewhere.is_a_stop(), "an address in the document is checked all the same: {elsewhere:?}");
}

#[rstest]
#[case("another", "describes another client")]
#[case("no-redirect", "no address")]
#[case("empty", "no address")]
#[case("not-json", "no description")]
#[case("html", "not JSON")]
#[case("huge", "too large")]
#[case("endless", "too large")]
#[case("redirect", "answered 307")]
#[case("missing", "answered 404")]
#[tokio::test]
async fn a_document_that_is_wrong_stops_the_person(
    #[case] kind: &str,
    #[case] why: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = server(backend).await else { return };
    let site = Site::start().await;
    for _ in 0..2 {
        let page = Browser::new(&server).open(&asking(&site.id(kind), &[])).await;
        assert!(page.is_a_stop() && page.html.contains(why), "{page:?}");
    }
    assert_eq!(site.asked(), 1, "it is not asked again at once, nor is anybody else");
}

#[rstest]
#[tokio::test]
async fn a_slow_one_is_not_waited_for(#[values(Backend::Sqlite)] backend: Backend) {
    let Some(server) = server(backend).await else { return };
    let (site, began) = (Site::start().await, Instant::now());
    let page = Browser::new(&server).open(&asking(&site.id("slow"), &[])).await;
    assert!(page.is_a_stop() && page.html.contains("in time"), "{page:?}");
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}

#[rstest]
#[tokio::test]
async fn this_machine_and_its_network_are_not_asked(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = super::server(backend).await else { return };
    let site = Site::start().await;
    let port = site.base.rsplit_once(':').unwrap().1;
    let ids = [
        site.id("good"),
        format!("http://localhost:{port}/good"),
        format!("https://localhost:{port}/good"),
        format!("https://127.0.0.1:{port}/good"),
        format!("https://[::1]:{port}/good"),
        format!("https://[::ffff:127.0.0.1]:{port}/good"),
        format!("https://2130706433:{port}/good"),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "https://10.0.0.1/client".to_owned(),
        "https://user:password@client.example/client".to_owned(),
    ];
    for id in ids {
        let page = Browser::new(&server).open(&asking(&id, &[])).await;
        assert!(page.is_a_stop(), "{id}: {page:?}");
    }
    assert_eq!(site.asked(), 0);
}

#[rstest]
#[tokio::test]
async fn strangers_cannot_have_us_ask_without_end(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let limited = |config: &mut errand::config::Config| {
        config.oauth.loopback_documents = true;
        config.limits.enabled = true;
        config.limits.oauth_clients.max = 2;
    };
    let Some(server) = Server::start_with(backend, Script::of([]), limited).await else { return };
    let site = Site::start().await;
    let mut browser = Browser::new(&server);
    for (kind, status) in [("good", 200), ("good", 200), ("missing", 400), ("empty", 429), ("good", 200)] {
        assert_eq!(browser.open(&asking(&site.id(kind), &[])).await.status, status, "{kind}");
    }
    assert_eq!(site.asked(), 2);
}
