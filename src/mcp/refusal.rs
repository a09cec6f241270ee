//! How the endpoint says no: a status, and a JSON-RPC error that says why. Which request it was is not known when it is refused here,
//! so the error's id is null (JSON-RPC 2.0, 5).

use std::any::Any;

use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use errand_core::{Error, Scope};
use rmcp::model::ErrorCode;
use serde_json::json;

use crate::faces::panic_text;

/// The longest text of rmcp's that is put into an error.
const LONGEST: usize = 4096;

/// A request that was refused.
pub(super) struct Refusal {
    status: StatusCode,
    code: ErrorCode,
    message: String,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Refusal {
    /// A request that cannot be.
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, code: ErrorCode::INVALID_REQUEST, message: message.into(), header: None }
    }

    /// Without a good token.
    pub(super) fn unauthorized(challenge: HeaderValue, error: &Error) -> Self {
        let header = Some((header::WWW_AUTHENTICATE, challenge));
        Self { header, ..Self::new(StatusCode::UNAUTHORIZED, error.to_string()) }
    }

    /// With a token that does not reach so far.
    pub(super) fn out_of_scope(challenge: HeaderValue, needed: Scope) -> Self {
        let header = Some((header::WWW_AUTHENTICATE, challenge));
        Self { header, ..Self::new(StatusCode::FORBIDDEN, Error::OutOfScope(needed).to_string()) }
    }

    /// A session that there is not, for whatever reason.
    pub(super) fn no_session() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is no such session; begin a new one with initialize")
    }

    pub(super) fn into_response(self) -> Response {
        let body = json!({"jsonrpc": "2.0", "id": null, "error": {"code": self.code.0, "message": self.message}});
        let mut response = (self.status, Json(body)).into_response();
        response.headers_mut().extend(self.header);
        response
    }
}

impl From<Error> for Refusal {
    /// Only what can go wrong before a message runs comes here; for the rest the tools have words.
    fn from(error: Error) -> Self {
        tracing::error!(%error, "mcp.failed");
        let message = "the service has a fault; try again later".to_owned();
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, code: ErrorCode::INTERNAL_ERROR, message, header: None }
    }
}

/// For a request that found a fault of ours.
pub(super) fn panicked(panic: &(dyn Any + Send)) -> Response {
    tracing::error!(panic = panic_text(panic), "request.panicked");
    Refusal::from(Error::Internal("a handler panicked".to_owned())).into_response()
}

/// What rmcp refuses in plain text is put into JSON-RPC's words. It says 415 to what it cannot read, also when that is no question of
/// the media type.
pub(super) async fn in_words(response: Response, body: &[u8]) -> Response {
    let json = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if json || !(response.status().is_client_error() || response.status().is_server_error()) {
        return response;
    }
    let (parts, text) = response.into_parts();
    let text = axum::body::to_bytes(text, LONGEST).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let refusal = match parts.status {
        StatusCode::UNSUPPORTED_MEDIA_TYPE if text.starts_with("fail to deserialize") => unreadable(body),
        status if status.is_server_error() => Error::Internal(text).into(),
        status => Refusal::new(status, text),
    };
    let mut worded = refusal.into_response();
    let allow = parts.headers.get(header::ALLOW).cloned();
    worded.headers_mut().extend(allow.map(|allow| (header::ALLOW, allow)));
    worded
}

/// A body that is no message.
fn unreadable(body: &[u8]) -> Refusal {
    match serde_json::from_slice::<serde_json::Value>(body) {
        Ok(serde_json::Value::Array(_)) => {
            Refusal::new(StatusCode::BAD_REQUEST, "batches are not taken: send each message by itself")
        }
        Ok(_) => Refusal::new(StatusCode::BAD_REQUEST, "the body is no JSON-RPC message of this protocol"),
        Err(error) => {
            let message = format!("the body cannot be read as JSON: {error}");
            Refusal { code: ErrorCode::PARSE_ERROR, ..Refusal::new(StatusCode::BAD_REQUEST, message) }
        }
    }
}
