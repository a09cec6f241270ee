//! What a person sees and takes back of what they allowed, for the web page: behind their login, with the errors of `dashboard`.

use axum::{Json as Answer, extract, http::StatusCode};
use chrono::{DateTime, Utc};
use errand_core::{GrantId, Problem, Scope, Scopes, grant::Grant};
use serde::{Deserialize, Serialize};

use super::client;
use crate::{
    faces::dashboard::failure::{Failure, Json, Path, User},
    state::State,
};

#[derive(Serialize)]
pub(super) struct ClientJson {
    id: GrantId,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    scopes: Vec<&'static str>,
    created_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
}

impl From<Grant> for ClientJson {
    fn from(grant: Grant) -> Self {
        let Grant { id, client, name, scopes, created_at, expires_at: _, last_used_at } = grant;
        let host = client.as_deref().and_then(client::host);
        Self { id, name, host, scopes: names(scopes), created_at, last_used_at }
    }
}

#[derive(Serialize)]
pub(super) struct TokenJson {
    id: GrantId,
    name: String,
    scopes: Vec<&'static str>,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    /// Only in the answer to the one who makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

impl From<Grant> for TokenJson {
    fn from(grant: Grant) -> Self {
        let Grant { id, client: _, name, scopes, created_at, expires_at, last_used_at } = grant;
        Self { id, name, scopes: names(scopes), created_at, expires_at, last_used_at, token: None }
    }
}

fn names(scopes: Scopes) -> Vec<&'static str> {
    scopes.iter().map(Scope::name).collect()
}

pub(super) async fn clients(
    extract::State(state): extract::State<State>,
    user: User,
) -> Result<Answer<Vec<ClientJson>>, Failure> {
    let clients = state.app.connected_clients(&user.caller).await?;
    Ok(Answer(clients.into_iter().map(ClientJson::from).collect()))
}

pub(super) async fn disconnect(
    extract::State(state): extract::State<State>,
    user: User,
    Path { value: id, .. }: Path<GrantId>,
) -> Result<StatusCode, Failure> {
    state.app.disconnect(&user.caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn tokens(
    extract::State(state): extract::State<State>,
    user: User,
) -> Result<Answer<Vec<TokenJson>>, Failure> {
    let tokens = state.app.personal_tokens(&user.caller).await?;
    Ok(Answer(tokens.into_iter().map(TokenJson::from).collect()))
}

#[derive(Deserialize)]
pub(super) struct NewToken {
    name: String,
    /// Everything when there is none.
    #[serde(default)]
    scopes: Option<Vec<String>>,
    /// It does not end by itself when there is none.
    #[serde(default)]
    expires_in_days: Option<i64>,
}

pub(super) async fn add_token(
    extract::State(state): extract::State<State>,
    user: User,
    Json { body: new, .. }: Json<NewToken>,
) -> Result<(StatusCode, Answer<TokenJson>), Failure> {
    let scopes = match new.scopes {
        Some(names) => names.iter().map(|name| known(name)).collect::<Result<_, _>>()?,
        None => Scope::ALL.into_iter().collect(),
    };
    let added = state.app.add_personal_token(&user.caller, &new.name, scopes, new.expires_in_days).await?;
    let (grant, secret) = added;
    let token = TokenJson { token: Some(secret.expose().to_owned()), ..grant.into() };
    Ok((StatusCode::CREATED, Answer(token)))
}

fn known(name: &str) -> Result<Scope, errand_core::Error> {
    let scope = Scope::ALL.into_iter().find(|scope| scope.name() == name);
    scope.ok_or_else(|| {
        let all = Scope::ALL.map(Scope::name).join(", ");
        Problem::new("scopes", format!("may only have {all}")).into()
    })
}

pub(super) async fn remove_token(
    extract::State(state): extract::State<State>,
    user: User,
    Path { value: id, .. }: Path<GrantId>,
) -> Result<StatusCode, Failure> {
    state.app.remove_personal_token(&user.caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
