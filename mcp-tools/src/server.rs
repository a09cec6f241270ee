//! The toolbox as an MCP server, for any transport.
//!
//! Who calls comes with each message: whoever brings it in (the client of this process, a face with a token) puts the [`Caller`]
//! into the message's extensions. There is no caller that is meant when none is named. A [`Span`] may come the same way: what is
//! logged in the call is logged in it.

use std::{panic::AssertUnwindSafe, sync::Arc};

use errand_core::{App, Caller};
use futures::FutureExt;
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CacheScope, CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation,
        ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig,
    },
    service::RequestContext,
};
use serde_json::Value;
use tracing::{Instrument as _, Span};

use crate::{tool::Failure, toolbox::Toolbox, tools};

/// How to work with the tools, for the model; what one tool needs stands in its description.
const INSTRUCTIONS: &str = "The user's tasks. Ids look like t_12: take them from list_tasks or an earlier answer. \
    Put all items of one kind in one call; items that failed stand in errors. Dates are YYYY-MM-DD, or RFC 3339 with the offset of \
    the user's zone (get_context tells it). Priority: low, medium, high, urgent. Status: pending, in_progress, completed, archived.";

/// The tools as an MCP server. Cheap to clone: HTTP makes one for each request.
#[derive(Clone)]
pub struct TaskServer {
    app: App,
    toolbox: Arc<Toolbox>,
}

impl TaskServer {
    /// All tools, on `app`.
    #[must_use]
    pub fn new(app: App) -> Self {
        Self::with(app, tools::all())
    }

    /// The tools of `toolbox`, on `app`.
    #[must_use]
    pub fn with(app: App, toolbox: Toolbox) -> Self {
        Self { app, toolbox: Arc::new(toolbox) }
    }
}

impl ServerHandler for TaskServer {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("errand", env!("CARGO_PKG_VERSION")))
            .with_instructions(INSTRUCTIONS)
    }

    /// The same for everybody, until the service is replaced by another version.
    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = self.toolbox.definitions().to_vec();
        Ok(ListToolsResult {
            ttl_ms: Some(60_000),
            cache_scope: Some(CacheScope::Public),
            ..ListToolsResult::with_all_items(tools)
        })
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let caller = context.extensions.get::<Caller>();
        let caller = caller.ok_or_else(|| ErrorData::internal_error("the call does not say who calls", None))?;
        let span = context.extensions.get::<Span>().cloned().unwrap_or_else(Span::current);
        let call = self.toolbox.call(&self.app, caller, &request.name, request.arguments.unwrap_or_default());
        let call = call.instrument(span.clone());
        let result = tokio::select! {
            biased;
            () = context.ct.cancelled() => return Ok(refused("the call was cancelled")),
            result = AssertUnwindSafe(call).catch_unwind() => result,
        };
        Ok(match result {
            Ok(Some(Ok(output))) => CallToolResult::structured(output).into(),
            Ok(Some(Err(Failure::Nothing(output)))) => CallToolResult::structured_error(output).into(),
            Ok(Some(Err(Failure::Refused(why)))) => refused(why),
            Ok(None) => return Err(self.unknown(&request.name)),
            Err(_) => {
                span.in_scope(|| tracing::error!(tool = %request.name, "a tool panicked"));
                refused("the tool has a fault; call list_tasks to see how things are before trying again")
            }
        })
    }
}

impl TaskServer {
    fn unknown(&self, name: &str) -> ErrorData {
        let names: Vec<_> = self.toolbox.definitions().iter().map(|tool| tool.name.as_ref()).collect();
        let message = format!("there is no tool {name}; there are {}", names.join(", "));
        ErrorData::invalid_params(message, Some(Value::from(names)))
    }
}

fn refused(why: impl Into<String>) -> CallToolResponse {
    CallToolResult::error(vec![ContentBlock::text(why)]).into()
}
