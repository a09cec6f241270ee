//! Messages in a chatroom, and how others react to them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Attachment, Envelope, Person, file::ATTACHMENTS_MAX};
use crate::{
    error::{Error, Problem, Result, Rule},
    id::{FileId, RoomId, RoomMessageId, UserId},
    text,
};

/// The longest id that a client gives its message, in characters.
pub const CLIENT_ID_MAX: usize = 100;
/// The longest reaction, in bytes: two people of two skin tones who kiss are 35.
pub const EMOJI_MAX: usize = 64;
/// How many different reactions one person may have to one message.
pub const REACTIONS_MAX: i64 = 20;

/// A message in a chatroom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatMessage {
    /// The id that travels.
    pub id: RoomMessageId,
    /// Where it was written.
    pub room: RoomId,
    /// Its number in the room: that of the event that told of it.
    pub seq: i64,
    /// Who wrote it.
    pub sender: Person,
    /// The id that the sender's client gave it.
    pub client_id: Option<String>,
    /// What it says; none when it was taken away.
    pub content: Option<Envelope>,
    /// What it is.
    pub kind: MessageKind,
    /// To which message it replies.
    pub reply_to: Option<RoomMessageId>,
    /// The files that are attached to it, in the sender's order.
    #[serde(default)] // of what was told before there were any
    pub attachments: Vec<Attachment>,
    /// How others, and the sender, react to it; in their order.
    pub reactions: Vec<Reaction>,
    /// When it was last written anew.
    pub edited_at: Option<DateTime<Utc>>,
    /// When it was taken away.
    pub deleted_at: Option<DateTime<Utc>>,
    /// When it was stored. In a room each is later than the one before.
    pub created_at: DateTime<Utc>,
}

/// What a message is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum MessageKind {
    /// Words.
    #[default]
    Text,
    /// A picture.
    Image,
    /// Some other file.
    File,
    /// Something that nobody in the room said.
    System,
}

/// Somebody's reaction to a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Reaction {
    /// Who.
    #[sqlx(rename = "user_id")]
    pub user: UserId,
    /// Their name.
    pub username: String,
    /// How.
    pub emoji: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// A message to be stored.
#[derive(Clone, Debug)]
pub struct NewChatMessage {
    /// What it says.
    pub content: Envelope,
    /// What it is; people cannot write one of the service's.
    pub kind: MessageKind,
    /// To which message in the same room it replies.
    pub reply_to: Option<RoomMessageId>,
    /// Files that its sender uploaded to the room, at most 10; each is attached once.
    pub attachments: Vec<FileId>,
    /// 1-100 characters. The same message with the same id is stored once, however often it is sent.
    pub client_id: Option<String>,
}

impl NewChatMessage {
    /// Checks all that can be checked without the room.
    ///
    /// # Errors
    /// [`Refused::MessageTooLong`](super::Refused::MessageTooLong); [`Error::Invalid`] with every field that breaks a rule.
    pub(crate) fn checked(self) -> Result<Self> {
        let (content, mut problems) = match self.content.clone().checked() {
            Ok(content) => (content, Vec::new()),
            Err(Error::Invalid(problems)) => (self.content, problems),
            Err(other) => return Err(other),
        };
        if self.kind == MessageKind::System {
            problems.push(Problem::new("message_type", "must be text, image or file"));
        }
        if self.attachments.len() > ATTACHMENTS_MAX {
            let rule = format!("must be at most {ATTACHMENTS_MAX} files");
            problems.push(Problem::new("attachments", rule).of(Rule::Length));
        }
        if let Some(client_id) = &self.client_id {
            problems.extend(text::length("client_id", client_id, 1, CLIENT_ID_MAX).err());
            if client_id.contains(char::is_control) {
                problems.push(Problem::new("client_id", "must not have control characters").of(Rule::Format));
            }
        }
        if problems.is_empty() { Ok(Self { content, ..self }) } else { Err(Error::Invalid(problems)) }
    }
}

/// Checks a reaction: at most [`EMOJI_MAX`] bytes that show.
///
/// # Errors
/// [`Error::Invalid`] for the field `emoji`.
pub(crate) fn emoji(emoji: &str) -> Result<String> {
    let shows = !emoji.is_empty() && text::clean(emoji, false) == emoji && !emoji.contains(char::is_whitespace);
    if shows && emoji.len() <= EMOJI_MAX {
        return Ok(emoji.to_owned());
    }
    Err(Problem::new("emoji", format!("must be an emoji of at most {EMOJI_MAX} bytes")).of(Rule::Format).into())
}

/// What posting a message came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Posted {
    /// It was stored.
    New(ChatMessage),
    /// It was there already: the client has sent it again.
    There(ChatMessage),
}

/// A message as those read it who have the room's key: what it says, without what others made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedMessage {
    /// The id that travels.
    pub id: RoomMessageId,
    /// Its number in the room.
    pub seq: i64,
    /// Who wrote it.
    pub sender: UserId,
    /// What it is.
    pub kind: MessageKind,
    /// What it says.
    pub content: Envelope,
    /// To which message it replies.
    pub reply_to: Option<RoomMessageId>,
    /// When it was stored.
    pub created_at: DateTime<Utc>,
}

/// Which messages of a room are wanted; what is `None` does not bound them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only what is this.
    pub kind: Option<MessageKind>,
    /// Only what they wrote.
    pub sender: Option<UserId>,
    /// Only what was written then or later.
    pub from: Option<DateTime<Utc>>,
    /// Only what was written then or earlier.
    pub to: Option<DateTime<Utc>>,
}

/// A stretch of a room's history; what is `None` does not bound it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Only what was written before this.
    pub before: Option<DateTime<Utc>>,
    /// Only what was written after this.
    pub after: Option<DateTime<Utc>>,
    /// Only what has a lower number.
    pub before_seq: Option<i64>,
    /// Only what has a higher number.
    pub after_seq: Option<i64>,
}

/// A page of a room's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// The messages, the oldest first.
    pub messages: Vec<ChatMessage>,
    /// How many there are in the whole stretch.
    pub total: i64,
    /// Whether there are older ones in it.
    pub has_more: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("👍", true)]
    #[case("👩🏽‍❤️‍💋‍👨🏿", true)]
    #[case("+1", true)]
    #[case("", false)]
    #[case(" ", false)]
    #[case("👍 ", false)]
    #[case("a b", false)]
    #[case("a\u{0}", false)]
    #[case("\u{202e}a", false)]
    #[case("\u{200d}", false)]
    #[case("👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍", false)]
    fn reactions_show_and_are_short(#[case] text: &str, #[case] good: bool) {
        assert_eq!(emoji(text).is_ok(), good, "{} bytes", text.len());
    }
}
