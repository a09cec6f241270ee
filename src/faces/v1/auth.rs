//! Registering and logging in.

use axum::extract;
use errand_core::account::Registration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::failure::{Failure, Json};
use crate::{
    auth::{self, NotIn, Visitor},
    faces::schema::{Email, Password, Username},
    state::State,
};

#[derive(Deserialize, JsonSchema)]
pub(super) struct Register {
    #[schemars(with = "Email")]
    email: String,
    #[schemars(with = "Username")]
    username: String,
    #[schemars(with = "Password")]
    password: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Registered {
    id: i64,
    email: String,
    username: String,
}

pub(super) async fn register(
    extract::State(state): extract::State<State>,
    Json { body: Register { email, username, password }, .. }: Json<Register>,
) -> Result<axum::Json<Registered>, Failure> {
    let account = state.app.register(Registration { username, email, password }).await?;
    Ok(axum::Json(Registered { id: account.number, email: account.email, username: account.username }))
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Login {
    username: String,
    password: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct LoggedIn {
    access_token: String,
    token_type: &'static str,
}

pub(super) async fn log_in(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    Json { body: login, .. }: Json<Login>,
) -> Result<axum::Json<LoggedIn>, Failure> {
    let account =
        auth::log_in(&state, &visitor, &login.username, &login.password).await.map_err(NotIn::said::<Failure>)?;
    let access_token = auth::token(&state, &visitor, &account).await?;
    Ok(axum::Json(LoggedIn { access_token, token_type: "bearer" }))
}
