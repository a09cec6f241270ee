//! Where the caller is logged in: our addition, so that a lost device can be logged out.

use axum::extract;
use errand_core::LoginId;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    envelope::{Envelope, Said},
    failure::{Failure, Path, User},
    wire::SessionJson,
};
use crate::state::State;

#[derive(Serialize, JsonSchema)]
pub(super) struct Sessions {
    sessions: Vec<SessionJson>,
}

pub(super) async fn list(
    extract::State(state): extract::State<State>,
    user: User,
) -> Result<axum::Json<Envelope<Sessions>>, Failure> {
    let current = user.grant.pass.map(|pass| pass.login);
    let logins = state.app.logins(&user.caller).await?;
    let sessions = logins.into_iter().map(|login| SessionJson::new(login, current)).collect();
    Ok(axum::Json(Envelope::of(Sessions { sessions }, "Sessions retrieved successfully")))
}

pub(super) async fn end(
    extract::State(state): extract::State<State>,
    user: User,
    Path { value: id, .. }: Path<LoginId>,
) -> Result<axum::Json<Said>, Failure> {
    state.app.end_login(&user.caller, id).await?;
    Ok(Said::of("Session ended successfully"))
}
