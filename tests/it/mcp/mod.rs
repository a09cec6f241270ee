//! The tools for everybody's agents, from outside: rmcp's own client in both eras, and by hand what no such client sends.

mod calls;
mod ear;
mod eras;
mod grants;
mod limits;
mod refusals;
mod sessions;
mod stdio;
mod story;
mod streams;
mod subscriptions;

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use reqwest::{Method, RequestBuilder};
use rmcp::{
    ClientHandler, ClientLifecycleMode, ClientServiceExt as _, RoleClient,
    model::{CallToolRequestParams, CallToolResult, ProtocolVersion},
    service::RunningService,
    transport::{
        StreamableHttpClientTransport, streamable_http_client::StreamableHttpClientTransportConfig as TransportConfig,
    },
};
use serde_json::{Value, json};

use crate::harness::{Answer, User, answer};

/// How a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Era {
    /// Until 2025-11-25, in a session that begins with `initialize`.
    Sessions,
    /// From 2026-07-28, each request for itself.
    Requests,
}

impl Era {
    pub(crate) fn lifecycle(self) -> ClientLifecycleMode {
        match self {
            Self::Sessions => ClientLifecycleMode::Initialize,
            Self::Requests => ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] },
        }
    }
}

/// Somebody's agent.
pub(crate) struct Agent<H: ClientHandler = ()>(pub(crate) RunningService<RoleClient, H>);

impl Agent {
    /// One that has logged in with the token of `user`.
    pub(crate) async fn of(user: &User<'_>, era: Era) -> Self {
        Self::with((), user, era).await
    }
}

impl<H: ClientHandler> Agent<H> {
    /// The same, with something that hears what it is told besides answers.
    pub(crate) async fn with(handler: H, user: &User<'_>, era: Era) -> Self {
        let config = TransportConfig::with_uri(format!("{}/mcp", user.server.base)).auth_header(user.token.clone());
        let transport = StreamableHttpClientTransport::from_config(config);
        Self(handler.serve_with_lifecycle(transport, era.lifecycle()).await.unwrap())
    }

    /// What a tool answers.
    pub(crate) async fn result(&self, tool: &'static str, arguments: Value) -> CallToolResult {
        let called = self.0.call_tool(params(tool, &arguments));
        tokio::time::timeout(Duration::from_secs(20), called).await.expect("an answer in time").unwrap()
    }

    /// The same, as data.
    pub(crate) async fn call(&self, tool: &'static str, arguments: Value) -> Value {
        let result = self.result(tool, arguments).await;
        assert_ne!(result.is_error, Some(true), "{result:?}");
        result.structured_content.unwrap()
    }

    /// Why a tool refuses.
    pub(crate) async fn refusal(&self, tool: &'static str, arguments: Value) -> String {
        let result = self.result(tool, arguments).await;
        assert_eq!(result.is_error, Some(true), "{result:?}");
        result.content[0].as_text().unwrap().text.clone()
    }

    /// Makes tasks with these titles; their ids.
    pub(crate) async fn made(&self, titles: impl IntoIterator<Item = String>) -> Vec<String> {
        let tasks: Vec<_> = titles.into_iter().map(|title| json!({"title": title})).collect();
        let made = self.call("create_tasks", json!({"tasks": tasks})).await;
        made["tasks"].as_array().unwrap().iter().map(|task| task["id"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) async fn create(&self, title: &str) {
        let created = self.call("create_tasks", json!({"tasks": [{"title": title}]})).await;
        assert_eq!(created["tasks"][0]["title"], title);
    }

    pub(crate) async fn titles(&self) -> Vec<String> {
        let list = self.call("list_tasks", json!({})).await;
        list["tasks"].as_array().unwrap().iter().map(|task| task["title"].as_str().unwrap().to_owned()).collect()
    }
}

fn params(tool: &'static str, arguments: &Value) -> CallToolRequestParams {
    CallToolRequestParams::new(tool).with_arguments(arguments.as_object().unwrap().clone())
}

/// A request to the endpoint, with what every client of it sends.
fn asked(user: &User<'_>, method: Method) -> RequestBuilder {
    user.request(method, "/mcp").header("accept", "application/json, text/event-stream")
}

/// A message as clients of 2025-11-25 send it.
fn message(method: &str, params: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
}

fn initialize() -> Value {
    let client = json!({"name": "by hand", "version": "1"});
    message("initialize", &json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client}))
}

/// A message as clients of 2026-07-28 send it, with its headers.
fn modern(user: &User<'_>, method: &str, mut params: Value) -> RequestBuilder {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "by hand", "version": "1"},
    });
    let request = asked(user, Method::POST).header("mcp-protocol-version", "2026-07-28").header("mcp-method", method);
    let request = match params["name"].as_str() {
        Some(name) => request.header("mcp-name", name),
        None => request,
    };
    request.json(&message(method, &params))
}

/// A new session by hand; its name.
async fn begin(user: &User<'_>) -> String {
    begin_as(user, &json!({})).await
}

/// The same, of a client that can do something.
async fn begin_as(user: &User<'_>, capabilities: &Value) -> String {
    let mut initialize = initialize();
    initialize["params"]["capabilities"] = capabilities.clone();
    let begun = answer(asked(user, Method::POST).json(&initialize)).await;
    assert_eq!(begun.status, 200, "{begun:?}");
    let name = begun.headers["mcp-session-id"].to_str().unwrap().to_owned();
    let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    let noted = answer(asked(user, Method::POST).header("mcp-session-id", &name).json(&ready)).await;
    assert_eq!(noted.status, 202, "{noted:?}");
    name
}

/// A request in a session, under an id that none has had: two at once with the same one would be taken for each other.
async fn ping(user: &User<'_>, session: &str) -> Answer {
    static NEXT: AtomicU64 = AtomicU64::new(100);
    let mut ping = message("ping", &json!({}));
    ping["id"] = NEXT.fetch_add(1, Ordering::Relaxed).into();
    answer(asked(user, Method::POST).header("mcp-session-id", session).json(&ping)).await
}
