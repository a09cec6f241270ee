//! `POST /oauth/register`: programs that cannot publish a document at an address of their own (RFC 7591).
//!
//! They get no secret: on somebody's machine it would be none. Whatever they ask for, they are told what they are.

use std::net::SocketAddr;

use axum::{
    Json,
    extract::{self, ConnectInfo, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use errand_core::Scopes;
use serde::Deserialize;
use serde_json::json;

use super::{failure::Failure, redirect};
use crate::state::State;

/// The most addresses of one client.
const REDIRECTS_MAX: usize = 20;

#[derive(Deserialize)]
pub(super) struct Metadata {
    #[serde(default)]
    redirect_uris: Vec<String>,
    #[serde(default)]
    client_name: Option<String>,
    #[serde(default)]
    grant_types: Option<Vec<String>>,
    #[serde(default)]
    response_types: Option<Vec<String>>,
}

pub(super) async fn register(
    extract::State(state): extract::State<State>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<Json<Metadata>, JsonRejection>,
) -> Result<impl IntoResponse, Failure> {
    super::count(&state, &state.oauth.clients, peer, &headers).await?;
    let Json(metadata) = body.map_err(|rejection| Failure::new("invalid_client_metadata", rejection.body_text()))?;
    metadata.check()?;
    let name = metadata.client_name.unwrap_or_default();
    let client = state.app.register_client(&name, metadata.redirect_uris).await?;
    let body = json!({
        "client_id": client.id,
        "client_id_issued_at": state.app.clock.now().timestamp(),
        "client_name": client.name,
        "redirect_uris": client.redirect_uris,
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "scope": Scopes::ALL.to_string(),
    });
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(body)))
}

impl Metadata {
    fn check(&self) -> Result<(), Failure> {
        if self.redirect_uris.is_empty() || self.redirect_uris.len() > REDIRECTS_MAX {
            return Err(Failure::new(
                "invalid_redirect_uri",
                format!("there must be 1 to {REDIRECTS_MAX} redirect_uris"),
            ));
        }
        for uri in &self.redirect_uris {
            redirect::check(uri).map_err(|why| Failure::new("invalid_redirect_uri", format!("{uri:?} {why}")))?;
        }
        let lacks = |list: &Option<Vec<String>>, word: &str| {
            list.as_ref().is_some_and(|list| !list.iter().any(|it| it == word))
        };
        if lacks(&self.grant_types, "authorization_code") || lacks(&self.response_types, "code") {
            return Err(Failure::new("invalid_client_metadata", "only the authorization code grant is known here"));
        }
        Ok(())
    }
}
