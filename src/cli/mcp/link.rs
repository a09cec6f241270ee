//! The server over Streamable HTTP, in the era that the agent speaks.
//!
//! A server may be started again: it is asked again until it answers, and a session that it does not know any more is begun anew with what
//! the agent said at its beginning.

use std::{sync::Mutex, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use futures::{StreamExt as _, pin_mut};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Url, header};
use serde_json::{Value, json};
use sse_stream::SseStream;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{McpError, Token};

/// How long a server that is not there is asked again.
const PATIENCE: Duration = Duration::from_secs(10);

/// Until it is asked the second time; then twice as long each time, up to the longest.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// The first version of the protocol without sessions.
const FIRST_MODERN: &str = "2026-07-28";

const VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const SESSION: &str = "mcp-session-id";

/// Why a message got no answer; for the agent, whose call it was.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the Errand server cannot be reached: {0}")]
    Unreachable(String),
    #[error("the connection to the Errand server was lost ({0}); look how things are before trying again")]
    Lost(String),
    #[error("the Errand server refuses the token; get a new one and restart this program")]
    Token,
    #[error("the Errand server answers {0}: {1}")]
    Refused(StatusCode, String),
    #[error(transparent)]
    Own(#[from] errand_core::Error),
}

pub(super) struct Link {
    client: Client,
    url: String,
    token: Token,
    out: mpsc::Sender<Value>,
    session: Mutex<Session>,
    /// One at a time begins a session anew.
    renewing: tokio::sync::Mutex<()>,
    ended: CancellationToken,
}

/// What the agent and the server have agreed on, in the older era.
#[derive(Clone, Default)]
struct Session {
    id: Option<String>,
    version: Option<String>,
    /// What the agent said when it began.
    initialize: Option<Value>,
}

/// Whether a message is of the era without sessions.
pub(super) fn is_modern(message: &Value) -> bool {
    message["params"]["_meta"][VERSION].as_str().is_some_and(|version| version >= FIRST_MODERN)
}

impl Link {
    pub(super) fn new(server: &Url, token: Token, out: mpsc::Sender<Value>) -> Result<Self, McpError> {
        let client = Client::builder().connect_timeout(Duration::from_secs(5)).build()?;
        let url = format!("{}{}", server.as_str().trim_end_matches('/'), crate::mcp::PATH);
        let (session, renewing, ended) = (Mutex::default(), tokio::sync::Mutex::default(), CancellationToken::new());
        Ok(Self { client, url, token, out, session, renewing, ended })
    }

    /// Gives the agent a message.
    pub(super) async fn tell(&self, message: Value) {
        let _ = self.out.send(message).await; // it is gone when nobody reads any more
    }

    /// Has a message answered.
    pub(super) async fn pass(&self, message: &Value) {
        let answered = tokio::select! {
            answered = self.answered(message) => answered,
            () = self.ended.cancelled(), if message["method"] == "subscriptions/listen" => return,
        };
        let is_request = message.get("id").is_some() && message.get("method").is_some();
        match answered {
            Ok(Some(answer)) => self.tell(answer).await,
            Ok(None) => {}
            Err(error) if is_request => {
                let error = json!({"code": -32603, "message": error.to_string()});
                self.tell(json!({"jsonrpc": "2.0", "id": message["id"], "error": error})).await;
            }
            Err(error) => tracing::warn!(%error, "mcp.message_lost"),
        }
    }

    async fn answered(&self, message: &Value) -> Result<Option<Value>, Failure> {
        if message["method"] == "initialize" {
            return self.begin(message).await.map(Some);
        }
        let session = self.session_of(message);
        let mut response = self.send(|| self.post(message, &session)).await?;
        if response.status() == StatusCode::NOT_FOUND && session.id.is_some() {
            self.renew(&session).await?;
            response = self.send(|| self.post(message, &self.session_of(message))).await?;
        }
        self.read(response, message).await
    }

    /// Begins a session.
    async fn begin(&self, initialize: &Value) -> Result<Value, Failure> {
        let response = self.send(|| self.post(initialize, &Session::default())).await?;
        let id = response.headers().get(SESSION).and_then(|id| id.to_str().ok()).map(str::to_owned);
        let answer = self.read(response, initialize).await?;
        let answer = answer.ok_or_else(|| Failure::Lost("no answer to initialize".into()))?;
        let version = answer["result"]["protocolVersion"].as_str().map(str::to_owned);
        if version.is_some() {
            *self.lock() = Session { id, version, initialize: Some(initialize.clone()) };
        }
        Ok(answer)
    }

    /// Begins the session anew that the server does not know any more, unless somebody has done so meanwhile.
    async fn renew(&self, lost: &Session) -> Result<(), Failure> {
        let _one = self.renewing.lock().await;
        let Session { id, initialize, .. } = self.lock().clone();
        let Some(initialize) = initialize.filter(|_| id == lost.id) else { return Ok(()) };
        tracing::info!("mcp.session_begun_anew");
        self.begin(&initialize).await?;
        let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        let response = self.send(|| self.post(&ready, &self.session_of(&ready))).await?;
        self.read(response, &ready).await.map(|_| ())
    }

    /// Tells the agent what the server says of itself, in the older era.
    pub(super) async fn listen(&self) {
        while !self.ended.is_cancelled() {
            tokio::select! {
                () = self.ended.cancelled() => {}
                again = self.listen_once() => if !again { return },
            }
        }
    }

