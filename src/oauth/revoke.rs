//! `POST /oauth/revoke`: a client hands a token in (RFC 7009).

use axum::{
    Form,
    extract::{self, rejection::FormRejection},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};

use super::{failure::Failure, params::Params, token};
use crate::state::State;

/// What is not known is as good as handed in (RFC 7009, 2.2), so the answer does not tell what is.
pub(super) async fn revoke(
    extract::State(state): extract::State<State>,
    headers: HeaderMap,
    form: Result<Form<Params>, FormRejection>,
) -> Result<impl IntoResponse, Failure> {
    let (params, client) = token::from_client(&headers, form)?;
    let token = params.one("token")?.ok_or_else(|| Failure::request("token is missing"))?;
    state.app.hand_in(token, &client).await?;
    Ok((StatusCode::OK, [(header::CACHE_CONTROL, "no-store")]))
}
