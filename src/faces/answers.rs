//! The kinds of answers that handlers give, as types, so that the documents know their statuses.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::Serialize;

use super::operation::{Content, Gives, Operation};

/// 201 with what was made.
pub(crate) struct Created<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, axum::Json(self.0)).into_response()
    }
}

impl<T: JsonSchema> Gives for Created<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.gives::<T>(StatusCode::CREATED);
    }
}

/// What there is one of only: 201 with it when it was made, 200 when it was there already.
pub(crate) enum Once<T> {
    /// It was made.
    Made(T),
    /// It was there.
    There(T),
}

impl<T: Serialize> IntoResponse for Once<T> {
    fn into_response(self) -> Response {
        match self {
            Self::Made(it) => Created(it).into_response(),
            Self::There(it) => axum::Json(it).into_response(),
        }
    }
}

impl<T: JsonSchema> Gives for Once<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.gives::<T>(StatusCode::CREATED);
        operation.gives::<T>(StatusCode::OK);
    }
}

/// 204, without a body.
pub(crate) struct NoContent;

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

impl Gives for NoContent {
    fn describe(operation: &mut Operation<'_>) {
        operation.answers.insert(StatusCode::NO_CONTENT, Content::None);
    }
}

/// 200.
impl<T: JsonSchema> Gives for axum::Json<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.gives::<T>(StatusCode::OK);
    }
}
