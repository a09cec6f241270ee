//! The caller's own profile.

use std::convert::Infallible;

use axum::extract;
use errand_core::profile::ProfileEdit;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    envelope::Envelope,
    failure::{Failure, Json, User},
    wire::MeJson,
};
use crate::{
    faces::{patch::Patch, schema::DisplayName},
    state::State,
};

pub(super) async fn show(
    extract::State(state): extract::State<State>,
    user: User,
) -> Result<axum::Json<Envelope<MeJson>>, Failure> {
    let profile = state.app.profile(&user.caller).await?;
    Ok(axum::Json(Envelope::of(profile.into(), "Profile retrieved successfully")))
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "ProfileUpdate")]
pub(super) struct Update {
    #[serde(default)]
    #[schemars(with = "Option<DisplayName>")]
    display_name: Option<String>,
    /// An address that begins with `https://` or `http://`; `null` for none.
    #[serde(default)]
    avatar_url: Patch<String>,
    /// RSA, 2048-8192 bits: PEM of a `SubjectPublicKeyInfo`; `null` for none.
    #[serde(default)]
    public_key: Patch<String>,
}

pub(super) async fn update(
    extract::State(state): extract::State<State>,
    user: User,
    Json { body: Update { display_name, avatar_url, public_key }, .. }: Json<Update>,
) -> Result<axum::Json<Envelope<MeJson>>, Failure> {
    let Ok(avatar) = avatar_url.clearable(Ok::<_, Infallible>);
    let Ok(public_key) = public_key.clearable(Ok::<_, Infallible>);
    let profile = state.app.edit_profile(&user.caller, ProfileEdit { display_name, avatar, public_key }).await?;
    Ok(axum::Json(Envelope::of(profile.into(), "Profile updated successfully")))
}
