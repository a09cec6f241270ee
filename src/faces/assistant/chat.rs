//! `POST /chat`: one turn of a conversation.

use axum::extract;
use errand_core::{
    Problem,
    app::{ConversationRef, TurnRequest, Zone},
    conversation::MESSAGE_MAX,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    failure::{Failure, Json, User},
    wire::ChatJson,
};
use crate::{
    faces::schema::{self, ClientId, Number, Written},
    state::State,
};

#[derive(Deserialize, JsonSchema)]
pub(super) struct Chat {
    #[schemars(with = "Written<MESSAGE_MAX>")]
    message: String,
    /// Where; missing for a new conversation.
    #[schemars(with = "Option<Number>")]
    conversation_id: Option<i64>,
    /// In which the message's days and hours are meant; missing for the one that was sent last.
    #[schemars(with = "Option<schema::Zone>")]
    user_timezone: Option<String>,
    /// Ours: the same one again is the same turn.
    #[schemars(with = "Option<ClientId<128>>")]
    client_message_id: Option<String>,
}

pub(super) async fn chat(
    extract::State(state): extract::State<State>,
    user: User,
    Json { body: chat, .. }: Json<Chat>,
) -> Result<axum::Json<ChatJson>, Failure> {
    state.limits.chat.pass(user.caller.user).await?;
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
