//! `/conversations`: what was said, and forgetting it.

use axum::extract;
use errand_core::app::ConversationRef;

use super::{
    failure::{Failure, Path, User},
    wire::{ConversationsJson, Deleted, TranscriptJson},
};
use crate::state::State;

pub(super) async fn list(
    extract::State(state): extract::State<State>,
    user: User,
) -> Result<axum::Json<ConversationsJson>, Failure> {
    let conversations = state.app.conversations(&user.caller).await?;
    Ok(axum::Json(conversations.into()))
}

pub(super) async fn show(
    extract::State(state): extract::State<State>,
    user: User,
    Path { value: number, .. }: Path<i64>,
) -> Result<axum::Json<TranscriptJson>, Failure> {
    let (conversation, messages) = state.app.messages(&user.caller, ConversationRef::Number(number)).await?;
    Ok(axum::Json((conversation, messages).into()))
}

pub(super) async fn delete(
    extract::State(state): extract::State<State>,
    user: User,
    Path { value: number, .. }: Path<i64>,
) -> Result<axum::Json<Deleted>, Failure> {
    state.app.delete_conversation(&user.caller, ConversationRef::Number(number)).await?;
    Ok(axum::Json(Deleted { success: true, message: "Conversation deleted successfully" }))
}
