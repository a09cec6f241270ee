//! The frames of `/ws` in this contract's dialect: `{"type", "data", "timestamp"}`, and our `seq`.
//!
//! A stored event becomes frames once, whoever hears it; see `Delivered::encoded`.

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use errand_core::{
    ConversationId, MessageId, TurnId, UserId,
    account::Source,
    conversation::Failure,
    event::Event,
    feed::Delivered,
    task::{Status, Task},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::wire::{MessageJson, SessionJson, TaskJson};

/// A frame to a client.
#[derive(Serialize)]
pub(super) struct Frame {
    #[serde(rename = "type")]
    kind: &'static str,
    data: Value,
    timestamp: DateTime<Utc>,
    seq: i64,
}

impl Frame {
    pub(super) fn new(kind: &'static str, data: Value, timestamp: DateTime<Utc>, seq: i64) -> Self {
        Self { kind, data, timestamp, seq }
    }

    /// The frame as it goes over the wire.
    pub(super) fn bytes(&self) -> Bytes {
        serde_json::to_vec(self).expect("a frame has only strings as keys").into()
    }
}

/// The frame that tells of a stored event.
pub(super) fn event(delivered: &Delivered) -> Vec<Bytes> {
    let at = delivered.at;
    let (kind, data) = match &delivered.event {
        Event::TaskCreated { task, source } => task_frame("task_created", task, *source, at),
        Event::TaskUpdated { task, source } => task_frame("task_updated", task, *source, at),
        // What is put away leaves the board, and comes back to it; `sync_response` does the same.
        Event::TaskStatusChanged { task, source, .. } if task.status == Status::Archived => {
            ("task_deleted", deleted(task.id.0, task.user, *source, at))
        }
        Event::TaskStatusChanged { task, before: Status::Archived, source } => {
            task_frame("task_created", task, *source, at)
        }
        Event::TaskStatusChanged { task, source, .. } => task_frame("task_status_changed", task, *source, at),
        Event::TaskDeleted { task_id, user, source, .. } => ("task_deleted", deleted(task_id.0, *user, *source, at)),
        Event::MessageCreated { message } => {
            ("message_created", json!({"message": MessageJson::from(message.clone())}))
        }
        Event::ConversationCreated { conversation } => {
            ("session_created", json!({"session": SessionJson::from(conversation.clone())}))
        }
        Event::ConversationUpdated { conversation } => {
            ("session_updated", json!({"session": SessionJson::from(conversation.clone())}))
        }
        Event::ConversationDeleted { conversation_id } => ("session_deleted", json!({"session_id": conversation_id})),
        Event::TurnCompleted { conversation_id, turn_id, message_id, tool_calls } => (
            "turn_completed",
            json!({"session_id": conversation_id, "turn_id": turn_id, "message_id": message_id, "tool_calls": tool_calls}),
        ),
        Event::RoomMessageCreated { .. } => return Vec::new(), // this contract has no rooms, and its sockets follow none
        Event::TurnFailed { conversation_id, turn_id, failure, message } => (
            "turn_failed",
            json!({"session_id": conversation_id, "turn_id": turn_id, "code": code(*failure), "message": message}),
        ),
    };
    vec![Frame::new(kind, data, at, delivered.seq).bytes()]
}

fn task_frame(kind: &'static str, task: &Task, source: Source, at: DateTime<Utc>) -> (&'static str, Value) {
    let (user, task) = (task.user, TaskJson::from(task.clone()));
    (kind, json!({"task": task, "userId": user, "timestamp": at, "source": source}))
}

fn deleted(task: uuid::Uuid, user: UserId, source: Source, at: DateTime<Utc>) -> Value {
    json!({"taskId": task, "userId": user, "timestamp": at, "source": source})
}

/// The code of a failed turn, in the words of `assistant`.
pub(super) fn code(failure: Failure) -> &'static str {
    match failure {
        Failure::Model => "AI_SERVICE_ERROR",
        Failure::Cancelled => "CANCELLED",
        Failure::Interrupted => "INTERRUPTED",
        Failure::Internal => "INTERNAL_ERROR",
    }
}

/// A turn has begun.
pub(super) fn turn_started(conversation: ConversationId, turn: TurnId) -> (&'static str, Value) {
    ("turn_started", json!({"session_id": conversation, "turn_id": turn}))
}

/// The model is writing. `reset`: what was written so far is void.
pub(super) fn delta(
    conversation: ConversationId,
    message: MessageId,
    text: &str,
    reset: bool,
) -> (&'static str, Value) {
    let mut data = json!({"session_id": conversation, "message_id": message, "text": text});
    if reset {
        data["reset"] = true.into();
    }
    ("assistant_delta", data)
}

/// A frame from a client.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) data: Value,
}

/// `sync_request`.
#[derive(Default, Deserialize)]
pub(super) struct SyncRequest {
    pub(super) since: Option<i64>,
}

/// `message`.
#[derive(Deserialize)]
pub(super) struct Message {
    pub(super) content: String,
    pub(super) session_id: ConversationId,
    /// Ours.
    pub(super) user_timezone: Option<String>,
    /// Ours: the same one again is the same turn.
    pub(super) client_message_id: Option<String>,
}

/// `cancel_turn`, ours.
#[derive(Deserialize)]
pub(super) struct CancelTurn {
    pub(super) session_id: ConversationId,
}

/// `auth`: a new token before the old one ends.
#[derive(Deserialize)]
pub(super) struct Auth {
    pub(super) token: String,
}
