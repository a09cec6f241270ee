//! `POST /chat`: one turn of a conversation.

use std::time::Instant;

use axum::extract;
use errand_core::{
    Problem,
    app::{ConversationRef, TurnRequest, Zone},
};
use serde::Deserialize;

use super::{
    failure::{Failure, Json, User},
    wire::ChatJson,
};
use crate::state::State;

#[derive(Deserialize)]
pub(super) struct Chat {
    message: String,
    conversation_id: Option<i64>,
    user_timezone: Option<String>,
    /// Ours: the same one again is the same turn.
    client_message_id: Option<String>,
}

pub(super) async fn chat(
    extract::State(state): extract::State<State>,
    user: User,
    Json { body: chat, .. }: Json<Chat>,
) -> Result<axum::Json<ChatJson>, Failure> {
    state.limits.chat.count(user.caller.user, Instant::now())?;
    let zone = zone(chat.user_timezone.as_deref())?;
    let request = TurnRequest {
        conversation: chat.conversation_id.map(ConversationRef::Number),
        content: chat.message,
        client_id: chat.client_message_id,
    };
    let answer = state.agent.turn(&user.account, zone, request).await?;
    Ok(axum::Json(answer.into()))
}

fn zone(name: Option<&str>) -> Result<Option<Zone>, Failure> {
    let zone = name.filter(|name| !name.trim().is_empty()).map(str::parse).transpose();
    zone.map_err(|problem: Problem| errand_core::Error::from(problem).into())
}
