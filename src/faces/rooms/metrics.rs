//! `GET /metrics`: what was counted, for Prometheus. It is not counted itself.

use axum::{
    extract,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use errand_core::Error;

use super::failure::Failure;
use crate::{
    faces::{
        Refusal,
        operation::{Gives, Operation},
    },
    metrics::{Metrics, Withheld},
    state::State,
};

/// Text, as Prometheus reads it.
pub(super) struct Exposition(Response);

impl IntoResponse for Exposition {
    fn into_response(self) -> Response {
        self.0
    }
}

impl Gives for Exposition {
    fn describe(operation: &mut Operation<'_>) {
        operation.answers.insert(StatusCode::OK, None);
    }
}

pub(super) async fn metrics(
    extract::State(state): extract::State<State>,
    headers: HeaderMap,
) -> Result<Exposition, Failure> {
    match Metrics::tell(state.metrics.as_deref(), &headers) {
        Ok(told) => Ok(Exposition(told)),
        Err(Withheld::Off) => Err(Refusal::NoSuchPath.into()),
        Err(Withheld::Token) => Err(Error::Unauthenticated.into()),
    }
}
