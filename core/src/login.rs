//! Logins: who is logged in where, and the tokens that go with it.
//!
//! Logging in begins a login. Its access tokens name it, so whoever ends it (logging out, a refresh token that comes again) takes all
//! of them back at once. Where a contract has refresh tokens, each use of one gives the next *generation* of both tokens. Generation
//! `n` stays good until something of generation `n + 1` is used, because an answer can be lost on its way; the next refresh token is
//! computed from the one before, so who asks again gets the same. One that is older than what is used was stolen, from the one who
//! shows it or by them: the login ends.
//!
//! To log in on another contract: [`App::begin_login`](crate::App::begin_login), or
//! [`App::begin_renewable_login`](crate::App::begin_renewable_login) where it has refresh tokens.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    grant::Secret,
    id::{LoginId, UserId},
    text,
};

/// The longest name of a program, in characters; what is longer is cut.
const AGENT_MAX: usize = 200;
/// How exactly it is remembered when a login was last used.
pub(crate) const USED: TimeDelta = TimeDelta::minutes(1);

/// Where somebody logs in from.
#[derive(Clone, Debug)]
pub struct Entrance {
    /// The program, as it calls itself.
    pub agent: String,
    /// The address.
    pub address: String,
}

impl Entrance {
    /// From `address`, with a program that calls itself `agent`: what it says is cleaned and cut.
    #[must_use]
    pub fn new(agent: &str, address: String) -> Self {
        Self { agent: text::clean(agent, false).chars().take(AGENT_MAX).collect(), address }
    }
}

/// What an access token says of its login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pass {
    /// The login.
    pub login: LoginId,
    /// How often it had been renewed when the token was made.
    pub generation: i64,
}

/// A login that was begun or renewed, where there are refresh tokens.
#[derive(Debug)]
pub struct Renewable {
    /// Whose it is.
    pub user: UserId,
    /// For the access token.
    pub pass: Pass,
    /// With which the next tokens are asked for.
    pub refresh: Secret,
}

/// A login as its person sees it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Login {
    /// The id that travels.
    pub id: LoginId,
    /// The program, as it called itself.
    pub agent: String,
    /// Where it was begun.
    pub address: String,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub used_at: DateTime<Utc>,
    /// When it ends by itself, if it is not renewed.
    pub expires_at: DateTime<Utc>,
}
