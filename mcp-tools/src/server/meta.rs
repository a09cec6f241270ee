//! What stands around results: who answers, and how refusals of the core are said where there is no tool to say them.

use std::sync::LazyLock;

use errand_core::{Error, Problem};
use rmcp::{
    ErrorData,
    model::{
        CallToolResponse, CallToolResult, CompleteResult, GetPromptResult, Implementation, InputRequiredResult,
        ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, MetaObject,
        ReadResourceResult,
    },
};
use serde_json::Value;

/// Who answers.
pub(super) fn server_info() -> Implementation {
    Implementation::new("errand", env!("CARGO_PKG_VERSION"))
}

/// A result that says who gives it (MCP 2026-07-28, "General fields": every result should).
pub(super) trait Signed: Sized {
    fn signed(self) -> Self;
}

fn sign(meta: &mut Option<MetaObject>) {
    static SERVER: LazyLock<Value> =
        LazyLock::new(|| serde_json::to_value(server_info()).expect("names and versions are strings"));
    let meta = meta.get_or_insert_with(MetaObject::new);
    meta.insert("io.modelcontextprotocol/serverInfo".into(), SERVER.clone());
}

macro_rules! signed {
    ($($result:ty)*) => {$(
        impl Signed for $result {
            fn signed(mut self) -> Self {
                sign(&mut self.meta);
                self
            }
        }
    )*};
}

signed! {
    CallToolResult CompleteResult GetPromptResult InputRequiredResult ListPromptsResult ListResourceTemplatesResult
    ListResourcesResult ListToolsResult ReadResourceResult
}

impl Signed for CallToolResponse {
    fn signed(self) -> Self {
        match self {
            Self::Complete(result) => Self::Complete(result.signed()),
            Self::InputRequired(result) => Self::InputRequired(result.signed()),
            other => other, // no tool of ours answers with anything else
        }
    }
}

/// How the core's refusal is said to a client that asked for something else than a tool.
#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
pub(super) fn fault(error: Error) -> ErrorData {
    match error {
        Error::Forbidden(noun) | Error::NotFound(noun) => {
            ErrorData::invalid_params(Error::NotFound(noun).to_string(), None)
        }
        Error::Invalid(_)
        | Error::Unclear { .. }
        | Error::Stale { .. }
        | Error::NothingToUndo
        | Error::KeyReused
        | Error::Chatroom(_) => ErrorData::invalid_params(error.to_string(), None),
        Error::OutOfScope(_)
        | Error::Credentials
        | Error::Unauthenticated
        | Error::Expired
        | Error::RefreshToken
        | Error::AlreadyRegistered
        | Error::TurnRunning => ErrorData::invalid_request(error.to_string(), None),
        Error::Database(_) | Error::Migration(_) | Error::Internal(_) => {
            tracing::error!(%error, "mcp.request_failed");
            ErrorData::internal_error("the service has a fault", None)
        }
    }
}

/// A request that breaks a rule of its own.
pub(super) fn wrong(field: &'static str, message: impl Into<String>) -> ErrorData {
    fault(Problem::new(field, message).into())
}
