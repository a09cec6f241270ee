//! The frames of `/ws` in this contract's dialect: `{"type", "data", "timestamp"}`, and our `seq`.
//!
//! A stored event becomes frames once, whoever hears it; see `Delivered::encoded`.

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use errand_core::{
    ConversationId, MessageId, TaskId, TurnId, UserId,
    account::{Origin, Source},
    conversation::{Failure, MESSAGE_MAX, ToolCall},
    event::Event,
    feed::Delivered,
    task::{Status, Task},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::wire::{MessageJson, SessionJson, TaskJson};
use crate::faces::schema::{self, ClientId, Written};

/// A frame to a client.
#[derive(Serialize, JsonSchema)]
pub(super) struct Frame {
    #[serde(flatten)]
    told: Told,
    timestamp: DateTime<Utc>,
    /// Ours: the number of the user's last event that this frame knows of.
    seq: i64,
}

impl Frame {
    pub(super) fn new(told: Told, timestamp: DateTime<Utc>, seq: i64) -> Self {
        Self { told, timestamp, seq }
    }

    /// The frame as it goes over the wire.
    pub(super) fn bytes(&self) -> Bytes {
        serde_json::to_vec(self).expect("a frame has only strings as keys").into()
    }
}

/// What a client is told.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub(super) enum Told {
    /// A task is there: made, or restored.
    TaskCreated(TaskTold),
    /// Something of a task changed that is not its status.
    TaskUpdated(TaskTold),
    /// A task's status changed.
    TaskStatusChanged(TaskTold),
    /// A task is gone from the board.
    TaskDeleted {
        #[serde(rename = "taskId")]
        task_id: TaskId,
        #[serde(rename = "userId")]
        user_id: UserId,
        timestamp: DateTime<Utc>,
        #[serde(flatten)]
        origin: OriginJson,
    },
    /// The answer to `sync_request`: how everything stands.
    SyncResponse {
        tasks: Vec<TaskJson>,
        timestamp: DateTime<Utc>,
        /// Ours: what came after `since` is too old to be told again.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        gap: bool,
    },
    /// A session was begun.
    SessionCreated { session: SessionJson },
    /// A session has another title.
    SessionUpdated { session: SessionJson },
    /// A session is gone, with its messages.
    SessionDeleted { session_id: ConversationId },
    /// A message was stored.
    MessageCreated { message: Box<MessageJson> },
    /// The assistant has begun to answer.
    TurnStarted { session_id: ConversationId, turn_id: TurnId },
    /// The assistant is writing.
    AssistantDelta {
        session_id: ConversationId,
        message_id: MessageId,
        text: String,
        /// What was written so far is void.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        reset: bool,
    },
    /// The assistant has answered.
    TurnCompleted { session_id: ConversationId, turn_id: TurnId, message_id: MessageId, tool_calls: Vec<ToolCall> },
    /// The assistant could not answer.
    TurnFailed { session_id: ConversationId, turn_id: TurnId, code: Code, message: String },
    /// What was asked cannot be done.
    Error {
        code: Code,
        message: String,
        /// Which `message` it is about.
        #[serde(flatten)]
        about: About,
    },
}

/// A task, and where its change came from.
#[derive(Serialize, JsonSchema)]
pub(super) struct TaskTold {
    task: TaskJson,
    #[serde(rename = "userId")]
    user_id: UserId,
    timestamp: DateTime<Utc>,
    #[serde(flatten)]
    origin: OriginJson,
}

// Where a change came from. No documentation comment: it would describe the object that this is flattened into.
#[derive(Serialize, JsonSchema)]
pub(super) struct OriginJson {
    /// Ours.
    source: Source,
    /// Ours: the name of the agent, where `source` is `mcp` and it has told one.
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<String>,
}

impl From<&Origin> for OriginJson {
    fn from(Origin { source, client }: &Origin) -> Self {
        Self { source: *source, client: client.clone() }
    }
}

/// Which `message` a refusal is about.
#[derive(Default, Serialize, JsonSchema)]
pub(super) struct About {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) session_id: Option<ConversationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client_message_id: Option<String>,
}

/// Why something failed, in the words of `assistant`.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Code {
    Unauthorized,
    Forbidden,
    ValidationError,
    ConversationNotFound,
    AiServiceError,
    InternalError,
    Cancelled,
    Interrupted,
}

