//! Who a request comes from: one account, one token, good on every face and every socket.
//!
//! A token is either our own (`tokens`) or, where one is configured, that of an outside identity service (`issuer`).

mod attempts;
pub mod challenge;
mod issuer;
mod log_in;
mod tokens;

use axum::http::{HeaderMap, header};
use errand_core::{
    Account, Error, Result, Scopes,
    grant::{Bearer, Kind},
    login::Pass,
};

pub(crate) use self::log_in::{NotIn, Visitor, log_in, token};
pub use self::{
    attempts::Attempts,
    issuer::{Issuer, IssuerError},
    tokens::{Claims, Keys},
};
use crate::{oauth, state::State};

/// What a good token grants, besides being its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// When it ends, in seconds since the epoch.
    pub exp: i64,
    /// What an agent may do with it.
    pub scopes: Scopes,
    /// The login that it belongs to; none for another service's.
    pub pass: Option<Pass>,
}

/// Who stands behind a token that an agent shows, and what it may do for them.
#[derive(Clone, Debug)]
pub struct Principal {
    /// Whose tasks they are.
    pub account: Account,
    /// What was granted.
    pub scopes: Scopes,
    /// The client that it was granted to, by the name under which the person allowed it; none for a person's own token.
    pub client: Option<String>,
    /// When the token ends, in seconds since the epoch; none for one that does not.
    pub exp: Option<i64>,
}

/// Who stands behind a token at `/mcp`: one that a client got with somebody's consent, or one that they made for themselves. What a
/// login gives is good there too, for everything.
///
/// # Errors
/// [`Error::Unauthenticated`] as for [`authenticate`], and for a token that was given for another service (RFC 8707, 2).
pub async fn principal(state: &State, token: Option<&str>) -> Result<Principal> {
    let Some(granted) = token.filter(|token| Kind::of(token).is_some()) else {
        let (account, grant) = authenticate(state, token).await?;
        return Ok(Principal { account, scopes: grant.scopes, client: None, exp: Some(grant.exp) });
    };
    let Bearer { user, scopes, client, resource, expires_at } = state.app.bearer(granted).await?;
    if resource.is_some_and(|resource| !state.public_url.has_been(&resource, oauth::MCP)) {
        return Err(Error::Unauthenticated);
    }
    let account = state.app.account(user).await?;
    Ok(Principal { account, scopes, client, exp: expires_at.map(|end| end.timestamp()) })
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
/// [`Error::Unauthenticated`] when there is no token, or it is not good, or its login has ended, or the account is gone;
/// [`Error::Expired`] when it was good once.
pub async fn authenticate(state: &State, token: Option<&str>) -> Result<(Account, Grant)> {
    let (token, now) = (token.ok_or(Error::Unauthenticated)?, state.app.clock.now());
    // Ours first: most are, and whether it may be one is seen before anything is computed.
    let ours = state.keys.verify(token, now);
    let (account, exp, scopes, pass) = match (ours, &state.issuer) {
        (Ok(claims), _) => {
            let pass = claims.pass();
            if let Some(pass) = pass {
                state.app.use_login(claims.sub, pass).await?;
            }
            (state.app.account(claims.sub).await, claims.exp, Scopes::ALL, pass)
        }
        (Err(Error::Expired), _) => return Err(Error::Expired),
        (Err(_), Some(issuer)) => {
            let (identity, exp, scopes) = issuer.verify(token, now).await?;
            (state.app.account_of(identity).await, exp, scopes, None)
        }
        (Err(error), None) => return Err(error),
    };
    match account {
        Ok(account) => Ok((account, Grant { exp, scopes, pass })),
        Err(Error::NotFound(_)) => Err(Error::Unauthenticated),
        Err(error) => Err(error),
    }
}
