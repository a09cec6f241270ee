//! Tokens of an outside identity service: Better Auth, or any other that signs JWTs and publishes its keys as a JWK set (RFC 7517).
//!
//! What is checked: the signature, by a key that the service publishes for exactly this algorithm; `exp`, `nbf`, without leeway;
//! issuer and audience when they are configured. Nothing that a token says about where its key might be is followed.
//!
//! To accept another algorithm: a line in `jwks::algorithm`.

mod jwks;
mod source;

use chrono::{DateTime, Utc};
use errand_core::{
    Error, Result, Scopes,
    identity::{Identity, Subject},
};
use jsonwebtoken::{Header, Validation};
use reqwest::Url;
use serde::Deserialize;

use self::{
    jwks::Unchecked,
    source::{Pace, Source},
};
use crate::config;

/// Why the identity service's settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// The client for HTTP.
    #[error("there is no HTTP client for the identity service's keys: {0}")]
    Client(#[from] reqwest::Error),
    /// The address.
    #[error("auth.jwks_url is no address: {0}")]
    Address(String),
}

/// The outside identity service whose tokens are accepted.
pub struct Issuer {
    source: Source,
    /// What stands for the service when its tokens do not name it.
    url: String,
    /// What it must call itself.
    name: Option<String>,
    audience: Option<String>,
}

/// What a token of theirs says. `OpenID` Connect has the names of the claims; Better Auth sends `name` and `email`.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    /// Seconds since the epoch; fractions are allowed.
    exp: f64,
    nbf: Option<f64>,
    iss: Option<String>,
    preferred_username: Option<serde_json::Value>,
    name: Option<serde_json::Value>,
    email: Option<serde_json::Value>,
    /// RFC 9068, 2.2.3.
    scope: Option<String>,
}

impl Issuer {
    /// The service that is configured, if one is.
    ///
    /// # Errors
    /// [`IssuerError`].
    pub fn new(settings: &config::Auth) -> std::result::Result<Option<Self>, IssuerError> {
        let config::Auth { jwks_url, issuer, audience, token_lifetime: _, secret: _ } = settings;
        let Some(url) = jwks_url.clone() else { return Ok(None) };
        let address = Url::parse(&url).map_err(|error| IssuerError::Address(error.to_string()))?;
        let source = Source::new(address, Pace::default())?;
        Ok(Some(Self { source, url, name: issuer.clone(), audience: audience.clone() }))
    }

    /// Whom a good token of theirs speaks for, until when, in seconds since the epoch, and for what: everything if it does not say.
    ///
    /// # Errors
    /// [`Error::Expired`] for one that was good; [`Error::Unauthenticated`].
    pub async fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<(Identity, i64, Scopes)> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| Error::Unauthenticated)?;
        // `crit` names what a token must not be accepted without; none of it is known here (RFC 7515, 4.1.11).
        let header = Some(header).filter(|header| header.crit.is_none()).ok_or(Error::Unauthenticated)?;
        let validation = self.validation(&header)?;
        let keys = self.source.keys();
        let claims: Claims = match keys.check(token, &header, &validation) {
            Ok(claims) => claims,
            Err(Unchecked::NoKey) => {
                let newer = self.source.newer_than(keys).await;
                newer.check(token, &header, &validation).map_err(|_| Error::Unauthenticated)?
            }
            Err(Unchecked::Refused) => return Err(Error::Unauthenticated),
        };
        self.identity(claims, now)
    }

    fn validation(&self, header: &Header) -> Result<Validation> {
        let algorithm = Some(header.alg).filter(|algorithm| jwks::ALGORITHMS.contains(algorithm));
        let mut validation = Validation::new(algorithm.ok_or(Error::Unauthenticated)?);
        let mut required = vec!["exp", "sub"];
        (validation.validate_exp, validation.validate_nbf) = (false, false); // by our own clock, below
        validation.validate_aud = self.audience.is_some();
        if let Some(audience) = &self.audience {
            validation.set_audience(&[audience]);
            required.push("aud");
        }
        if let Some(name) = &self.name {
            validation.set_issuer(&[name]);
            required.push("iss");
        }
        validation.set_required_spec_claims(&required);
        Ok(validation)
    }

    fn identity(&self, claims: Claims, now: DateTime<Utc>) -> Result<(Identity, i64, Scopes)> {
        let exp = seconds(claims.exp);
        if exp <= now.timestamp() {
            return Err(Error::Expired);
        }
        if claims.nbf.is_some_and(|begins| seconds(begins.ceil()) > now.timestamp()) {
            return Err(Error::Unauthenticated);
        }
        let text =
            |claim: Option<serde_json::Value>| claim.as_ref().and_then(|claim| claim.as_str()).map(str::to_owned);
        let issuer = claims.iss.unwrap_or_else(|| self.url.clone());
        let subject = Subject { issuer, subject: claims.sub };
        let names = [text(claims.preferred_username), text(claims.name)].into_iter().flatten().collect();
        let scopes = claims.scope.map_or(Scopes::ALL, |scope| scope.parse().unwrap_or_else(|never| match never {}));
        Ok((Identity { subject, names, email: text(claims.email) }, exp, scopes))
    }
}

/// Whole seconds; what lies outside all calendars becomes the outermost.
fn seconds(time: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "it saturates, which is what is wanted; NaN is no JSON")]
    let seconds = time.floor() as i64;
    seconds
}