impl From<Failure> for Code {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Model => Self::AiServiceError,
            Failure::Cancelled => Self::Cancelled,
            Failure::Interrupted => Self::Interrupted,
            Failure::Internal => Self::InternalError,
        }
    }
}

/// The frame that tells of a stored event.
pub(super) fn event(delivered: &Delivered) -> Vec<Bytes> {
    let at = delivered.at;
    let told = match &delivered.event {
        Event::TaskCreated { task, origin } => Told::TaskCreated(TaskTold::new(task, origin, at)),
        Event::TaskUpdated { task, origin } => Told::TaskUpdated(TaskTold::new(task, origin, at)),
        // What is put away leaves the board, and comes back to it; `sync_response` does the same.
        Event::TaskStatusChanged { task, origin, .. } if task.status == Status::Archived => {
            Told::TaskDeleted { task_id: task.id, user_id: task.user, timestamp: at, origin: origin.into() }
        }
        Event::TaskStatusChanged { task, before: Status::Archived, origin } => {
            Told::TaskCreated(TaskTold::new(task, origin, at))
        }
        Event::TaskStatusChanged { task, origin, .. } => Told::TaskStatusChanged(TaskTold::new(task, origin, at)),
        Event::TaskDeleted { task_id, user, origin, .. } => {
            Told::TaskDeleted { task_id: *task_id, user_id: *user, timestamp: at, origin: origin.into() }
        }
        Event::MessageCreated { message } => Told::MessageCreated { message: Box::new(message.clone().into()) },
        Event::ConversationCreated { conversation } => Told::SessionCreated { session: conversation.clone().into() },
        Event::ConversationUpdated { conversation } => Told::SessionUpdated { session: conversation.clone().into() },
        Event::ConversationDeleted { conversation_id } => Told::SessionDeleted { session_id: *conversation_id },
        Event::TurnCompleted { conversation_id, turn_id, message_id, tool_calls } => Told::TurnCompleted {
            session_id: *conversation_id,
            turn_id: *turn_id,
            message_id: *message_id,
            tool_calls: tool_calls.clone(),
        },
        Event::TurnFailed { conversation_id, turn_id, failure, message } => Told::TurnFailed {
            session_id: *conversation_id,
            turn_id: *turn_id,
            code: (*failure).into(),
            message: message.clone(),
        },
        // This contract has no rooms, and its sockets follow none.
        Event::RoomEntered { .. } | Event::RoomMessageCreated { .. } | Event::Chatroom { .. } => return Vec::new(),
    };
    vec![Frame::new(told, at, delivered.seq).bytes()]
}

impl TaskTold {
    pub(super) fn new(task: &Task, origin: &Origin, timestamp: DateTime<Utc>) -> Self {
        Self { user_id: task.user, task: task.clone().into(), timestamp, origin: origin.into() }
    }
}

/// A frame from a client.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub(super) enum Asked {
    /// Tell how everything stands.
    SyncRequest(SyncRequest),
    /// Say something to the assistant.
    Message(Message),
    /// Ours: the assistant shall stop.
    CancelTurn(CancelTurn),
    /// A new token before the old one ends.
    Auth(Auth),
}

impl Asked {
    /// Reads a frame. Missing or `null` data is the same as an empty one.
    pub(super) fn read(text: &str) -> Result<Self, serde_json::Error> {
        let mut frame: Value = serde_json::from_str(text)?;
        if let Some(frame) = frame.as_object_mut()
            && frame.get("data").is_none_or(Value::is_null)
        {
            frame.insert("data".into(), json!({}));
        }
        // serde would read the fields from a list, too, in their order.
        if !frame.is_object() || frame["data"].is_array() {
            return Err(serde::de::Error::custom("it and its data must be objects"));
        }
        serde_json::from_value(frame)
    }
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct SyncRequest {
    /// Ours: what came after this `seq` is told first.
    pub(super) since: Option<i64>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Say")]
pub(super) struct Message {
    #[schemars(with = "Written<MESSAGE_MAX>")]
    pub(super) content: String,
    pub(super) session_id: ConversationId,
    /// Ours.
    #[schemars(with = "Option<schema::Zone>")]
    pub(super) user_timezone: Option<String>,
    /// Ours: the same one again is the same turn.
    #[schemars(with = "Option<ClientId<128>>")]
    pub(super) client_message_id: Option<String>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct CancelTurn {
    pub(super) session_id: ConversationId,
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Auth {
    pub(super) token: String,
}
