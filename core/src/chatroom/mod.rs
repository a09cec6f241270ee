//! Chatrooms: rooms with roles and invitations, whose messages are encrypted by those who write them.
//!
//! - [`role`]: who may do what, as one table;
//! - [`invite`]: how people come in;
//! - [`message`], [`envelope`]: what is written, of which the service cannot read a word;
//! - [`mod@file`]: what is attached to it, of which the service cannot read a byte either;
//! - [`key`]: how those in the room come to the key with which they can;
//! - [`summary`]: what was said, in short;
//! - [`mention`]: what members ask the assistant there;
//! - [`event`]: what the people in a room hear of;
//! - [`Refused`]: why something cannot be done that would be allowed elsewhere, or to others.
//!
//! A chatroom is a row among the [rooms](crate::room) and has its topic there, but neither kind is listed with the other.
//!
//! To add something that people can do in one: a variant of [`role::Verb`] with its line in the table, the verb in
//! [`crate::app`], its SQL in `store/chatrooms/`, and an event where others must hear of it.

pub mod envelope;
pub mod event;
pub mod file;
pub mod invite;
pub mod key;
pub mod mention;
pub mod message;
mod refused;
pub mod role;
pub mod settings;
pub mod summary;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub(crate) use self::settings::Settings;
pub use self::{
    envelope::Envelope,
    event::ChatEvent,
    file::{Attachment, Blob, File, NewFile},
    invite::{Invite, NewInvite},
    key::{HeldKey, KeyHolder, Keys, WrappedKey},
    mention::{Mention, Unheard},
    message::{ChatMessage, History, MessageKind, NewChatMessage, Posted, Reaction, SealedMessage, Span, Wanted},
    refused::Refused,
    role::{Role, Verb},
    settings::{ChatroomEdit, NewChatroom},
    summary::{Dates, NewSummary, Remark, Summary, SummaryClaim, SummaryKind},
};
use crate::id::{RoomId, RoomMessageId, UserId};

/// A chatroom, as everybody in it sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Chatroom {
    /// The id that travels.
    pub id: RoomId,
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Of its owners the one who came first.
    #[sqlx(rename = "owner_id")]
    pub owner: UserId,
    /// Whether only moderators and owners may invite.
    pub is_private: bool,
    /// How many people there may be in it.
    pub max_members: i64,
    /// How many people there are in it; the assistant is not counted.
    pub member_count: i64,
    /// Whether the assistant may be let in.
    pub auto_summary_enabled: bool,
    /// After how many messages a summary is made.
    pub summary_threshold: i64,
    /// The newest version of the room's key; 0 before there is one.
    pub key_version: i64,
    /// The oldest version of the key under which may still be written; above [`key_version`](Self::key_version) when somebody left.
    pub needed_key_version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When its settings last changed.
    pub updated_at: DateTime<Utc>,
}

/// Somebody, as others in the room see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Person {
    /// The account.
    #[sqlx(rename = "user_id")]
    pub id: UserId,
    /// Its name.
    pub username: String,
    /// How they want to be called.
    pub display_name: String,
    /// The address of a picture.
    pub avatar: Option<String>,
}

/// Somebody in a chatroom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Member {
    /// Who.
    #[sqlx(flatten)]
    pub person: Person,
    /// What they may do.
    pub role: Role,
    /// Whether it is the service's assistant: it is listed with the people, and not counted with them.
    pub is_assistant: bool,
    /// When they came.
    pub joined_at: DateTime<Utc>,
    /// When they last read; at first when they came.
    pub last_read_at: DateTime<Utc>,
}

/// A chatroom with the people in it, as one of them sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// The room.
    pub chatroom: Chatroom,
    /// Everybody in it, whoever came first at first.
    pub members: Vec<Member>,
    /// What the one who asked may do.
    pub role: Role,
}

/// A chatroom in somebody's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The room.
    pub chatroom: Chatroom,
    /// What they may do in it.
    pub role: Role,
    /// When they came.
    pub joined_at: DateTime<Utc>,
    /// How many messages of others there are that came after them, that they have not read, and that were not taken away.
    pub unread: i64,
    /// The newest message that was not taken away.
    pub last: Option<LastMessage>,
}

/// The newest message of a room in somebody's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastMessage {
    /// Which.
    pub id: RoomMessageId,
    /// What it says.
    pub content: Envelope,
    /// Who wrote it.
    pub sender: UserId,
    /// Their name.
    pub username: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// A stretch of somebody's list of chatrooms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Those in the stretch, the room that was entered last at first.
    pub entries: Vec<Entry>,
    /// How many there are in all.
    pub total: i64,
}
