//! Error bodies of `rooms`: `{"success": false, "error": {"code", "message", "details"}}`.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use errand_core::{
    Error, Noun, Problem,
    chatroom::{Refused, Role, Verb},
    error::Rule,
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::faces::{Refusal, extractors, failed::Failed};

pub(super) type Json<T> = extractors::Json<T, Failure>;
pub(super) type Path<T> = extractors::Path<T, Failure>;
pub(super) type Query<T> = extractors::Query<T, Failure>;
pub(super) type RoomPath<T> = extractors::Path<T, NoRoom>;
pub(super) type MemberPath<A, B> = extractors::Pair<A, B, NoRoom>;
pub(super) type MessagePath<A, B> = extractors::Pair<A, B, NoMessage>;
pub(super) type ReactionPath<A, B> = extractors::Said<A, B, NoMessage>;
pub(super) type KeyPath<A, B> = extractors::Pair<A, B, NoRoom>;
pub(super) type FilePath<T> = extractors::Path<T, NoFile>;
pub(super) type FileName = extractors::Word<NoFile>;
pub(super) type Word = extractors::Word<NoInvite>;
pub(super) type User = extractors::User<Failure>;

/// What this contract says when something went wrong.
pub(super) type Failure = Failed<ErrorJson>;

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Error")]
pub(super) struct ErrorJson {
    #[schemars(extend("const" = false))]
    success: bool,
    error: About,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ErrorDetails")]
pub(super) struct About {
    code: Code,
    /// What went wrong, for a person to read.
    message: String,
    /// Where fields are wrong, `fields` has a message for each.
    details: Map<String, Value>,
}

/// The codes of the text, and after them ours, for what it has no word for.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(rename = "ErrorCode")]
pub(super) enum Code {
    AuthInvalidCredentials,
    AuthTokenExpired,
    AuthTokenInvalid,
    AuthRefreshTokenInvalid,
    AuthUserNotFound,
    ValidationRequiredField,
    ValidationInvalidFormat,
    ValidationLengthExceeded,
    ValidationInvalidValue,
    ResourceNotFound,
    ResourceAccessDenied,
    ResourceAlreadyExists,
    ChatroomNotFound,
    ChatroomAccessDenied,
    ChatroomFull,
    ChatroomInviteInvalid,
    ChatroomOwnerRequired,
    MessageEditDenied,
    MessageDeleteDenied,
    MessageNotFound,
    MessageTooLong,
    MessageEncryptionFailed,
    FileTooLarge,
    FileTypeNotAllowed,
    FileUploadFailed,
    FileNotFound,
    RateLimitExceeded,
    ConnectionLimitExceeded,
    ResourceLimitExceeded,
    /// Ours.
    MethodNotAllowed,
    /// Ours.
    UpgradeRequired,
    /// Ours.
    ServiceUnavailable,
    /// Ours.
    InternalError,
}

impl Failure {
    pub(super) fn new(status: StatusCode, code: Code, message: impl Into<String>) -> Self {
        let error = About { code, message: message.into(), details: Map::new() };
        Self::with(status, ErrorJson { success: false, error })
    }

    /// What it says, without what is around it.
    pub(super) fn into_about(self) -> About {
        self.body.error
    }

    /// Says more.
    pub(super) fn detail(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.body.error.details.insert(name.to_owned(), value.into());
        self
    }

    fn invalid(problems: &[Problem]) -> Self {
        let code = problems.first().map_or(Code::ValidationInvalidValue, |problem| code(problem.rule));
        let message = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        let fields = problems.iter().map(|problem| (problem.field.to_owned(), problem.message.clone().into()));
        let fields: Map<String, Value> = fields.collect();
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message).detail("fields", fields)
    }

    fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, Code::InternalError, "An unexpected error occurred")
    }
}

fn code(rule: Rule) -> Code {
    match rule {
        Rule::Required => Code::ValidationRequiredField,
        Rule::Format => Code::ValidationInvalidFormat,
        Rule::Length => Code::ValidationLengthExceeded,
        Rule::Value => Code::ValidationInvalidValue,
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(problems) => Self::invalid(&problems),
            Error::Unclear { .. } | Error::NothingToUndo | Error::KeyReused | Error::TurnRunning => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, Code::ValidationInvalidValue, error.to_string())
            }
            Error::Stale { .. } => Self::new(StatusCode::CONFLICT, Code::ResourceAlreadyExists, error.to_string()),
            Error::AlreadyRegistered => {
                Self::new(StatusCode::CONFLICT, Code::ResourceAlreadyExists, "Username or email already registered")
            }
            Error::Credentials => {
                Self::new(StatusCode::UNAUTHORIZED, Code::AuthInvalidCredentials, "Invalid username or password")
            }
            Error::Unauthenticated => {
                Self::new(StatusCode::UNAUTHORIZED, Code::AuthTokenInvalid, "The access token is missing or invalid")
            }
            Error::Expired => {
                Self::new(StatusCode::UNAUTHORIZED, Code::AuthTokenExpired, "The access token has expired")
            }
            Error::RefreshToken => Self::new(
                StatusCode::UNAUTHORIZED,
                Code::AuthRefreshTokenInvalid,
                "The refresh token is invalid, used or expired",
            ),
            Error::Chatroom(refused) => chatroom(&refused),
            Error::Forbidden(Noun::Room | Noun::Chatroom) => {
                Self::new(StatusCode::FORBIDDEN, Code::ChatroomAccessDenied, "You are not a member of this chatroom")
            }
            Error::Forbidden(_) | Error::OutOfScope(_) => {
                Self::new(StatusCode::FORBIDDEN, Code::ResourceAccessDenied, error.to_string())
            }
            Error::NotFound(noun) => not_found(noun),
            Error::Database(_) | Error::Migration(_) | Error::Internal(_) => {
                tracing::error!(%error, "request.failed");
                Self::internal()
            }
        }
    }
}

