//! The keys of a room, wrapped for each of its people with their own public key (RSA-OAEP with SHA-256, RFC 8017, 7.1).
//!
//! A version of the key is written once, for everybody at once. When somebody leaves, what is written after that needs a newer one.

use std::{collections::HashSet, ops::RangeInclusive};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::Person;
use crate::{
    error::{Problem, Result},
    id::UserId,
};

/// How long a wrapped key can be, in bytes: as long as an RSA key of 2048 to 8192 bits.
const BYTES: RangeInclusive<usize> = 256..=1024;

/// How many people an error names at most.
const NAMED: usize = 20;

/// A version of the room's key, wrapped for somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedKey {
    /// For whom.
    pub user: UserId,
    /// The wrapped key, in base64 with padding.
    pub wrapped_key: String,
}

/// Somebody for whom the room's key is to be wrapped.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct KeyHolder {
    /// Who.
    #[sqlx(flatten)]
    pub person: Person,
    /// With what; none until they have one.
    pub public_key: Option<String>,
    /// Whether it is the service's assistant.
    pub is_assistant: bool,
}

/// A version of the room's key as the one who asks can open it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct HeldKey {
    /// Which.
    pub version: i64,
    /// The wrapped key, in base64 with padding.
    pub wrapped_key: String,
    /// Who wrapped it.
    pub wrapped_by: UserId,
}

/// What somebody in a room needs to read and to write there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// The newest version; 0 before there is one.
    pub current: i64,
    /// The oldest version under which may be written; when it is above the newest one, somebody has to make the next.
    pub needed: i64,
    /// Everybody in the room.
    pub holders: Vec<KeyHolder>,
    /// The versions that the one who asks was given, the oldest first.
    pub held: Vec<HeldKey>,
}

/// Checks that `keys` are one for each of `holders` who can open one, and for nobody else. The assistant need not be given one: that is
/// for those in the room to decide.
///
/// # Errors
/// [`Error::Invalid`](crate::Error::Invalid) for the field `keys`.
pub(crate) fn check(keys: &[WrappedKey], holders: &[KeyHolder]) -> Result<()> {
    let wrong = |rule: String| Err(Problem::new("keys", rule).into());
    let mut given = HashSet::with_capacity(keys.len());
    for WrappedKey { user, wrapped_key } in keys {
        let Some(holder) = holders.iter().find(|holder| holder.person.id == *user) else {
            return wrong(format!("must be for members only, {user} is none"));
        };
        let name = &holder.person.username;
        if holder.public_key.is_none() {
            return wrong(format!("must be for members with a public key, {name} has none"));
        }
        if !STANDARD.decode(wrapped_key).is_ok_and(|bytes| BYTES.contains(&bytes.len())) {
            return wrong(format!(
                "must be wrapped with RSA-OAEP and in base64 with padding, the one for {name} is not"
            ));
        }
        if !given.insert(user) {
            return wrong(format!("must have one for each member, there are two for {name}"));
        }
    }
    let people = holders.iter().filter(|holder| !holder.is_assistant);
    let missing = people.filter(|holder| holder.public_key.is_some() && !given.contains(&holder.person.id));
    let missing: Vec<_> = missing.take(NAMED).map(|holder| holder.person.username.as_str()).collect();
    if !missing.is_empty() {
        return wrong(format!(
            "must have one for each member with a public key, there is none for {}",
            missing.join(", ")
        ));
    }
    if keys.is_empty() { wrong("must have one at least; nobody here has a public key".into()) } else { Ok(()) }
}
