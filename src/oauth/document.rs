//! Client ID Metadata Documents: a client's id is an `https` address of its own, and what stands there says who it is
//! (draft-ietf-oauth-client-id-metadata-document).
//!
//! The address comes from a stranger, so asking it is done with care: no address that is not public, no redirect, no more than 5
//! seconds and 64 KiB, a few at a time; and what was found, or not, is kept for a while.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use reqwest::{Client, Response, StatusCode, Url, header, redirect::Policy};
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::{address::PublicOnly, redirect};
use crate::public_url::is_loopback;

/// The largest document that is read.
const DOCUMENT_MAX: usize = 64 << 10;
/// How long asking may take.
const FETCH_MAX: Duration = Duration::from_secs(5);
/// How many are asked at once.
const AT_ONCE: usize = 8;
/// How long a document is kept that does not say, at least, and at most.
const KEPT: Duration = Duration::from_hours(1);
const KEPT_LEAST: Duration = Duration::from_mins(1);
const KEPT_MOST: Duration = Duration::from_hours(24);
/// How long it is known that there was none.
const FAILED: Duration = Duration::from_secs(30);
/// How many are kept.
const MANY: usize = 1_000;

/// What a client says about itself.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Document {
    client_id: String,
    #[serde(default)]
    pub(super) client_name: Option<String>,
    #[serde(default)]
    pub(super) redirect_uris: Vec<String>,
}

/// Why there is no document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoDocument {
    #[error("its address cannot be used: it must be https, with a name and a path, and nothing else but a query")]
    Address,
    #[error("nothing came from its address in time")]
    Unreachable,
    #[error("its address answered {0}")]
    Status(u16),
    #[error("what stands there is not JSON")]
    NotJson,
    #[error("what stands there is too large")]
    TooLarge,
    #[error("what stands there is no description of a client")]
    NotADocument,
    #[error("what stands there describes another client")]
    Another,
    #[error("what stands there names no address to which people can be sent")]
    NoRedirect,
}

type Outcome = Result<Arc<Document>, NoDocument>;

/// The documents that were asked for.
pub(super) struct Documents {
    http: Client,
    /// Whether `http://` on this machine is as good, for tests.
    loopback: bool,
    kept: Mutex<HashMap<String, (Outcome, Instant)>>,
    asking: Semaphore,
}

impl Documents {
    pub(super) fn new(loopback: bool) -> reqwest::Result<Self> {
        // A proxy from the environment would resolve the names itself.
        let http = Client::builder().dns_resolver(Arc::new(PublicOnly)).no_proxy().redirect(Policy::none());
        let http = http.timeout(FETCH_MAX).user_agent(concat!("errand/", env!("CARGO_PKG_VERSION"))).build()?;
        Ok(Self { http, loopback, kept: Mutex::default(), asking: Semaphore::new(AT_ONCE) })
    }

