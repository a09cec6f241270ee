//! `/conversations`: who talks to whom.

use axum::extract;
use errand_core::{
    RoomId,
    app::Opened,
    event::Topic,
    room::{NAME_MAX, PARTICIPANTS_MAX, PersonRef},
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    failure::{Failure, Json, Query, User},
    wire::{ConversationJson, KindJson, UserIdJson},
};
use crate::{
    faces::{
        answers::Once,
        fresh::{Fresh, Known},
        page::{Page, Paging},
        schema::{IdCursor, Written},
    },
    state::State,
};

pub(super) async fn list(
    extract::State(state): extract::State<State>,
    user: User,
    known: Known,
    Query { value: paging, .. }: Query<Paging<IdCursor>>,
) -> Result<Fresh<Vec<ConversationJson>>, Failure> {
    let rows = |rooms: Vec<_>| rooms.into_iter().map(ConversationJson::from).collect();
    let whole = async || Ok(rows(state.app.rooms(&user.caller).await?));
    let page = async |page: Page<RoomId>| {
        let (rooms, next) = state.app.room_page(&user.caller, page.limit, page.cursor).await?;
        Ok(page.of(rows(rooms), next))
    };
    known.unless_fresh(&state, &user.caller, Topic::Rooms, paging.page()?, whole, page).await
}

/// A conversation to be made.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewConversation")]
pub(super) struct Create {
    #[serde(rename = "type")]
    kind: KindJson,
    /// Names, or `user:<uuid>`; whoever asks takes part in any case.
    #[schemars(length(min = 1, max = PARTICIPANTS_MAX))]
    participants: Vec<String>,
    /// A group's; a direct conversation has none, whoever asks for it.
    #[schemars(with = "Option<Written<NAME_MAX>>")]
    name: Option<String>,
}

pub(super) async fn create(
    extract::State(state): extract::State<State>,
    user: User,
    Json { body: Create { kind, participants, name }, .. }: Json<Create>,
) -> Result<Once<ConversationJson>, Failure> {
    let people: Vec<_> = participants.into_iter().map(person).collect();
    Ok(match kind {
        KindJson::Direct => match state.app.open_direct_room(&user.caller, &people).await? {
            Opened::Made(room) => Once::Made(room.into()),
            Opened::There(room) => Once::There(room.into()),
        },
        KindJson::Group => Once::Made(state.app.make_group(&user.caller, name.as_deref(), &people).await?.into()),
    })
}

/// A name never has a colon, so what looks like an id is one.
fn person(text: String) -> PersonRef {
    match text.parse() {
        Ok(UserIdJson(id)) => PersonRef::Id(id),
        Err(_) => PersonRef::Name(text),
    }
}
