//! What is said in a room: AES-256-GCM.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    rand,
};
use zeroize::Zeroizing;

use super::{CryptoError, from_base64, to_base64};

/// How long an iv is.
pub const IV_BYTES: usize = 12;
/// How long the tag is that follows the ciphertext.
pub const TAG_BYTES: usize = 16;
const KEY_BYTES: usize = 32;

/// The key with which a room's messages are encrypted.
pub struct RoomKey {
    bytes: Zeroizing<[u8; KEY_BYTES]>,
    cipher: LessSafeKey,
}

/// What was encrypted, as it travels and is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The ciphertext, and then its tag.
    data: Vec<u8>,
    iv: [u8; IV_BYTES],
}

impl Envelope {
    /// The envelope whose fields are these, each base64 with padding.
    ///
    /// # Errors
    /// [`CryptoError::Base64`], [`CryptoError::Iv`], [`CryptoError::NoTag`].
    pub fn read(encrypted_data: &str, iv: &str) -> Result<Self, CryptoError> {
        let iv = from_base64("iv", iv).ok().and_then(|iv| iv.try_into().ok()).ok_or(CryptoError::Iv)?;
        let data = from_base64("encrypted_data", encrypted_data)?;
        if data.len() < TAG_BYTES {
            return Err(CryptoError::NoTag);
        }
        Ok(Self { data, iv })
    }

    /// The ciphertext and its tag, in base64.
    #[must_use]
    pub fn encrypted_data(&self) -> String {
        to_base64(&self.data)
    }

    /// The iv, in base64.
    #[must_use]
    pub fn iv(&self) -> String {
        to_base64(&self.iv)
    }
}

impl RoomKey {
    /// A new one.
    ///
    /// # Errors
    /// [`CryptoError::Library`] when the operating system gives no random bytes.
    pub fn generate() -> Result<Self, CryptoError> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        rand::fill(&mut *bytes).map_err(|_| CryptoError::Library("make a key"))?;
        Self::new(bytes)
    }

    /// The key with these bytes.
    ///
    /// # Errors
    /// [`CryptoError::NotARoomKey`] unless there are 32.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CryptoError> {
        Self::new(Zeroizing::new(bytes.try_into().map_err(|_| CryptoError::NotARoomKey)?))
    }

    fn new(bytes: Zeroizing<[u8; KEY_BYTES]>) -> Result<Self, CryptoError> {
        let cipher = UnboundKey::new(&AES_256_GCM, &*bytes).map_err(|_| CryptoError::NotARoomKey)?;
        Ok(Self { bytes, cipher: LessSafeKey::new(cipher) })
    }

    /// What a member's public key is to wrap.
    pub(super) fn bytes(&self) -> &[u8] {
        &*self.bytes
    }

    /// What was said.
    ///
    /// # Errors
    /// [`CryptoError::NotAuthentic`], [`CryptoError::NotText`].
    pub fn open(&self, envelope: Envelope) -> Result<Zeroizing<String>, CryptoError> {
        let Envelope { mut data, iv } = envelope;
        let nonce = Nonce::assume_unique_for_key(iv);
        let opened = self.cipher.open_in_place(nonce, Aad::empty(), &mut data);
        let length = opened.map_err(|_| CryptoError::NotAuthentic)?.len();
        data.truncate(length);
        String::from_utf8(data).map(Zeroizing::new).map_err(|error| {
            drop(Zeroizing::new(error.into_bytes()));
            CryptoError::NotText
        })
    }

    /// Encrypts a text, with a random iv. Two alike are not to be expected before 2^32 messages under one key (SP 800-38D, 8.3);
    /// whoever stores envelopes refuses the second.
    ///
    /// # Errors
    /// [`CryptoError::Library`] when the operating system gives no random bytes.
    pub fn seal(&self, text: &str) -> Result<Envelope, CryptoError> {
        let mut iv = [0; IV_BYTES];
        rand::fill(&mut iv).map_err(|_| CryptoError::Library("make an iv"))?;
        let mut data = Vec::with_capacity(text.len() + TAG_BYTES);
        data.extend_from_slice(text.as_bytes());
        let nonce = Nonce::assume_unique_for_key(iv);
        let sealed = self.cipher.seal_in_place_append_tag(nonce, Aad::empty(), &mut data);
        sealed.map_err(|_| CryptoError::Library("encrypt a text"))?;
        Ok(Envelope { data, iv })
    }
}

impl std::fmt::Debug for RoomKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RoomKey(********)")
    }
}
