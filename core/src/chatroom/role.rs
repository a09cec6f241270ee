//! Who may do what in a chatroom: one table, [`Verb::least`].
//!
//! To add something that can be done: a variant of [`Verb`]; the compiler asks for its line in the table, and the test that walks
//! the table for how it is done.

use serde::{Deserialize, Serialize};

/// What somebody is in a chatroom; each may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Role {
    /// Reads and writes.
    Member,
    /// Keeps order.
    Moderator,
    /// Decides who keeps order. There is always one at least.
    Owner,
}

/// What somebody may want to do in a chatroom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// See the room, who is in it, and what was written.
    Read,
    /// Hear what happens.
    Follow,
    /// Write something.
    Write,
    /// Say how far one has read.
    MarkRead,
    /// React to a message, or take that back.
    React,
    /// Write a message anew.
    EditMessage {
        /// Whether it is one's own.
        own: bool,
    },
    /// Take a message away.
    DeleteMessage {
        /// Whether it is one's own.
        own: bool,
    },
    /// See the keys that are wrapped for oneself, and with which keys to wrap for others.
    ReadKeys,
    /// Give everybody a new key.
    WriteKeys,
    /// Have what was written summarised, and read such summaries.
    Summarise,
    /// Leave.
    Leave,
    /// Let people in.
    Invite {
        /// Whether the room is.
        private: bool,
    },
    /// Put somebody out.
    Kick {
        /// What they are.
        of: Role,
    },
    /// Change the settings.
    Update,
    /// Make somebody something else.
    SetRole,
    /// Delete the room.
    Delete,
}

impl Verb {
    /// What one has to be at least; none: nobody may.
    #[must_use]
    pub const fn least(self) -> Option<Role> {
        match self {
            Self::Read
            | Self::Follow
            | Self::Write
            | Self::MarkRead
            | Self::React
            | Self::EditMessage { own: true }
            | Self::DeleteMessage { own: true }
            | Self::ReadKeys
            | Self::WriteKeys
            | Self::Summarise
            | Self::Leave
            | Self::Invite { private: false } => Some(Role::Member),
            Self::DeleteMessage { own: false }
            | Self::Invite { private: true }
            | Self::Kick { of: Role::Member }
            | Self::Update => Some(Role::Moderator),
            Self::Kick { of: Role::Moderator } | Self::SetRole | Self::Delete => Some(Role::Owner),
            // Words are only their author's, and an owner cannot be put out: first another owner has to take the role away.
            Self::EditMessage { own: false } | Self::Kick { of: Role::Owner } => None,
        }
    }
}

impl Role {
    /// Whether somebody with this role may do it.
    #[must_use]
    pub fn may(self, verb: Verb) -> bool {
        verb.least().is_some_and(|least| self >= least)
    }
}
