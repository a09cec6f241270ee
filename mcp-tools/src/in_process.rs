//! The assistant's way to the tools: an MCP client in the same process.
//!
//! Client and server are joined by typed channels, so that messages are moved and their extensions, the caller among them, survive;
//! a byte stream would lose them. Many calls run side by side on the one connection.

use std::sync::Arc;

use errand_core::{App, Caller};
use futures::channel::mpsc;
use rmcp::{
    ClientHandler, ClientLifecycleMode, ClientServiceExt, RoleClient, RoleServer, ServiceError, ServiceExt,
    model::{
        CallToolRequest, CallToolRequestParams, CallToolResult, CancelledNotification, CancelledNotificationParam,
        ClientCapabilities, ClientConfig, ClientRequest, Implementation, ProtocolVersion, RequestId, ServerResult,
        Tool,
    },
    service::{ClientInitializeError, Peer, PeerRequestOptions, RunningService, RxJsonRpcMessage},
};
use serde_json::Value;

use crate::server::TaskServer;

/// How many messages may wait in each direction before the sender has to.
const QUEUE: usize = 64;

/// A connection to the tools of this process. Cheap to clone; it ends with the last clone.
#[derive(Clone)]
pub struct InProcess(Arc<Connection>);

struct Connection {
    client: RunningService<RoleClient, Host>,
    tools: Vec<Tool>,
}

/// What a call came to.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolOutcome {
    /// The structured result; a text, as a JSON string, when there is none.
    pub content: Value,
    /// Whether nothing of the call went through.
    pub is_error: bool,
}

/// The connection could not be made.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Client and server did not come together.
    #[error("the tools did not start: {0}")]
    Handshake(#[from] Box<ClientInitializeError>),
    /// The server did not say which tools there are.
    #[error("the tools cannot be listed: {0}")]
    List(#[from] ServiceError),
}

#[derive(Clone)]
struct Host;

impl ClientHandler for Host {
    fn get_info(&self) -> ClientConfig {
        let host = Implementation::new("errand-assistant", env!("CARGO_PKG_VERSION"));
        ClientConfig::new(ClientCapabilities::default(), host)
    }
}

impl InProcess {
    /// Starts the server of all tools on `app` and connects to it.
    ///
    /// # Errors
    /// [`StartError`], when the two do not come together.
    pub async fn start(app: App) -> Result<Self, StartError> {
        Self::connect(TaskServer::new(app)).await
    }

    /// Starts `server` and connects to it.
    ///
    /// # Errors
    /// [`StartError`], when the two do not come together.
    pub async fn connect(server: TaskServer) -> Result<Self, StartError> {
        let (to_server, from_client) = mpsc::channel::<RxJsonRpcMessage<RoleServer>>(QUEUE);
        let (to_client, from_server) = mpsc::channel::<RxJsonRpcMessage<RoleClient>>(QUEUE);
        // Ends when the client does: its half of the channel closes.
        tokio::spawn(async move {
            match server.serve((to_client, from_client)).await {
                Ok(running) => drop(running.waiting().await),
                Err(error) => tracing::error!(%error, "the tools did not start"),
            }
        });
        let modern = ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] };
        let client = Host.serve_with_lifecycle((to_server, from_server), modern).await.map_err(Box::new)?;
        let tools = client.list_all_tools().await?;
        Ok(Self(Arc::new(Connection { client, tools })))
    }

    /// The tools there are, in their order.
    #[must_use]
    pub fn tools(&self) -> &[Tool] {
        &self.0.tools
    }

    /// Calls a tool for `caller`. Whatever goes wrong is an outcome that the model can read. Dropping the future cancels the call:
    /// what is being written then is written to its end, what waits does not begin.
    pub async fn call(&self, caller: Caller, name: &str, arguments: Value) -> ToolOutcome {
        let Value::Object(arguments) = arguments else {
            return ToolOutcome::error(format!("the arguments of {name} must be a JSON object, not {arguments}"));
        };
        let params = CallToolRequestParams::new(name.to_owned()).with_arguments(arguments);
        let mut request = CallToolRequest::new(params);
        request.extensions.insert(caller);
        match self.send(ClientRequest::CallToolRequest(request)).await {
            Ok(ServerResult::CallToolResult(result)) => result.into(),
            Ok(other) => {
                tracing::error!(?other, tool = name, "a tool answered something else than a result");
                ToolOutcome::error("the tool has a fault".into())
            }
            Err(ServiceError::McpError(error)) => ToolOutcome::error(error.message.into_owned()),
            Err(error) => {
                tracing::error!(%error, tool = name, "a tool could not be reached");
                ToolOutcome::error("the tools cannot be reached; nothing is known about this call".into())
            }
        }
    }

    async fn send(&self, request: ClientRequest) -> Result<ServerResult, ServiceError> {
        let peer = self.0.client.peer();
        let handle = peer.send_cancellable_request(request, PeerRequestOptions::no_options()).await?;
        let mut running = Running { peer: peer.clone(), id: Some(handle.id.clone()) };
        let result = handle.await_response().await;
        running.id = None;
        result
    }
}

