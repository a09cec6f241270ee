//! Logging in by name and password, as it is the same on every contract.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{header, request::Parts},
};
use errand_core::{Account, Error, Result, login::Entrance};

use crate::{faces::Refusal, limits::TooMany, proxies, state::State};

/// Where a request comes from.
pub(crate) struct Visitor {
    /// The client's address.
    pub(crate) address: IpAddr,
    agent: String,
}

impl Visitor {
    /// The same for the core.
    pub(crate) fn entrance(&self) -> Entrance {
        Entrance::new(&self.agent, self.address.to_string())
    }
}

impl FromRequestParts<State> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Infallible> {
        // Who comes over no connection is in this process.
        let peer =
            parts.extensions.get().map_or(Ipv4Addr::LOCALHOST.into(), |ConnectInfo::<SocketAddr>(peer)| peer.ip());
        let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        Ok(Self { address: proxies::client(&state.proxies, peer, &parts.headers), agent: agent.to_owned() })
    }
}

/// Why somebody is not let in.
pub(crate) enum NotIn {
    /// The core's reason.
    Refused(Error),
    /// There were too many failures of late.
    TooMany(TooMany),
}

impl From<Error> for NotIn {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl NotIn {
    /// In the words of a contract.
    pub(crate) fn said<F: From<Error> + From<Refusal>>(self) -> F {
        match self {
            Self::Refused(error) => error.into(),
            Self::TooMany(TooMany { retry_after }) => Refusal::TooMany { retry_after }.into(),
        }
    }
}

/// Whose name (or e-mail address) and password these are.
///
/// # Errors
/// [`Error::Credentials`] for every cause, after the same time; [`NotIn::TooMany`] after too many of these.
pub(crate) async fn log_in(state: &State, visitor: &Visitor, login: &str, password: &str) -> Result<Account, NotIn> {
    let attempt = state.attempts.begin(&state.app, login, visitor.address).await?;
    let attempt = attempt.map_err(|too_many| {
        tracing::warn!(address = %visitor.address, "auth.too_many_failures");
        NotIn::TooMany(too_many)
    })?;
    let account = state.app.log_in(login, password).await.inspect_err(|error| {
        if matches!(error, Error::Credentials) {
            tracing::info!("auth.login_refused");
        }
    })?;
    state.attempts.forgive(attempt).await;
    Ok(account)
}

/// An access token of a new login, for contracts that have no other.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn token(state: &State, visitor: &Visitor, account: &Account) -> Result<String> {
    let lifetime = state.keys.lifetime();
    let pass = state.app.begin_login(account.id, visitor.entrance(), lifetime).await?;
    state.keys.issue(account, pass, lifetime, state.app.clock.now())
}
