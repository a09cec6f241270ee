//! Error bodies of `assistant`: `{"error": "…", "code": "…"}`.

use axum::http::StatusCode;
use errand_core::{Error, Noun};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

use crate::{
    agent::TurnError,
    faces::{Refusal, extractors, failed::Failed},
    limits::TooMany,
};

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
    code: Code,
}

/// What went wrong, for a program to read.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Code {
    Unauthorized,
    Forbidden,
    RateLimitExceeded,
    ValidationError,
    TaskNotFound,
    ConversationNotFound,
    AiServiceError,
    InternalError,
    /// Ours: there is no such endpoint.
    NotFound,
}

impl Failure {
    fn new(status: StatusCode, code: Code, error: impl Into<String>) -> Self {
        Self::with(status, ErrorJson { error: error.into(), code })
    }

    fn invalid(status: StatusCode, error: impl Into<String>) -> Self {
        Self::new(status, Code::ValidationError, error)
    }

    fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, Code::InternalError, "An unexpected error occurred")
    }

    pub(super) fn no_conversation() -> Self {
        Self::new(StatusCode::NOT_FOUND, Code::ConversationNotFound, "Conversation not found")
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(_)
            | Error::Unclear { .. }
            | Error::NothingToUndo
            | Error::KeyReused
            | Error::TurnRunning
            | Error::AlreadyRegistered
            | Error::Stale { .. } => Self::invalid(StatusCode::BAD_REQUEST, error.to_string()),
            Error::Credentials | Error::Unauthenticated | Error::Expired | Error::RefreshToken => {
                Self::new(StatusCode::UNAUTHORIZED, Code::Unauthorized, "Invalid or missing JWT token")
            }
            Error::Forbidden(_) | Error::OutOfScope(_) => {
                Self::new(StatusCode::FORBIDDEN, Code::Forbidden, "You don't have permission to access this resource")
            }
            Error::NotFound(Noun::Task) => Self::new(StatusCode::NOT_FOUND, Code::TaskNotFound, "Task not found"),
            Error::NotFound(Noun::Conversation) => Self::no_conversation(),
            Error::NotFound(
                Noun::Account
                | Noun::Room
                | Noun::Chatroom
                | Noun::Member
                | Noun::ChatMessage
                | Noun::File
                | Noun::Grant
                | Noun::Summary
                | Noun::Login,
            )
            | Error::Chatroom(_)
            | Error::Database(_)
            | Error::Migration(_)
            | Error::Internal(_) => {
                tracing::error!(%error, "request.failed");
                Self::internal()
            }
        }
    }
}

impl From<TurnError> for Failure {
    fn from(error: TurnError) -> Self {
        match error {
            TurnError::Refused(error) => error.into(),
            TurnError::Failed { message, .. } => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, Code::AiServiceError, message)
            }
        }
    }
}

impl From<TooMany> for Failure {
    fn from(too_many: TooMany) -> Self {
        Refusal::TooMany { retry_after: too_many.retry_after }.into()
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Body(problem) | Refusal::Field { problem, .. } | Refusal::Query(problem) => {
                Self::invalid(StatusCode::BAD_REQUEST, problem.to_string())
            }
            Refusal::ContentType => {
                Self::invalid(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Content-Type must be application/json")
            }
            Refusal::TooLarge => Self::invalid(StatusCode::PAYLOAD_TOO_LARGE, "The request body is too large"),
            Refusal::PathId => Self::no_conversation(), // the only ids in this contract's paths
            Refusal::NoSuchPath => Self::new(StatusCode::NOT_FOUND, Code::NotFound, "There is no such endpoint"),
            Refusal::NotASocket => Self::invalid(StatusCode::UPGRADE_REQUIRED, "This is a WebSocket"),
            Refusal::Method => Self::invalid(StatusCode::METHOD_NOT_ALLOWED, "This endpoint does not know this method"),
            Refusal::TooMany { retry_after } => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, Code::RateLimitExceeded, "You have exceeded the rate limit")
                    .after(retry_after)
            }
            Refusal::Panicked => Self::internal(),
        }
    }
}

/// The body of every refusal.
pub(super) fn schema(schemas: &mut SchemaGenerator, _: StatusCode) -> Schema {
    schemas.subschema_for::<ErrorJson>()
}
