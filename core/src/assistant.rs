//! The assistant as somebody: the account with which it is in the chatrooms that let it in.
//!
//! There is one in a deployment. It has no password and cannot log in, is in no list of accounts, and nobody finds it by its name.

use crate::{account::Account, id::UserId};

/// What it is called; where somebody has that name already, the next.
pub(crate) const NAMES: [&str; 3] = ["errand", "errand-assistant", "the-errand-assistant"];
/// How people see it.
pub(crate) const DISPLAY_NAME: &str = "Errand";
/// Where its addresses are. RFC 2606 keeps `.invalid` from ever being a real one.
pub(crate) const NOWHERE: &str = "assistant.invalid";

/// The assistant's account and keys.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Assistant {
    /// The account.
    #[sqlx(flatten)]
    pub account: Account,
    /// With which members wrap a room's key for it: RSA, PEM of a `SubjectPublicKeyInfo`.
    pub public_key: String,
    /// The other half, encrypted: what it was encrypted with is not known here.
    pub sealed_key: Vec<u8>,
}

/// An assistant for a deployment that has none yet.
#[derive(Clone, Debug)]
pub struct NewAssistant {
    /// The account's id.
    pub id: UserId,
    /// As [`Assistant::public_key`].
    pub public_key: String,
    /// As [`Assistant::sealed_key`].
    pub sealed_key: Vec<u8>,
}