fn not_found(noun: Noun) -> Failure {
    let (code, message) = match noun {
        Noun::Account | Noun::Member => (Code::AuthUserNotFound, "User not found"),
        Noun::Room | Noun::Chatroom => (Code::ChatroomNotFound, "Chatroom not found"),
        Noun::ChatMessage => (Code::MessageNotFound, "Message not found"),
        Noun::File => (Code::FileNotFound, "File not found"),
        Noun::Login => (Code::ResourceNotFound, "Session not found"),
        Noun::Summary => (Code::ResourceNotFound, "There is no such summary"),
        Noun::Task | Noun::Conversation | Noun::Grant => (Code::ResourceNotFound, "Not found"),
    };
    Failure::new(StatusCode::NOT_FOUND, code, message)
}

/// What a chatroom does not let the caller do.
fn chatroom(refused: &Refused) -> Failure {
    let (status, code) = match refused {
        Refused::Denied(Verb::EditMessage { .. }) => (StatusCode::FORBIDDEN, Code::MessageEditDenied),
        Refused::Denied(Verb::DeleteMessage { .. }) => (StatusCode::FORBIDDEN, Code::MessageDeleteDenied),
        Refused::Denied(verb) if verb.least() == Some(Role::Owner) => {
            (StatusCode::FORBIDDEN, Code::ChatroomOwnerRequired)
        }
        Refused::Denied(_) => (StatusCode::FORBIDDEN, Code::ResourceAccessDenied),
        Refused::InviteInvalid => (StatusCode::NOT_FOUND, Code::ChatroomInviteInvalid),
        Refused::Full => (StatusCode::CONFLICT, Code::ChatroomFull),
        Refused::MessageTooLong => (StatusCode::UNPROCESSABLE_ENTITY, Code::MessageTooLong),
        Refused::KeyVersion { .. } | Refused::IvReused => {
            (StatusCode::UNPROCESSABLE_ENTITY, Code::MessageEncryptionFailed)
        }
        Refused::KeyWritten { .. } => (StatusCode::CONFLICT, Code::ResourceAlreadyExists),
    };
    let failure = Failure::new(status, code, refused.to_string());
    match refused {
        Refused::KeyVersion { current, needed } => {
            failure.detail("current_key_version", *current).detail("needed_key_version", *needed)
        }
        Refused::KeyWritten { current } => failure.detail("current_key_version", *current),
        Refused::Denied(_) | Refused::InviteInvalid | Refused::Full | Refused::MessageTooLong | Refused::IvReused => {
            failure
        }
    }
}

/// What cannot be the id of a chatroom names none.
pub(super) struct NoRoom(Failure);

/// What cannot be the id of a message names none.
pub(super) struct NoMessage(Failure);

/// What cannot be the id of a file names none.
pub(super) struct NoFile(Failure);

/// What cannot be the code of an invitation is none.
pub(super) struct NoInvite(Failure);

macro_rules! path {
    ($($refused:ident $error:expr;)+) => {$(
        impl From<Refusal> for $refused {
            fn from(refusal: Refusal) -> Self {
                Self(if let Refusal::PathId = refusal { Failure::from($error) } else { refusal.into() })
            }
        }

        impl IntoResponse for $refused {
            fn into_response(self) -> Response {
                self.0.into_response()
            }
        }
    )+};
}

path! {
    NoRoom Error::NotFound(Noun::Chatroom);
    NoMessage Error::NotFound(Noun::ChatMessage);
    NoFile Error::NotFound(Noun::File);
    NoInvite Error::Chatroom(Refused::InviteInvalid);
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let invalid = |status, problem: &Problem| {
            let fields = json!({problem.field: problem.message});
            Self::new(status, Code::ValidationInvalidFormat, problem.to_string()).detail("fields", fields)
        };
        match refusal {
            Refusal::Body(problem) => invalid(StatusCode::BAD_REQUEST, &problem),
            Refusal::Query(problem) => invalid(StatusCode::UNPROCESSABLE_ENTITY, &problem),
            Refusal::Field { name, missing, problem } => {
                let (code, why) = if missing {
                    (Code::ValidationRequiredField, "is required".to_owned())
                } else {
                    (Code::ValidationInvalidFormat, problem.message)
                };
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, format!("{name} {why}"))
                    .detail("fields", json!({name: why}))
            }
            Refusal::ContentType => {
                let problem = Problem::new("content_type", "must be application/json");
                invalid(StatusCode::UNSUPPORTED_MEDIA_TYPE, &problem)
            }
            Refusal::TooLarge => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                Code::ValidationLengthExceeded,
                "The request body is larger than is allowed",
            ),
            Refusal::PathId | Refusal::NoSuchPath => {
                Self::new(StatusCode::NOT_FOUND, Code::ResourceNotFound, "Resource not found")
            }
            Refusal::NotASocket => {
                Self::new(StatusCode::UPGRADE_REQUIRED, Code::UpgradeRequired, "This is a WebSocket")
            }
            Refusal::Method => Self::new(StatusCode::METHOD_NOT_ALLOWED, Code::MethodNotAllowed, "Method not allowed"),
            Refusal::TooMany { retry_after } => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, Code::RateLimitExceeded, "Too many requests")
                    .detail("retry_after", Refusal::seconds(retry_after))
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
