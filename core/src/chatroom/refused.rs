//! Why something cannot be done in a chatroom.

use super::role::{Role, Verb};

/// Why something cannot be done in a chatroom, though it is there and the caller takes part (or wants to).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The caller's role does not allow it.
    #[error("{}", denied(*.0))]
    Denied(Verb),
    /// There is no such invitation, it has ended, or it was used as often as it may be.
    #[error("this invitation is not, or no longer, good")]
    InviteInvalid,
    /// There are as many people in the room as may be.
    #[error("this chatroom is full")]
    Full,
    /// The message is longer than [`BYTES_MAX`](super::envelope::BYTES_MAX).
    #[error("a message has at most 64 KiB as it is encrypted")]
    MessageTooLong,
    /// The message was encrypted with a version of the room's key that is not, or no longer, good.
    #[error("{}", unfit(*.current, *.needed))]
    KeyVersion {
        /// The newest version; 0 before there is one.
        current: i64,
        /// The oldest one under which may be written.
        needed: i64,
    },
    /// The iv was used before with this version of the key.
    #[error("this iv was used before with this version of the key; every message needs a new one")]
    IvReused,
    /// This version of the room's key was written before.
    #[error("this version of the key was written before; the newest is {current}")]
    KeyWritten {
        /// The newest version.
        current: i64,
    },
}

fn unfit(current: i64, needed: i64) -> String {
    if needed > current {
        return format!("messages here need version {needed} of the room's key, which nobody has made yet");
    }
    format!("messages here need version {needed} of the room's key or a later one; the newest is {current}")
}

fn denied(verb: Verb) -> &'static str {
    match (verb, verb.least()) {
        (Verb::EditMessage { .. }, _) => "only its author may edit a message",
        (Verb::DeleteMessage { .. }, _) => "only its author, a moderator or an owner may delete a message",
        (Verb::Kick { .. }, _) => "this needs a higher role than theirs",
        (_, Some(Role::Moderator)) => "only a moderator or an owner of this chatroom may do this",
        (_, Some(Role::Owner) | None) => "only an owner of this chatroom may do this",
        (_, Some(Role::Member)) => "only a member of this chatroom may do this",
    }
}
