//! `GET /health`: whether this process can serve, for whoever watches it.

use axum::{extract, http::StatusCode, response::IntoResponse};
use serde_json::json;

use crate::state::State;

/// 200 when the database answers, 503 when it does not.
pub(crate) async fn health(extract::State(state): extract::State<State>) -> impl IntoResponse {
    let database = state.app.store.check().await.is_ok();
    let status = if database { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let word = |good: bool| if good { "healthy" } else { "unhealthy" };
    let body = json!({"status": word(database), "database": word(database), "timestamp": state.app.clock.now()});
    (status, axum::Json(body))
}
