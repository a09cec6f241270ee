//! Registering, logging in, and who somebody is.

use std::sync::{LazyLock, PoisonError};

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash};
use chrono_tz::Tz;

use super::App;
use crate::{
    account::{self, Account, Registration},
    error::{Error, Noun, Problem, Result},
    id::UserId,
    profile::{Introduction, Profile},
    store::{accounts, assistant, logins},
};

/// How many accounts are kept in memory.
pub(super) const REMEMBERED: usize = 10_000;

/// An IANA time zone that somebody sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(pub Tz);

impl std::str::FromStr for Zone {
    type Err = Problem;
    fn from_str(name: &str) -> Result<Self, Problem> {
        let unknown = || Problem::new("user_timezone", "must be an IANA time zone, for example Europe/Madrid");
        name.trim().parse().map(Self).map_err(|_| unknown())
    }
}

/// argon2id, 19 MiB, two passes, one lane.
static ARGON: LazyLock<Argon2<'static>> = LazyLock::new(|| {
    let params = Params::new(19 * 1024, 2, 1, None).expect("these parameters are within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
});

/// Verified when there is no such account, so that a wrong name takes as long as a wrong password.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash("nobody has this password").unwrap_or_default());

/// Makes what the first wrong name needs, before it comes: it must not take longer than the second.
pub(super) fn prepare() {
    LazyLock::force(&NOBODY);
}

fn hash(password: &str) -> Result<String> {
    ARGON
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| Error::Internal(format!("a password could not be hashed: {error}")))
}

fn verifies(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| ARGON.verify_password(password.as_bytes(), &hash).is_ok())
}

impl App {
    /// Makes an account.
    ///
    /// # Errors
    /// [`Error::Invalid`]; [`Error::AlreadyRegistered`].
    pub async fn register(&self, registration: Registration) -> Result<Account> {
        self.introduce(registration, Introduction::default()).await.map(|profile| profile.account)
    }

    /// Makes an account of somebody who says something of themselves.
    ///
    /// # Errors
    /// As [`App::register`].
    pub async fn introduce(&self, registration: Registration, introduction: Introduction) -> Result<Profile> {
        let (registration, introduction) = match (registration.checked(), introduction.checked()) {
            (Ok(registration), Ok(introduction)) => (registration, introduction),
            (one, two) => return Err(Error::Invalid([one.err(), two.err()].into_iter().flatten().flatten().collect())),
        };
        let Registration { username, email, password } = registration;
        let hash = self.hashing(move || hash(&password)).await??;
        let created_at = self.clock.now();
        let display_name = introduction.display_name.unwrap_or_else(|| username.clone());
        let account = Account { id: UserId::fresh(), number: 0, username, email, time_zone: None, created_at };
        let (public_key, last_login) = (introduction.public_key, created_at);
        let profile = Profile { account, display_name, avatar: None, public_key, is_verified: false, last_login };
        self.store.write(move |tx| Box::pin(async move { accounts::add(tx, profile, &hash).await })).await
    }

    /// Whose name (or e-mail address) and password these are.
    ///
    /// # Errors
    /// [`Error::Credentials`] for every cause, after the same time.
    pub async fn log_in(&self, login: &str, password: &str) -> Result<Account> {
        let found = accounts::by_login(&mut self.store.read().await?, login.trim()).await?;
        // Accounts of an outside identity service have no password.
        let found = found.filter(|found| !found.password_hash.is_empty());
        let (hash, password) = (found.as_ref().map(|found| found.password_hash.clone()), password.to_owned());
        let right = self.hashing(move || verifies(&password, hash.as_ref().unwrap_or(&NOBODY))).await?;
        found.filter(|_| right).map(|found| found.account).ok_or(Error::Credentials)
    }

    /// The account with this id.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn account(&self, id: UserId) -> Result<Account> {
        if let Some(account) = self.shared.accounts.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Ok(account.clone());
        }
        let account = accounts::by_id(&mut self.store.read().await?, id).await?;
        let account = account.ok_or(Error::NotFound(Noun::Account))?;
        self.remember(account.clone());
        Ok(account)
    }

    /// The person's account with this name.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn account_named(&self, login: &str) -> Result<Account> {
        let mut conn = self.store.read().await?;
        let found = accounts::by_login(&mut conn, login.trim()).await?.map(|found| found.account);
        let assistant = assistant::user(&mut conn).await?;
        found.filter(|account| Some(account.id) != assistant).ok_or(Error::NotFound(Noun::Account))
    }

    /// All people's accounts, the oldest first. For the operator.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn accounts(&self) -> Result<Vec<Account>> {
        accounts::all(&mut self.store.read().await?).await
    }

    /// Gives an account a new password, and ends its logins. For the operator.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub async fn set_password(&self, user: UserId, password: String) -> Result<()> {
        account::password(&password)?;
        let hash = self.hashing(move || hash(&password)).await??;
        let set = self.store.write(move |tx| {
            Box::pin(async move {
                accounts::set_password(tx, user, &hash).await?;
                logins::end_all(tx, user).await
            })
        });
        set.await?.into_iter().for_each(|login| self.shared.watched.end(login));
        Ok(())
    }

    /// Remembers the zone that a user sent; what is not sent later is this one.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn remember_zone(&self, account: &Account, zone: Zone) -> Result<()> {
        let name = zone.0.name();
        if account.time_zone.as_deref() == Some(name) {
            return Ok(());
        }
        let user = account.id;
        self.store.write(move |tx| Box::pin(accounts::set_time_zone(tx, user, name))).await?;
        self.remember(Account { time_zone: Some(name.to_owned()), ..account.clone() });
        Ok(())
    }

    pub(super) fn remember(&self, account: Account) {
        let mut remembered = self.shared.accounts.write().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= REMEMBERED {
            remembered.clear();
        }
        remembered.insert(account.id, account);
    }

    /// Runs `work` where it does not hold up others, a few at a time.
    async fn hashing<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let _turn = self.shared.hashing.acquire().await.map_err(|error| Error::Internal(error.to_string()))?;
        tokio::task::spawn_blocking(work).await.map_err(|error| Error::Internal(error.to_string()))
    }
}
