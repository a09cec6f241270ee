//! What rooms are encrypted with, the same way as browsers do it (`WebCrypto`), by `aws-lc-rs`. No keys are looked up here and nothing
//! is stored.
//!
//! - [`RoomKey`], [`Envelope`]: what is said, AES-256-GCM with an iv of 12 bytes and a tag of 16 (NIST SP 800-38D), no additional data;
//! - [`PublicKey`], [`KeyPair`]: the room's key on its way to a member, RSA-OAEP with SHA-256, MGF1 with SHA-256, and an empty label
//!   (RFC 8017, 7.1); public keys are PEM (RFC 7468, 13) of a `SubjectPublicKeyInfo` (RFC 5280, 4.1);
//! - [`RestKey`]: a private key while it is stored, AES-256-GCM under a key that HKDF-SHA256 (RFC 5869) makes of the service's secret.
//!
//! What travels is base64 with padding (RFC 4648, 4). Keys do not show themselves, and their bytes are overwritten when they are dropped.
//!
//! To add a kind of key: a file here, and a line in `tests/crypto/webcrypto.mjs` if browsers have it too.

mod at_rest;
mod key_pair;
mod room_key;

use base64::{Engine as _, engine::general_purpose::STANDARD};

pub use self::{
    at_rest::RestKey,
    key_pair::{KeyPair, PublicKey},
    room_key::{Envelope, IV_BYTES, RoomKey, TAG_BYTES},
};

/// What can be wrong with what is to be encrypted or decrypted. The texts name fields as `rooms.md` does and hold nothing of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    /// A field is not base64.
    #[error("{0} must be base64 with padding")]
    Base64(&'static str),
    /// The iv has another length.
    #[error("iv must be {IV_BYTES} bytes in base64 with padding")]
    Iv,
    /// There is no room for a tag.
    #[error("encrypted_data must end with a tag of {TAG_BYTES} bytes")]
    NoTag,
    /// It was encrypted with another key, or changed since.
    #[error("it was encrypted with another key, or has been changed since")]
    NotAuthentic,
    /// What was decrypted is not text.
    #[error("what was encrypted must be UTF-8 text")]
    NotText,
    /// What was wrapped is not a key.
    #[error("a room's key must have 32 bytes")]
    NotARoomKey,
    /// The public key cannot be used.
    #[error("public_key must be the PEM SubjectPublicKeyInfo of an RSA key of 2048 to 8192 bits")]
    PublicKey,
    /// The library could not do it.
    #[error("the cryptographic library could not {0}")]
    Library(&'static str),
}

fn from_base64(field: &'static str, text: &str) -> Result<Vec<u8>, CryptoError> {
    STANDARD.decode(text).map_err(|_| CryptoError::Base64(field))
}

fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests;
