//! Registering, logging in, renewing, logging out.

use std::time::Duration;

use axum::extract;
use chrono::TimeDelta;
use errand_core::{
    Account, Caller, Door, Error, Noun, Problem,
    account::Registration,
    error::Rule,
    login::Renewable,
    profile::{Introduction, Profile},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    envelope::{Envelope, Said},
    failure::{Failure, Json, User},
    wire::{LoggedInUserJson, NewUserJson},
};
use crate::{
    auth::{self, NotIn, Visitor},
    faces::{
        answers::Created,
        schema::{DisplayName, Email, Handle, Password},
    },
    state::State,
};

/// The lengths of names on this contract.
const USERNAME: std::ops::RangeInclusive<usize> = 3..=50;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Register {
    #[schemars(with = "Handle")]
    username: String,
    #[schemars(with = "Email")]
    email: String,
    #[schemars(with = "Password")]
    password: String,
    #[schemars(with = "DisplayName")]
    display_name: String,
    /// RSA, 2048-8192 bits: PEM of a `SubjectPublicKeyInfo`.
    #[serde(default)]
    public_key: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NewSessionOf{U}")]
pub(super) struct Begun<U> {
    user: U,
    #[serde(flatten)]
    tokens: Tokens,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Tokens {
    access_token: String,
    /// Ours where a session is renewed: each refresh token is good until the next one, or its access token, is used.
    refresh_token: String,
    /// In how many seconds the access token expires.
    expires_in: u64,
}

pub(super) async fn register(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    Json { body, .. }: Json<Register>,
) -> Result<Created<Envelope<Begun<NewUserJson>>>, Failure> {
    let Register { username, email, password, display_name, public_key } = body;
    // This contract's own rule; whoever registered elsewhere under another name may use it all the same.
    length(&username)?;
    let introduction = Introduction { display_name: Some(display_name), public_key };
    let profile = state.app.introduce(Registration { username, email, password }, introduction).await?;
    let tokens = begin(&state, &visitor, &profile.account).await?;
    Ok(Created(Envelope::of(Begun { user: profile.into(), tokens }, "User registered successfully")))
}

fn length(username: &str) -> Result<(), Error> {
    let length = username.trim().chars().count();
    if USERNAME.contains(&length) {
        return Ok(());
    }
    let problem = Problem::new("username", "must have 3 to 50 characters");
    Err(if length > *USERNAME.end() { problem.of(Rule::Length) } else { problem }.into())
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Login {
    /// A name or an e-mail address.
    username: String,
    password: String,
}

pub(super) async fn log_in(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    Json { body: Login { username, password }, .. }: Json<Login>,
) -> Result<axum::Json<Envelope<Begun<LoggedInUserJson>>>, Failure> {
    let account = auth::log_in(&state, &visitor, &username, &password).await.map_err(NotIn::said::<Failure>)?;
    let tokens = begin(&state, &visitor, &account).await?;
    let profile: Profile = state.app.profile(&Caller::new(&account, Door::Rest)).await?;
    Ok(axum::Json(Envelope::of(Begun { user: profile.into(), tokens }, "Login successful")))
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Refresh {
    refresh_token: String,
}

pub(super) async fn refresh(
    extract::State(state): extract::State<State>,
    Json { body: Refresh { refresh_token }, .. }: Json<Refresh>,
) -> Result<axum::Json<Envelope<Tokens>>, Failure> {
    let renewed = state.app.renew_login(&refresh_token, delta(state.rooms.refresh_token_lifetime)).await?;
    let account = state.app.account(renewed.user).await?;
    Ok(axum::Json(Envelope::of(tokens(&state, &account, &renewed)?, "Token refreshed successfully")))
}

pub(super) async fn log_out(
    extract::State(state): extract::State<State>,
    user: User,
) -> Result<axum::Json<Said>, Failure> {
    // Whoever logged in at an identity service has no session here that could be ended.
    let pass = user.grant.pass.ok_or(Error::Forbidden(Noun::Login))?;
    match state.app.end_login(&user.caller, pass.login).await {
        Ok(()) | Err(Error::NotFound(_)) => Ok(Said::of("Logged out successfully")), // another request did it
        Err(error) => Err(error.into()),
    }
}

async fn begin(state: &State, visitor: &Visitor, account: &Account) -> Result<Tokens, Error> {
    let lifetime = delta(state.rooms.refresh_token_lifetime);
    let begun = state.app.begin_renewable_login(account.id, visitor.entrance(), lifetime).await?;
    tokens(state, account, &begun)
}

fn tokens(state: &State, account: &Account, login: &Renewable) -> Result<Tokens, Error> {
    let lifetime = state.rooms.access_token_lifetime;
    let access_token = state.keys.issue(account, login.pass, delta(lifetime), state.app.clock.now())?;
    let refresh_token = login.refresh.expose().to_owned();
    Ok(Tokens { access_token, refresh_token, expires_in: lifetime.as_secs() })
}

fn delta(lifetime: Duration) -> TimeDelta {
    TimeDelta::from_std(lifetime).unwrap_or(TimeDelta::MAX)
}
