//! `/conversations`: what was said, and forgetting it.

use axum::extract;
use errand_core::app::ConversationRef;
use serde_json::{Value, json};

use super::{
    failure::{Failure, Path, User},
    wire::{ConversationJson, MessageJson},
};
use crate::state::State;

pub(super) async fn list(
    extract::State(state): extract::State<State>,
    user: User,
) -> Result<axum::Json<Value>, Failure> {
    let conversations = state.app.conversations(&user.caller).await?;
    let conversations: Vec<_> = conversations.into_iter().map(ConversationJson::from).collect();
    Ok(axum::Json(json!({"conversations": conversations})))
}

pub(super) async fn show(
    extract::State(state): extract::State<State>,
    user: User,
    Path { value: number, .. }: Path<i64>,
) -> Result<axum::Json<Value>, Failure> {
    let (conversation, messages) = state.app.messages(&user.caller, ConversationRef::Number(number)).await?;
    let messages: Vec<_> = messages.into_iter().map(MessageJson::from).collect();
    Ok(axum::Json(json!({"conversation": ConversationJson::from(conversation), "messages": messages})))
}

pub(super) async fn delete(
    extract::State(state): extract::State<State>,
    user: User,
    Path { value: number, .. }: Path<i64>,
) -> Result<axum::Json<Value>, Failure> {
    state.app.delete_conversation(&user.caller, ConversationRef::Number(number)).await?;
    Ok(axum::Json(json!({"success": true, "message": "Conversation deleted successfully"})))
}
