//! How a program is refused: the words of RFC 6749 (5.2), RFC 7591 (3.2.2) and RFC 8707 (2), as JSON.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use errand_core::{Error, grant::Refused};
use serde_json::json;

use super::params::Twice;
use crate::{faces::Refusal, limits::TooMany};

/// What is told a program.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    error: &'static str,
    description: String,
    header: Option<(header::HeaderName, HeaderValue)>,
}

impl Failure {
    /// 400 with one of the standards' words, and a sentence for whoever wrote the program.
    pub(super) fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error, description: description.into(), header: None }
    }

    /// Something is missing or repeated.
    pub(super) fn request(description: impl Into<String>) -> Self {
        Self::new("invalid_request", description)
    }

    /// The client wanted to prove who it is, which none can here.
    pub(super) fn client() -> Self {
        let header = Some((header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"errand\"")));
        let new = Self::new(
            "invalid_client",
            "clients have no secret here: send client_id in the body, and no Authorization",
        );
        Self { status: StatusCode::UNAUTHORIZED, header, ..new }
    }
}

impl From<Twice> for Failure {
    fn from(Twice(name): Twice) -> Self {
        Self::request(format!("{name} is there more than once"))
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Grant => Self::new("invalid_grant", "this is not, or no longer, good for this client"),
            Refused::Scope => Self::new("invalid_scope", "this is more than was allowed"),
            Refused::Target => Self::new("invalid_target", "it was allowed for another resource"),
        }
    }
}

impl From<TooMany> for Failure {
    fn from(TooMany { retry_after }: TooMany) -> Self {
        let header = Some((header::RETRY_AFTER, Refusal::seconds(retry_after).into()));
        let new = Self::new("temporarily_unavailable", "there were too many requests from this address");
        Self { status: StatusCode::TOO_MANY_REQUESTS, header, ..new }
    }
}

/// The verbs behind the endpoints for programs fail for our reasons only.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        tracing::error!(%error, "request.failed");
        let new = Self::new("server_error", "an unexpected error occurred");
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, ..new }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = Json(json!({"error": self.error, "error_description": self.description}));
        let mut response = (self.status, [(header::CACHE_CONTROL, "no-store")], body).into_response();
        response.headers_mut().extend(self.header);
        response
    }
}
