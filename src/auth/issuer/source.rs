//! Where the keys come from: fetched when they are first needed, kept, and fetched again when they may have changed.
//!
//! However many ask, one fetch runs at a time, and those who wait for it share what it brings. When it fails, the keys that are
//! here stay good.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use reqwest::{Client, StatusCode, Url, header, redirect};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tracing::Instrument as _;

use super::jwks::KeySet;

/// The largest set that is read. Those of large services have some 20 kB.
const SET_MAX: usize = 256 * 1024;
/// How long a fetch may take.
const FETCH_MAX: Duration = Duration::from_secs(5);

/// How often the service is asked.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    /// The least time between two fetches for keys that are not here.
    pub(super) unknown: Duration,
    /// The same while there are no keys at all, and nobody can come in.
    pub(super) none: Duration,
    /// After this time keys are fetched anew, beside the requests: one that the service took back must not be good for ever.
    pub(super) stale: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { unknown: Duration::from_mins(1), none: Duration::from_secs(5), stale: Duration::from_mins(15) }
    }
}

/// The keys of one service.
pub(super) struct Source(Arc<Shared>);

struct Shared {
    url: Url,
    http: Client,
    pace: Pace,
    keys: RwLock<Arc<KeySet>>,
    gate: Arc<Mutex<Gate>>,
}

/// Held by whoever fetches.
#[derive(Default)]
struct Gate {
    closed_until: Option<Instant>,
}

#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("{}", causes(.0))] // without the address, which may have a password in it
    Http(#[from] reqwest::Error),
    #[error("the answer was {0}")]
    Status(StatusCode),
    #[error("the answer has more than {SET_MAX} bytes")]
    TooLarge,
    #[error("the answer is no JWK set: {0}")]
    NotAKeySet(#[from] serde_json::Error),
}

impl Source {
    pub(super) fn new(url: Url, pace: Pace) -> reqwest::Result<Self> {
        // A redirect could lead to any address that only this machine reaches.
        let http = Client::builder().redirect(redirect::Policy::none()).timeout(FETCH_MAX).build()?;
        Ok(Self(Arc::new(Shared { url, http, pace, keys: RwLock::default(), gate: Arc::default() })))
    }

    /// The keys that are here. Does not wait; those that have become old are fetched beside.
    pub(super) fn keys(&self) -> Arc<KeySet> {
        let keys = self.0.current();
        if keys.fetched.is_some_and(|fetched| fetched.elapsed() > self.0.pace.stale)
            && let Ok(mut gate) = Arc::clone(&self.0.gate).try_lock_owned()
            && gate.is_open()
        {
            let shared = Arc::clone(&self.0);
            tokio::spawn(async move { shared.fetch(&mut gate).await }.in_current_span());
        }
        keys
    }

    /// Newer keys than `seen`, if there are any to be had now.
    pub(super) async fn newer_than(&self, seen: Arc<KeySet>) -> Arc<KeySet> {
        let shared = Arc::clone(&self.0);
        // In a task of its own: whoever asks and goes away again must not make the next one ask the service again.
        let fetch = async move {
            let mut gate = Arc::clone(&shared.gate).lock_owned().await;
            // Somebody else may have fetched them meanwhile.
            if Arc::ptr_eq(&shared.current(), &seen) && gate.is_open() {
                shared.fetch(&mut gate).await;
            }
        };
        if let Err(error) = tokio::spawn(fetch.in_current_span()).await {
            tracing::error!(%error, "jwks.fetch_broke_off");
        }
        self.0.current()
    }
}

impl Gate {
    fn is_open(&self) -> bool {
        self.closed_until.is_none_or(|until| Instant::now() >= until)
    }
}

impl Shared {
    fn current(&self) -> Arc<KeySet> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Fetches the keys. The first fetch that succeeds leaves the gate open: it was not for a key that nobody knows.
    async fn fetch(&self, gate: &mut OwnedMutexGuard<Gate>) {
        let first = self.current().fetched.is_none();
        let pause = match self.ask().await {
            Ok(keys) => {
                tracing::info!(keys = keys.len(), "jwks.fetched");
                *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
                (!first).then_some(self.pace.unknown)
            }
            Err(error) => {
                tracing::warn!(%error, "jwks.fetch_failed");
                Some(if first { self.pace.none } else { self.pace.unknown })
            }
        };
        gate.closed_until = pause.map(|pause| Instant::now() + pause);
    }

    async fn ask(&self) -> Result<KeySet, FetchError> {
        let request =
            self.http.get(self.url.clone()).header(header::ACCEPT, "application/jwk-set+json, application/json");
        let mut response = request.send().await.map_err(reqwest::Error::without_url)?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(response.status()));
        }
        let mut json = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(reqwest::Error::without_url)? {
            json.extend_from_slice(&piece);
            if json.len() > SET_MAX {
                return Err(FetchError::TooLarge);
            }
        }
        Ok(KeySet::read(&json, Instant::now())?)
    }
}

/// The error with its causes: reqwest's own text does not say what went wrong.
fn causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests;
