//! A message, as it is read and written.

use chrono::{DateTime, Utc};
use errand_core::{
    RoomId, RoomMessageId, UserId,
    chatroom::{ChatMessage, Envelope as Content, MessageKind, Reaction},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::faces::{
    rooms::files::FileJson,
    schema::{Base64, Iv, KeyVersion},
};

/// A message as everybody in the room sees it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Message")]
pub(in crate::faces::rooms) struct MessageJson {
    id: RoomMessageId,
    chatroom_id: RoomId,
    /// Its number in the room: of everything that happens there, without holes.
    seq: i64,
    user_id: UserId,
    username: String,
    display_name: String,
    avatar_url: Option<String>,
    content: EnvelopeJson,
    message_type: KindJson,
    reply_to: Option<RoomMessageId>,
    attachments: Vec<FileJson>,
    reactions: Vec<ReactionJson>,
    edited_at: Option<DateTime<Utc>>,
    /// Since when there is nothing left of what it said; its envelope is empty then.
    deleted_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    /// What its sender's client called it; others do not see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
}

impl MessageJson {
    /// As `reader` sees it; none is nobody in particular.
    pub(in crate::faces::rooms) fn new(message: ChatMessage, reader: Option<UserId>) -> Self {
        let sender = message.sender;
        Self {
            id: message.id,
            chatroom_id: message.room,
            seq: message.seq,
            client_id: message.client_id.filter(|_| Some(sender.id) == reader),
            user_id: sender.id,
            username: sender.username,
            display_name: sender.display_name,
            avatar_url: sender.avatar,
            content: message.content.into(),
            message_type: message.kind.into(),
            reply_to: message.reply_to,
            attachments: message.attachments.into_iter().map(Into::into).collect(),
            reactions: message.reactions.into_iter().map(Into::into).collect(),
            edited_at: message.edited_at,
            deleted_at: message.deleted_at,
            created_at: message.created_at,
        }
    }
}

/// What a message says, encrypted.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Content")]
pub(in crate::faces::rooms) struct ContentJson {
    /// The ciphertext and the tag of 16 bytes, in base64 with padding.
    #[schemars(with = "Base64")]
    pub(in crate::faces::rooms) encrypted_data: String,
    /// 12 bytes in base64, never used before with this key.
    #[schemars(with = "Iv")]
    pub(in crate::faces::rooms) iv: String,
    #[schemars(with = "KeyVersion")]
    pub(in crate::faces::rooms) key_version: i64,
}

impl From<ContentJson> for Content {
    fn from(ContentJson { encrypted_data, iv, key_version }: ContentJson) -> Self {
        Self { encrypted_data, iv, key_version }
    }
}

/// The same as it is read.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EncryptedContent")]
struct EnvelopeJson {
    encrypted_data: String,
    iv: String,
    /// 0 when the message was taken away.
    key_version: i64,
}

impl From<Option<Content>> for EnvelopeJson {
    fn from(content: Option<Content>) -> Self {
        content.map_or(
            Self { encrypted_data: String::new(), iv: String::new(), key_version: 0 },
            |Content { encrypted_data, iv, key_version }| Self { encrypted_data, iv, key_version },
        )
    }
}

/// What people can write.
#[derive(Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "NewMessageType")]
pub(in crate::faces::rooms) enum Kind {
    #[default]
    Text,
    Image,
    File,
}

impl From<Kind> for MessageKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text,
            Kind::Image => Self::Image,
            Kind::File => Self::File,
        }
    }
}

#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ChatMessageType")]
enum KindJson {
    Text,
    Image,
    File,
    System,
}

impl From<MessageKind> for KindJson {
    fn from(kind: MessageKind) -> Self {
        match kind {
            MessageKind::Text => Self::Text,
            MessageKind::Image => Self::Image,
            MessageKind::File => Self::File,
            MessageKind::System => Self::System,
        }
    }
}

/// Somebody's reaction.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Reaction")]
pub(in crate::faces::rooms) struct ReactionJson {
    user_id: UserId,
    username: String,
    emoji: String,
    created_at: DateTime<Utc>,
}

impl From<Reaction> for ReactionJson {
    fn from(Reaction { user: user_id, username, emoji, created_at }: Reaction) -> Self {
        Self { user_id, username, emoji, created_at }
    }
}
