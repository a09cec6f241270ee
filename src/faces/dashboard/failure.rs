//! Error bodies of `dashboard`: `{"error", "message"}` with fixed texts, `{"error", "details"}` for 400.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use errand_core::{Error, Problem};
use schemars::{Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use crate::faces::{Refusal, extractors, failed::Failed};

pub(crate) type Json<T> = extractors::Json<T, Failure>;
pub(crate) type Path<T> = extractors::Path<T, Failure>;
pub(super) type Query<T> = extractors::Query<T, Failure>;
pub(crate) type User = extractors::User<Failure>;

/// What this contract says when something went wrong.
pub(crate) type Failure = Failed<ErrorJson>;

#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum ErrorJson {
    Fixed { error: &'static str, message: &'static str },
    Invalid { error: &'static str, details: BTreeMap<&'static str, String> },
}

impl Failure {
    fn fixed(status: StatusCode) -> Self {
        let (error, message) = words(status);
        Self::with(status, ErrorJson::Fixed { error, message })
    }

    fn invalid(status: StatusCode, problems: impl IntoIterator<Item = Problem>) -> Self {
        let details = problems.into_iter().map(|problem| (problem.field, problem.message)).collect();
        Self::with(status, ErrorJson::Invalid { error: reason(status), details })
    }

    fn unauthorized() -> Self {
        Self::fixed(StatusCode::UNAUTHORIZED)
    }

    fn not_found() -> Self {
        Self::fixed(StatusCode::NOT_FOUND)
    }

    fn internal() -> Self {
        Self::fixed(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// The fixed texts, where a status has them.
fn words(status: StatusCode) -> (&'static str, &'static str) {
    let message = match status {
        StatusCode::UNAUTHORIZED => "Authentication token is missing or invalid",
        StatusCode::FORBIDDEN => "You don't have permission to access this resource",
        StatusCode::NOT_FOUND => "The requested resource was not found",
        StatusCode::METHOD_NOT_ALLOWED => "The requested resource does not know this method",
        StatusCode::UPGRADE_REQUIRED => "The requested resource is a WebSocket",
        StatusCode::TOO_MANY_REQUESTS => "The rate limit is exceeded",
        _ => "An unexpected error occurred",
    };
    (reason(status), message)
}

fn reason(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or_default()
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let one = |field, error: &Error| vec![Problem::new(field, error.to_string())];
        let problems = match error {
            Error::Invalid(problems) => problems,
            Error::Unclear { .. } => one("task_id", &error),
            Error::NothingToUndo | Error::KeyReused | Error::Chatroom(_) | Error::Stale { .. } => one("body", &error),
            Error::TurnRunning => one("session_id", &error),
            Error::AlreadyRegistered => one("username", &error),
            Error::Credentials | Error::Unauthenticated | Error::Expired | Error::RefreshToken => {
                return Self::unauthorized();
            }
            Error::Forbidden(_) | Error::OutOfScope(_) => return Self::fixed(StatusCode::FORBIDDEN),
            Error::NotFound(_) => return Self::not_found(),
            Error::Database(_) | Error::Migration(_) | Error::Internal(_) => {
                tracing::error!(%error, "request.failed");
                return Self::internal();
            }
        };
        Self::invalid(StatusCode::BAD_REQUEST, problems)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Body(problem) | Refusal::Field { problem, .. } | Refusal::Query(problem) => {
                Self::invalid(StatusCode::BAD_REQUEST, [problem])
            }
            Refusal::ContentType => Self::invalid(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                [Problem::new("content_type", "must be application/json")],
            ),
            Refusal::TooLarge => {
                Self::invalid(StatusCode::PAYLOAD_TOO_LARGE, [Problem::new("body", "is larger than is allowed")])
            }
            Refusal::PathId | Refusal::NoSuchPath => Self::not_found(),
            Refusal::NotASocket => Self::fixed(StatusCode::UPGRADE_REQUIRED),
            Refusal::Method => Self::fixed(StatusCode::METHOD_NOT_ALLOWED),
            Refusal::TooMany { retry_after } => Self::fixed(StatusCode::TOO_MANY_REQUESTS).after(retry_after),
            Refusal::Panicked => Self::internal(),
        }
    }
}

/// The body of a refusal with `status`.
pub(super) fn schema(_: &mut SchemaGenerator, status: StatusCode) -> Schema {
    match status {
        StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNSUPPORTED_MEDIA_TYPE => json_schema!({
            "type": "object",
            "required": ["error", "details"],
            "properties": {
                "error": {"const": reason(status)},
                "details": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        }),
        _ => {
            let (error, message) = words(status);
            json_schema!({
                "type": "object",
                "required": ["error", "message"],
                "properties": {"error": {"const": error}, "message": {"const": message}},
            })
        }
    }
}
