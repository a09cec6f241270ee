//! `GET /health`: whether the service can answer, and what it needs for that. It needs no token, and is not counted.

use axum::{
    extract,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::{
    envelope::Envelope,
    failure::{Code, ErrorJson, Failure},
};
use crate::{faces::failed::Failed, state::State};

/// 200 when all that is part of this deployment answers; with the fields that `/health` had before there was this contract.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Healthy {
    #[serde(flatten)]
    envelope: Envelope<Health>,
    status: Word,
    database: Word,
    timestamp: DateTime<Utc>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Health {
    status: Word,
    timestamp: DateTime<Utc>,
    version: &'static str,
    services: Services,
}

#[derive(Clone, Copy, Serialize, JsonSchema)]
pub(super) struct Services {
    database: Word,
    redis: Word,
    mongodb: Word,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "HealthStatus")]
pub(super) enum Word {
    Healthy,
    Unhealthy,
    /// It is not part of this deployment.
    NotConfigured,
}

impl From<bool> for Word {
    fn from(good: bool) -> Self {
        if good { Self::Healthy } else { Self::Unhealthy }
    }
}

impl Services {
    async fn check(state: &State) -> Self {
        let redis = async {
            match &state.redis {
                Some(redis) => redis.answers().await.into(),
                None => Word::NotConfigured,
            }
        };
        let (database, redis) = futures::join!(state.app.store.check(), redis);
        Self { database: database.is_ok().into(), redis, mongodb: Word::NotConfigured }
    }

    fn status(self) -> Word {
        let Self { database, redis, mongodb } = self;
        Word::from([database, redis, mongodb].iter().all(|word| *word != Word::Unhealthy))
    }
}

pub(super) async fn health(extract::State(state): extract::State<State>) -> Result<axum::Json<Healthy>, Unhealthy> {
    let (services, timestamp) = (Services::check(&state).await, state.app.clock.now());
    let (status, database) = (services.status(), services.database);
    if status == Word::Unhealthy {
        return Err(Unhealthy { services, timestamp });
    }
    let health = Health { status, timestamp, version: env!("CARGO_PKG_VERSION"), services };
    Ok(axum::Json(Healthy { envelope: Envelope::of(health, "Service is healthy"), status, database, timestamp }))
}

/// 503: something that is part of this deployment does not answer.
pub(super) struct Unhealthy {
    services: Services,
    timestamp: DateTime<Utc>,
}

/// The same extra fields on this contract's error.
#[derive(Serialize)]
struct UnhealthyJson {
    #[serde(flatten)]
    error: ErrorJson,
    status: Word,
    database: Word,
    timestamp: DateTime<Utc>,
}

impl IntoResponse for Unhealthy {
    fn into_response(self) -> Response {
        let Self { services, timestamp } = self;
        tracing::error!(services = %json!(services), "health.failed");
        let failure = Failure::new(
            StatusCode::SERVICE_UNAVAILABLE,
            Code::ServiceUnavailable,
            "Something that the service needs does not answer",
        );
        let Failed { status, body: error, .. } = failure.detail("services", json!(services));
        let (word, database) = (services.status(), services.database);
        Failed::with(status, UnhealthyJson { error, status: word, database, timestamp }).into_response()
    }
}
