//! The JSON of `rooms`: people and their sessions.

use chrono::{DateTime, Utc};
use errand_core::{LoginId, UserId, login::Login, profile::Profile};
use schemars::JsonSchema;
use serde::Serialize;

/// Somebody who has just registered.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NewUser")]
pub(super) struct NewUserJson {
    id: UserId,
    username: String,
    email: String,
    display_name: String,
    avatar_url: Option<String>,
    is_verified: bool,
    created_at: DateTime<Utc>,
}

impl From<Profile> for NewUserJson {
    fn from(profile: Profile) -> Self {
        let Profile { account, display_name, avatar: avatar_url, public_key: _, is_verified, last_login: _ } = profile;
        let (id, username, email, created_at) = (account.id, account.username, account.email, account.created_at);
        Self { id, username, email, display_name, avatar_url, is_verified, created_at }
    }
}

/// Somebody who has just logged in.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LoggedInUser")]
pub(super) struct LoggedInUserJson {
    id: UserId,
    username: String,
    display_name: String,
    avatar_url: Option<String>,
    last_login: DateTime<Utc>,
}

impl From<Profile> for LoggedInUserJson {
    fn from(profile: Profile) -> Self {
        let Profile { account, display_name, avatar: avatar_url, public_key: _, is_verified: _, last_login } = profile;
        Self { id: account.id, username: account.username, display_name, avatar_url, last_login }
    }
}

/// The caller.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Me")]
pub(super) struct MeJson {
    id: UserId,
    username: String,
    email: String,
    display_name: String,
    avatar_url: Option<String>,
    public_key: Option<String>,
    is_verified: bool,
    created_at: DateTime<Utc>,
    last_login: DateTime<Utc>,
}

impl From<Profile> for MeJson {
    fn from(profile: Profile) -> Self {
        let Profile { account, display_name, avatar: avatar_url, public_key, is_verified, last_login } = profile;
        let (id, username, email, created_at) = (account.id, account.username, account.email, account.created_at);
        Self { id, username, email, display_name, avatar_url, public_key, is_verified, created_at, last_login }
    }
}

/// Where the caller is logged in.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Session")]
pub(super) struct SessionJson {
    id: LoginId,
    /// The program, as it called itself.
    user_agent: String,
    /// Where it was begun.
    ip_address: String,
    created_at: DateTime<Utc>,
    /// To the minute.
    last_used_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    /// Whether it is the one in which this is asked.
    is_current: bool,
}

impl SessionJson {
    pub(super) fn new(login: Login, current: Option<LoginId>) -> Self {
        let Login { id, agent: user_agent, address: ip_address, created_at, used_at: last_used_at, expires_at } = login;
        Self { id, user_agent, ip_address, created_at, last_used_at, expires_at, is_current: Some(id) == current }
    }
}
