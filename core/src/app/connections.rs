//! What a person sees of their grants: the clients that are connected, and the tokens that they made for themselves.

use chrono::TimeDelta;

use super::App;
use crate::{
    account::Caller,
    error::{Error, Noun, Problem, Result},
    grant::{self, Grant, Kind, Secret, TOKEN_DAYS_MAX},
    id::GrantId,
    scope::Scopes,
    store::grants::{self, Given, New},
};

impl App {
    /// The clients that the caller has allowed something and that can still do it, the newest first.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn connected_clients(&self, caller: &Caller) -> Result<Vec<Grant>> {
        grants::to_clients(&mut self.store.read().await?, caller.user, self.clock.now()).await
    }

    /// Takes back what was allowed a client; its next request is refused.
    ///
    /// # Errors
    /// [`Error::NotFound`], also when it is somebody else's.
    pub async fn disconnect(&self, caller: &Caller, grant: GrantId) -> Result<()> {
        self.take_back(caller, grant, false).await
    }

    /// The tokens that the caller made for themselves, the newest first; ended ones too.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn personal_tokens(&self, caller: &Caller) -> Result<Vec<Grant>> {
        grants::personal(&mut self.store.read().await?, caller.user).await
    }

    /// Makes a token for the caller's own programs. The secret is not to be had again.
    ///
    /// # Errors
    /// [`Error::Invalid`]: a name of 1-100 characters, at least one scope, 1-3650 days.
    pub async fn add_personal_token(
        &self,
        caller: &Caller,
        name: &str,
        scopes: Scopes,
        days: Option<i64>,
    ) -> Result<(Grant, Secret)> {
        let name = grant::token_name(name)?;
        if scopes.is_empty() {
            return Err(Problem::new("scopes", "must have at least one").into());
        }
        if days.is_some_and(|days| !(1..=TOKEN_DAYS_MAX).contains(&days)) {
            let rule = format!("must lie between 1 and {TOKEN_DAYS_MAX}");
            return Err(Problem::new("expires_in_days", rule).into());
        }
        let (user, now, secret) = (caller.user, self.clock.now(), Secret::fresh(Kind::Personal)?);
        let (expires_at, hash) = (days.map(|days| now + TimeDelta::days(days)), secret.hash());
        let given = Given { kind: Kind::Personal, hash, scopes, expires_at, bound: None };
        let add = {
            let name = name.clone();
            self.store.write(move |tx| {
                Box::pin(async move {
                    let new = New { user, client: None, name: &name, scopes, resource: None };
                    let grant = grants::add(tx, new, now).await?;
                    grants::give(tx, grant, given).await.map(|()| grant)
                })
            })
        };
        let id = add.await?;
        tracing::info!(%user, "token.made");
        Ok((Grant { id, client: None, name, scopes, created_at: now, expires_at, last_used_at: None }, secret))
    }

    /// Takes one of the caller's own tokens back; the next request with it is refused.
    ///
    /// # Errors
    /// [`Error::NotFound`], also when it is somebody else's.
    pub async fn remove_personal_token(&self, caller: &Caller, token: GrantId) -> Result<()> {
        self.take_back(caller, token, true).await
    }

    async fn take_back(&self, caller: &Caller, grant: GrantId, personal: bool) -> Result<()> {
        let user = caller.user;
        let there = self.store.write(move |tx| Box::pin(grants::revoke_of(tx, user, grant, personal))).await?;
        self.shared.bearers.forget();
        if there { Ok(()) } else { Err(Error::NotFound(Noun::Grant)) }
    }
}
