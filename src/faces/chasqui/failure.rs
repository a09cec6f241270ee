//! Error bodies of `chasqui`: `{"error": "…"}`.

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
    error: String,
}

impl Failure {
    fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self::with(status, ErrorJson { error: error.into() })
    }

    /// The same for a socket.
    pub(super) fn into_message(self) -> String {
        self.body.error
    }

    /// A socket wants to hear more than it may.
    pub(super) fn too_many_joined(most: usize) -> Self {
        Self::new(StatusCode::BAD_REQUEST, format!("One socket can join at most {most} conversations"))
    }

    fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(_)
            | Error::Unclear { .. }
            | Error::NothingToUndo
            | Error::KeyReused
            | Error::Chatroom(_)
            | Error::TurnRunning => Self::new(StatusCode::BAD_REQUEST, error.to_string()),
            Error::AlreadyRegistered => Self::new(StatusCode::CONFLICT, "Username or email already registered"),
            Error::Stale { .. } => Self::new(StatusCode::CONFLICT, error.to_string()),
            Error::OutOfScope(_) => Self::new(StatusCode::FORBIDDEN, error.to_string()),
            Error::Credentials => Self::new(StatusCode::UNAUTHORIZED, "Wrong name or password"),
            Error::Unauthenticated | Error::Expired | Error::RefreshToken => {
                Self::new(StatusCode::UNAUTHORIZED, "The access token is missing, wrong or expired")
            }
            Error::Forbidden(noun) | Error::NotFound(noun) => Self::new(
                StatusCode::NOT_FOUND,
                match noun {
                    Noun::Task => "Task not found",
                    Noun::Conversation | Noun::Room | Noun::Chatroom => "Conversation not found",
                    Noun::Account | Noun::Member => "User not found",
                    Noun::ChatMessage | Noun::Summary | Noun::File | Noun::Grant | Noun::Login => "Not found",
                },
            ),
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
            Refusal::PathId | Refusal::NoSuchPath => Self::new(StatusCode::NOT_FOUND, "Not found"),
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