    /// What is known already.
    pub(super) fn known(&self, id: &str) -> Option<Outcome> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(id).filter(|(_, until)| *until > Instant::now()).map(|(outcome, _)| outcome.clone())
    }

    /// Asks for it.
    pub(super) async fn fetch(&self, id: &str) -> Outcome {
        let Some(url) = self.usable(id) else { return Err(NoDocument::Address) };
        let (outcome, keep) = match self.ask(id, url).await {
            Ok((document, keep)) => (Ok(Arc::new(document)), keep),
            Err(none) => {
                tracing::info!(client = id, error = %none, "oauth.no_document");
                (Err(none), FAILED)
            }
        };
        let now = Instant::now();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MANY {
            kept.retain(|_, (_, until)| *until > now);
        }
        if kept.len() >= MANY {
            kept.clear();
        }
        kept.insert(id.to_owned(), (outcome.clone(), now + keep));
        outcome
    }

    /// The address, if it may be asked. It must be written as it is meant: whatever would be resolved or decoded could be two clients.
    fn usable(&self, id: &str) -> Option<Url> {
        let url = Url::parse(id).ok()?;
        let plain = url.as_str() == id && url.path() != "/" && url.fragment().is_none();
        let nobody = url.username().is_empty() && url.password().is_none();
        let named = match (url.scheme(), url.host_str()) {
            ("https", Some(_)) => url.domain().is_some(), // an address in digits is not resolved, so it would not be checked
            ("http", Some(host)) => self.loopback && is_loopback(host) && url.domain().is_none(),
            _ => false,
        };
        (plain && nobody && named).then_some(url)
    }

    async fn ask(&self, id: &str, url: Url) -> Result<(Document, Duration), NoDocument> {
        let _turn = self.asking.acquire().await.map_err(|_| NoDocument::Unreachable)?;
        let unreachable = |error: reqwest::Error| {
            tracing::debug!(error = ?error.without_url(), "oauth.document_unreachable");
            NoDocument::Unreachable
        };
        let request = self.http.get(url).header(header::ACCEPT, "application/json");
        let mut response = request.send().await.map_err(unreachable)?;
        if response.status() != StatusCode::OK {
            return Err(NoDocument::Status(response.status().as_u16()));
        }
        if !is_json(&response) {
            return Err(NoDocument::NotJson);
        }
        let keep = max_age(&response).map_or(KEPT, |age| age.clamp(KEPT_LEAST, KEPT_MOST));
        let mut json = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(unreachable)? {
            json.extend_from_slice(&piece);
            if json.len() > DOCUMENT_MAX {
                return Err(NoDocument::TooLarge);
            }
        }
        Ok((read(id, &json)?, keep))
    }
}

/// The document in `json`, with those addresses of it to which people may be sent.
fn read(id: &str, json: &[u8]) -> Result<Document, NoDocument> {
    let mut document: Document = serde_json::from_slice(json).map_err(|_| NoDocument::NotADocument)?;
    if document.client_id != id {
        return Err(NoDocument::Another);
    }
    document.redirect_uris.retain(|uri| redirect::check(uri).is_ok());
    if document.redirect_uris.is_empty() { Err(NoDocument::NoRedirect) } else { Ok(document) }
}

fn is_json(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// How long the answer may be kept (RFC 9111, 5.2.2).
fn max_age(response: &Response) -> Option<Duration> {
    let control = response.headers().get(header::CACHE_CONTROL)?.to_str().ok()?.to_ascii_lowercase();
    let directives = || control.split(',').map(str::trim);
    if directives().any(|directive| matches!(directive, "no-store" | "no-cache")) {
        return Some(Duration::ZERO);
    }
    let seconds = directives().find_map(|directive| directive.strip_prefix("max-age="))?;
    seconds.parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("https://client.example/oauth/client.json", true)]
    #[case("https://client.example:8443/client.json?v=1", true)]
    #[case("https://client.example/", false)]
    #[case("https://client.example", false)]
    #[case("http://client.example/client.json", false)]
    #[case("http://127.0.0.1/client.json", false)]
    #[case("https://127.0.0.1/client.json", false)]
    #[case("https://2130706433/client.json", false)]
    #[case("https://[::1]/client.json", false)]
    #[case("https://169.254.169.254/latest/meta-data", false)]
    #[case("https://user@client.example/client.json", false)]
    #[case("https://client.example/client.json#part", false)]
    #[case("https://client.example/a/../client.json", false)]
    #[case("https://CLIENT.example/client.json", false)]
    #[case("file:///etc/passwd", false)]
    #[case("errand_client_1", false)]
    fn addresses_that_may_be_asked(#[case] id: &str, #[case] usable: bool) {
        let documents = Documents::new(false).unwrap();
        assert_eq!(documents.usable(id).is_some(), usable);
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_not_asked() {
        let documents = Documents::new(false).unwrap();
        let outcome = documents.fetch("https://localhost/client.json").await;
        assert_eq!(outcome.unwrap_err(), NoDocument::Unreachable);
        assert_eq!(documents.known("https://localhost/client.json").unwrap().unwrap_err(), NoDocument::Unreachable);
    }
}
