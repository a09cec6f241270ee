//! `/chat/sessions`: the user's conversations with the assistant.

use axum::extract;
use errand_core::{
    ConversationId,
    app::ConversationRef,
    conversation::{Cursor, TITLE_MAX},
    event::Topic,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    failure::{Failure, Json, Path, Query, User},
    wire::SessionJson,
};
use crate::{
    faces::{
        answers::NoContent,
        fresh::{Fresh, Known},
        page::{Page, Paging},
        schema::{TimeCursor, Written},
    },
    state::State,
};

#[derive(Deserialize, JsonSchema)]
pub(super) struct Title {
    #[schemars(with = "Written<TITLE_MAX>")]
    title: String,
}

pub(super) async fn list(
    extract::State(state): extract::State<State>,
    user: User,
    known: Known,
    Query { value: paging, .. }: Query<Paging<TimeCursor>>,
) -> Result<Fresh<Vec<SessionJson>>, Failure> {
    let rows = |conversations: Vec<_>| conversations.into_iter().map(SessionJson::from).collect();
    let whole = async || Ok(rows(state.app.conversations(&user.caller).await?));
    let page = async |page: Page<Cursor>| {
        let found = state.app.conversation_page(&user.caller, page.limit, page.cursor).await?;
        Ok(page.of(rows(found.conversations), found.next))
    };
    known.unless_fresh(&state, &user.caller, Topic::User, paging.page()?, whole, page).await
}

pub(super) async fn create(
    extract::State(state): extract::State<State>,
    user: User,
    Json { body: Title { title }, .. }: Json<Title>,
) -> Result<axum::Json<SessionJson>, Failure> {
    Ok(axum::Json(state.app.begin_conversation(&user.caller, &title).await?.into()))
}

pub(super) async fn rename(
    extract::State(state): extract::State<State>,
    user: User,
    Path { value: id, .. }: Path<ConversationId>,
    Json { body: Title { title }, .. }: Json<Title>,
) -> Result<axum::Json<SessionJson>, Failure> {
    Ok(axum::Json(state.app.rename_conversation(&user.caller, ConversationRef::Id(id), &title).await?.into()))
}

pub(super) async fn delete(
    extract::State(state): extract::State<State>,
    user: User,
    Path { value: id, .. }: Path<ConversationId>,
) -> Result<NoContent, Failure> {
    state.app.delete_conversation(&user.caller, ConversationRef::Id(id)).await?;
    Ok(NoContent)
}
