//! How a refusal goes out: what is alike in all contracts. Each has its own body and its own words, in its `failure.rs`.

use std::time::Duration;

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::Refusal;

/// What a contract says when something went wrong.
pub(crate) struct Failed<B> {
    pub(crate) status: StatusCode,
    pub(crate) body: B,
    retry_after: Option<Duration>,
}

impl<B> Failed<B> {
    pub(crate) fn with(status: StatusCode, body: B) -> Self {
        Self { status, body, retry_after: None }
    }

    /// The same, to be asked again after a while.
    pub(crate) fn after(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }
}

impl<B: Serialize> IntoResponse for Failed<B> {
    fn into_response(self) -> Response {
        let mut response = (self.status, axum::Json(self.body)).into_response();
        if let Some(wait) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, Refusal::seconds(wait).into());
        }
        response
    }
}

/// How a contract refuses what no handler saw.
pub(crate) fn refuse<F: From<Refusal> + IntoResponse>(refusal: Refusal) -> Response {
    F::from(refusal).into_response()
}
