//! A room's key on its way to a member: RSA-OAEP-SHA256.

use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der},
    rsa::{
        KeySize, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, OaepPublicEncryptingKey, PrivateDecryptingKey,
        PublicEncryptingKey,
    },
};
use pem::{EncodeConfig, LineEnding, Pem};
use zeroize::Zeroizing;

use super::{CryptoError, RestKey, RoomKey, from_base64, to_base64};

/// What a PEM of a `SubjectPublicKeyInfo` is called.
const LABEL: &str = "PUBLIC KEY";
/// A PEM of 8192 bits has about 1,500 characters.
const PEM_MOST: usize = 4096;

/// A member's public key: what it wraps, only the member can unwrap.
#[derive(Clone)]
pub struct PublicKey(PublicEncryptingKey);

/// The assistant's own keys.
pub struct KeyPair(PrivateDecryptingKey);

impl PublicKey {
    /// The key in a PEM: one block, at most 4096 characters.
    ///
    /// # Errors
    /// [`CryptoError::PublicKey`], also for keys that are no RSA keys or have less than 2048 or more than 8192 bits.
    pub fn from_pem(text: &str) -> Result<Self, CryptoError> {
        let blocks = if text.len() > PEM_MOST { Vec::new() } else { pem::parse_many(text).unwrap_or_default() };
        let [block] = &blocks[..] else { return Err(CryptoError::PublicKey) };
        if block.tag() != LABEL {
            return Err(CryptoError::PublicKey);
        }
        let key = PublicEncryptingKey::from_der(block.contents()).map(Self).map_err(|_| CryptoError::PublicKey)?;
        // The library also takes other forms, and what follows the key.
        if key.der()?.as_ref() == block.contents() { Ok(key) } else { Err(CryptoError::PublicKey) }
    }

    fn der(&self) -> Result<PublicKeyX509Der<'static>, CryptoError> {
        self.0.as_der().map_err(|_| CryptoError::Library("write a public key"))
    }

    /// The key as PEM.
    ///
    /// # Errors
    /// [`CryptoError::Library`].
    pub fn to_pem(&self) -> Result<String, CryptoError> {
        let lines = EncodeConfig::new().set_line_ending(LineEnding::LF);
        Ok(pem::encode_config(&Pem::new(LABEL, self.der()?.as_ref()), lines))
    }

    /// A room's key that only this key's owner can unwrap, in base64.
    ///
    /// # Errors
    /// [`CryptoError::Library`].
    pub fn wrap(&self, key: &RoomKey) -> Result<String, CryptoError> {
        let failed = |_| CryptoError::Library("wrap a key");
        let oaep = OaepPublicEncryptingKey::new(self.0.clone()).map_err(failed)?;
        let mut wrapped = vec![0; oaep.ciphertext_size()];
        let wrapped = oaep.encrypt(&OAEP_SHA256_MGF1SHA256, key.bytes(), &mut wrapped, None).map_err(failed)?;
        Ok(to_base64(wrapped))
    }
}

impl KeyPair {
    /// A new one, of 2048 bits as `WebCrypto`'s are. Takes up to a second of computing: not on a thread that serves others.
    ///
    /// # Errors
    /// [`CryptoError::Library`].
    pub fn generate() -> Result<Self, CryptoError> {
        let pair = PrivateDecryptingKey::generate(KeySize::Rsa2048);
        pair.map(Self).map_err(|_| CryptoError::Library("make a pair of keys"))
    }

    /// The key that others wrap with.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.public_key())
    }

    /// The room's key that was wrapped for this pair; `wrapped_key` is base64 with padding.
    ///
    /// # Errors
    /// [`CryptoError::Base64`], [`CryptoError::NotAuthentic`], [`CryptoError::NotARoomKey`].
    pub fn unwrap(&self, wrapped_key: &str) -> Result<RoomKey, CryptoError> {
        let wrapped = from_base64("wrapped_key", wrapped_key)?;
        let failed = |_| CryptoError::NotAuthentic;
        let oaep = OaepPrivateDecryptingKey::new(self.0.clone()).map_err(failed)?;
        let mut unwrapped = Zeroizing::new(vec![0; oaep.min_output_size()]);
        let key = oaep.decrypt(&OAEP_SHA256_MGF1SHA256, &wrapped, &mut unwrapped, None).map_err(failed)?;
        RoomKey::from_bytes(key)
    }

    /// The pair as it is stored for `owner`, whom [`KeyPair::open`] has to name again.
    ///
    /// # Errors
    /// [`CryptoError::Library`].
    pub fn seal(&self, under: &RestKey, owner: &str) -> Result<Vec<u8>, CryptoError> {
        let der: Pkcs8V1Der<'_> = self.0.as_der().map_err(|_| CryptoError::Library("write a private key"))?;
        under.seal(owner, der.as_ref())
    }

    /// The pair that was stored.
    ///
    /// # Errors
    /// [`CryptoError::NotAuthentic`] under another secret, for another owner, or when it was changed.
    pub fn open(under: &RestKey, owner: &str, sealed: &[u8]) -> Result<Self, CryptoError> {
        Self::from_pkcs8(&under.open(owner, sealed)?)
    }

    pub(super) fn from_pkcs8(der: &[u8]) -> Result<Self, CryptoError> {
        PrivateDecryptingKey::from_pkcs8(der).map(Self).map_err(|_| CryptoError::Library("read a private key"))
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicKey({} bits)", self.0.key_size_bits())
    }
}

impl std::fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyPair({} bits, ********)", self.0.key_size_bits())
    }
}
