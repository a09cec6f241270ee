//! What clients find out about us by themselves: the protected resource (RFC 9728) and its authorization server (RFC 8414).

use axum::{Json, extract, http::HeaderMap};
use errand_core::Scope;
use serde_json::{Value, json};

use super::MCP;
use crate::state::State;

pub(super) const AUTHORIZE: &str = "/oauth/authorize";
pub(super) const TOKEN: &str = "/oauth/token";
pub(super) const REVOKE: &str = "/oauth/revoke";
pub(super) const REGISTER: &str = "/oauth/register";

fn scopes() -> [&'static str; Scope::ALL.len()] {
    Scope::ALL.map(Scope::name)
}

/// `/mcp` as a protected resource (RFC 9728, 2).
pub(super) async fn resource(extract::State(state): extract::State<State>, headers: HeaderMap) -> Json<Value> {
    let base = state.public_url.of(&headers);
    Json(json!({
        "resource": format!("{base}{MCP}"),
        "authorization_servers": [state.oauth.outside.as_ref().unwrap_or(&base)],
        "scopes_supported": scopes(),
        "bearer_methods_supported": ["header"],
        "resource_name": "Errand",
        "resource_documentation": format!("{base}/docs"),
    }))
}

/// The authorization server (RFC 8414, 2; RFC 9207, 3; OAuth Client ID Metadata Document, 5).
pub(super) async fn server(extract::State(state): extract::State<State>, headers: HeaderMap) -> Json<Value> {
    let base = state.public_url.of(&headers);
    Json(json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}{AUTHORIZE}"),
        "token_endpoint": format!("{base}{TOKEN}"),
        "revocation_endpoint": format!("{base}{REVOKE}"),
        "registration_endpoint": format!("{base}{REGISTER}"),
        "scopes_supported": scopes(),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "client_id_metadata_document_supported": true,
    }))
}
