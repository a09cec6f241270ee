//! Conversations between a user and the assistant, their messages and their turns.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    error::{Problem, Result},
    id::{ConversationId, MessageId, TaskId, TurnId, UserId},
    text,
};

/// The longest message, in characters.
pub const MESSAGE_MAX: usize = 8000;
/// The longest title, in characters.
pub const TITLE_MAX: usize = 200;

/// A conversation. `dashboard` calls it a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Conversation {
    /// The id that travels.
    pub id: ConversationId,
    /// The id for contracts with integers.
    pub number: i64,
    /// Whose it is.
    #[sqlx(rename = "user_id")]
    pub user: UserId,
    /// From its first message, until somebody renames it.
    pub title: String,
    /// Not yet put away.
    pub is_active: bool,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When something was last said in it, or it was renamed.
    pub updated_at: DateTime<Utc>,
    /// How many messages it has.
    #[sqlx(default)]
    pub message_count: i64,
}

/// A message as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// The id that travels.
    pub id: MessageId,
    /// The id for contracts with integers; also the order within a conversation.
    pub number: i64,
    /// Where it was said.
    pub conversation: ConversationId,
    /// The turn that it belongs to; none for messages stored by a client.
    pub turn: Option<TurnId>,
    /// Who said it.
    pub author: Author,
    /// What it says, as text.
    pub content: String,
    /// What kind of message it is, with what belongs to that kind.
    pub body: Body,
    /// The client's own id for it.
    pub client_id: Option<String>,
    /// When it was stored.
    pub created_at: DateTime<Utc>,
}

/// Who said a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Author {
    /// The person.
    User,
    /// The model.
    Assistant,
    /// The service: outcomes of calls, failures.
    System,
}

/// The kind of a message, as it is stored beside its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Kind {
    /// Something said.
    Text,
    /// A tool was called.
    Command,
    /// What the call came back with.
    Response,
    /// The turn failed.
    Error,
}

/// What belongs to a message of each kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Body {
    /// Something said; an answer carries its receipts.
    Text {
        /// The tasks that the turn made or changed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        receipts: Vec<Receipt>,
    },
    /// A tool was called. A client may store one without saying which.
    Command {
        /// The call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        call: Option<ToolCall>,
    },
    /// What the call came back with.
    Response {
        /// The outcome.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outcome: Option<Outcome>,
    },
    /// The turn failed.
    Error {
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<Failure>,
    },
}

impl Body {
    /// Something said, without receipts.
    pub const TEXT: Self = Self::Text { receipts: Vec::new() };

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Text { .. } => Kind::Text,
            Self::Command { .. } => Kind::Command,
            Self::Response { .. } => Kind::Response,
            Self::Error { .. } => Kind::Error,
        }
    }
}

/// A tool call as the model made it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ToolCall {
    /// The model's id for it, unique in the turn.
    pub id: String,
    /// The tool.
    pub name: String,
    /// The arguments; a string when they were not JSON.
    pub arguments: serde_json::Value,
}

/// What a tool call came back with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// Which call.
    pub call_id: String,
    /// The tool.
    pub name: String,
    /// The tool's structured answer, or the text of the error.
    pub content: serde_json::Value,
    /// Whether nothing of it succeeded.
    pub is_error: bool,
}

/// A task that a turn made or changed: the proof of what the answer says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Receipt {
    /// Which call did it.
    pub call_id: String,
    /// The task.
    pub task: TaskId,
    /// Its number.
    pub number: i64,
    /// Its title then.
    pub title: String,
    /// What happened to it.
    pub verb: crate::change::Verb,
}

/// Why a turn failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The model's provider failed, or took too long.
    Model,
    /// Somebody pressed stop.
    Cancelled,
    /// The service was interrupted.
    Interrupted,
    /// The service itself failed.
    Internal,
}

/// A message to be stored.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Given beforehand, so that what is streamed can already name it.
    pub id: MessageId,
    /// Who says it.
    pub author: Author,
    /// What it says.
    pub content: String,
    /// Its kind and what belongs to it.
    pub body: Body,
}

impl NewMessage {
    /// A message with a fresh id.
    #[must_use]
    pub fn new(author: Author, content: impl Into<String>, body: Body) -> Self {
        Self { id: MessageId::fresh(), author, content: content.into(), body }
    }
}

/// How a turn stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum TurnState {
    /// The assistant is at work.
    Running,
    /// It has answered.
    Completed,
    /// It could not.
    Failed,
}

/// A turn as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The id of the user's message.
    pub id: TurnId,
    /// Where.
    pub conversation: ConversationId,
    /// How it stands.
    pub state: TurnState,
    /// The answer's message, once there is one.
    pub answer: Option<MessageId>,
    /// Why it failed.
    pub failure: Option<Failure>,
}

/// Checks a message: 1-8,000 characters after cleaning.
///
/// # Errors
/// [`crate::Error::Invalid`] for the field `content`.
pub fn content(content: &str) -> Result<String> {
    let content = text::clean(content, true);
    text::length("content", &content, 1, MESSAGE_MAX)?;
    Ok(content)
}

/// Checks a title: 1-200 characters after cleaning.
///
/// # Errors
/// [`crate::Error::Invalid`] for the field `title`.
pub fn title(title: &str) -> Result<String> {
    let title = text::clean(title, false);
    text::length("title", &title, 1, TITLE_MAX)?;
    Ok(title)
}

/// A title for a conversation that begins with `content`: its first line, cut at a word to at most 60 characters.
#[must_use]
pub fn title_from(content: &str) -> String {
    const LONGEST: usize = 60;
    let line = text::clean(content.trim().lines().next().unwrap_or_default(), false);
    if line.chars().count() <= LONGEST {
        return line;
    }
    let cut: String = line.chars().take(LONGEST - 1).collect();
    let cut = cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words).trim_end();
    format!("{cut}…")
}

/// Checks a client's own id for a message: 1-128 characters.
///
/// # Errors
/// [`crate::Error::Invalid`] for the field `client_message_id`.
pub fn client_id(id: &str) -> Result<&str> {
    text::length("client_message_id", id, 1, 128)?;
    if id.chars().any(char::is_control) {
        Err(Problem::new("client_message_id", "must not have control characters").into())
    } else {
        Ok(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_cut_at_a_word() {
        assert_eq!(title_from("  buy milk\nand bread"), "buy milk");
        let long = title_from(&"word ".repeat(50));
        assert!(long.chars().count() <= 60 && long.ends_with("word…"), "{long}");
        assert_eq!(title_from(&"é".repeat(100)).chars().count(), 60);
    }

    #[test]
    fn messages_have_bounds() {
        assert_eq!(content(" hi\u{0} ").unwrap(), "hi");
        assert!(content(" \n\u{0}").is_err());
        assert!(content(&"x".repeat(8000)).is_ok());
        assert!(content(&"x".repeat(8001)).is_err());
        assert!(client_id("").is_err());
    }
}
