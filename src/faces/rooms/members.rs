//! Who is in a chatroom: inviting, joining, leaving, putting out, and roles.

use axum::{extract, http::HeaderMap};
use chrono::{DateTime, Utc};
use errand_core::{InviteId, RoomId, UserId, chatroom::NewInvite};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    envelope::{Envelope, Said},
    failure::{Failure, Json, MemberPath, RoomPath, User, Word},
    wire::{JoinedChatroomJson, MemberJson, RoleJson},
};
use crate::{
    faces::{
        answers::Created,
        schema::{InviteHours, InviteUses},
    },
    state::State,
};

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewInvitation")]
pub(super) struct Invite {
    #[serde(default)]
    #[schemars(with = "Option<InviteUses>")]
    max_uses: Option<i64>,
    #[serde(default)]
    #[schemars(with = "Option<InviteHours>")]
    expires_in_hours: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Invited {
    invitation: InvitationJson,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Invitation")]
struct InvitationJson {
    id: InviteId,
    /// Not to be had again.
    invite_code: String,
    invite_url: String,
    max_uses: i64,
    current_uses: i64,
    expires_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
}

pub(super) async fn invite(
    extract::State(state): extract::State<State>,
    user: User,
    headers: HeaderMap,
    RoomPath { value: room, .. }: RoomPath<RoomId>,
    Json { body: Invite { max_uses, expires_in_hours: hours }, .. }: Json<Invite>,
) -> Result<Created<Envelope<Invited>>, Failure> {
    let made = state.app.invite(&user.caller, room, NewInvite { max_uses, hours }).await?;
    let invite_code = made.code.expose().to_owned();
    let invitation = InvitationJson {
        id: made.id,
        invite_url: format!("{}/chatrooms/join/{invite_code}", state.public_url.of(&headers)),
        invite_code,
        max_uses: made.max_uses,
        current_uses: 0,
        expires_at: made.expires_at,
        created_at: made.created_at,
    };
    Ok(Created(Envelope::of(Invited { invitation }, "Invitation created successfully")))
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Joined {
    chatroom: JoinedChatroomJson,
}

pub(super) async fn join(
    extract::State(state): extract::State<State>,
    user: User,
    Word { value: code, .. }: Word,
) -> Result<axum::Json<Envelope<Joined>>, Failure> {
    let chatroom = state.app.join_chatroom(&user.caller, &code).await?.into();
    Ok(axum::Json(Envelope::of(Joined { chatroom }, "Joined chatroom successfully")))
}

pub(super) async fn leave(
    extract::State(state): extract::State<State>,
    user: User,
    RoomPath { value: room, .. }: RoomPath<RoomId>,
) -> Result<axum::Json<Said>, Failure> {
    state.app.leave_chatroom(&user.caller, room).await?;
    Ok(Said::of("Left chatroom successfully"))
}

pub(super) async fn kick(
    extract::State(state): extract::State<State>,
    user: User,
    MemberPath { value: (room, member), .. }: MemberPath<RoomId, UserId>,
) -> Result<axum::Json<Said>, Failure> {
    state.app.kick(&user.caller, room, member).await?;
    Ok(Said::of("Member removed successfully"))
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "RoleUpdate")]
pub(super) struct SetRole {
    role: RoleJson,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Changed {
    member: MemberJson,
}

pub(super) async fn set_role(
    extract::State(state): extract::State<State>,
    user: User,
    MemberPath { value: (room, member), .. }: MemberPath<RoomId, UserId>,
    Json { body: SetRole { role }, .. }: Json<SetRole>,
) -> Result<axum::Json<Envelope<Changed>>, Failure> {
    let member = state.app.set_role(&user.caller, room, member, role.into()).await?;
    let online = state.presence.who([member.person.id].into_iter()).await;
    Ok(axum::Json(Envelope::of(Changed { member: MemberJson::new(member, &online) }, "Role changed successfully")))
}
