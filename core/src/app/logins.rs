//! Logging in, going on being logged in, and logging out.

use chrono::{DateTime, TimeDelta, Utc};

use super::{App, watched::LoginWatch};
use crate::{
    account::Caller,
    error::{Error, Noun, Result},
    grant::{Hash, Kind, Secret, random},
    id::{LoginId, UserId},
    login::{Entrance, Login, Pass, Renewable, USED},
    store::{
        Tx, accounts,
        logins::{self, Held},
    },
};

/// Random bytes in what the refresh tokens of a login are computed with.
const SEED: usize = 32;

impl App {
    /// Begins a login whose one access token is good for `lifetime`.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn begin_login(&self, user: UserId, entrance: Entrance, lifetime: TimeDelta) -> Result<Pass> {
        let (now, seed) = (self.clock.now(), random::<SEED>()?);
        let begin =
            self.store.write(move |tx| Box::pin(async move { begin(tx, user, &entrance, &seed, lifetime, now).await }));
        begin.await.map(|login| Pass { login, generation: 0 })
    }

    /// Begins a login that can be renewed for `lifetime`, and as long again each time it is.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn begin_renewable_login(
        &self,
        user: UserId,
        entrance: Entrance,
        lifetime: TimeDelta,
    ) -> Result<Renewable> {
        let (now, seed, refresh) = (self.clock.now(), random::<SEED>()?, Secret::fresh(Kind::Login)?);
        let hash = refresh.hash();
        let begin = self.store.write(move |tx| {
            Box::pin(async move {
                let login = begin(tx, user, &entrance, &seed, lifetime, now).await?;
                logins::give(tx, login, hash, 0, now + lifetime).await.map(|()| login)
            })
        });
        let login = begin.await?;
        Ok(Renewable { user, pass: Pass { login, generation: 0 }, refresh })
    }

    /// Gives the next tokens for a refresh token. Who asks again, because the answer was lost, gets the same refresh token; once that
    /// or an access token given with it was used, the old one ends the login instead.
    ///
    /// # Errors
    /// [`Error::RefreshToken`].
    pub async fn renew_login(&self, token: &str, lifetime: TimeDelta) -> Result<Renewable> {
        if Kind::of(token) != Some(Kind::Login) {
            return Err(Error::RefreshToken);
        }
        let (now, token) = (self.clock.now(), token.to_owned());
        let renewed =
            self.store.write(move |tx| Box::pin(async move { renew(tx, &token, lifetime, now).await })).await?;
        match renewed {
            Renewed::Good(renewable) => Ok(renewable),
            Renewed::No => Err(Error::RefreshToken),
            Renewed::Stolen(login) => {
                self.shared.watched.end(login);
                tracing::warn!(%login, "auth.login_revoked: a refresh token was shown after the next one had been used");
                Err(Error::RefreshToken)
            }
        }
    }

    /// Checks that the login of an access token has not ended, and notes that it is used.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when it has ended, or is somebody else's.
    pub async fn use_login(&self, user: UserId, Pass { login, generation }: Pass) -> Result<()> {
        let found = logins::find(&mut self.store.read().await?, login).await?;
        let found = found.filter(|found| found.user_id == user).ok_or(Error::Unauthenticated)?;
        let now = self.clock.now();
        if generation > found.generation || now - found.used_at >= USED {
            self.store.write(move |tx| Box::pin(logins::used(tx, login, generation, now))).await?;
        }
        Ok(())
    }

    /// Ends one of the caller's logins: its tokens are not good any more, and its sockets are closed.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`] when it is somebody else's.
    pub async fn end_login(&self, caller: &Caller, login: LoginId) -> Result<()> {
        let user = caller.user;
        let end = self.store.write(move |tx| {
            Box::pin(async move {
                match logins::end(tx, login).await? {
                    Some(whose) if whose == user => Ok(()),
                    Some(_) => Err(Error::Forbidden(Noun::Login)), // nothing of the job stays
                    None => Err(Error::NotFound(Noun::Login)),
                }
            })
        });
        end.await?;
        self.shared.watched.end(login);
        tracing::info!(%user, %login, "auth.logged_out");
        Ok(())
    }

    /// The caller's logins, the newest first.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn logins(&self, caller: &Caller) -> Result<Vec<Login>> {
        logins::all(&mut self.store.read().await?, caller.user, self.clock.now()).await
    }

    /// Notes that somebody has logged in without beginning a login.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn has_logged_in(&self, user: UserId) -> Result<()> {
        let now = self.clock.now();
        self.store.write(move |tx| Box::pin(accounts::logged_in(tx, user, now))).await
    }

    /// Whether the account with this name (or e-mail address) has a login that was begun at `address`.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn has_logged_in_from(&self, login: &str, address: &str) -> Result<bool> {
        let mut conn = self.store.read().await?;
        match accounts::by_login(&mut conn, login.trim()).await? {
            Some(found) => logins::is_known(&mut conn, found.account.id, address).await,
            None => Ok(false),
        }
    }

    /// What tells when a login ends, however it does.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn watch_login(&self, login: LoginId) -> Result<LoginWatch> {
        let watch = self.shared.watched.watch(login);
        // It may have ended between the moment when its token was checked and now.
        if logins::find(&mut self.store.read().await?, login).await?.is_none() {
            self.shared.watched.end(login);
        }
        Ok(watch)
    }
}

async fn begin(
    tx: &mut Tx,
    user: UserId,
    entrance: &Entrance,
    seed: &str,
    lifetime: TimeDelta,
    now: DateTime<Utc>,
) -> Result<LoginId> {
    logins::forget_ended(tx, user, now).await?;
    accounts::logged_in(tx, user, now).await?;
    logins::add(tx, user, entrance, seed, (now, now + lifetime)).await
}

/// What came of a refresh token.
enum Renewed {
    Good(Renewable),
    /// There is none, or it has ended.
    No,
    /// What came after it had been used already: the login was ended.
    Stolen(LoginId),
}

async fn renew(tx: &mut Tx, token: &str, lifetime: TimeDelta, now: DateTime<Utc>) -> Result<Renewed> {
    let hash = Hash::of(token);
    let Some(Held { id: login, user_id: user, seed, generation: newest }) = logins::hold(tx, hash).await? else {
        return Ok(Renewed::No);
    };
    let kept = logins::kept(&mut tx.conn, hash).await?.filter(|kept| kept.expires_at > now);
    let Some(kept) = kept else { return Ok(Renewed::No) };
    if kept.generation < newest {
        logins::end(tx, login).await?;
        return Ok(Renewed::Stolen(login));
    }
    let generation = kept.generation + 1;
    let refresh = Secret::after(Kind::Login, &seed, token);
    logins::used(tx, login, kept.generation, now).await?;
    logins::give(tx, login, refresh.hash(), generation, now + lifetime).await?;
    logins::prolong(tx, login, now + lifetime).await?;
    logins::forget_ended(tx, user, now).await?;
    Ok(Renewed::Good(Renewable { user, pass: Pass { login, generation }, refresh }))
}
