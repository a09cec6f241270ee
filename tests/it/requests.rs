//! Every request has an id: on its answer, whatever that is, and in every line of the log that it causes.

use std::{
    io,
    sync::{Arc, LazyLock, Mutex},
};

use errand::agent::model::ModelError;
use reqwest::{Method, header::HeaderValue};
use rstest::rstest;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tracing::{
    Dispatch,
    subscriber::{DefaultGuard, NoSubscriber},
};

use crate::{
    harness::{Backend, Server, Socket, answer},
    script::{Act, Script, create},
};

#[rstest]
#[case(Method::GET, "/", 200)]
#[case(Method::GET, "/nothing", 404)]
#[case(Method::POST, "/", 405)]
#[case(Method::GET, "/health", 200)]
#[case(Method::GET, "/api/v1/health", 200)]
#[case(Method::GET, "/api/nothing", 404)]
#[case(Method::GET, "/api/chat/sessions", 401)]
#[case(Method::GET, "/ws", 426)]
#[case(Method::GET, "/openapi", 200)]
#[tokio::test]
async fn every_answer_has_the_id(
    #[case] method: Method,
    #[case] path: &str,
    #[case] status: u16,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ask = || server.http.request(method.clone(), format!("{}{path}", server.base));
    let (one, two) = (answer(ask()).await, answer(ask()).await);
    assert_eq!((one.status, two.status), (status, status));
    let (one, two) = (&one.headers["x-request-id"], &two.headers["x-request-id"]);
    assert!(!one.is_empty() && one != two, "an id of its own: {one:?}, {two:?}");
    let named = answer(ask().header("x-request-id", "from-a-client/7")).await;
    assert_eq!(named.headers["x-request-id"], "from-a-client/7");
}

#[rstest]
#[case::empty("")]
#[case::a_space("a b")]
#[case::more_than_ascii("café")]
#[case::too_long(&"x".repeat(129))]
#[case::two_of_them("one|two")]
#[tokio::test]
async fn an_id_that_a_log_cannot_take_is_replaced(
    #[case] ids: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let request = server.http.get(format!("{}/health", server.base));
    let value = |id: &str| HeaderValue::from_bytes(id.as_bytes()).unwrap();
    let request = ids.split('|').fold(request, |request, id| request.header("x-request-id", value(id)));
    let given = answer(request).await.headers["x-request-id"].to_str().unwrap().to_owned();
    assert!(uuid::Uuid::parse_str(&given).is_ok(), "{given}");
}

#[rstest]
#[tokio::test]
async fn the_answer_of_a_socket_has_the_id(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let mut request = format!("{}/ws", server.base.replace("http://", "ws://")).into_client_request().unwrap();
    request.headers_mut().insert("x-request-id", "a-socket".parse().unwrap());
    let (_, upgraded) = tokio_tungstenite::connect_async(request).await.unwrap();
    assert_eq!((upgraded.status().as_u16(), &upgraded.headers()["x-request-id"]), (101, &"a-socket".parse().unwrap()));
}

/// What this thread logs while it lives, one JSON object a line.
pub(crate) struct Log {
    lines: Arc<Mutex<Vec<u8>>>,
    _guard: DefaultGuard,
}

/// A second subscriber that lives as long as the process. With only one alive, tracing asks the thread that comes first to a
/// span whether it is wanted, for all threads: a test without a [`Log`] would answer no for this one.
static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::new()));

struct Pen(Arc<Mutex<Vec<u8>>>);

impl io::Write for Pen {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    pub(crate) fn start() -> Self {
        LazyLock::force(&SECOND);
        let lines = Arc::new(Mutex::new(Vec::new()));
        let pen = {
            let lines = Arc::clone(&lines);
            move || Pen(Arc::clone(&lines))
        };
        let log = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_env_filter("errand=debug,errand_core=debug,errand_mcp_tools=debug");
        let guard = tracing::subscriber::set_default(log.with_writer(pen).finish());
        Self { lines, _guard: guard }
    }

    /// All of it.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.lines.lock().unwrap().clone()).unwrap()
    }

    /// The message of each line, and the id of the request that caused it.
    fn lines(&self) -> Vec<(String, Value)> {
        let text = self.text();
        let line = |line: &str| serde_json::from_str::<Value>(line).unwrap();
        let lines = text.lines().map(line);
        lines.map(|line| (line["message"].as_str().unwrap().to_owned(), line["span"]["id"].clone())).collect()
    }

    /// Each of these was logged, and wherever it was, by the request with this id.
    fn tells(&self, messages: &[&str], id: &str) {
        let lines = self.lines();
        for message in messages {
            let ids: Vec<_> = lines.iter().filter(|(told, _)| told == message).map(|(_, id)| id).collect();
            assert!(!ids.is_empty(), "{message} was not logged: {lines:?}");
            assert!(ids.iter().all(|logged| *logged == id), "{message}: {ids:?}");
        }
    }
}

#[rstest]
#[tokio::test]
async fn what_a_turn_logs_has_the_id_of_its_request(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let log = Log::start();
    let fails = Act::Fail(ModelError::Unavailable { status: None, retry_after: None, detail: "gone".into() });
    let Some(server) = Server::start(backend, Script::of([create("a task"), fails, Act::Panic])).await else { return };
    let ann = server.user("ann").await;
    for (id, told) in [("first", &["tool.called", "model.failed", "turn.ended"][..]), ("second", &["turn.failed"])] {
        let before = log.lines().len();
        let request = ann.request(Method::POST, "/api/chat").json(&json!({"message": "hi"}));
        assert_eq!(answer(request.header("x-request-id", id)).await.status, 500);
        let since: Vec<_> = log.lines().split_off(before);
        for message in told {
            assert!(since.iter().any(|(line, by)| line == message && by == id), "{id}: {message} in {since:?}");
        }
        assert!(since.iter().all(|(_, by)| by == id), "nothing without it: {since:?}");
    }
}

#[rstest]
#[tokio::test]
async fn what_a_turn_of_a_socket_logs_has_the_id_of_the_socket(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let log = Log::start();
    let Some(server) = Server::start(backend, Script::of([create("a task"), Act::Panic])).await else { return };
    let ann = server.user("ann").await;
    let session = ann.session().await;
    let mut socket = Socket::with(&server, &format!("?token={}", ann.token), &[("x-request-id", "a-socket")]).await;
    socket.send("message", json!({"content": "hi", "session_id": session})).await;
    socket.next_of("turn_failed").await;
    log.tells(&["socket.opened", "tool.called", "turn.ended", "turn.failed"], "a-socket");
}

#[rstest]
#[tokio::test]
async fn a_failing_database_is_logged_with_the_id_and_not_told(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let log = Log::start();
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    server.app.store.close().await;
    let paths = ["/api/chat/sessions", "/api/conversations", "/api/v1/tasks"];
    for path in paths {
        let failed = answer(ann.request(Method::GET, path).header("x-request-id", path)).await;
        assert_eq!(failed.status, 500, "{failed:?}");
        assert!(!failed.body.to_string().contains("pool"), "{failed:?}");
        let told = log.lines().iter().any(|(line, id)| line == "request.failed" && id == path);
        assert!(told, "{:?}", log.lines());
    }
    let bodies = [
        json!({"error": "Internal Server Error", "message": "An unexpected error occurred"}),
        json!({"error": "An unexpected error occurred", "code": "INTERNAL_ERROR"}),
        json!({"detail": "Internal server error"}),
    ];
    for (path, body) in paths.into_iter().zip(bodies) {
        assert_eq!(ann.get(path).await.body, body);
    }
}
