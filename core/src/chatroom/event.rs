//! What people in a chatroom hear of. Whatever changes what somebody's own list of chatrooms shows of them is told on their own
//! topic too: that they came, left, became something else, or that the room is gone.
//!
//! To add one: a variant here; the compiler then asks the contracts that have chatrooms how they tell it.

use serde::{Deserialize, Serialize};

use super::{Chatroom, Member, Role};
use crate::id::UserId;

/// Something that happened in a chatroom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum ChatEvent {
    /// Somebody came in, or made the room.
    Joined {
        /// Who.
        member: Member,
    },
    /// Somebody is no longer in the room, and hears nothing of it after this.
    Left {
        /// Who.
        user: UserId,
        /// Who put them out; none when they left by themselves.
        by: Option<UserId>,
        /// From which version on the room's key must be, now that they know the older ones.
        needed_key_version: i64,
    },
    /// Somebody is something else now.
    RoleChanged {
        /// Who.
        user: UserId,
        /// What they are.
        role: Role,
    },
    /// The settings changed.
    Updated {
        /// The room as it is now.
        chatroom: Chatroom,
    },
    /// The room is gone, with all that was told of it; nobody hears anything of it after this.
    Deleted,
}
