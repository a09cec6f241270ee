//! `/conversations/{id}/messages`: what was said. It is said over the socket.

use axum::extract;
use errand_core::room::HISTORY_MAX;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    failure::{Failure, Path, Query, User},
    wire::{ConversationIdJson, MessageIdJson, MessageJson},
};
use crate::state::State;

/// How many messages come when the client does not say.
const LIMIT: i64 = 50;

/// Which messages: the newest, or the newest before one that is known.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Page {
    before: Option<MessageIdJson>,
    /// 50 when it is missing.
    #[schemars(range(min = 1, max = HISTORY_MAX))]
    limit: Option<i64>,
}

pub(super) async fn list(
    extract::State(state): extract::State<State>,
    user: User,
    Path { value: ConversationIdJson(room), .. }: Path<ConversationIdJson>,
    Query { value: Page { before, limit }, .. }: Query<Page>,
) -> Result<axum::Json<Vec<MessageJson>>, Failure> {
    let before = before.map(|MessageIdJson(message)| message);
    let messages = state.app.room_messages(&user.caller, room, before, limit.unwrap_or(LIMIT)).await?;
    Ok(axum::Json(messages.into_iter().map(MessageJson::from).collect()))
}
