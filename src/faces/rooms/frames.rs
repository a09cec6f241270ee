//! The frames of `/ws` in this contract's dialect: `{"event", "data"}`.
//!
//! A stored event becomes a frame once, whoever hears it; only the sender's own copy of a message is another one.

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use errand_core::{
    RoomId, RoomMessageId, UserId,
    chatroom::{ChatEvent, ChatMessage},
    event::{Event, Topic},
    feed::Delivered,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    failure,
    messages::{MessageJson, Write},
    wire::{ChatroomJson, NewMemberJson, RoleJson},
};
use crate::presence::Signal;

/// What a client says.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
pub(super) enum Asked {
    /// Tell what happens in a chatroom.
    JoinChatroom {
        chatroom_id: RoomId,
        /// Ours: what came after this `seq` is told first.
        #[serde(default)]
        since_seq: Option<i64>,
    },
    /// Tell no more of it.
    LeaveChatroom { chatroom_id: RoomId },
    /// Write a message.
    SendMessage {
        chatroom_id: RoomId,
        #[serde(flatten)]
        message: Write,
    },
    /// The user types; again now and then, as long as they do.
    TypingStart { chatroom_id: RoomId },
    /// The user does not type any more.
    TypingStop { chatroom_id: RoomId },
    /// The user has read up to this message.
    MessageRead { chatroom_id: RoomId, message_id: RoomMessageId },
    /// Ours: a new token before the old one ends.
    Auth { token: String },
}

impl Asked {
    /// The chatroom that it is about.
    pub(super) fn room(&self) -> Option<RoomId> {
        match self {
            Self::JoinChatroom { chatroom_id, .. }
            | Self::LeaveChatroom { chatroom_id }
            | Self::SendMessage { chatroom_id, .. }
            | Self::TypingStart { chatroom_id }
            | Self::TypingStop { chatroom_id }
            | Self::MessageRead { chatroom_id, .. } => Some(*chatroom_id),
            Self::Auth { .. } => None,
        }
    }

    /// What the client calls the message that it sends.
    pub(super) fn client_id(&self) -> Option<&str> {
        match self {
            Self::SendMessage { message, .. } => message.client_id.as_deref(),
            Self::JoinChatroom { .. }
            | Self::LeaveChatroom { .. }
            | Self::TypingStart { .. }
            | Self::TypingStop { .. }
            | Self::MessageRead { .. }
            | Self::Auth { .. } => None,
        }
    }
}

/// What a client is told. `seq` is the chatroom's number of what happened, without holes.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
pub(super) enum Told {
    /// The answer to `join_chatroom`: the next event is the one after `seq`.
    JoinedChatroom {
        chatroom_id: RoomId,
        seq: i64,
        /// There was never anything with the number `since_seq`.
        gap: bool,
    },
    /// The answer to `leave_chatroom`.
    LeftChatroom { chatroom_id: RoomId },
    /// A message was written.
    MessageReceived {
        message: Box<MessageJson>,
        seq: i64,
        /// What its sender's client called it; others do not see it.
        #[serde(skip_serializing_if = "Option::is_none")]
        client_id: Option<String>,
    },
    /// A message was written anew.
    MessageEdited { message: Box<MessageJson>, seq: i64 },
    /// A message was taken away.
    MessageDeleted { chatroom_id: RoomId, message_id: RoomMessageId, user_id: UserId, seq: i64 },
    /// Somebody reacts to a message.
    ReactionAdded {
        chatroom_id: RoomId,
        message_id: RoomMessageId,
        user_id: UserId,
        username: String,
        emoji: String,
        created_at: DateTime<Utc>,
        seq: i64,
    },
    /// Somebody does not react to a message any more.
    ReactionRemoved { chatroom_id: RoomId, message_id: RoomMessageId, user_id: UserId, emoji: String, seq: i64 },
    /// Somebody has read up to a message.
    MessageReadBy { chatroom_id: RoomId, message_id: RoomMessageId, user_id: UserId, read_at: DateTime<Utc>, seq: i64 },
    /// Somebody came into a chatroom.
    UserJoined {
        chatroom_id: RoomId,
        user: NewMemberJson,
        #[serde(skip_serializing_if = "Option::is_none")]
        seq: Option<i64>,
    },
    /// Somebody is in a chatroom no more.
    UserLeft {
        chatroom_id: RoomId,
        user_id: UserId,
        /// Who put them out, if they did not leave.
        removed_by: Option<UserId>,
        /// From this version on the room's key must be.
        needed_key_version: i64,
        #[serde(skip_serializing_if = "Option::is_none")]
        seq: Option<i64>,
    },
    /// Somebody is something else in a chatroom now.
    RoleChanged {
        chatroom_id: RoomId,
        user_id: UserId,
        role: RoleJson,
        #[serde(skip_serializing_if = "Option::is_none")]
        seq: Option<i64>,
    },
    /// There is a new version of a chatroom's key.
    KeysChanged { chatroom_id: RoomId, version: i64, user_id: UserId, seq: i64 },
    /// A chatroom has other settings.
    ChatroomUpdated { chatroom: Box<ChatroomJson>, seq: i64 },
    /// A chatroom is gone.
    ChatroomDeleted { chatroom_id: RoomId },
    /// Somebody types, or has stopped.
    TypingIndicator { chatroom_id: RoomId, user_id: UserId, username: String, is_typing: bool },
    /// Somebody who shares a chatroom has opened their first socket.
    UserOnline { user_id: UserId, username: String },
    /// Somebody who shares a chatroom has closed their last socket.
    UserOffline { user_id: UserId, username: String },
    /// What was asked cannot be done.
    Error(failure::About),
}

