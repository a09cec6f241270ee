//! Messages of a chatroom: its history, writing, writing anew, taking away, and reactions.

mod message;

use axum::extract;
use errand_core::{
    Error, FileId, RoomId, RoomMessageId, Slice,
    chatroom::{History, NewChatMessage, Posted, Span},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) use self::message::{ContentJson, Kind, MessageJson};
use super::{
    chatrooms,
    envelope::{Envelope, Said},
    failure::{Failure, Json, MessagePath, Query, ReactionPath, RoomPath, User},
};
use crate::{
    faces::{
        answers::Once,
        schema::{Attachments, ClientId, Instant, PageNumber, PageSize},
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
