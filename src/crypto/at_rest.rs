//! A private key while it is stored: AES-256-GCM under a key that is made of the service's secret.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, Salt},
    rand,
};
use zeroize::Zeroizing;

use super::{CryptoError, IV_BYTES, TAG_BYTES};

/// Parts this use of the secret from all others, such as the signing of tokens.
const SALT: &[u8] = b"errand: what is stored encrypted";
const INFO: &[u8] = b"the assistant's private keys, AES-256-GCM";
/// What a sealed text begins with, so that another way to seal can be told from this one.
const FORM: u8 = 1;

/// What seals private keys. Whoever has the database but not the secret cannot open them; nor can the service once the secret is lost.
pub struct RestKey(LessSafeKey);

impl RestKey {
    /// The key that is made of the service's secret, always the same one. The secret must be as hard to guess as 32 random bytes.
    ///
    /// # Errors
    /// [`CryptoError::Library`].
    pub fn of(secret: &[u8]) -> Result<Self, CryptoError> {
        let pseudorandom = Salt::new(HKDF_SHA256, SALT).extract(secret);
        let key = pseudorandom.expand(&[INFO], &AES_256_GCM).map(UnboundKey::from);
        key.map(|key| Self(LessSafeKey::new(key))).map_err(|_| CryptoError::Library("derive a key"))
    }

    /// A byte for the form, the iv, the ciphertext, the tag. It can be opened for `owner` only.
    pub(super) fn seal(&self, owner: &str, secret: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let mut iv = [0; IV_BYTES];
        rand::fill(&mut iv).map_err(|_| CryptoError::Library("make an iv"))?;
        let mut text = Zeroizing::new(Vec::with_capacity(secret.len() + TAG_BYTES));
        text.extend_from_slice(secret);
        let nonce = Nonce::assume_unique_for_key(iv);
        let sealed = self.0.seal_in_place_append_tag(nonce, Aad::from(owner.as_bytes()), &mut *text);
        sealed.map_err(|_| CryptoError::Library("encrypt a key"))?;
        Ok([&[FORM], &iv[..], &text[..]].concat())
    }

    pub(super) fn open(&self, owner: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let Some((&FORM, rest)) = sealed.split_first() else { return Err(CryptoError::NotAuthentic) };
        let (iv, text) = rest.split_first_chunk::<IV_BYTES>().ok_or(CryptoError::NotAuthentic)?;
        let mut text = Zeroizing::new(text.to_vec());
        let nonce = Nonce::assume_unique_for_key(*iv);
        let opened = self.0.open_in_place(nonce, Aad::from(owner.as_bytes()), &mut text);
        let length = opened.map_err(|_| CryptoError::NotAuthentic)?.len();
        text.truncate(length);
        Ok(text)
    }
}

impl std::fmt::Debug for RestKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RestKey(********)")
    }
}
