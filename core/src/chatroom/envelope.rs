//! What the service sees of a message: an envelope that it cannot open.
//!
//! AES-256-GCM as browsers' `WebCrypto` writes it: the ciphertext followed by the tag of 16 bytes, and beside it the iv of 12 bytes,
//! both in base64 with padding (RFC 4648, 4). One iv is used once with a key: what two messages have in common would show.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use super::refused::Refused;
use crate::error::{Error, Problem, Result};

/// The longest ciphertext with its tag, in bytes.
pub const BYTES_MAX: usize = 64 * 1024;
/// The bytes of a tag.
const TAG: usize = 16;
/// The bytes of an iv.
const IV: usize = 12;

/// A message as it was encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The ciphertext and the tag.
    pub encrypted_data: String,
    /// The iv.
    pub iv: String,
    /// Which version of the room's key it was encrypted with.
    pub key_version: i64,
}

impl Envelope {
    /// Checks that it may be one; whether it can be opened, only those who have the key can tell.
    ///
    /// # Errors
    /// [`Refused::MessageTooLong`]; [`Error::Invalid`] with every field that breaks a rule.
    pub(crate) fn checked(self) -> Result<Self> {
        if self.encrypted_data.len() > BYTES_MAX.div_ceil(3) * 4 {
            return Err(Refused::MessageTooLong.into());
        }
        let data = STANDARD.decode(&self.encrypted_data);
        if data.as_ref().is_ok_and(|data| data.len() > BYTES_MAX) {
            return Err(Refused::MessageTooLong.into());
        }
        let mut problems = Vec::new();
        if !data.is_ok_and(|data| data.len() >= TAG) {
            problems.push(Problem::new(
                "encrypted_data",
                "must be a ciphertext with its tag of 16 bytes, in base64 with padding",
            ));
        }
        if !STANDARD.decode(&self.iv).is_ok_and(|iv| iv.len() == IV) {
            problems.push(Problem::new("iv", "must be 12 bytes in base64 with padding"));
        }
        if self.key_version < 1 {
            problems.push(Problem::new("key_version", "must be at least 1"));
        }
        if problems.is_empty() { Ok(self) } else { Err(Error::Invalid(problems)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope(data: &[u8], iv: &[u8], key_version: i64) -> Envelope {
        Envelope { encrypted_data: STANDARD.encode(data), iv: STANDARD.encode(iv), key_version }
    }

    /// With the data as this text.
    fn written(encrypted_data: &str) -> Envelope {
        Envelope { encrypted_data: encrypted_data.to_owned(), ..envelope(&[], &[0; 12], 1) }
    }

    #[rstest::rstest]
    #[case::of_an_empty_text(envelope(&[0; 16], &[0; 12], 1), &[])]
    #[case::the_longest(envelope(&vec![0; BYTES_MAX], &[255; 12], i64::MAX), &[])]
    #[case::a_byte_too_long(envelope(&vec![0; BYTES_MAX + 1], &[0; 12], 1), &["too long"])]
    #[case::much_too_long(written(&"\u{0}".repeat(100_000)), &["too long"])]
    #[case::too_short(envelope(&[0; 15], &[0; 11], 0), &["encrypted_data", "iv", "key_version"])]
    #[case::a_longer_iv(envelope(&[0; 16], &[0; 13], -1), &["iv", "key_version"])]
    #[case::a_space(Envelope { iv: "AAAAAAAAAAAAAAAA ".into(), ..envelope(&[0; 16], &[], 1) }, &["iv"])]
    #[case::the_other_alphabet(Envelope { iv: "____________----".into(), ..envelope(&[0; 16], &[], 1) }, &["iv"])]
    #[case::no_padding(written("AAAAAAAAAAAAAAAAAAAAAA"), &["encrypted_data"])]
    #[case::another_text_for_the_same(written("AAAAAAAAAAAAAAAAAAAAAB=="), &["encrypted_data"])]
    #[case::plain_words(written("hello, everybody"), &["encrypted_data"])]
    fn bounds(#[case] envelope: Envelope, #[case] fields: &[&str]) {
        let wrong: Vec<_> = match envelope.checked() {
            Ok(_) => vec![],
            Err(Error::Invalid(problems)) => problems.iter().map(|problem| problem.field).collect(),
            Err(Error::Chatroom(Refused::MessageTooLong)) => vec!["too long"],
            Err(other) => panic!("{other}"),
        };
        assert_eq!(wrong, fields);
    }
}
