//! A server for one test, and clients for it.

use std::{
    io::Write as _,
    sync::{Arc, OnceLock},
    time::Duration,
};

use errand::{
    agent::model::Model,
    config::{Config, Sources},
    crypto::{KeyPair, RestKey},
    serve::{Listeners, Service},
    state::State,
};
use errand_core::{App, Clock, Store, UserId, assistant::NewAssistant, store::Options};
use futures::{SinkExt, StreamExt};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::{Connection, Executor, PgConnection};
use tokio::{net::TcpSocket, sync::oneshot, task::JoinHandle};
use tokio_tungstenite::{
    MaybeTlsStream,
    tungstenite::{self, Message, client::IntoClientRequest},
};

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
}

/// A database of its own for one test; gone at its end.
pub(crate) struct Database {
    pub(crate) url: String,
    pub(crate) folder: tempfile::TempDir,
    postgres: Option<String>,
}

fn admin_url() -> String {
    std::env::var("ERRAND_TEST_POSTGRES_URL").unwrap_or_else(|_| "postgres://root@127.0.0.1:5432/test".into())
}

/// Says so where it is seen: what `eprintln!` prints is only shown of tests that fail.
pub(crate) fn skipped(why: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    std::io::stderr().write_all(format!("SKIPPED {test}: {why}\n").as_bytes()).unwrap();
}

/// Where Redis is; none, with a printed line, where it is missing.
pub(crate) async fn redis_url() -> Option<String> {
    let url = std::env::var("ERRAND_TEST_REDIS_URL").unwrap_or_else(|_| "redis://127.0.0.1:6379".into());
    match redis::Client::open(url.as_str()).unwrap().get_multiplexed_async_connection().await {
        Ok(_) => Some(url),
        Err(error) => {
            let required = std::env::var("ERRAND_TEST_REQUIRE_SERVICES").is_ok_and(|value| value == "1");
            assert!(!required, "Redis is required and cannot be reached: {error}");
            skipped(&format!("Redis cannot be reached ({error}); set ERRAND_TEST_REDIS_URL"));
            None
        }
    }
}

impl Database {
    /// None, with a printed line, where the service is missing.
    pub(crate) async fn new(backend: Backend) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        if backend == Backend::Sqlite {
            let url = format!("sqlite:{}", folder.path().join("errand.db").display());
            return Some(Self { url, folder, postgres: None });
        }
        let mut admin = match PgConnection::connect(&admin_url()).await {
            Ok(admin) => admin,
            Err(error) => {
                let required = std::env::var("ERRAND_TEST_REQUIRE_SERVICES").is_ok_and(|value| value == "1");
                assert!(!required, "PostgreSQL is required and cannot be reached: {error}");
                skipped(&format!("PostgreSQL cannot be reached ({error}); set ERRAND_TEST_POSTGRES_URL"));
                return None;
            }
        };
        let name = format!("errand_test_{}", errand_core::id::fresh().simple());
        admin.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        // What a test checks survives our process, not PostgreSQL's: its commits need not wait for the disk.
        let quick = format!("ALTER DATABASE {name} SET synchronous_commit TO off");
        admin.execute(sqlx::AssertSqlSafe(quick)).await.unwrap();
        let url = admin_url();
        let url = format!("{}/{name}", url.rsplit_once('/').unwrap().0);
        Some(Self { url, folder, postgres: Some(name) })
    }

    pub(crate) async fn store(&self) -> Store {
        Store::open(&Options { url: self.url.clone(), connections: 4, replay: 1000 }).await.unwrap()
    }

    pub(crate) async fn app(&self) -> App {
        App::new(self.store().await, Clock::System)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some(name) = self.postgres.take() else { return };
        // Drop cannot wait on this thread's runtime.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut admin = PgConnection::connect(&admin_url()).await.unwrap();
                let sql = format!("DROP DATABASE {name} WITH (FORCE)");
                admin.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
            });
        });
        dropped.join().unwrap();
    }
}

/// A running server.
pub(crate) struct Server {
    pub(crate) base: String,
    /// The listener of the contract `chasqui`.
    pub(crate) chasqui: String,
    pub(crate) app: App,
    pub(crate) state: State,
    pub(crate) http: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    running: Option<JoinHandle<()>>,
    config: Config,
    model: Arc<dyn Model>,
    /// None where the server shares the database of another one.
    database: Option<Database>,
}

impl Server {
    /// A server whose model is `model`; none where the database is missing.
    pub(crate) async fn start(backend: Backend, model: impl Model + 'static) -> Option<Self> {
        Self::start_with(backend, model, |_| {}).await
    }

    pub(crate) async fn start_with(
        backend: Backend,
        model: impl Model + 'static,
        change: impl FnOnce(&mut Config),
    ) -> Option<Self> {
        let database = Database::new(backend).await?;
        let mut config = config(&database);
        change(&mut config);
        Some(Self::on(database, config, Arc::new(model)).await)
    }

