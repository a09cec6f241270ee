//! What the forms of the consent page carry from one step to the next: sealed, for one browser, for ten minutes.
//!
//! Without the seal a form could be made up; without the browser's mark, one that was made for somebody else could be put before a
//! person who has never seen the page it belongs to.

use chrono::{DateTime, TimeDelta, Utc};
use errand_core::{Scopes, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::secret::TokenSecret;

/// How long a person has for each step.
const LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// What a client asks a person for; checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) client: String,
    pub(super) name: String,
    pub(super) redirect_uri: String,
    pub(super) state: Option<String>,
    /// Separated by spaces.
    pub(super) scopes: String,
    pub(super) challenge: String,
    pub(super) resource: String,
}

impl Request {
    pub(super) fn scopes(&self) -> Scopes {
        self.scopes.parse().unwrap_or_else(|never| match never {})
    }
}

/// One step of the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ticket {
    pub(super) request: Request,
    /// Who has logged in; nobody yet at the first step.
    pub(super) user: Option<UserId>,
    /// The mark that the browser has in a cookie.
    browser: String,
    /// In seconds since the epoch.
    exp: i64,
}

impl Ticket {
    pub(super) fn new(request: Request, user: Option<UserId>, browser: &str, now: DateTime<Utc>) -> Self {
        Self { request, user, browser: browser.to_owned(), exp: (now + LIFETIME).timestamp() }
    }
}

/// What seals tickets: a key of its own, made from the secret that signs access tokens. Neither can be taken for the other.
pub(super) struct Seal {
    signing: EncodingKey,
    checking: DecodingKey,
    validation: Validation,
}

impl Seal {
    pub(super) fn new(secret: &TokenSecret) -> Self {
        let key = Sha256::new().chain_update(b"errand consent page\0").chain_update(secret.as_bytes()).finalize();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.validate_exp = false; // by our own clock, below
        Self { signing: EncodingKey::from_secret(&key), checking: DecodingKey::from_secret(&key), validation }
    }

    /// The ticket as a form carries it; none if it cannot be signed.
    pub(super) fn close(&self, ticket: &Ticket) -> Option<String> {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), ticket, &self.signing)
            .inspect_err(|error| tracing::error!(%error, "oauth.ticket_unsigned"))
            .ok()
    }

    /// What a form carried; none when it is not ours, not of this browser, or too old.
    pub(super) fn open(&self, text: &str, browser: &str, now: DateTime<Utc>) -> Option<Ticket> {
        let ticket = jsonwebtoken::decode::<Ticket>(text, &self.checking, &self.validation).ok()?.claims;
        (ticket.browser == browser && ticket.exp > now.timestamp()).then_some(ticket)
    }
}
