//! Forms with files in them (`multipart/form-data`), read part by part; what a part may have is counted as it comes.

use std::marker::PhantomData;

use axum::{
    body::Bytes,
    extract::{
        FromRequest, Multipart, Request,
        multipart::{Field, MultipartError},
    },
    http::StatusCode,
    response::{IntoResponse, Response},
};
use errand_core::{Error, Problem, error::Rule};
use schemars::JsonSchema;
use serde_json::json;

use super::failure::{Code, Failure, User};
use crate::{
    faces::{
        Refusal,
        operation::{Body, Operation, Takes},
    },
    limits::TooMany,
    state::State,
};

/// A form that looks like `T`.
pub(super) struct Form<T> {
    parts: Multipart,
    shape: PhantomData<T>,
}

impl<T> FromRequest<State> for Form<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &State) -> Result<Self, Response> {
        let Ok(parts) = Multipart::from_request(request, state).await else {
            let why = "must be multipart/form-data";
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            let failure = Failure::new(status, Code::ValidationInvalidFormat, format!("content_type {why}"));
            return Err(failure.detail("fields", json!({"content_type": why})).into_response());
        };
        Ok(Self { parts, shape: PhantomData })
    }
}

impl<T: JsonSchema> Takes for Form<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.body = Some(Body::Form(operation.schemas.read::<T>()));
        operation.refusals.extend([
            StatusCode::BAD_REQUEST,
            StatusCode::PAYLOAD_TOO_LARGE,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ]);
    }
}

impl<T> Form<T> {
    /// The next part.
    pub(super) async fn next(&mut self) -> Result<Option<Part<'_>>, Failure> {
        let field = self.parts.next_field().await.map_err(|error| broken(&error))?;
        Ok(field.map(Part))
    }
}

/// A part of a form.
pub(super) struct Part<'a>(Field<'a>);

impl Part<'_> {
    pub(super) fn name(&self) -> Option<&str> {
        self.0.name()
    }

    pub(super) fn file_name(&self) -> Option<String> {
        self.0.file_name().map(str::to_owned)
    }

    pub(super) fn content_type(&self) -> Option<String> {
        self.0.content_type().map(str::to_owned)
    }

    /// Some more of it.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        self.0.chunk().await.map_err(|error| broken(&error))
    }

    /// All of it, at most so many bytes.
    pub(super) async fn whole(mut self, max: usize) -> Result<Vec<u8>, Failure> {
        let mut whole = Vec::new();
        while let Some(bytes) = self.chunk().await? {
            if whole.len() + bytes.len() > max {
                return Err(self.too_large(max as u64).await);
            }
            whole.extend_from_slice(&bytes);
        }
        Ok(whole)
    }

    /// Passes over the rest: a client that is still sending would not read the answer.
    pub(super) async fn too_large(mut self, max: u64) -> Failure {
        while let Ok(Some(_)) = self.chunk().await {}
        too_large().detail("max_bytes", max)
    }
}

fn broken(error: &MultipartError) -> Failure {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return too_large();
    }
    let why = "is no form that can be read to its end";
    Failure::new(StatusCode::BAD_REQUEST, Code::ValidationInvalidFormat, format!("body {why}"))
        .detail("fields", json!({"body": why}))
}

pub(super) fn too_large() -> Failure {
    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, Code::FileTooLarge, "The file is larger than is allowed")
}

/// A part that has to be there.
pub(super) fn required<T>(name: &'static str, part: Option<T>) -> Result<T, Failure> {
    part.ok_or_else(|| Error::from(Problem::new(name, "is required").of(Rule::Required)).into())
}

/// That something is in it.
pub(super) fn filled(name: &'static str, size: u64) -> Result<(), Failure> {
    if size == 0 { Err(Error::from(Problem::new(name, "must not be empty")).into()) } else { Ok(()) }
}

/// Counts an upload of the caller's.
pub(super) async fn counted(state: &State, user: &User) -> Result<(), Failure> {
    let counted = state.limits.uploads.pass(user.caller.user).await;
    counted.map_err(|TooMany { retry_after }| Refusal::TooMany { retry_after }.into())
}

/// The store's failure, for the log, and what the caller hears of it.
pub(super) fn failed(error: impl std::fmt::Display) -> Failure {
    tracing::error!(%error, "files.upload_failed");
    let message = "The file could not be stored";
    Failure::new(StatusCode::INTERNAL_SERVER_ERROR, Code::FileUploadFailed, message)
}
