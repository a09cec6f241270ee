//! What others hear of: one list of the events, as they are stored and told.
//!
//! To add one: a variant here; the compiler then asks each contract how it tells it.

use serde::{Deserialize, Serialize};

use crate::{
    account::Origin,
    chatroom::ChatEvent,
    conversation::{Conversation, Failure, Message, ToolCall},
    id::{ConversationId, MessageId, RoomId, TaskId, TurnId, UserId},
    room::RoomMessage,
    task::Task,
};

/// Who hears an event: everybody who is subscribed to the topic.
///
/// A transaction that tells several takes them in this order just before it commits, whatever order it tells them in: two that tell the
/// same ones never wait for each other. What is taken earlier (`Tx::serialize`) has to be the first of them: the room before its people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// What is said in one room, for those who take part in it.
    Room(RoomId),
    /// In which rooms one user takes part. Apart from what is the user's own: others change it, and who counts those events without
    /// a hole is not told of rooms.
    Rooms(UserId),
    /// What belongs to one user.
    User(UserId),
}

impl std::fmt::Display for Topic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::User(user) => write!(f, "user:{user}"),
            Self::Rooms(user) => write!(f, "rooms:{user}"),
            Self::Room(room) => write!(f, "room:{room}"),
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A task is there: made, or restored.
    TaskCreated {
        /// The task.
        task: Task,
        /// Where the change came from.
        #[serde(flatten)]
        origin: Origin,
    },
    /// Something of a task changed that is not its status.
    TaskUpdated {
        /// The task as it is now.
        task: Task,
        /// Where the change came from.
        #[serde(flatten)]
        origin: Origin,
    },
    /// A task's status changed.
    TaskStatusChanged {
        /// The task as it is now.
        task: Task,
        /// What the status was.
        before: crate::task::Status,
        /// Where the change came from.
        #[serde(flatten)]
        origin: Origin,
    },
    /// A task is gone.
    TaskDeleted {
        /// Which.
        task_id: TaskId,
        /// Its number.
        number: i64,
        /// Whose it was.
        user: UserId,
        /// Where the change came from.
        #[serde(flatten)]
        origin: Origin,
    },
    /// A message was stored.
    MessageCreated {
        /// The message.
        message: Message,
    },
    /// A conversation was begun.
    ConversationCreated {
        /// The conversation.
        conversation: Conversation,
    },
    /// A conversation was renamed.
    ConversationUpdated {
        /// The conversation as it is now.
        conversation: Conversation,
    },
    /// A conversation is gone, with its messages; earlier events that told of them are rewritten to this one.
    ConversationDeleted {
        /// Which.
        conversation_id: ConversationId,
    },
    /// The assistant has answered.
    TurnCompleted {
        /// Where.
        conversation_id: ConversationId,
        /// Which turn.
        turn_id: TurnId,
        /// The answer.
        message_id: MessageId,
        /// The calls that were made.
        tool_calls: Vec<ToolCall>,
    },
    /// The assistant could not answer.
    TurnFailed {
        /// Where.
        conversation_id: ConversationId,
        /// Which turn.
        turn_id: TurnId,
        /// Why.
        failure: Failure,
        /// The same for the user to read.
        message: String,
    },
    /// A user takes part in a room.
    RoomEntered {
        /// Which.
        room_id: RoomId,
    },
    /// Somebody said something in a room.
    RoomMessageCreated {
        /// The message.
        message: RoomMessage,
    },
    /// Something happened in a chatroom.
    Chatroom {
        /// Where.
        room: RoomId,
        /// What.
        event: ChatEvent,
    },
}

impl Event {
    /// The row that it tells of: a task, a conversation, a room, or a message in a chatroom.
    #[must_use]
    pub fn about(&self) -> uuid::Uuid {
        match self {
            Self::TaskCreated { task, .. } | Self::TaskUpdated { task, .. } | Self::TaskStatusChanged { task, .. } => {
                task.id.0
            }
            Self::TaskDeleted { task_id, .. } => task_id.0,
            Self::MessageCreated { message } => message.conversation.0,
            Self::ConversationCreated { conversation } | Self::ConversationUpdated { conversation } => {
                conversation.id.0
            }
            Self::ConversationDeleted { conversation_id }
            | Self::TurnCompleted { conversation_id, .. }
            | Self::TurnFailed { conversation_id, .. } => conversation_id.0,
            Self::RoomEntered { room_id } => room_id.0,
            Self::RoomMessageCreated { message } => message.room.0,
            Self::Chatroom { room, event } => event.message().map_or(room.0, |message| message.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::account::Source;

    #[rstest::rstest]
    #[case::from_before_it_was_told(json!({"source": "mcp"}), None)]
    #[case::told(json!({"source": "mcp", "client": "Claude Code"}), Some("Claude Code"))]
    fn who_changed_a_task_is_read_back(#[case] origin: serde_json::Value, #[case] client: Option<&str>) {
        let nobody = uuid::Uuid::nil();
        let mut row = json!({"type": "task_deleted", "task_id": nobody, "number": 7, "user": nobody});
        row.as_object_mut().unwrap().extend(origin.as_object().unwrap().clone());
        let event: Event = serde_json::from_value(row.clone()).unwrap();
        let Event::TaskDeleted { origin, .. } = &event else { panic!("{event:?}") };
        assert_eq!(*origin, Origin { source: Source::Mcp, client: client.map(Into::into) });
        assert_eq!(serde_json::to_value(&event).unwrap(), row);
    }
}
