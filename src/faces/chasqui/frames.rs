//! The frames of `/api/ws/chat`. A stored event becomes frames once, whoever hears it; see `Delivered::encoded`.

use axum::body::Bytes;
use errand_core::{event::Event, feed::Delivered};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::wire::{ConversationIdJson, MessageJson};

/// A frame to a client.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "type")]
pub(super) enum Frame {
    /// The socket hears the conversation from now on.
    Joined {
        conversation_id: ConversationIdJson,
        /// Ours: the next message is the one after this number.
        seq: i64,
        /// Ours: what came after `since_seq` is too old to be told again; the history has it.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        gap: bool,
    },
    /// Somebody said something.
    NewMessage {
        message: MessageJson,
        /// Ours: its number in the conversation, without holes.
        seq: i64,
    },
    /// What was asked cannot be done.
    Error {
        message: String,
        /// Ours: where.
        #[serde(skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationIdJson>,
    },
}

impl Frame {
    /// The frame as it goes over the wire.
    pub(super) fn bytes(&self) -> Bytes {
        serde_json::to_vec(self).expect("a frame has only strings as keys").into()
    }
}

/// The frame that tells of a stored event.
pub(super) fn event(delivered: &Delivered) -> Vec<Bytes> {
    match &delivered.event {
        Event::RoomMessageCreated { message } => {
            vec![Frame::NewMessage { message: message.clone().into(), seq: delivered.seq }.bytes()]
        }
        // These are told to one user or in chatrooms, whose topics this contract's sockets do not follow.
        Event::TaskCreated { .. }
        | Event::TaskUpdated { .. }
        | Event::TaskStatusChanged { .. }
        | Event::TaskDeleted { .. }
        | Event::MessageCreated { .. }
        | Event::ConversationCreated { .. }
        | Event::ConversationUpdated { .. }
        | Event::ConversationDeleted { .. }
        | Event::TurnCompleted { .. }
        | Event::TurnFailed { .. }
        | Event::RoomEntered { .. }
        | Event::Chatroom { .. } => Vec::new(),
    }
}

/// A frame from a client.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Asked {
    /// Hear a conversation.
    Join {
        conversation_id: ConversationIdJson,
        /// Ours: what came after this number is told first.
        since_seq: Option<i64>,
    },
    /// Say something.
    Message { conversation_id: ConversationIdJson, content: String },
    /// A new token before the old one ends.
    Auth { data: Auth },
}

impl Asked {
    /// Reads a frame. serde would read the fields from a list, too, in their order.
    pub(super) fn read(text: &str) -> Result<Self, serde_json::Error> {
        let frame: Map<String, Value> = serde_json::from_str(text)?;
        if frame.get("data").is_some_and(Value::is_array) {
            return Err(serde::de::Error::custom("its data must be an object"));
        }
        serde_json::from_value(frame.into())
    }
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Auth {
    pub(super) token: String,
}
