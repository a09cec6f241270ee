//! Secrets that are given away once and kept as a hash. They are no JWTs: what is looked up can be taken back.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};

/// Random bytes in a secret.
const BYTES: usize = 32;

/// What a secret is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Kind {
    /// To be redeemed for tokens, once.
    Code,
    /// To be shown at `/mcp`.
    Access,
    /// To be redeemed for the next tokens, once.
    Refresh,
    /// To be shown at `/mcp`; made by a person for themselves.
    Personal,
    /// To go on being logged in, as [`crate::login`] tells.
    Login,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Code, Self::Access, Self::Refresh, Self::Personal, Self::Login];

    /// What such a secret begins with, so that people and scanners recognise one that lies about.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Code => "errand_ac_",
            Self::Access => "errand_at_",
            Self::Refresh => "errand_rt_",
            Self::Personal => "errand_pat_",
            Self::Login => "errand_lt_",
        }
    }

    /// What `text` would be, by its beginning.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| text.starts_with(kind.prefix()))
    }
}

/// A secret that was just made. Does not show itself.
pub struct Secret(String);

impl Secret {
    /// A fresh one.
    ///
    /// # Errors
    /// [`Error::Internal`] when the operating system gives no random bytes.
    pub fn fresh(kind: Kind) -> Result<Self> {
        Ok(Self(format!("{}{}", kind.prefix(), random::<BYTES>()?)))
    }

    /// The one that comes after `secret`: always the same, and known to nobody who does not have both.
    pub(crate) fn after(kind: Kind, seed: &[u8], secret: &str) -> Self {
        let next = Sha256::new().chain_update(seed).chain_update(secret).finalize();
        Self(format!("{}{}", kind.prefix(), URL_SAFE_NO_PAD.encode(next)))
    }

    /// The text itself, for the one who gets it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn hash(&self) -> Hash {
        Hash::of(&self.0)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(********)")
    }
}

/// So many random bytes, as text that can stand in a URL.
///
/// # Errors
/// [`Error::Internal`] when the operating system gives no random bytes.
pub(crate) fn random<const N: usize>() -> Result<String> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Error::Internal(format!("no random bytes: {error}")))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// What is kept of a secret: its SHA-256. With 16 random bytes or more there is nothing to guess, so it needs no salt and no slowness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// Of a secret that somebody shows.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The S256 challenge of a verifier (RFC 7636, 4.2).
#[must_use]
pub fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_are_the_same_and_each_says_what_it_is() {
        for kind in Kind::ALL {
            let (one, two) = (Secret::fresh(kind).unwrap(), Secret::fresh(kind).unwrap());
            assert_ne!(one.expose(), two.expose());
            assert_eq!(Kind::of(one.expose()), Some(kind));
            assert_eq!(one.expose().len(), kind.prefix().len() + 43);
            assert!(!format!("{one:?}").contains(one.expose()));
        }
        assert_eq!(Kind::of("eyJhbGciOiJIUzI1NiJ9.e30.x"), None);
    }

    #[test]
    fn the_challenge_of_the_standards_example() {
        let (verifier, challenge) =
            ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert_eq!(challenge_of(verifier), challenge);
    }
}
