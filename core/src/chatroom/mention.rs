//! Messages that mention the assistant. What they say is encrypted with the room's key, so they are read outside of this crate; here it
//! is known that there is one, whose it is, and whether it was answered.
//!
//! How far the assistant has heard in a room is its read mark there. What it hears in which it is mentioned is taken down in the same
//! transaction that moves the mark, as a turn that is the claimant's to run: each mention is answered, and once. What a process that died
//! has left open is answered by another one from the journal, without doing anything again.

use chrono::{DateTime, Utc};

use super::SealedMessage;
use crate::id::{RoomId, RoomMessageId, TurnId, UserId};

/// How many of somebody's last turns in a room are kept for the next one.
pub const TURNS_KEPT: i64 = 20;

/// A message that mentions the assistant, and has no answer yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Mention {
    /// The turn in which it is answered.
    #[sqlx(rename = "turn_id")]
    pub turn: TurnId,
    /// Where.
    #[sqlx(rename = "room_id")]
    pub room: RoomId,
    /// Who wrote it.
    #[sqlx(rename = "user_id")]
    pub user: UserId,
    /// Its number in the room.
    pub seq: i64,
    /// When it was written.
    pub written_at: DateTime<Utc>,
}

impl Mention {
    /// Of this message.
    #[must_use]
    pub fn of(room: RoomId, message: &SealedMessage) -> Self {
        let SealedMessage { id, seq, sender: user, created_at: written_at, .. } = *message;
        Self { turn: TurnId(id.0), room, user, seq, written_at }
    }

    /// The message.
    #[must_use]
    pub fn message(&self) -> RoomMessageId {
        RoomMessageId(self.turn.0)
    }
}

/// What was written in a room that the assistant has not heard.
#[derive(Clone, Debug, Default)]
pub struct Unheard {
    /// How far it has heard.
    pub after: i64,
    /// What comes next, the oldest first.
    pub messages: Vec<SealedMessage>,
}
