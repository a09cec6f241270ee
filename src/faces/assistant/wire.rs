//! The JSON of `assistant`: integer ids; three priorities; a task is completed or it is not.

use chrono::{DateTime, Utc};
use errand_core::{
    conversation::{Author, Body, Conversation, Kind, Message, Receipt},
    task::{Priority, Status, Task},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::agent::{Answer, Called};

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Conversation")]
pub(super) struct ConversationJson {
    id: i64,
    title: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    is_active: bool,
    message_count: i64,
}

impl From<Conversation> for ConversationJson {
    fn from(conversation: Conversation) -> Self {
        Self {
            id: conversation.number,
            title: conversation.title,
            created_at: conversation.created_at,
            updated_at: conversation.updated_at,
            is_active: conversation.is_active,
            message_count: conversation.message_count,
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Message")]
pub(super) struct MessageJson {
    id: i64,
    role: Author,
    content: String,
    timestamp: DateTime<Utc>,
    message_type: Kind,
    /// Ours: the call, its outcome or the receipts.
    detail: Body,
}

impl From<Message> for MessageJson {
    fn from(message: Message) -> Self {
        Self {
            id: message.number,
            role: message.author,
            content: message.content,
            timestamp: message.created_at,
            message_type: message.body.kind(),
            detail: message.body,
        }
    }
}

/// `GET /conversations`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Conversations")]
pub(super) struct ConversationsJson {
    conversations: Vec<ConversationJson>,
}

impl From<Vec<Conversation>> for ConversationsJson {
    fn from(conversations: Vec<Conversation>) -> Self {
        Self { conversations: conversations.into_iter().map(Into::into).collect() }
    }
}

/// `GET /conversations/{id}`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Transcript")]
pub(super) struct TranscriptJson {
    conversation: ConversationJson,
    messages: Vec<MessageJson>,
}

impl From<(Conversation, Vec<Message>)> for TranscriptJson {
    fn from((conversation, messages): (Conversation, Vec<Message>)) -> Self {
        Self { conversation: conversation.into(), messages: messages.into_iter().map(Into::into).collect() }
    }
}

/// `DELETE /conversations/{id}`.
#[derive(Serialize, JsonSchema)]
pub(super) struct Deleted {
    pub(super) success: bool,
    pub(super) message: &'static str,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Answer")]
pub(super) struct ChatJson {
    conversation_id: i64,
    response: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<CallJson>,
    timestamp: DateTime<Utc>,
    /// Ours: the answer's message.
    message_id: i64,
    /// Ours: the tasks that were made or changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    receipts: Vec<Receipt>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ToolCalled")]
pub(super) struct CallJson {
    id: String,
    name: String,
    arguments: Value,
    result: Value,
    is_error: bool,
}

impl From<Called> for CallJson {
    fn from(called: Called) -> Self {
        Self {
            id: called.call.id,
            name: called.call.name,
            arguments: called.call.arguments,
            result: called.outcome.content,
            is_error: called.outcome.is_error,
        }
    }
}

impl From<Answer> for ChatJson {
    fn from(answer: Answer) -> Self {
        let receipts = match answer.message.body {
            Body::Text { receipts } => receipts,
            Body::Command { .. } | Body::Response { .. } | Body::Error { .. } => Vec::new(),
        };
        Self {
            conversation_id: answer.conversation.number,
            response: answer.message.content,
            tool_calls: answer.called.into_iter().map(CallJson::from).collect(),
            timestamp: answer.message.created_at,
            message_id: answer.message.number,
            receipts,
        }
    }
}

/// The priorities that this contract knows.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Priority")]
pub(super) enum PriorityJson {
    Low,
    Medium,
    High,
}

impl From<Priority> for PriorityJson {
    fn from(priority: Priority) -> Self {
        match priority {
            Priority::Low => Self::Low,
            Priority::Medium => Self::Medium,
            Priority::High | Priority::Urgent => Self::High,
        }
    }
}

impl From<PriorityJson> for Priority {
    fn from(priority: PriorityJson) -> Self {
        match priority {
            PriorityJson::Low => Self::Low,
            PriorityJson::Medium => Self::Medium,
            PriorityJson::High => Self::High,
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Task")]
pub(super) struct TaskJson {
    id: i64,
    user_id: String,
    title: String,
    description: String,
    completed: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    due_date: Option<DateTime<Utc>>,
    priority: PriorityJson,
}

impl From<Task> for TaskJson {
    fn from(task: Task) -> Self {
        Self {
            id: task.number,
            user_id: task.user.to_string(),
            title: task.title,
            description: task.description,
            completed: matches!(task.status, Status::Completed | Status::Archived),
            created_at: task.created_at,
            updated_at: task.updated_at,
            due_date: task.due.map(|due| due.at),
            priority: task.priority.into(),
        }
    }
}