/// A call that is running: dropped before its end, it tells the server.
struct Running {
    peer: Peer<RoleClient>,
    id: Option<RequestId>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let (Some(id), Ok(runtime)) = (self.id.take(), tokio::runtime::Handle::try_current()) else { return };
        let peer = self.peer.clone();
        runtime.spawn(async move {
            let reason = Some("the caller does not wait for it any more".to_owned());
            let params = CancelledNotificationParam::new(Some(id), reason);
            // A server that is gone has nothing left to cancel.
            drop(peer.send_notification(CancelledNotification::new(params).into()).await);
        });
    }
}

impl ToolOutcome {
    fn error(why: String) -> Self {
        Self { content: Value::String(why), is_error: true }
    }
}

impl From<CallToolResult> for ToolOutcome {
    fn from(result: CallToolResult) -> Self {
        let text = || {
            let texts = result.content.iter().filter_map(|block| block.as_text());
            Value::String(texts.map(|text| text.text.as_str()).collect::<Vec<_>>().join("\n"))
        };
        let content = result.structured_content.clone().unwrap_or_else(text);
        Self { content, is_error: result.is_error.unwrap_or(false) }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicBool, Ordering},
        time::Duration,
    };

    use rmcp::model::ErrorCode;
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};
    use serde_json::json;

    use super::*;
    use crate::{
        bench::Bench,
        tool::{Ask, Effect, Failure, Tool},
        toolbox::Toolbox,
    };

    #[derive(Deserialize, JsonSchema)]
    struct Input {}

    #[derive(Serialize, JsonSchema)]
    struct Output {
        done: bool,
    }

    /// A tool with this name whose call is `$body`.
    macro_rules! tool {
        ($tool:ident, $name:literal, $body:expr) => {
            struct $tool;
            impl Tool for $tool {
                const NAME: &'static str = $name;
                const TITLE: &'static str = $name;
                const DESCRIPTION: &'static str = $name;
                const EFFECT: Effect = Effect::Reads;
                type Input = Input;
                type Output = Output;
                async fn call(_: &Ask<'_>, _: Input) -> Result<Output, Failure> {
                    $body
                }
            }
        };
    }

    static STARTED: AtomicBool = AtomicBool::new(false);
    static DROPPED: AtomicBool = AtomicBool::new(false);

    struct Noticed;
    impl Drop for Noticed {
        fn drop(&mut self) {
            DROPPED.store(true, Ordering::SeqCst);
        }
    }

    tool!(Quick, "quick", Ok(Output { done: true }));
    tool!(Panics, "panics", panic!("on purpose"));
    tool!(Hangs, "hangs", std::future::pending().await);
    tool!(Watched, "watched", {
        let _noticed = Noticed;
        STARTED.store(true, Ordering::SeqCst);
        std::future::pending().await
    });

    async fn odd_tools() -> (Bench, InProcess) {
        let bench = Bench::new().await;
        let toolbox = Toolbox::default().with::<Quick>().with::<Panics>().with::<Hangs>().with::<Watched>();
        let tools = InProcess::connect(TaskServer::with(bench.app.clone(), toolbox)).await.unwrap();
        (bench, tools)
    }

    async fn until(seen: &AtomicBool) {
        let wait = async {
            while !seen.load(Ordering::SeqCst) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), wait).await.expect("it never happened");
    }

    #[tokio::test]
    async fn each_call_is_its_callers() {
        let bench = Bench::new().await;
        let tools = InProcess::start(bench.app.clone()).await.unwrap();
        let names: Vec<_> = tools.tools().iter().map(|tool| tool.name.as_ref()).collect();
        assert_eq!(
            names,
            [
                "list_tasks",
                "get_tasks",
                "create_tasks",
                "update_tasks",
                "complete_tasks",
                "delete_tasks",
                "undo",
                "get_context"
            ]
        );
        let bob = bench.caller("bob", "UTC").await;
        for caller in [&bench.ann, &bob] {
            let task = json!({"tasks": [{"title": caller.name}]});
            assert!(!tools.call(caller.clone(), "create_tasks", task).await.is_error);
        }
        let listed = tools.call(bob, "list_tasks", json!({})).await;
        assert_eq!((&listed.content["total"], &listed.content["tasks"][0]["title"]), (&json!(1), &json!("bob")));
        assert_eq!(bench.titles().await, ["ann"]);
    }

    #[tokio::test]
    async fn whatever_is_wrong_is_told_to_the_model() {
        let bench = Bench::new().await;
        let tools = InProcess::start(bench.app.clone()).await.unwrap();
        for (name, arguments, why) in [
            ("list_tasks", json!(["t_1"]), "the arguments of list_tasks must be a JSON object, not [\"t_1\"]"),
            ("list_tasks", json!({"limit": 0}), "limit must lie between 1 and 100"),
            ("find_tasks", json!({}), "there is no tool find_tasks; there are list_tasks, get_tasks, create_tasks"),
            ("undo", json!({}), "there is nothing to undo"),
        ] {
            let outcome = tools.call(bench.ann.clone(), name, arguments).await;
            assert!(outcome.is_error, "{name}");
            assert!(outcome.content.as_str().is_some_and(|text| text.contains(why)), "{outcome:?}");
        }
        let nothing = tools.call(bench.ann.clone(), "get_tasks", json!({"ids": ["t_0"]})).await;
        assert!(nothing.is_error);
        assert_eq!(nothing.content["errors"][0]["code"], "not_found");
    }

    #[tokio::test]
    async fn a_call_without_a_caller_and_an_unknown_tool_are_protocol_errors() {
        let bench = Bench::new().await;
        let tools = InProcess::start(bench.app.clone()).await.unwrap();
        let client = &tools.0.client;
        let Err(ServiceError::McpError(error)) = client.call_tool(CallToolRequestParams::new("undo")).await else {
            panic!("answered nobody")
        };
        assert_eq!(error.code, ErrorCode::INTERNAL_ERROR);
        let mut request = CallToolRequest::new(CallToolRequestParams::new("nope"));
        request.extensions.insert(bench.ann.clone());
        let Err(ServiceError::McpError(error)) = tools.send(ClientRequest::CallToolRequest(request)).await else {
            panic!("answered for a tool that is not there")
        };
        assert_eq!(error.code, ErrorCode::INVALID_PARAMS);
    }

    #[tokio::test]
    async fn a_slow_call_does_not_hold_up_others() {
        let (bench, tools) = odd_tools().await;
        let slow: Vec<_> = (0..200)
            .map(|_| {
                let (tools, ann) = (tools.clone(), bench.ann.clone());
                tokio::spawn(async move { tools.call(ann, "hangs", json!({})).await })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(50)).await;
        let quick = tools.call(bench.ann.clone(), "quick", json!({}));
        let outcome = tokio::time::timeout(Duration::from_secs(5), quick).await.expect("held up");
        assert_eq!(outcome, ToolOutcome { content: json!({"done": true}), is_error: false });
        slow.iter().for_each(tokio::task::JoinHandle::abort);
    }

    #[tokio::test]
    async fn a_call_that_nobody_waits_for_is_cancelled() {
        let (bench, tools) = odd_tools().await;
        let call = tokio::spawn({
            let (tools, ann) = (tools.clone(), bench.ann.clone());
            async move { tools.call(ann, "watched", json!({})).await }
        });
        until(&STARTED).await;
        call.abort();
        until(&DROPPED).await;
        assert!(!tools.call(bench.ann.clone(), "quick", json!({})).await.is_error);
    }

    #[tokio::test]
    async fn a_tool_that_panics_takes_nothing_down() {
        let (bench, tools) = odd_tools().await;
        let outcome = tools.call(bench.ann.clone(), "panics", json!({})).await;
        assert!(outcome.is_error);
        assert!(outcome.content.as_str().is_some_and(|text| text.contains("fault")), "{outcome:?}");
        assert!(!tools.call(bench.ann.clone(), "quick", json!({})).await.is_error);
    }

    #[tokio::test]
    async fn a_dead_connection_is_reported() {
        let (bench, tools) = odd_tools().await;
        let running = tokio::spawn({
            let (tools, ann) = (tools.clone(), bench.ann.clone());
            async move { tools.call(ann, "hangs", json!({})).await }
        });
        tokio::time::sleep(Duration::from_millis(20)).await;
        tools.0.client.cancellation_token().cancel();
        let later = async { tools.call(bench.ann.clone(), "quick", json!({})).await };
        for outcome in [running.await.unwrap(), later.await] {
            assert!(outcome.is_error);
            assert!(outcome.content.as_str().is_some_and(|text| text.contains("cannot be reached")), "{outcome:?}");
        }
    }
}
