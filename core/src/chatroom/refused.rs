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
