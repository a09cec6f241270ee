//! `tools/list` and `tools/call`.

use std::{panic::AssertUnwindSafe, pin::pin};

use errand_core::Caller;
use futures::FutureExt;
use rmcp::{
    ErrorData, RoleServer,
    model::{
        CacheScope, CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ListToolsResult,
        ProgressNotificationParam, ProgressToken,
    },
    service::RequestContext,
};
use serde_json::Value;
use tokio::sync::mpsc;
use tracing::{Instrument as _, Span};

use super::{TaskServer, app, confirmation::Asked};
use crate::{
    size::Fitted,
    tool::Failure,
    toolbox::Context,
    watch::{Progress, Watch},
};

/// How long a client may take the list for right, in milliseconds: it changes with what was granted.
const FRESH: u64 = 60_000;

impl TaskServer {
    /// The tools that `caller` may use.
    pub(super) fn offered(&self, caller: &Caller) -> ListToolsResult {
        let permitted = |name: &str| self.toolbox.scope(name).is_some_and(|scope| caller.scopes.permit(scope));
        let tools = self.toolbox.definitions().iter().filter(|tool| permitted(&tool.name)).cloned();
        let attached = |tool| if self.board.is_some() { app::attached(tool) } else { tool };
        let tools = tools.map(attached).collect();
        ListToolsResult::with_all_items(tools).with_ttl_ms(FRESH).with_cache_scope(CacheScope::Private)
    }

    /// Runs a tool.
    pub(super) async fn call(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let caller = &self.caller(&context)?;
        let scope = self.toolbox.scope(&request.name).ok_or_else(|| self.unknown(&request.name))?;
        if let Err(error) = caller.may(scope) {
            return Ok(refused(error.to_string()));
        }
        if let Some(why) = self.wait(caller).await {
            return Ok(refused(why));
        }
        let assent = match self.ask_first(caller, &request, &context).await? {
            Asked::May(assent) => assent,
            Asked::Told(response) => return Ok(response),
        };
        let (told, progress) = mpsc::unbounded_channel();
        let watch = Watch::until(context.ct.clone());
        let token = context.meta.get_progress_token();
        let watch = if token.is_some() { watch.telling(told) } else { watch };
        let around = Context { app: &self.app, caller, watch: &watch, assent: &assent };
        let span = context.extensions.get::<Span>().cloned().unwrap_or_else(Span::current);
        let call = self.toolbox.call(around, &request.name, request.arguments.unwrap_or_default());
        let call = AssertUnwindSafe(call.instrument(span.clone())).catch_unwind();
        let result = tokio::select! {
            biased;
            () = context.ct.cancelled() => return Ok(refused("the call was cancelled")),
            result = told_of(call, &context, token, progress) => result,
        };
        Ok(match result {
            Ok(Some(Ok(output))) => answered(output).into(),
            Ok(Some(Err(Failure::Nothing(output)))) => CallToolResult::structured_error(output).into(),
            Ok(Some(Err(Failure::Refused(why)))) => refused(why),
            Ok(None) => return Err(self.unknown(&request.name)),
            Err(_) => {
                span.in_scope(|| tracing::error!(tool = %request.name, "a tool panicked"));
                refused("the tool has a fault; call list_tasks to see how things are before trying again")
            }
        })
    }

    fn unknown(&self, name: &str) -> ErrorData {
        let names: Vec<_> = self.toolbox.definitions().iter().map(|tool| tool.name.as_ref()).collect();
        let message = format!("there is no tool {name}; there are {}", names.join(", "));
        ErrorData::invalid_params(message, Some(Value::from(names)))
    }
}

/// Waits for `call`, and tells the client how far it is: while it runs, and all of it before the result.
async fn told_of<T>(
    call: impl Future<Output = T>,
    context: &RequestContext<RoleServer>,
    token: Option<ProgressToken>,
    mut progress: mpsc::UnboundedReceiver<Progress>,
) -> T {
    let tell = async |Progress { done, total }: Progress| {
        let Some(token) = token.clone() else { return };
        let count = |items: usize| f64::from(u32::try_from(items).unwrap_or(u32::MAX));
        let news = ProgressNotificationParam::new(token, count(done)).with_total(count(total));
        if let Err(error) = context.peer.notify_progress(news).await {
            tracing::debug!(%error, "mcp.progress_not_told");
        }
    };
    let mut call = pin!(call);
    let result = loop {
        tokio::select! {
            biased;
            Some(step) = progress.recv() => tell(step).await,
            result = &mut call => break result,
        }
    };
    while let Ok(step) = progress.try_recv() {
        tell(step).await;
    }
    result
}

/// A result's data, and their text for whoever does not take data.
fn answered(Fitted { data, text }: Fitted) -> CallToolResult {
    let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
    result.structured_content = Some(data);
    result
}

/// An answer for the model to read: nothing was done, and why.
pub(super) fn refused(why: impl Into<String>) -> CallToolResponse {
    CallToolResult::error(vec![ContentBlock::text(why)]).into()
}
