//! `POST /oauth/token`: a code, or a refresh token, becomes tokens (RFC 6749, 4.1.3, 5, 6).

use axum::{
    Form, Json,
    extract::{self, rejection::FormRejection},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use errand_core::grant::{Issued, Redemption, Refresh};
use serde_json::json;

use super::{authorize, failure::Failure, params::Params};
use crate::state::State;

pub(super) async fn token(
    extract::State(state): extract::State<State>,
    headers: HeaderMap,
    form: Result<Form<Params>, FormRejection>,
) -> Result<Response, Failure> {
    let (params, client) = from_client(&headers, form)?;
    let needed =
        |name| params.one(name)?.map(str::to_owned).ok_or_else(|| Failure::request(format!("{name} is missing")));
    let resource = authorize::resource(&state, &headers, &params)
        .map_err(|_| Failure::new("invalid_target", "this service is another resource"))?;
    let lifetimes = state.oauth.lifetimes;
    let issued = match needed("grant_type")?.as_str() {
        "authorization_code" => {
            let redirect_uri = params.one("redirect_uri")?.map(str::to_owned);
            let (code, verifier) = (needed("code")?, needed("code_verifier")?);
            state.app.redeem(Redemption { code, client, redirect_uri, verifier, resource }, lifetimes).await?
        }
        "refresh_token" => {
            let token = needed("refresh_token")?;
            let scopes = params.one("scope")?.map(|scope| scope.parse().unwrap_or_else(|never| match never {}));
            state.app.refresh(Refresh { token, client, scopes, resource }, lifetimes).await?
        }
        other => return Err(Failure::new("unsupported_grant_type", format!("{other:?} is not known"))),
    };
    Ok(answer(&issued?))
}

/// The parameters of a client that only says who it is (RFC 6749, 2.3: a public client).
pub(super) fn from_client(
    headers: &HeaderMap,
    form: Result<Form<Params>, FormRejection>,
) -> Result<(Params, String), Failure> {
    if headers.contains_key(header::AUTHORIZATION) {
        return Err(Failure::client());
    }
    let Form(params) = form.map_err(|rejection| Failure::request(rejection.body_text()))?;
    let client = params.one("client_id")?.ok_or_else(|| Failure::request("client_id is missing"))?.to_owned();
    Ok((params, client))
}

fn answer(Issued { access, refresh, scopes, expires_in }: &Issued) -> Response {
    let body = json!({
        "access_token": access.expose(),
        "token_type": "Bearer",
        "expires_in": expires_in.num_seconds(),
        "refresh_token": refresh.expose(),
        "scope": scopes.to_string(),
    });
    ([(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")], Json(body)).into_response()
}
