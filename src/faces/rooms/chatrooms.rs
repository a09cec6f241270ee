//! Chatrooms: the caller's list, making one, seeing, changing and deleting it.

use axum::extract;
use errand_core::{
    Error, Problem, RoomId, Slice,
    chatroom::{ChatroomEdit, Listed, NewChatroom},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    envelope::{Envelope, Said},
    failure::{Failure, Json, Query, RoomPath, User},
    wire::{ChatroomJson, EntryJson, MadeChatroomJson, MemberJson, RoleJson},
};
use crate::{
    faces::{
        answers::Created,
        patch::Patch,
        schema::{MaxMembers, PAGE_MAX, PageNumber, PageSize, Text, Threshold, Written},
    },
    state::State,
};

#[derive(Deserialize, JsonSchema)]
pub(super) struct Asked {
    #[serde(default = "first")]
    #[schemars(with = "PageNumber")]
    page: i64,
    #[serde(default = "usual")]
    #[schemars(with = "PageSize")]
    limit: i64,
    /// What the name has in it.
    #[serde(default)]
    search: Option<String>,
}

pub(super) fn first() -> i64 {
    1
}

fn usual() -> i64 {
    20
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Chatrooms {
    chatrooms: Vec<EntryJson>,
    pagination: Pagination,
}

#[derive(Serialize, JsonSchema)]
struct Pagination {
    page: i64,
    limit: i64,
    total: i64,
    pages: i64,
}

pub(super) async fn list(
    extract::State(state): extract::State<State>,
    user: User,
    Query { value: Asked { page, limit, search }, .. }: Query<Asked>,
) -> Result<axum::Json<Envelope<Chatrooms>>, Failure> {
    let slice = slice(page, limit)?;
    let Listed { entries, total } = state.app.chatrooms(&user.caller, search.as_deref(), slice).await?;
    let pagination = Pagination { page, limit, total, pages: (total + limit - 1) / limit };
    let chatrooms = entries.into_iter().map(EntryJson::from).collect();
    Ok(axum::Json(Envelope::of(Chatrooms { chatrooms, pagination }, "Chatrooms retrieved successfully")))
}

/// The stretch of a list that a page is.
pub(super) fn slice(page: i64, limit: i64) -> Result<Slice, Error> {
    if !(1..=PAGE_MAX).contains(&page) {
        return Err(Problem::new("page", "must be a positive number that can be reached").into());
    }
    Slice::new(limit, (page - 1).saturating_mul(limit))
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewChatroom")]
pub(super) struct Make {
    #[schemars(with = "Written<100>")]
    name: String,
    #[serde(default)]
    #[schemars(with = "Option<Text<500>>")]
    description: Option<String>,
    /// Whether only moderators and owners may invite.
    #[serde(default)]
    is_private: bool,
    #[serde(default)]
    #[schemars(with = "Option<MaxMembers>")]
    max_members: Option<i64>,
    /// Whether the assistant may be let in.
    #[serde(default)]
    auto_summary_enabled: Option<bool>,
    #[serde(default)]
    #[schemars(with = "Option<Threshold>")]
    summary_threshold: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Made {
    chatroom: MadeChatroomJson,
}

pub(super) async fn create(
    extract::State(state): extract::State<State>,
    user: User,
    Json { body, .. }: Json<Make>,
) -> Result<Created<Envelope<Made>>, Failure> {
    let Make { name, description, is_private, max_members, auto_summary_enabled, summary_threshold } = body;
    let description = description.unwrap_or_default();
    let new = NewChatroom { name, description, is_private, max_members, auto_summary_enabled, summary_threshold };
    let chatroom = state.app.make_chatroom(&user.caller, new).await?.into();
    Ok(Created(Envelope::of(Made { chatroom }, "Chatroom created successfully")))
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Details {
    chatroom: ChatroomJson,
    members: Vec<MemberJson>,
    user_role: RoleJson,
}

pub(super) async fn show(
    extract::State(state): extract::State<State>,
    user: User,
    RoomPath { value: room, .. }: RoomPath<RoomId>,
) -> Result<axum::Json<Envelope<Details>>, Failure> {
    let details = state.app.chatroom(&user.caller, room).await?;
    let online = state.presence.who(details.members.iter().map(|member| member.person.id)).await;
    let members = details.members.into_iter().map(|member| MemberJson::new(member, &online)).collect();
    let details = Details { chatroom: details.chatroom.into(), members, user_role: details.role.into() };
    Ok(axum::Json(Envelope::of(details, "Chatroom retrieved successfully")))
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "ChatroomUpdate")]
pub(super) struct Update {
    #[serde(default)]
    #[schemars(with = "Option<Written<100>>")]
    name: Option<String>,
    /// `null` for none.
    #[serde(default)]
    #[schemars(with = "Option<Text<500>>")]
    description: Patch<String>,
    #[serde(default)]
    #[schemars(with = "Option<MaxMembers>")]
    max_members: Option<i64>,
    #[serde(default)]
    auto_summary_enabled: Option<bool>,
    #[serde(default)]
    #[schemars(with = "Option<Threshold>")]
    summary_threshold: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Updated {
    chatroom: ChatroomJson,
}

pub(super) async fn update(
    extract::State(state): extract::State<State>,
    user: User,
    RoomPath { value: room, .. }: RoomPath<RoomId>,
    Json { body, .. }: Json<Update>,
) -> Result<axum::Json<Envelope<Updated>>, Failure> {
    let Update { name, description, max_members, auto_summary_enabled, summary_threshold } = body;
    let description = match description {
        Patch::Missing => None,
        Patch::Null => Some(String::new()),
        Patch::Value(description) => Some(description),
    };
    let edit = ChatroomEdit { name, description, max_members, auto_summary_enabled, summary_threshold };
    let chatroom = state.app.edit_chatroom(&user.caller, room, edit).await?.into();
    Ok(axum::Json(Envelope::of(Updated { chatroom }, "Chatroom updated successfully")))
}

pub(super) async fn delete(
    extract::State(state): extract::State<State>,
    user: User,
    RoomPath { value: room, .. }: RoomPath<RoomId>,
) -> Result<axum::Json<Said>, Failure> {
    state.app.delete_chatroom(&user.caller, room).await?;
    Ok(Said::of("Chatroom deleted successfully"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case(1, 20, true)]
    #[case(7, 100, true)]
    #[case(0, 20, false)]
    #[case(-1, 20, false)]
    #[case(i64::MIN, 20, false)]
    #[case(i64::MAX / 100, 100, true)]
    #[case(i64::MAX / 100 + 1, 1, false)]
    #[case(i64::MAX, 100, false)]
    #[case(1, 0, false)]
    #[case(1, 101, false)]
    fn pages(#[case] page: i64, #[case] limit: i64, #[case] good: bool) {
        assert_eq!(slice(page, limit).is_ok(), good);
    }
}
