//! Rooms: where people talk to each other. What is said in one is told on its own topic, and only to those who take part.
//! Those with roles, invitations and encryption are [chatrooms](crate::chatroom); they are none of the kinds here.
//!
//! To add a kind of room: a variant of [`RoomKind`], the verb that makes one in [`crate::app`], and, where a contract must not list it,
//! the kinds as a parameter of the query that lists.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    error::Result,
    id::{RoomId, RoomMessageId, UserId},
    text,
};

/// The longest message, in characters.
pub const MESSAGE_MAX: usize = 8000;
/// The longest name, in characters.
pub const NAME_MAX: usize = 100;
/// The most people in a room.
pub const PARTICIPANTS_MAX: usize = 100;
/// The most messages in one answer.
pub const HISTORY_MAX: i64 = 100;

/// A room with the people in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// The id that travels.
    pub id: RoomId,
    /// The id for contracts with integers.
    pub number: i64,
    /// What kind of room it is.
    pub kind: RoomKind,
    /// What its maker called it.
    pub name: Option<String>,
    /// Who takes part, the maker first.
    pub participants: Vec<Participant>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// The kinds of rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum RoomKind {
    /// Of two people; there is one at most for any two.
    Direct,
    /// Of as many as its maker named.
    Group,
}

/// Somebody who takes part in a room.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Participant {
    /// The account.
    pub id: UserId,
    /// Its name.
    pub username: String,
}

/// Who is meant to take part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonRef {
    /// By the account's id.
    Id(UserId),
    /// By its name, without regard to case.
    Name(String),
}

impl std::fmt::Display for PersonRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Name(name) => write!(f, "\"{name}\""),
        }
    }
}

/// A message in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct RoomMessage {
    /// The id that travels.
    pub id: RoomMessageId,
    /// The id for contracts with integers; also the order within a room.
    pub number: i64,
    /// Where it was said.
    #[sqlx(rename = "room_id")]
    pub room: RoomId,
    /// Who said it.
    #[sqlx(rename = "sender_id")]
    pub sender: UserId,
    /// What it says.
    pub content: String,
    /// When it was stored.
    pub created_at: DateTime<Utc>,
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

/// Checks a room's name: 1-100 characters after cleaning.
///
/// # Errors
/// [`crate::Error::Invalid`] for the field `name`.
pub fn name(name: &str) -> Result<String> {
    let name = text::clean(name, false);
    text::length("name", &name, 1, NAME_MAX)?;
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_and_names_have_bounds() {
        assert_eq!(content(" hi\u{0}\nthere ").unwrap(), "hi\nthere");
        assert!(content(" \n\u{0}").is_err());
        assert!(content(&"é".repeat(8000)).is_ok());
        assert!(content(&"é".repeat(8001)).is_err());
        assert_eq!(name(" The\nteam ").unwrap(), "The team");
        assert!(name(" ").is_err());
        assert!(name(&"x".repeat(101)).is_err());
    }
}
