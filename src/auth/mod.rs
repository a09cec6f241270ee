//! Who a request comes from: one account, one token, good on every face and every socket.
//!
//! A token is either our own (`tokens`) or, where one is configured, that of an outside identity service (`issuer`).

mod issuer;
mod tokens;

use axum::http::{HeaderMap, header};
use errand_core::{Account, Error, Result};

pub use self::{
    issuer::{Issuer, IssuerError},
    tokens::{Claims, Keys},
};
use crate::state::State;

/// What a good token grants, besides being its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// When it ends, in seconds since the epoch.
    pub exp: i64,
}

/// The token of an `Authorization: Bearer` header.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The account that a token speaks for, and how long it does.
///
/// # Errors
/// [`Error::Unauthenticated`] when there is no token, or it is not good, or the account is gone.
pub async fn authenticate(state: &State, token: Option<&str>) -> Result<(Account, Grant)> {
    let (token, now) = (token.ok_or(Error::Unauthenticated)?, state.app.clock.now());
    // Ours first: most are, and whether it may be one is seen before anything is computed.
    let ours = state.keys.verify(token, now);
    let (account, exp) = match (ours, &state.issuer) {
        (Ok(claims), _) => (state.app.account(claims.sub).await, claims.exp),
        (Err(_), Some(issuer)) => {
            let (identity, exp) = issuer.verify(token, now).await?;
            (state.app.account_of(identity).await, exp)
        }
        (Err(error), None) => return Err(error),
    };
    match account {
        Ok(account) => Ok((account, Grant { exp })),
        Err(Error::NotFound(_)) => Err(Error::Unauthenticated),
        Err(error) => Err(error),
    }
}
