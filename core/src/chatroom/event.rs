//! What people in a chatroom hear of. Whether somebody is in one, and as what, is told on their own topic
//! ([`Topic::Rooms`](crate::event::Topic::Rooms)) too: that they came, left, became something else, or that the room is gone.
//!
//! To add one: a variant here; the compiler then asks the contracts that have chatrooms how they tell it.

use serde::{Deserialize, Serialize};

use super::{ChatMessage, Chatroom, Member, Reaction, Role};
use crate::id::{RoomMessageId, UserId};

/// Something that happened in a chatroom. There is no plain text in any of it.
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
    /// Somebody wrote something.
    MessageReceived {
        /// The message.
        message: Box<ChatMessage>,
    },
    /// A message was written anew.
    MessageEdited {
        /// The message as it is now.
        message: Box<ChatMessage>,
    },
    /// A message was taken away; what was told of it before is this as well.
    MessageDeleted {
        /// Which.
        message: RoomMessageId,
        /// Its number in the room.
        message_seq: i64,
        /// Who took it away.
        by: UserId,
    },
    /// Somebody reacts to a message.
    ReactionAdded {
        /// Which message.
        message: RoomMessageId,
        /// Who, and how.
        reaction: Reaction,
    },
    /// Somebody does not react to a message any more.
    ReactionRemoved {
        /// Which message.
        message: RoomMessageId,
        /// Who.
        user: UserId,
        /// How they did.
        emoji: String,
    },
    /// Somebody has read up to a message.
    MessageReadBy {
        /// Which.
        message: RoomMessageId,
        /// Its number in the room.
        message_seq: i64,
        /// Who.
        user: UserId,
    },
    /// There is a new version of the room's key.
    KeysChanged {
        /// Which.
        version: i64,
        /// Who made it.
        by: UserId,
    },
    /// The settings changed.
    Updated {
        /// The room as it is now.
        chatroom: Chatroom,
    },
    /// The room is gone, with all that was told of it; nobody hears anything of it after this.
    Deleted,
}

impl ChatEvent {
    /// The message that it tells of.
    #[must_use]
    pub fn message(&self) -> Option<RoomMessageId> {
        match self {
            Self::MessageReceived { message } | Self::MessageEdited { message } => Some(message.id),
            Self::MessageDeleted { message, .. }
            | Self::ReactionAdded { message, .. }
            | Self::ReactionRemoved { message, .. } => Some(*message),
            // That somebody has read up to a message is true also when it is taken away.
            Self::MessageReadBy { .. }
            | Self::Joined { .. }
            | Self::Left { .. }
            | Self::RoleChanged { .. }
            | Self::KeysChanged { .. }
            | Self::Updated { .. }
            | Self::Deleted => None,
        }
    }

    /// The whole message, where it tells one.
    fn whole(&self) -> Option<&ChatMessage> {
        match self {
            Self::MessageReceived { message } | Self::MessageEdited { message } => Some(message),
            Self::MessageDeleted { .. }
            | Self::ReactionAdded { .. }
            | Self::ReactionRemoved { .. }
            | Self::MessageReadBy { .. }
            | Self::Joined { .. }
            | Self::Left { .. }
            | Self::RoleChanged { .. }
            | Self::KeysChanged { .. }
            | Self::Updated { .. }
            | Self::Deleted => None,
        }
    }

    /// Whose words it tells, where it has any.
    #[must_use]
    pub fn sender(&self) -> Option<UserId> {
        self.whole().map(|message| message.sender.id)
    }

    /// Whether `user` hears nothing of the room after this.
    #[must_use]
    pub fn ends_for(&self, user: UserId) -> bool {
        match self {
            Self::Left { user: who, .. } => *who == user,
            Self::Deleted => true,
            Self::MessageReceived { .. }
            | Self::MessageEdited { .. }
            | Self::MessageDeleted { .. }
            | Self::ReactionAdded { .. }
            | Self::ReactionRemoved { .. }
            | Self::MessageReadBy { .. }
            | Self::Joined { .. }
            | Self::RoleChanged { .. }
            | Self::KeysChanged { .. }
            | Self::Updated { .. } => false,
        }
    }

    /// About how many bytes there are in the texts that can be long.
    pub(crate) fn size(&self) -> usize {
        let Some(message) = self.whole() else { return 0 };
        let names = message.attachments.iter().map(|file| file.filename.len() + file.file_type.len());
        message.content.as_ref().map_or(0, |content| content.encrypted_data.len()) + names.sum::<usize>()
    }
}