    pub(crate) async fn on(database: Database, config: Config, model: Arc<dyn Model>) -> Self {
        Self::at(Clock::System, database, config, model).await
    }

    pub(crate) async fn at(clock: Clock, database: Database, config: Config, model: Arc<dyn Model>) -> Self {
        Self { database: Some(database), ..Self::with(clock, config, model).await }
    }

    async fn with(clock: Clock, config: Config, model: Arc<dyn Model>) -> Self {
        appoint(&config, clock.clone()).await;
        let service = Service::with_model(&config, clock, model.clone()).await.unwrap();
        let listeners = Listeners::bind(&config.server).await.unwrap();
        let base = format!("http://{}", listeners.main.local_addr().unwrap());
        let chasqui = listeners.chasqui.as_ref().unwrap().local_addr().unwrap();
        let chasqui = format!("http://{chasqui}");
        let (app, state) = (service.state.app.clone(), service.state.clone());
        let (stop, stopped) = oneshot::channel::<()>();
        let running = tokio::spawn(async move {
            let stopped = async { stopped.await.unwrap_or(()) };
            service.run(listeners, stopped, Duration::from_secs(5)).await.unwrap();
        });
        let http = reqwest::Client::new();
        let (stop, running) = (Some(stop), Some(running));
        Self { base, chasqui, app, state, http, stop, running, config, model, database: None }
    }

    /// Stops it as a signal would, and starts it again at the same address.
    pub(crate) async fn restart(mut self) -> Self {
        let (database, mut config, model) = (self.database.take(), self.config.clone(), self.model.clone());
        config.server.listen = self.base.trim_start_matches("http://").parse().unwrap();
        self.stop().await;
        Self { database, ..Self::with(Clock::System, config, model).await }
    }

    /// Another instance on the same database.
    pub(crate) async fn another(&self, model: Arc<dyn Model>) -> Self {
        Self::with(Clock::System, self.config.clone(), model).await
    }

    /// Stops it as a signal would, and hands over its database.
    pub(crate) async fn stop(mut self) {
        let _ = self.stop.take().unwrap().send(());
        self.running.take().unwrap().await.unwrap();
    }

    /// The address of its database.
    pub(crate) fn database_url(&self) -> &str {
        self.config.database.url.expose()
    }

    /// Its database.
    pub(crate) fn database(&self) -> &Database {
        self.database.as_ref().unwrap()
    }

    /// The service on the same database, as another instance would have it.
    pub(crate) async fn another_app(&self) -> App {
        self.database.as_ref().unwrap().app().await
    }

    /// Where the database is, when it is a file.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.database.as_ref().unwrap().folder.path()
    }

    /// A new account, logged in.
    pub(crate) async fn user(&self, name: &str) -> User<'_> {
        let body = json!({"username": name, "email": format!("{name}@example.com"), "password": "correct horse"});
        let answer = self.post("/api/v1/auth/register", &body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let answer = self.post("/api/v1/auth/login", &json!({"username": name, "password": "correct horse"})).await;
        let token = answer.body["access_token"].as_str().unwrap().to_owned();
        User { server: self, token }
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        answer(self.http.post(format!("{}{path}", self.base)).json(body)).await
    }
}

/// The secret of tests that do not bring their own.
const SECRET: &str = "a secret for tests that is long enough";

/// Makes the assistant, as an instance might have that was there before. To make its keys takes longer than many a test, so all servers
/// under [`SECRET`] have the same; those under another one make their own.
async fn appoint(config: &Config, clock: Clock) {
    static MADE: OnceLock<NewAssistant> = OnceLock::new();
    if config.auth.secret.as_ref().is_none_or(|secret| secret.expose() != SECRET) {
        return;
    }
    let made = MADE.get_or_init(|| {
        let (id, pair, rest) = (UserId::fresh(), KeyPair::generate().unwrap(), RestKey::of(SECRET.as_bytes()).unwrap());
        let (public_key, sealed_key) = (pair.public().to_pem().unwrap(), pair.seal(&rest, &id.to_string()).unwrap());
        NewAssistant { id, public_key, sealed_key }
    });
    let app = App::new(Store::open(&config.database.options()).await.unwrap(), clock);
    app.appoint_assistant(made.clone()).await.unwrap();
    app.store.close().await;
}

/// Settings for a test: a fresh database, no limits.
pub(crate) fn config(database: &Database) -> Config {
    let files = format!("file:{}", database.folder.path().join("files").display());
    let variables = [
        ("ERRAND_DATABASE_URL", database.url.as_str()),
        ("ERRAND_FILES__URL", files.as_str()),
        ("ERRAND_LISTEN", "127.0.0.1:0"),
        ("ERRAND_LISTEN_CHASQUI", "127.0.0.1:0"),
        ("ERRAND_RATE_LIMITS", "off"),
        ("JWT_SECRET", SECRET),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    Sources { file: None, folder: database.folder.path().to_owned(), variables }.read().unwrap().config
}

/// The settings without any change.
pub(crate) fn defaults() -> Config {
    Sources { file: None, folder: std::env::temp_dir().join("nothing here"), variables: Vec::new() }
        .read()
        .unwrap()
        .config
}

/// An answer over HTTP.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

pub(crate) async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap_or(Value::String(text)) };
    Answer { status, headers, body }
}