    /// Whether there is any use in listening again.
    async fn listen_once(&self) -> bool {
        let session = self.lock().clone();
        if session.id.is_none() {
            return false;
        }
        let asked =
            self.send(|| self.within(Method::GET, &session).map(|get| get.header(header::ACCEPT, "text/event-stream")));
        let heard = match asked.await {
            Ok(response) if response.status() == StatusCode::NOT_FOUND => self.renew(&session).await,
            Ok(response) if response.status() == StatusCode::METHOD_NOT_ALLOWED => return false,
            Ok(response) => self.read(response, &Value::Null).await.map(|_| ()),
            Err(error) => Err(error),
        };
        match heard {
            Ok(()) => {}
            Err(Failure::Token) => return false, // the next call will say so
            Err(error) => tracing::warn!(%error, "mcp.not_listening"),
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        true
    }

    /// Ends what has no end of its own.
    pub(super) fn stop_listening(&self) {
        self.ended.cancel();
    }

    /// Says good-bye to a server that keeps a session for us.
    pub(super) async fn end(&self) {
        let session = self.lock().clone();
        if session.id.is_none() {
            return;
        }
        if let Ok(request) = self.within(Method::DELETE, &session)
            && let Err(error) = request.timeout(Duration::from_secs(2)).send().await
        {
            tracing::debug!(%error, "mcp.session_not_ended");
        }
    }

    /// Gives the agent what comes before the answer to `message`, and answers that.
    async fn read(&self, response: Response, message: &Value) -> Result<Option<Value>, Failure> {
        let (status, id) = (response.status(), message.get("id").filter(|_| message.get("method").is_some()));
        let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.starts_with("text/event-stream") {
            return self.read_stream(response, id).await;
        }
        let body = response.bytes().await.map_err(|error| Failure::Lost(error.to_string()))?;
        let mut answer: Option<Value> = serde_json::from_slice(&body).ok();
        match (&mut answer, id) {
            _ if status == StatusCode::UNAUTHORIZED => Err(Failure::Token),
            (Some(error), Some(id)) if error.get("error").is_some() => {
                error["id"] = id.clone(); // an error that was found before the message was read names none
                Ok(answer)
            }
            _ if !status.is_success() => Err(Failure::Refused(status, String::from_utf8_lossy(&body).into_owned())),
            (None, Some(_)) => Err(Failure::Refused(status, "no message".into())),
            _ => Ok(answer),
        }
    }

    async fn read_stream(&self, response: Response, id: Option<&Value>) -> Result<Option<Value>, Failure> {
        let events = SseStream::from_bytes_stream(response.bytes_stream());
        pin_mut!(events);
        while let Some(event) = events.next().await {
            let event = event.map_err(|error| Failure::Lost(error.to_string()))?;
            let Some(data) = event.data.filter(|data| !data.is_empty()) else { continue };
            let message: Value = serde_json::from_str(&data).map_err(|error| Failure::Lost(error.to_string()))?;
            if id.is_some() && message.get("method").is_none() && message.get("id") == id {
                return Ok(Some(message));
            }
            self.tell(message).await;
        }
        if id.is_some() { Err(Failure::Lost("it ended before the answer".into())) } else { Ok(None) }
    }

    /// Sends a request, again and again while nobody takes it: then nothing can have been done.
    async fn send(&self, request: impl Fn() -> Result<RequestBuilder, Failure>) -> Result<Response, Failure> {
        let (began, mut wait) = (tokio::time::Instant::now(), FIRST_WAIT);
        loop {
            match request()?.send().await {
                Ok(response) => return Ok(response),
                Err(error) if error.is_connect() && began.elapsed() < PATIENCE => {
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
                Err(error) if error.is_connect() => return Err(Failure::Unreachable(self.url.clone())),
                Err(error) => return Err(Failure::Lost(error.to_string())),
            }
        }
    }

    fn post(&self, message: &Value, session: &Session) -> Result<RequestBuilder, Failure> {
        let request = self.within(Method::POST, session)?.header(header::ACCEPT, "application/json, text/event-stream");
        let request = match message["params"]["_meta"][VERSION].as_str() {
            Some(version) => headers(message)
                .into_iter()
                .fold(request.header("mcp-protocol-version", version), |request, (name, value)| {
                    request.header(name, value)
                }),
            None => request,
        };
        Ok(request.json(message))
    }

    fn within(&self, method: Method, session: &Session) -> Result<RequestBuilder, Failure> {
        let request = self.client.request(method, &self.url).bearer_auth(self.token.text()?);
        let headers = [(SESSION, &session.id), ("mcp-protocol-version", &session.version)];
        let headers = headers.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
        Ok(headers.fold(request, |request, (name, value)| request.header(name, value)))
    }

    /// The session that a message belongs to: none in the newer era.
    fn session_of(&self, message: &Value) -> Session {
        if is_modern(message) { Session::default() } else { self.lock().clone() }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Session> {
        self.session.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// What a message of the newer era has to repeat in its headers (SEP-2243).
fn headers(message: &Value) -> Vec<(&'static str, String)> {
    let method = message["method"].as_str().unwrap_or_default();
    let field = match method {
        "tools/call" | "prompts/get" => "name",
        "resources/read" => "uri",
        "tasks/get" | "tasks/update" | "tasks/cancel" => "taskId",
        _ => "",
    };
    let name = message["params"][field].as_str().map(|name| ("mcp-name", for_header(name)));
    [("mcp-method", for_header(method))].into_iter().chain(name).collect()
}

/// A text as a header can carry it.
fn for_header(text: &str) -> String {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if plain && text.trim() == text && !text.starts_with("=?") {
        return text.to_owned();
    }
    format!("=?base64?{}?=", BASE64_STANDARD.encode(text))
}
