//! Error bodies of `v1`: `{"detail": "…"}`.

use axum::http::StatusCode;
use errand_core::{Error, Noun};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

use crate::faces::{Refusal, extractors, failed::Failed};

pub(super) type Json<T> = extractors::Json<T, Failure>;
pub(super) type Path<T> = extractors::Path<T, Failure>;
pub(super) type Query<T> = extractors::Query<T, Failure>;
pub(super) type User = extractors::User<Failure>;

/// What this contract says when something went wrong.
pub(super) type Failure = Failed<ErrorJson>;

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Error")]
pub(super) struct ErrorJson {
    /// What went wrong, for a person to read.
    detail: String,
}

impl Failure {
    fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self::with(status, ErrorJson { detail: detail.into() })
    }

    /// The request cannot be taken.
    pub(super) fn bad_request(detail: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// It was begun, and came to nothing.
    pub(super) fn turn_failed(detail: String) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    }

    /// The service cannot serve anybody now.
    pub(super) fn unavailable(error: &Error) -> Self {
        tracing::error!(%error, "health.failed");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "The database does not answer")
    }

    fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
    }
}

const NO_TASK: &str = "Task not found";

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(_)
            | Error::Unclear { .. }
            | Error::NothingToUndo
            | Error::KeyReused
            | Error::Chatroom(_)
            | Error::TurnRunning => Self::new(StatusCode::BAD_REQUEST, error.to_string()),
            Error::AlreadyRegistered => Self::new(StatusCode::BAD_REQUEST, "Username or email already registered"),
            Error::OutOfScope(_) => Self::new(StatusCode::FORBIDDEN, error.to_string()),
            Error::Credentials => Self::new(StatusCode::UNAUTHORIZED, "Incorrect username or password"),
            Error::Unauthenticated | Error::Expired | Error::RefreshToken => {
                Self::new(StatusCode::UNAUTHORIZED, "Not authenticated")
            }
            Error::Forbidden(noun) | Error::NotFound(noun) => Self::new(
                StatusCode::NOT_FOUND,
                match noun {
                    Noun::Task => NO_TASK,
                    Noun::Conversation | Noun::Room | Noun::Chatroom => "Conversation not found",
                    Noun::Account | Noun::Member => "User not found",
                    Noun::ChatMessage | Noun::Summary | Noun::File | Noun::Grant | Noun::Login => "Not found",
                },
            ),
            Error::Stale { .. } => Self::new(StatusCode::CONFLICT, error.to_string()),
            Error::Database(_) | Error::Migration(_) | Error::Internal(_) => {
                tracing::error!(%error, "request.failed");
                Self::internal()
            }
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Body(problem) | Refusal::Field { problem, .. } | Refusal::Query(problem) => {
                Self::new(StatusCode::BAD_REQUEST, problem.to_string())
            }
            Refusal::ContentType => {
                Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Content-Type must be application/json")
            }
            Refusal::TooLarge => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "The request body is too large"),
            Refusal::PathId => Self::new(StatusCode::NOT_FOUND, NO_TASK), // the only ids in this contract's paths
            Refusal::NoSuchPath => Self::new(StatusCode::NOT_FOUND, "Not found"),
            Refusal::NotASocket => Self::new(StatusCode::UPGRADE_REQUIRED, "This is a WebSocket"),
            Refusal::Method => Self::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"),
            Refusal::TooMany { retry_after } => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "Too many requests").after(retry_after)
            }
            Refusal::Panicked => Self::internal(),
        }
    }
}

/// The body of every refusal.
pub(super) fn schema(schemas: &mut SchemaGenerator, _: StatusCode) -> Schema {
    schemas.subschema_for::<ErrorJson>()
}
