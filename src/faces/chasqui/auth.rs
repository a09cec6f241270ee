//! Registering and logging in.

use axum::extract;
use errand_core::{Error, Problem, account::Registration};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    failure::{Failure, Json},
    wire::UserIdJson,
};
use crate::{
    auth::{self, NotIn, Visitor},
    faces::{
        answers::Created,
        schema::{Email, Letters, Password},
    },
    state::State,
};

#[derive(Deserialize, JsonSchema)]
pub(super) struct Register {
    #[schemars(with = "Letters")]
    username: String,
    #[schemars(with = "Email")]
    email: String,
    #[schemars(with = "Password")]
    password: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Registered {
    id: UserIdJson,
    username: String,
    email: String,
}

pub(super) async fn register(
    extract::State(state): extract::State<State>,
    Json { body: Register { username, email, password }, .. }: Json<Register>,
) -> Result<Created<Registered>, Failure> {
    // This contract's own rule; whoever registered elsewhere under another name may use it all the same.
    if !username.chars().all(char::is_alphabetic) {
        return Err(Error::from(Problem::new("username", "may only have letters")).into());
    }
    let account = state.app.register(Registration { username, email, password }).await?;
    Ok(Created(Registered { id: UserIdJson(account.id), username: account.username, email: account.email }))
}

/// A name, or an e-mail address; the address when both are there.
#[derive(Deserialize, JsonSchema)]
#[schemars(extend("anyOf" = [
    {"required": ["email"], "properties": {"email": {"type": "string", "pattern": r"\S"}}},
    {"required": ["username"], "properties": {"username": {"type": "string", "pattern": r"\S"}}},
]))]
pub(super) struct Login {
    email: Option<String>,
    username: Option<String>,
    password: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct LoggedIn {
    token: String,
}

pub(super) async fn log_in(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    Json { body: Login { email, username, password }, .. }: Json<Login>,
) -> Result<axum::Json<LoggedIn>, Failure> {
    let named = |name: &String| !name.trim().is_empty();
    let login = email.filter(named).or_else(|| username.filter(named));
    let login = login.ok_or_else(|| Error::from(Problem::new("username", "or email is required")))?;
    let account = auth::log_in(&state, &visitor, &login, &password).await.map_err(NotIn::said::<Failure>)?;
    let token = auth::token(&state, &visitor, &account).await?;
    Ok(axum::Json(LoggedIn { token }))
}