/// Somebody who is logged in.
pub(crate) struct User<'a> {
    pub(crate) server: &'a Server,
    pub(crate) token: String,
}

impl User<'_> {
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.server.http.request(method, format!("{}{path}", self.server.base)).bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        answer(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Value) -> Answer {
        answer(self.request(method, path).json(&body)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, body).await
    }

    pub(crate) async fn chat(&self, message: &str) -> Answer {
        self.post("/api/chat", json!({"message": message, "user_timezone": "Europe/Madrid"})).await
    }

    pub(crate) async fn tasks(&self) -> Vec<Value> {
        let answer = self.get("/api/tasks/sync").await;
        assert_eq!(answer.status, StatusCode::OK.as_u16());
        answer.body["tasks"].as_array().unwrap().clone()
    }

    pub(crate) async fn session(&self) -> String {
        let answer = self.post("/api/chat/sessions", json!({"title": "a conversation"})).await;
        answer.body["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn socket(&self) -> Socket {
        Socket::open(self.server, &format!("?token={}", self.token)).await
    }
}

/// A client of `/ws`.
pub(crate) struct Socket {
    stream: tokio_tungstenite::WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>,
}

impl Socket {
    pub(crate) async fn open(server: &Server, query: &str) -> Self {
        Self::connect(&server.base, &format!("/ws{query}")).await
    }

    /// A client of another socket: `path` with its query.
    pub(crate) async fn connect(base: &str, path: &str) -> Self {
        let url = format!("{}{path}", base.replace("http://", "ws://"));
        let (stream, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        Self { stream }
    }

    /// A client whose request has these headers.
    pub(crate) async fn with(server: &Server, query: &str, headers: &[(&'static str, &str)]) -> Self {
        Self::connect_with(&server.base, &format!("/ws{query}"), headers).await
    }

    /// The same, of any socket.
    pub(crate) async fn connect_with(base: &str, path: &str, headers: &[(&'static str, &str)]) -> Self {
        let mut request = format!("{}{path}", base.replace("http://", "ws://")).into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let (stream, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        Self { stream }
    }

    /// A client whose system takes in little that it has not read yet.
    pub(crate) async fn narrow(base: &str, path: &str) -> Self {
        let host = base.trim_start_matches("http://");
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(16 * 1024).unwrap();
        let stream = MaybeTlsStream::Plain(socket.connect(host.parse().unwrap()).await.unwrap());
        let url = format!("ws://{host}{path}");
        let (stream, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
        Self { stream }
    }

    pub(crate) async fn send(&mut self, kind: &str, data: Value) {
        self.send_text(&json!({"type": kind, "data": data}).to_string()).await;
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.stream.send(Message::text(text)).await.unwrap();
    }

    /// As [`Socket::send_text`], where the other side may be gone.
    pub(crate) async fn try_send_text(&mut self, text: &str) -> Result<(), tungstenite::Error> {
        self.stream.send(Message::text(text)).await
    }

    /// The next frame; none when the connection broke, however.
    pub(crate) async fn try_receive(&mut self) -> Option<Value> {
        loop {
            match self.stream.next().await? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// The next frame; panics when none comes in time.
    pub(crate) async fn next(&mut self) -> Value {
        match self.receive().await {
            Ok(frame) => frame,
            Err(end) => panic!("the socket ended: {end:?}"),
        }
    }

    /// The next frame, or how the socket ended.
    pub(crate) async fn receive(&mut self) -> Result<Value, Option<u16>> {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(10), self.stream.next()).await;
            match next.expect("a frame within ten seconds") {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(frame))) => return Err(frame.map(|frame| frame.code.into())),
                Some(Ok(_)) => {}
                None | Some(Err(tungstenite::Error::ConnectionClosed)) => return Err(None),
                Some(Err(error)) => panic!("{error}"),
            }
        }
    }

    /// The next frame of this type; what comes before it is dropped.
    pub(crate) async fn next_of(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await;
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    /// How everything stands, and with `since`, the events that came before that.
    pub(crate) async fn sync(&mut self, since: Option<i64>) -> (Vec<Value>, Value) {
        let data = since.map_or_else(|| json!({}), |since| json!({"since": since}));
        self.send("sync_request", data).await;
        let mut before = Vec::new();
        loop {
            let frame = self.next().await;
            if frame["type"] == "sync_response" {
                return (before, frame);
            }
            before.push(frame);
        }
    }
}
