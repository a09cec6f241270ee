//! `GET /health`: whether the service can answer. It needs no token.

use axum::extract;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use super::failure::Failure;
use crate::state::State;

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Health")]
pub(super) struct HealthJson {
    status: &'static str,
    timestamp: DateTime<Utc>,
}

pub(super) async fn health(extract::State(state): extract::State<State>) -> Result<axum::Json<HealthJson>, Failure> {
    state.app.store.check().await.map_err(|error| Failure::unavailable(&error))?;
    Ok(axum::Json(HealthJson { status: "healthy", timestamp: state.app.clock.now() }))
}
