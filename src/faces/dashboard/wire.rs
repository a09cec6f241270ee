//! The JSON of `dashboard`: UUIDs; what is archived shows as completed, the nearest word this contract has.

use chrono::{DateTime, NaiveDate, Utc};
use errand_core::{
    ConversationId, MessageId, RoomId, TaskId, TurnId, UserId,
    conversation::{Author, Body, Conversation, Failure, Kind, Message, Outcome, Receipt, ToolCall},
    task::{Priority, Status, Task},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::frames::Code;
use crate::agent::markdown;

#[derive(Clone, Serialize, JsonSchema)]
#[schemars(rename = "Task")]
pub(super) struct TaskJson {
    id: TaskId,
    title: String,
    description: String,
    status: StatusJson,
    priority: Priority,
    due_date: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    user_id: UserId,
    /// Ours: the `12` of a tool's `t_12`.
    number: i64,
    /// Ours: only the date of `due_date` counts.
    due_all_day: bool,
    /// Ours: that date, in whatever zone it is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_day: Option<NaiveDate>,
    /// Ours: the chatroom in which the assistant was asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    room_id: Option<RoomId>,
    /// Ours.
    version: i64,
}

/// `GET /tasks/sync`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Board")]
pub(super) struct BoardJson {
    pub(super) tasks: Vec<TaskJson>,
    /// When the tasks were read. That may be a while ago: nothing has changed since.
    pub(super) last_sync: DateTime<Utc>,
}

/// The statuses that this contract knows.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Status")]
pub(super) enum StatusJson {
    Pending,
    InProgress,
    Completed,
}

impl From<Status> for StatusJson {
    fn from(status: Status) -> Self {
        match status {
            Status::Pending => Self::Pending,
            Status::InProgress => Self::InProgress,
            Status::Completed | Status::Archived => Self::Completed,
        }
    }
}

impl From<StatusJson> for Status {
    fn from(status: StatusJson) -> Self {
        match status {
            StatusJson::Pending => Self::Pending,
            StatusJson::InProgress => Self::InProgress,
            StatusJson::Completed => Self::Completed,
        }
    }
}

impl From<Task> for TaskJson {
    fn from(task: Task) -> Self {
        Self {
            id: task.id,
            title: task.title,
            description: task.description,
            status: task.status.into(),
            priority: task.priority,
            due_date: task.due.map(|due| due.at),
            created_at: task.created_at,
            updated_at: task.updated_at,
            user_id: task.user,
            number: task.number,
            due_all_day: task.due.is_some_and(|due| due.day.is_some()),
            due_day: task.due.and_then(|due| due.day),
            room_id: task.room,
            version: task.version,
        }
    }
}

#[derive(Clone, Serialize, JsonSchema)]
#[schemars(rename = "Session")]
pub(super) struct SessionJson {
    id: ConversationId,
    user_id: UserId,
    title: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    is_active: bool,
}

impl From<Conversation> for SessionJson {
    fn from(conversation: Conversation) -> Self {
        Self {
            id: conversation.id,
            user_id: conversation.user,
            title: conversation.title,
            created_at: conversation.created_at,
            updated_at: conversation.updated_at,
            is_active: conversation.is_active,
        }
    }
}

/// The roles that this contract knows.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum RoleJson {
    User,
    Assistant,
}

impl From<Author> for RoleJson {
    fn from(author: Author) -> Self {
        match author {
            Author::User => Self::User,
            Author::Assistant | Author::System => Self::Assistant,
        }
    }
}

/// The kinds of messages that this contract knows. Why a turn failed is a text with a `code`.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum KindJson {
    Text,
    Command,
    Response,
}

impl From<Kind> for KindJson {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Text | Kind::Error => Self::Text,
            Kind::Command => Self::Command,
            Kind::Response => Self::Response,
        }
    }
}

#[derive(Clone, Serialize, JsonSchema)]
#[schemars(rename = "Message")]
pub(super) struct MessageJson {
    id: MessageId,
    session_id: ConversationId,
    role: RoleJson,
    content: String,
    created_at: DateTime<Utc>,
    message_type: KindJson,
    /// Ours, from here on: the turn it belongs to, the client's id for it, the assistant's text as safe HTML, and what was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    turn_id: Option<TurnId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_message_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call: Option<ToolCall>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_result: Option<Outcome>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    receipts: Vec<Receipt>,
    /// Ours: this tells why a turn failed, in the words of `turn_failed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Code>,
}

impl From<Message> for MessageJson {
    fn from(message: Message) -> Self {
        let kind = message.body.kind();
        let html =
            (message.author == Author::Assistant && kind == Kind::Text).then(|| markdown::to_html(&message.content));
        let (mut tool_call, mut tool_result, mut receipts, mut code) = (None, None, Vec::new(), None);
        match message.body {
            Body::Text { receipts: tasks } => receipts = tasks,
            Body::Command { call } => tool_call = call,
            Body::Response { outcome } => tool_result = outcome,
            Body::Error { failure } => code = Some(failure.unwrap_or(Failure::Internal).into()),
        }
        Self {
            id: message.id,
            session_id: message.conversation,
            role: message.author.into(),
            content: message.content,
            created_at: message.created_at,
            message_type: kind.into(),
            turn_id: message.turn,
            client_message_id: message.client_id,
            html,
            tool_call,
            tool_result,
            receipts,
            code,
        }
    }
}
