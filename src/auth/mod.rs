//! Who a request comes from: one account, one token, good on every face and every socket.

mod tokens;

use axum::http::{HeaderMap, header};
use errand_core::{Account, Error, Result};

pub use self::tokens::{Claims, Keys};
use crate::state::State;

/// The token of an `Authorization: Bearer` header.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The account that a token speaks for, and what the token says.
///
/// # Errors
/// [`Error::Unauthenticated`] when there is no token, or it is not good, or the account is gone.
pub async fn authenticate(state: &State, token: Option<&str>) -> Result<(Account, Claims)> {
    let claims = state.keys.verify(token.ok_or(Error::Unauthenticated)?, state.app.clock.now())?;
    match state.app.account(claims.sub).await {
        Ok(account) => Ok((account, claims)),
        Err(Error::NotFound(_)) => Err(Error::Unauthenticated),
        Err(error) => Err(error),
    }
}
