//! The keys of a chatroom: whose public keys there are, which room keys the caller was given, and giving everybody the next.

use axum::extract;
use errand_core::{
    RoomId, UserId,
    chatroom::{HeldKey, KeyHolder, Keys, WrappedKey},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    envelope::{Envelope, Said},
    failure::{Failure, Json, KeyPath, RoomPath, User},
};
use crate::{faces::schema::Wrapped, state::State};

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Keys")]
pub(super) struct KeysJson {
    /// The newest version; 0 before there is one.
    current_version: i64,
    /// The oldest one under which may be written: when it is above the newest, somebody has to make it.
    needed_version: i64,
    members: Vec<HolderJson>,
    keys: Vec<HeldJson>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "KeyHolder")]
struct HolderJson {
    user_id: UserId,
    username: String,
    public_key: Option<String>,
    is_assistant: bool,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HeldKey")]
struct HeldJson {
    version: i64,
    wrapped_key: String,
    wrapped_by: UserId,
}

impl From<KeyHolder> for HolderJson {
    fn from(KeyHolder { person, public_key, is_assistant }: KeyHolder) -> Self {
        Self { user_id: person.id, username: person.username, public_key, is_assistant }
    }
}

impl From<HeldKey> for HeldJson {
    fn from(HeldKey { version, wrapped_key, wrapped_by }: HeldKey) -> Self {
        Self { version, wrapped_key, wrapped_by }
    }
}

impl From<Keys> for KeysJson {
    fn from(Keys { current: current_version, needed: needed_version, holders, held }: Keys) -> Self {
        let members = holders.into_iter().map(Into::into).collect();
        Self { current_version, needed_version, members, keys: held.into_iter().map(Into::into).collect() }
    }
}

pub(super) async fn show(
    extract::State(state): extract::State<State>,
    user: User,
    RoomPath { value: room, .. }: RoomPath<RoomId>,
) -> Result<axum::Json<Envelope<KeysJson>>, Failure> {
    let keys = state.app.room_keys(&user.caller, room).await?.into();
    Ok(axum::Json(Envelope::of(keys, "Keys retrieved successfully")))
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewKeys")]
pub(super) struct Write {
    keys: Vec<WrappedJson>,
}

/// The new version of the room's key, wrapped for somebody.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "WrappedKey")]
struct WrappedJson {
    user_id: UserId,
    /// With RSA-OAEP and SHA-256, in base64 with padding.
    #[schemars(with = "Wrapped")]
    wrapped_key: String,
}

impl From<WrappedJson> for WrappedKey {
    fn from(WrappedJson { user_id: user, wrapped_key }: WrappedJson) -> Self {
        Self { user, wrapped_key }
    }
}

pub(super) async fn write(
    extract::State(state): extract::State<State>,
    user: User,
    KeyPath { value: (room, version), .. }: KeyPath<RoomId, i64>,
    Json { body: Write { keys }, .. }: Json<Write>,
) -> Result<axum::Json<Said>, Failure> {
    let keys = keys.into_iter().map(Into::into).collect();
    state.app.write_room_keys(&user.caller, room, version, keys).await?;
    Ok(Said::of("Keys stored successfully"))
}
