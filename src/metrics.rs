//! What was counted, for Prometheus. The list of measures is [`errand_core::measure`]; a process has one recorder for all of them.

use std::{sync::LazyLock, time::Duration};

use axum::{
    Router,
    extract::Request,
    http::{HeaderMap, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use errand_core::measure::{self, Kind, Measure, REQUESTS};
use metrics::{describe_counter, describe_gauge, describe_histogram, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use sha2::{Digest as _, Sha256};
use tokio::time::{Instant, interval};

use crate::{auth, config::Telemetry};

/// What Prometheus reads: text, version 0.0.4 (<https://prometheus.io/docs/instrumenting/exposition_formats>).
pub(crate) const KIND: &str = "text/plain; version=0.0.4; charset=utf-8";

static RECORDER: LazyLock<Result<PrometheusHandle, BuildError>> = LazyLock::new(|| {
    let with_buckets = |builder: Result<PrometheusBuilder, BuildError>, measure: &Measure| match measure.kind {
        Kind::Histogram(buckets) => builder?.set_buckets_for_metric(Matcher::Full(measure.name.to_owned()), buckets),
        Kind::Counter | Kind::Gauge => builder,
    };
    let recorder = measure::ALL.iter().fold(Ok(PrometheusBuilder::new()), with_buckets)?.install_recorder()?;
    for Measure { name, kind, unit, about } in measure::ALL {
        match kind {
            Kind::Counter => describe_counter!(name, unit, about),
            Kind::Gauge => describe_gauge!(name, unit, about),
            Kind::Histogram(_) => describe_histogram!(name, unit, about),
        }
    }
    Ok(recorder)
});

/// Who may read what was counted, and how.
pub(crate) struct Metrics {
    recorder: PrometheusHandle,
    token: Option<[u8; 32]>,
}

/// Why what was counted is not told.
pub(crate) enum Withheld {
    /// The settings say that nothing is told.
    Off,
    /// The token is missing or another.
    Token,
}

impl Metrics {
    /// As the settings say; none when they say that nothing is told.
    ///
    /// # Errors
    /// Another recorder counts in this process.
    pub(crate) fn new(settings: &Telemetry) -> Result<Option<Self>, &'static BuildError> {
        if !settings.metrics {
            return Ok(None);
        }
        let recorder = RECORDER.as_ref()?.clone();
        let token = settings.metrics_token.as_ref().map(|token| digest(token.expose()));
        Ok(Some(Self { recorder, token }))
    }

    /// What was counted so far, for whoever shows the token.
    pub(crate) fn tell(metrics: Option<&Self>, headers: &HeaderMap) -> Result<Response, Withheld> {
        let Self { recorder, token } = metrics.ok_or(Withheld::Off)?;
        // Digests, because comparing the token itself would take as long as what fits.
        if token.is_some() && *token != auth::bearer(headers).map(digest) {
            return Err(Withheld::Token);
        }
        Ok(([(header::CONTENT_TYPE, KIND)], recorder.render()).into_response())
    }

    /// Sorts what was counted into its buckets now and then: until then it is kept piece by piece, and nobody may ever ask.
    pub(crate) async fn sort(&self) {
        let mut times = interval(Duration::from_secs(5));
        loop {
            times.tick().await;
            self.recorder.run_upkeep();
        }
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// Counts the requests to `router`, which serves `face`.
pub(crate) fn counted<S: Clone + Send + Sync + 'static>(face: &'static str, router: Router<S>) -> Router<S> {
    router.layer(from_fn(async move |request: Request, next: Next| {
        let (began, method) = (Instant::now(), method(request.method().as_str()));
        let answer = next.run(request).await;
        let labels =
            [("face", face.into()), ("method", method.into()), ("status", answer.status().as_str().to_owned())];
        histogram!(REQUESTS.name, &labels).record(began.elapsed());
        answer
    }))
}

/// Clients can make up methods.
fn method(name: &str) -> &'static str {
    ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
        .into_iter()
        .find(|known| *known == name)
        .unwrap_or("other")
}
