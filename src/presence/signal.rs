//! What sockets hear of, of which nothing is stored.

use errand_core::{RoomId, UserId};
use serde::{Deserialize, Serialize};

/// Something that is so at this moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Signal {
    /// Somebody has opened their first socket, or closed their last one.
    Presence {
        /// Who.
        user: UserId,
        /// Their name.
        username: String,
        /// Whether they are here now.
        online: bool,
    },
    /// Somebody has begun to type in a chatroom, goes on, or has stopped.
    Typing {
        /// Where.
        room: RoomId,
        /// Who.
        user: UserId,
        /// Their name.
        username: String,
        /// Whether they type now.
        typing: bool,
    },
}

/// What signals are about: a newer one overtakes those about the same.
#[derive(PartialEq, Eq)]
pub(super) enum About {
    Presence(UserId),
    Typing(RoomId, UserId),
}

impl Signal {
    pub(super) fn about(&self) -> About {
        match self {
            Self::Presence { user, .. } => About::Presence(*user),
            Self::Typing { room, user, .. } => About::Typing(*room, *user),
        }
    }
}

/// Who hears a signal.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Audience {
    /// Every socket of these.
    People(Vec<UserId>),
    /// Every socket that follows the room, but not those of one of the people there.
    Room { room: RoomId, but: UserId },
}
