//! The versions of a room's key that the assistant was given.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use errand_core::chatroom::{self, HeldKey, Keys};
use zeroize::Zeroizing;

use crate::crypto::{CryptoError, Envelope, KeyPair, RoomKey};

/// Why the assistant does not hold a room's newest key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Its own keys cannot be opened.
    OwnKeys,
    /// The room does not want it.
    NotThere,
    /// Nobody has made a key.
    NoKeyYet,
    /// It was given to others only.
    NotGiven,
    /// What it was given is no key, or was wrapped for somebody else.
    NotGood,
}

impl Missing {
    /// The same for those in the room to read.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::OwnKeys => "The assistant cannot open its own keys: the service was started with another secret",
            Self::NotThere => "The assistant is not in this chatroom: auto_summary_enabled is off",
            Self::NoKeyYet => "This chatroom has no key yet",
            Self::NotGiven => "The assistant was not given this chatroom's newest key",
            Self::NotGood => "What the assistant was given as this chatroom's newest key cannot be opened",
        }
    }
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text())
    }
}

impl std::error::Error for Missing {}

/// Why a message cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It was encrypted with a version of the key that the assistant was not given.
    #[error("version {0} of the key is not the assistant's")]
    NotHeld(i64),
    /// It was encrypted with another key, or is no text.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

/// The versions of a room's key that the assistant was given. Overwritten when they are dropped: keep them no longer than a request.
#[derive(Debug)]
pub struct HeldKeys {
    own: Option<Arc<KeyPair>>,
    versions: BTreeMap<i64, Version>,
    current: i64,
    missing: Option<Missing>,
}

#[derive(Debug)]
struct Version {
    wrapped_key: String,
    /// None when what was wrapped is no key; to unwrap it takes about a millisecond, so it is done when it is needed.
    key: OnceLock<Option<RoomKey>>,
}

impl HeldKeys {
    pub(super) fn none(why: Missing) -> Self {
        Self { own: None, versions: BTreeMap::new(), current: 0, missing: Some(why) }
    }

    /// Takes a millisecond of computing: not on a thread that serves others.
    pub(super) fn new(own: Arc<KeyPair>, keys: Keys) -> Self {
        let version = |wrapped_key| Version { wrapped_key, key: OnceLock::new() };
        let versions = keys.held.into_iter().map(|held| (held.version, version(held.wrapped_key))).collect();
        let mut held = Self { own: Some(own), versions, current: keys.current, missing: None };
        held.missing = match held.current {
            0 => Some(Missing::NoKeyYet),
            current if !held.versions.contains_key(&current) => Some(Missing::NotGiven),
            current if held.key(current).is_none() => Some(Missing::NotGood),
            _ => None,
        };
        held
    }

    /// Of these, the versions that somebody else holds as well.
    #[must_use]
    pub fn shared_with(mut self, theirs: &[HeldKey]) -> Self {
        self.versions.retain(|version, _| theirs.iter().any(|their| their.version == *version));
        self
    }

    /// Why it does not hold the newest version; none when it does.
    #[must_use]
    pub fn missing(&self) -> Option<Missing> {
        self.missing
    }

    /// What a message says. The first one of a version takes a millisecond of computing, and many take long: not on a thread that
    /// serves others.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(&self, envelope: &chatroom::Envelope) -> Result<Zeroizing<String>, OpenError> {
        let chatroom::Envelope { encrypted_data, iv, key_version } = envelope;
        let key = self.key(*key_version).ok_or(OpenError::NotHeld(*key_version))?;
        Ok(key.open(Envelope::read(encrypted_data, iv)?)?)
    }

    /// A text, encrypted with the newest version and a new iv. None when the assistant [does not hold](Self::missing) that.
    ///
    /// # Errors
    /// [`CryptoError::Library`] when the operating system gives no random bytes.
    pub fn seal(&self, text: &str) -> Result<Option<chatroom::Envelope>, CryptoError> {
        let Some(key) = self.key(self.current) else { return Ok(None) };
        let sealed = key.seal(text)?;
        let (encrypted_data, iv) = (sealed.encrypted_data(), sealed.iv());
        Ok(Some(chatroom::Envelope { encrypted_data, iv, key_version: self.current }))
    }

    fn key(&self, version: i64) -> Option<&RoomKey> {
        let (own, version) = (self.own.as_ref()?, self.versions.get(&version)?);
        version.key.get_or_init(|| own.unwrap(&version.wrapped_key).ok()).as_ref()
    }
}
