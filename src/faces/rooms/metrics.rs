//! `GET /metrics`: what was counted, as Prometheus reads it. It needs no account's token, and is not counted against anybody's limit.

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
        operation::{Content, Gives, Operation},
    },
    metrics::{self, Metrics, Withheld},
    state::State,
};

/// The text.
pub(super) struct Told(Response);

impl IntoResponse for Told {
    fn into_response(self) -> Response {
        self.0
    }
}

impl Gives for Told {
    fn describe(operation: &mut Operation<'_>) {
        operation.answers.insert(StatusCode::OK, Content::Media(metrics::KIND));
    }
}

pub(super) async fn metrics(extract::State(state): extract::State<State>, headers: HeaderMap) -> Result<Told, Failure> {
    Metrics::tell(state.metrics.as_deref(), &headers).map(Told).map_err(|withheld| match withheld {
        Withheld::Off => Refusal::NoSuchPath.into(),
        Withheld::Token => Error::Unauthenticated.into(),
    })
}
