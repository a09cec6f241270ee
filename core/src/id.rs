//! Ids: a `UUIDv7` for everything that travels, a type for each noun so that none is taken for another.
//!
//! To add one: a line in the `ids!` call below.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A fresh `UUIDv7`: later ones sort after earlier ones.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
pub fn fresh() -> Uuid {
    Uuid::now_v7()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, sqlx::Type)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A fresh id.
            #[must_use]
            pub fn fresh() -> Self {
                Self(fresh())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// Whose it is.
    UserId
    /// A task.
    TaskId
    /// A conversation between a user and the assistant.
    ConversationId
    /// A message in a conversation.
    MessageId
    /// A turn: the id of the user's message that began it.
    TurnId
    /// A room, in which people talk to each other.
    RoomId
    /// A message in a room.
    RoomMessageId
    /// A file in a room.
    FileId
    /// An invitation to a room.
    InviteId
    /// A summary of what was said in a room.
    SummaryId
    /// Having something to do that others shall not do, too.
    ClaimId
    /// A row of the journal.
    ChangeId
    /// A session of somebody's agent.
    McpSessionId
    /// What a person lets a program do in their name.
    GrantId
    /// Somebody being logged in somewhere.
    LoginId
    /// A running process of the service.
    InstanceId
}

impl From<MessageId> for TurnId {
    fn from(message: MessageId) -> Self {
        Self(message.0)
    }
}