impl Told {
    /// The frame as it goes over the wire.
    pub(super) fn bytes(&self) -> Bytes {
        serde_json::to_vec(self).expect("a frame has only strings as keys").into()
    }

    /// A message, as `reader` is told it.
    pub(super) fn received(message: ChatMessage, reader: Option<UserId>) -> Self {
        let (seq, client_id) = (message.seq, message.client_id.clone().filter(|_| Some(message.sender.id) == reader));
        Self::MessageReceived { message: Box::new(MessageJson::new(message, reader)), seq, client_id }
    }

    /// What happened in a chatroom, as `reader` is told it: none is nobody in particular.
    pub(super) fn of(delivered: &Delivered, reader: Option<UserId>) -> Option<Self> {
        let Event::Chatroom { room, event } = &delivered.event else { return None };
        let numbered = matches!(delivered.topic, Topic::Room(_)).then_some(delivered.seq);
        Some(happened(*room, event.clone(), (delivered.seq, numbered), delivered.at, reader))
    }
}

/// `numbered` is the number in the room; what is told on a member's own topic has none.
fn happened(
    chatroom_id: RoomId,
    event: ChatEvent,
    (seq, numbered): (i64, Option<i64>),
    at: DateTime<Utc>,
    reader: Option<UserId>,
) -> Told {
    match event {
        ChatEvent::MessageReceived { message } => Told::received(*message, reader),
        ChatEvent::MessageEdited { message } => {
            Told::MessageEdited { message: Box::new(MessageJson::new(*message, reader)), seq }
        }
        ChatEvent::MessageDeleted { message: message_id, by: user_id, .. } => {
            Told::MessageDeleted { chatroom_id, message_id, user_id, seq }
        }
        ChatEvent::ReactionAdded { message: message_id, reaction } => {
            let (user_id, username, emoji) = (reaction.user, reaction.username, reaction.emoji);
            let created_at = reaction.created_at;
            Told::ReactionAdded { chatroom_id, message_id, user_id, username, emoji, created_at, seq }
        }
        ChatEvent::ReactionRemoved { message: message_id, user: user_id, emoji } => {
            Told::ReactionRemoved { chatroom_id, message_id, user_id, emoji, seq }
        }
        ChatEvent::MessageReadBy { message: message_id, user: user_id, .. } => {
            Told::MessageReadBy { chatroom_id, message_id, user_id, read_at: at, seq }
        }
        ChatEvent::Joined { member } => Told::UserJoined { chatroom_id, user: member.into(), seq: numbered },
        ChatEvent::Left { user: user_id, by: removed_by, needed_key_version } => {
            Told::UserLeft { chatroom_id, user_id, removed_by, needed_key_version, seq: numbered }
        }
        ChatEvent::RoleChanged { user: user_id, role } => {
            Told::RoleChanged { chatroom_id, user_id, role: role.into(), seq: numbered }
        }
        ChatEvent::KeysChanged { version, by: user_id } => Told::KeysChanged { chatroom_id, version, user_id, seq },
        ChatEvent::Updated { chatroom } => Told::ChatroomUpdated { chatroom: Box::new(chatroom.into()), seq },
        ChatEvent::Deleted => Told::ChatroomDeleted { chatroom_id },
    }
}

impl From<Signal> for Told {
    fn from(signal: Signal) -> Self {
        match signal {
            Signal::Presence { user: user_id, username, online: true } => Self::UserOnline { user_id, username },
            Signal::Presence { user: user_id, username, online: false } => Self::UserOffline { user_id, username },
            Signal::Typing { room: chatroom_id, user: user_id, username, typing: is_typing } => {
                Self::TypingIndicator { chatroom_id, user_id, username, is_typing }
            }
        }
    }
}
