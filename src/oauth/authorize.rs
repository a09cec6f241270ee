//! `GET /oauth/authorize`: a client sends a person here to be asked (RFC 6749, 4.1.1; RFC 7636, 4.3; RFC 8707, 2).
//!
//! As long as it is not certain who asks and where the person may be sent back to, nobody is sent anywhere.

use std::net::SocketAddr;

use axum::{
    extract::{self, ConnectInfo, Query, rejection::QueryRejection},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use errand_core::{Scope, Scopes};
use reqwest::Url;

use super::{
    MCP,
    client::{self, Client, NoClient},
    page::{self, Visitor},
    params::{Params, Twice},
    redirect,
    ticket::Request,
};
use crate::state::State;

pub(super) async fn authorize(
    extract::State(state): extract::State<State>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    query: Result<Query<Params>, QueryRejection>,
) -> Response {
    let Ok(Query(params)) = query else { return page::stop("This address cannot be read.", None) };
    let (client, redirect_uri) = match who(&state, &params, peer, &headers).await {
        Ok(found) => found,
        Err(Stop::Client(NoClient::TooMany(too_many))) => return page::too_many(too_many),
        Err(stop) => {
            tracing::info!(reason = %stop, "oauth.authorize_refused");
            return page::stop("This program cannot be connected.", Some(&stop.to_string()));
        }
    };
    let base = state.public_url.of(&headers);
    match what(&state, &params, &headers, client, redirect_uri) {
        Ok(request) => page::log_in(&state, &Visitor::of(&headers, &base), request, None, StatusCode::OK),
        Err(Back { redirect_uri, state, error, description }) => {
            let told = [("error", error), ("error_description", description)];
            page::back(&redirect_uri, state.as_deref(), &base, &told)
        }
    }
}

/// Why nobody is sent anywhere.
#[derive(Debug, thiserror::Error)]
enum Stop {
    #[error("It sent you here without saying who it is, or where you came from.")]
    Nameless,
    #[error(transparent)]
    Client(#[from] NoClient),
    #[error("It wants you to be sent to an address that it has not registered.")]
    Redirect,
}

impl From<Twice> for Stop {
    fn from(_: Twice) -> Self {
        Self::Nameless
    }
}

/// Why a client gets no answer from a person.
struct Back {
    redirect_uri: String,
    state: Option<String>,
    error: &'static str,
    description: &'static str,
}

/// Who asks, and where the person is sent back to.
async fn who(state: &State, params: &Params, peer: SocketAddr, headers: &HeaderMap) -> Result<(Client, String), Stop> {
    let (id, redirect_uri) = (params.one("client_id")?, params.one("redirect_uri")?);
    let (id, redirect_uri) = id.zip(redirect_uri).ok_or(Stop::Nameless)?;
    let client = client::find(state, id, peer, headers).await?;
    let registered = client.redirect_uris.iter().any(|registered| redirect::is_registered(registered, redirect_uri));
    if registered && redirect::check(redirect_uri).is_ok() {
        Ok((client, redirect_uri.to_owned()))
    } else {
        Err(Stop::Redirect)
    }
}

/// What it asks for.
fn what(
    state: &State,
    params: &Params,
    headers: &HeaderMap,
    client: Client,
    redirect_uri: String,
) -> Result<Request, Back> {
    let echoed = params.one("state").ok().flatten().map(str::to_owned);
    let asked = checked(state, params, headers);
    let (scopes, challenge, resource) = match asked {
        Ok(asked) => asked,
        Err((error, description)) => return Err(Back { redirect_uri, state: echoed, error, description }),
    };
    let Client { id: client, name, redirect_uris: _ } = client;
    let scopes = scopes.to_string();
    Ok(Request { client, name, redirect_uri, state: echoed, scopes, challenge, resource })
}

type Asked = (Scopes, String, String);

fn checked(state: &State, params: &Params, headers: &HeaderMap) -> Result<Asked, (&'static str, &'static str)> {
    const REQUEST: &str = "invalid_request";
    let one = |name| params.one(name).map_err(|_| (REQUEST, "a parameter is there more than once"));
    one("state")?;
    if one("response_type")?.ok_or((REQUEST, "response_type is missing"))? != "code" {
        return Err(("unsupported_response_type", "only response_type=code is known"));
    }
    if one("code_challenge_method")? != Some("S256") {
        return Err((REQUEST, "PKCE is needed, with code_challenge_method=S256"));
    }
    let challenge = one("code_challenge")?.filter(|challenge| is_challenge(challenge));
    let challenge = challenge.ok_or((REQUEST, "code_challenge must be a SHA-256 in base64url"))?;
    let scopes = match one("scope")? {
        Some(scope) => scope.parse().unwrap_or_else(|never| match never {}),
        None => Scope::ALL.into_iter().collect::<Scopes>(),
    };
    if scopes.is_empty() {
        return Err(("invalid_scope", "none of these scopes is known"));
    }
    let resource =
        resource(state, headers, params).map_err(|_| ("invalid_target", "this service is another resource"))?;
    let resource = resource.unwrap_or_else(|| format!("{}{MCP}", state.public_url.of(headers)));
    Ok((scopes, challenge.to_owned(), resource))
}

/// 32 bytes in base64url, without padding (RFC 7636, 4.2).
fn is_challenge(challenge: &str) -> bool {
    challenge.len() == 43 && challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The client means another service.
pub(super) struct NotOurs;

/// The service that the client means, if it says so: each `resource` must be our `/mcp` (RFC 8707, 2).
pub(super) fn resource(state: &State, headers: &HeaderMap, params: &Params) -> Result<Option<String>, NotOurs> {
    let ours = format!("{}{MCP}", state.public_url.of(headers));
    let written = |url: &str| Url::parse(url).ok().map(|url| url.as_str().trim_end_matches('/').to_owned());
    let mut asked = params.all("resource").peekable();
    let some = asked.peek().is_some();
    if asked.all(|resource| written(resource) == written(&ours)) { Ok(some.then_some(ours)) } else { Err(NotOurs) }
}
