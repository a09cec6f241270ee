//! From a person's yes to tokens: giving a code, redeeming it, renewing, taking back.

use chrono::{DateTime, TimeDelta, Utc};

use super::App;
use crate::{
    account::Caller,
    error::Result,
    grant::{Allowed, Hash, Issued, Kind, Lifetimes, Redemption, Refresh, Refused, Secret, challenge_of},
    scope::Scopes,
    store::{
        Tx, clients,
        grants::{self, Given, Held, Kept, New, Stored},
    },
};

/// How long a code is good: as long as the way of a browser from here to the client.
const CODE: TimeDelta = TimeDelta::seconds(60);

impl App {
    /// The caller allows a client something: the code with which it can fetch its tokens, once, within a minute.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn allow(&self, caller: &Caller, allowed: Allowed) -> Result<Secret> {
        let (user, now, code) = (caller.user, self.clock.now(), Secret::fresh(Kind::Code)?);
        let (hash, client) = (code.hash(), allowed.client.clone());
        let allow = self.store.write(move |tx| {
            Box::pin(async move {
                grants::forget_dead(tx, user, now).await?;
                clients::allowed(tx, &allowed.client, now).await?;
                let Allowed { client, name, scopes, resource, redirect_uri, challenge } = &allowed;
                let (client, scopes) = (Some(client.as_str()), *scopes);
                let grant = grants::add(tx, New { user, client, name, scopes, resource: Some(resource) }, now).await?;
                let (expires_at, bound) = (Some(now + CODE), Some((redirect_uri.as_str(), challenge.as_str())));
                grants::give(tx, grant, Given { kind: Kind::Code, hash, scopes, expires_at, bound }).await
            })
        });
        allow.await?;
        tracing::info!(%user, client, "oauth.allowed");
        Ok(code)
    }

    /// Redeems a code for tokens. One that comes a second time has been stolen, from the first or from this one: the grant is
    /// taken back (RFC 6749, 4.1.2).
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn redeem(&self, shown: Redemption, lifetimes: Lifetimes) -> Result<Result<Issued, Refused>> {
        let now = self.clock.now();
        let redeem = self.store.write(move |tx| {
            Box::pin(async move {
                let hash = Hash::of(&shown.code);
                let taken = take(tx, Kind::Code, hash, now).await?;
                let Taken::Good(held, kept) = taken else { return Ok((Err(Refused::Grant), taken.is_revoked())) };
                let elsewhere = shown.redirect_uri.is_some() && shown.redirect_uri != kept.redirect_uri;
                let unproved = kept.challenge != Some(challenge_of(&shown.verifier));
                if held.client_id.as_ref() != Some(&shown.client) || elsewhere || unproved {
                    return Ok((Err(Refused::Grant), false));
                }
                if shown.resource.is_some() && shown.resource != held.resource {
                    return Ok((Err(Refused::Target), false));
                }
                grants::spend(tx, hash, now).await?;
                let Stored(scopes) = kept.scopes;
                issue(tx, &held, scopes, scopes, lifetimes, now).await.map(|issued| (Ok(issued), false))
            })
        });
        let (answer, revoked) = redeem.await?;
        Ok(self.told(answer, revoked))
    }

    /// Redeems a refresh token for the next tokens. One that comes a second time takes the grant back (RFC 9700, 4.14.2).
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn refresh(&self, shown: Refresh, lifetimes: Lifetimes) -> Result<Result<Issued, Refused>> {
        let now = self.clock.now();
        let refresh = self.store.write(move |tx| {
            Box::pin(async move {
                let hash = Hash::of(&shown.token);
                let taken = take(tx, Kind::Refresh, hash, now).await?;
                let Taken::Good(held, kept) = taken else { return Ok((Err(Refused::Grant), taken.is_revoked())) };
                if held.client_id.as_ref() != Some(&shown.client) {
                    return Ok((Err(Refused::Grant), false));
                }
                if shown.resource.is_some() && shown.resource != held.resource {
                    return Ok((Err(Refused::Target), false));
                }
                let Stored(granted) = kept.scopes;
                let scopes = shown.scopes.unwrap_or(granted);
                if scopes.is_empty() || scopes.iter().any(|scope| !granted.permit(scope)) {
                    return Ok((Err(Refused::Scope), false));
                }
                grants::spend(tx, hash, now).await?;
                grants::forget_ended(tx, held.id, now).await?;
                issue(tx, &held, scopes, granted, lifetimes, now).await.map(|issued| (Ok(issued), false))
            })
        });
        let (answer, revoked) = refresh.await?;
        Ok(self.told(answer, revoked))
    }

    /// Takes back what a client hands in: with a refresh token or a code the whole grant, with an access token only that. What is
    /// not known, or another client's, changes nothing (RFC 7009, 2.2).
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn hand_in(&self, token: &str, client: &str) -> Result<()> {
        let Some(kind) = Kind::of(token).filter(|kind| *kind != Kind::Personal) else { return Ok(()) };
        let (hash, client) = (Hash::of(token), client.to_owned());
        let hand_in = self.store.write(move |tx| {
            Box::pin(async move {
                let held = grants::hold(tx, kind, hash).await?;
                match held.filter(|held| held.client_id.as_ref() == Some(&client)) {
                    Some(_) if kind == Kind::Access => grants::drop_token(tx, hash).await,
                    Some(held) => grants::revoke(tx, held.id).await,
                    None => Ok(()),
                }
            })
        });
        hand_in.await?;
        self.shared.bearers.forget();
        Ok(())
    }

    fn told<T>(&self, answer: T, revoked: bool) -> T {
        if revoked {
            self.shared.bearers.forget();
            tracing::warn!("oauth.grant_revoked: a secret that is good once was shown twice");
        }
        answer
    }
}

/// What became of a secret that is good once.
enum Taken {
    Good(Held, Kept),
    /// There is none, or it has ended.
    No,
    /// It was shown before: the grant is taken back.
    Twice,
}

impl Taken {
    fn is_revoked(&self) -> bool {
        matches!(self, Self::Twice)
    }
}

async fn take(tx: &mut Tx, kind: Kind, hash: Hash, now: DateTime<Utc>) -> Result<Taken> {
    let Some(held) = grants::hold(tx, kind, hash).await? else { return Ok(Taken::No) };
    let Some(kept) = grants::kept(&mut tx.conn, hash).await? else { return Ok(Taken::No) };
    if kept.spent_at.is_some() {
        grants::revoke(tx, held.id).await?;
        return Ok(Taken::Twice);
    }
    Ok(if kept.expires_at.is_some_and(|end| end <= now) { Taken::No } else { Taken::Good(held, kept) })
}

/// Gives the next two tokens: one for `scopes`, and one with which all that was `granted` can be renewed.
async fn issue(
    tx: &mut Tx,
    held: &Held,
    scopes: Scopes,
    granted: Scopes,
    lifetimes: Lifetimes,
    now: DateTime<Utc>,
) -> Result<Issued> {
    let (access, refresh) = (Secret::fresh(Kind::Access)?, Secret::fresh(Kind::Refresh)?);
    let given = [
        (Kind::Access, access.hash(), scopes, lifetimes.access),
        (Kind::Refresh, refresh.hash(), granted, lifetimes.refresh),
    ];
    for (kind, hash, scopes, lifetime) in given {
        let given = Given { kind, hash, scopes, expires_at: Some(now + lifetime), bound: None };
        grants::give(tx, held.id, given).await?;
    }
    Ok(Issued { access, refresh, scopes, expires_in: lifetimes.access })
}
