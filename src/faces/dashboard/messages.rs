//! `/chat/sessions/{session_id}/messages`: what was said. Posting here stores; it is the socket's `message` that asks the assistant.

use axum::extract;
use errand_core::{
    ConversationId,
    app::ConversationRef,
    conversation::{Author, Body, MESSAGE_MAX},
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    failure::{Failure, Json, Path, User},
    wire::{KindJson, MessageJson, RoleJson},
};
use crate::{faces::schema::Written, state::State};

pub(super) async fn list(
    extract::State(state): extract::State<State>,
    user: User,
    Path { value: id, .. }: Path<ConversationId>,
) -> Result<axum::Json<Vec<MessageJson>>, Failure> {
    let (_, messages) = state.app.messages(&user.caller, ConversationRef::Id(id)).await?;
    Ok(axum::Json(messages.into_iter().map(MessageJson::from).collect()))
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewMessage")]
pub(super) struct Create {
    role: RoleJson,
    #[schemars(with = "Written<MESSAGE_MAX>")]
    content: String,
    message_type: Option<KindJson>,
}

pub(super) async fn create(
    extract::State(state): extract::State<State>,
    user: User,
    Path { value: id, .. }: Path<ConversationId>,
    Json { body: create, .. }: Json<Create>,
) -> Result<axum::Json<MessageJson>, Failure> {
    let author = match create.role {
        RoleJson::User => Author::User,
        RoleJson::Assistant => Author::Assistant,
    };
    let body = match create.message_type.unwrap_or(KindJson::Text) {
        KindJson::Text => Body::TEXT,
        KindJson::Command => Body::Command { call: None },
        KindJson::Response => Body::Response { outcome: None },
    };
    let message = state.app.add_message(&user.caller, ConversationRef::Id(id), author, &create.content, body).await?;
    Ok(axum::Json(message.into()))
}
