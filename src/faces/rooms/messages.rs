//! Messages of a chatroom: its history, writing, writing anew, taking away, and reactions.

use axum::extract;
use chrono::{DateTime, Utc};
use errand_core::{
    Error, FileId, RoomId, RoomMessageId, Slice, UserId,
    chatroom::{ChatMessage, Envelope as Content, History, MessageKind, NewChatMessage, Posted, Reaction, Span},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    chatrooms,
    envelope::{Envelope, Said},
    failure::{Failure, Json, MessagePath, Query, ReactionPath, RoomPath, User},
    files::FileJson,
};
use crate::{
    faces::{
        answers::Once,
        schema::{Attachments, Base64, ClientId, Instant, Iv, KeyVersion, PageNumber, PageSize},
        time,
    },
    state::State,
};

#[derive(Deserialize, JsonSchema)]
pub(super) struct Asked {
    #[serde(default = "chatrooms::first")]
    #[schemars(with = "PageNumber")]
    page: i64,
    #[serde(default = "usual")]
    #[schemars(with = "PageSize")]
    limit: i64,
    /// Only what was written before this.
    #[serde(default)]
    #[schemars(with = "Option<Instant>")]
    before: Option<String>,
    /// Only what was written after this.
    #[serde(default)]
    #[schemars(with = "Option<Instant>")]
    after: Option<String>,
    /// Only what has a lower `seq`.
    #[serde(default)]
    before_seq: Option<i64>,
    /// Only what has a higher `seq`.
    #[serde(default)]
    after_seq: Option<i64>,
}

fn usual() -> i64 {
    50
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Messages")]
pub(super) struct Page {
    messages: Vec<MessageJson>,
    pagination: Pagination,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MessagePagination")]
struct Pagination {
    page: i64,
    limit: i64,
    total: i64,
    has_more: bool,
}

pub(super) async fn list(
    extract::State(state): extract::State<State>,
    user: User,
    RoomPath { value: room, .. }: RoomPath<RoomId>,
    Query { value: asked, .. }: Query<Asked>,
) -> Result<axum::Json<Envelope<Page>>, Failure> {
    let Asked { page, limit, before, after, before_seq, after_seq } = asked;
    let slice: Slice = chatrooms::slice(page, limit)?;
    let time = |field, text: Option<String>| time::optional(field, text.as_deref()).map_err(Error::from);
    let span = Span { before: time("before", before)?, after: time("after", after)?, before_seq, after_seq };
    let History { messages, total, has_more } = state.app.chat_history(&user.caller, room, span, slice).await?;
    let messages = messages.into_iter().map(|message| MessageJson::new(message, Some(user.caller.user))).collect();
    let pagination = Pagination { page, limit, total, has_more };
    Ok(axum::Json(Envelope::of(Page { messages, pagination }, "Messages retrieved successfully")))
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "NewMessage")]
pub(super) struct Write {
    pub(super) content: ContentJson,
    #[serde(default)]
    pub(super) message_type: Kind,
    #[serde(default)]
    pub(super) reply_to: Option<RoomMessageId>,
    /// Files that the caller uploaded to this chatroom, and attached to nothing yet.
    #[serde(default)]
    #[schemars(with = "Attachments")]
    pub(super) attachments: Vec<FileId>,
    /// The same one again is the same message.
    #[serde(default)]
    #[schemars(with = "Option<ClientId<100>>")]
    pub(super) client_id: Option<String>,
}

impl From<Write> for NewChatMessage {
    fn from(Write { content, message_type, reply_to, attachments, client_id }: Write) -> Self {
        Self { content: content.into(), kind: message_type.into(), reply_to, attachments, client_id }
    }
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Written {
    message: MessageJson,
}

pub(super) async fn write(
    extract::State(state): extract::State<State>,
    user: User,
    RoomPath { value: room, .. }: RoomPath<RoomId>,
    Json { body, .. }: Json<Write>,
) -> Result<Once<Envelope<Written>>, Failure> {
    let written = |message| Written { message: MessageJson::new(message, Some(user.caller.user)) };
    Ok(match state.app.post(&user.caller, room, body.into()).await? {
        Posted::New(message) => Once::Made(Envelope::of(written(message), "Message sent successfully")),
        Posted::There(message) => Once::There(Envelope::of(written(message), "Message was sent before")),
    })
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "MessageUpdate")]
pub(super) struct Edit {
    content: ContentJson,
}

pub(super) async fn edit(
    extract::State(state): extract::State<State>,
    user: User,
    MessagePath { value: (room, message), .. }: MessagePath<RoomId, RoomMessageId>,
    Json { body: Edit { content }, .. }: Json<Edit>,
) -> Result<axum::Json<Envelope<Written>>, Failure> {
    let message = state.app.edit_message(&user.caller, room, message, content.into()).await?;
    let message = MessageJson::new(message, Some(user.caller.user));
    Ok(axum::Json(Envelope::of(Written { message }, "Message updated successfully")))
}

pub(super) async fn delete(
    extract::State(state): extract::State<State>,
    user: User,
    MessagePath { value: (room, message), .. }: MessagePath<RoomId, RoomMessageId>,
) -> Result<axum::Json<Said>, Failure> {
    state.app.delete_message(&user.caller, room, message).await?;
    Ok(Said::of("Message deleted successfully"))
}

pub(super) async fn react(
    extract::State(state): extract::State<State>,
    user: User,
    ReactionPath { value: (room, message, emoji), .. }: ReactionPath<RoomId, RoomMessageId>,
) -> Result<axum::Json<Said>, Failure> {
    state.app.react(&user.caller, room, message, &emoji).await?;
    Ok(Said::of("Reaction added successfully"))
}

pub(super) async fn take_reaction_back(
    extract::State(state): extract::State<State>,
    user: User,
    ReactionPath { value: (room, message, emoji), .. }: ReactionPath<RoomId, RoomMessageId>,
) -> Result<axum::Json<Said>, Failure> {
    state.app.take_reaction_back(&user.caller, room, message, &emoji).await?;
    Ok(Said::of("Reaction removed successfully"))
}

/// A message as everybody in the room sees it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Message")]
pub(super) struct MessageJson {
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
    pub(super) fn new(message: ChatMessage, reader: Option<UserId>) -> Self {
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
pub(super) struct ContentJson {
    /// The ciphertext and the tag of 16 bytes, in base64 with padding.
    #[schemars(with = "Base64")]
    pub(super) encrypted_data: String,
    /// 12 bytes in base64, never used before with this key.
    #[schemars(with = "Iv")]
    pub(super) iv: String,
    #[schemars(with = "KeyVersion")]
    pub(super) key_version: i64,
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
pub(super) enum Kind {
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
pub(super) struct ReactionJson {
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
