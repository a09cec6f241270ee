//! Error bodies of `dashboard`: `{"error", "message"}` with fixed texts, `{"error", "details"}` for 400.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use errand_core::{Error, Problem};
use serde_json::{Map, Value, json};

use crate::faces::{Refusal, extractors};

pub(super) type Json<T> = extractors::Json<T, Failure>;
pub(super) type Path<T> = extractors::Path<T, Failure>;
pub(super) type User = extractors::User<Failure>;

/// What this contract says when something went wrong.
pub(super) struct Failure {
    status: StatusCode,
    body: Value,
    retry_after: Option<u64>,
}

impl Failure {
    fn fixed(status: StatusCode, error: &str, message: &str) -> Self {
        Self { status, body: json!({"error": error, "message": message}), retry_after: None }
    }

    fn invalid(status: StatusCode, error: &str, problems: &[Problem]) -> Self {
        let details: Map<_, _> =
            problems.iter().map(|problem| (problem.field.to_owned(), problem.message.clone().into())).collect();
        Self { status, body: json!({"error": error, "details": details}), retry_after: None }
    }

    fn unauthorized() -> Self {
        Self::fixed(StatusCode::UNAUTHORIZED, "Unauthorized", "Authentication token is missing or invalid")
    }

    fn not_found() -> Self {
        Self::fixed(StatusCode::NOT_FOUND, "Not Found", "The requested resource was not found")
    }

    fn internal() -> Self {
        Self::fixed(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error", "An unexpected error occurred")
    }
}

const BAD_REQUEST: &str = "Bad Request";

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let one = |field, error: &Error| vec![Problem::new(field, error.to_string())];
        let problems = match error {
            Error::Invalid(problems) => problems,
            Error::Unclear { .. } => one("task_id", &error),
            Error::NothingToUndo | Error::KeyReused | Error::Stale { .. } => one("body", &error),
            Error::TurnRunning => one("session_id", &error),
            Error::AlreadyRegistered => one("username", &error),
            Error::Credentials | Error::Unauthenticated => return Self::unauthorized(),
            Error::Forbidden(_) => {
                return Self::fixed(
                    StatusCode::FORBIDDEN,
                    "Forbidden",
                    "You don't have permission to access this resource",
                );
            }
            Error::NotFound(_) => return Self::not_found(),
            Error::Database(_) | Error::Migration(_) | Error::Internal(_) => {
                tracing::error!(%error, "request.failed");
                return Self::internal();
            }
        };
        Self::invalid(StatusCode::BAD_REQUEST, BAD_REQUEST, &problems)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Body(problem) | Refusal::Query(problem) => {
                Self::invalid(StatusCode::BAD_REQUEST, BAD_REQUEST, &[problem])
            }
            Refusal::ContentType => Self::invalid(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Unsupported Media Type",
                &[Problem::new("content_type", "must be application/json")],
            ),
            Refusal::TooLarge => Self::invalid(
                StatusCode::PAYLOAD_TOO_LARGE,
                "Payload Too Large",
                &[Problem::new("body", "is larger than is allowed")],
            ),
            Refusal::PathId | Refusal::NoSuchPath => Self::not_found(),
            Refusal::NotASocket => Self::fixed(StatusCode::UPGRADE_REQUIRED, "Upgrade Required", "This is a WebSocket"),
            Refusal::Method => Self::fixed(
                StatusCode::METHOD_NOT_ALLOWED,
                "Method Not Allowed",
                "The requested resource does not know this method",
            ),
            Refusal::TooMany { retry_after } => Self {
                retry_after: Some(Refusal::seconds(retry_after)),
                ..Self::fixed(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests", "The rate limit is exceeded")
            },
            Refusal::Panicked => Self::internal(),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = (self.status, axum::Json(self.body)).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// How this contract refuses what no handler saw.
pub(super) fn refuse(refusal: Refusal) -> Response {
    Failure::from(refusal).into_response()
}
