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
        let tools = server.definitions().to_vec();
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
        request.extensions.insert(tracing::Span::current());
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
mod tests;
