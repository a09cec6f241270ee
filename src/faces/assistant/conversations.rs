//! `/conversations`: what was said, and forgetting it.

use axum::extract;
use errand_core::{app::ConversationRef, conversation::Cursor, event::Topic};

use super::{
    failure::{Failure, Path, Query, User},
    wire::{ConversationsJson, Deleted, TranscriptJson},
};
use crate::{
    faces::{
        fresh::{Fresh, Known},
        page::{Page, Paging},
        schema::TimeCursor,
    },
    state::State,
};

pub(super) async fn list(
    extract::State(state): extract::State<State>,
    user: User,
    known: Known,
    Query { value: paging, .. }: Query<Paging<TimeCursor>>,
) -> Result<Fresh<ConversationsJson>, Failure> {
    let whole = async || Ok(state.app.conversations(&user.caller).await?.into());
    let page = async |page: Page<Cursor>| {
        let found = state.app.conversation_page(&user.caller, page.limit, page.cursor).await?;
        Ok(page.of(found.conversations.into(), found.next))
    };
    known.unless_fresh(&state, &user.caller, Topic::User, paging.page()?, whole, page).await
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
