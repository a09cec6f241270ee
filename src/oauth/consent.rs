//! The forms of the page on which a person is asked: logging in, then yes or no.

use std::net::SocketAddr;

use axum::{
    Form,
    extract::{self, ConnectInfo},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use errand_core::{Caller, Door, Error, Scopes, grant::Allowed};

use super::{
    page::{self, Visitor},
    params::Params,
    ticket::{Request, Ticket},
};
use crate::{
    auth::{self, NotIn},
    state::State,
};

/// What is said of a form that is not, or no longer, good.
const STALE: &str = "This page is not good any more. Start again in the program that sent you here.";

/// The ticket that a form carries, if it is good for this browser.
fn ticket(state: &State, visitor: &Visitor, params: &Params) -> Option<Ticket> {
    let sealed = params.one("ticket").ok()??;
    state.oauth.seal.open(sealed, visitor.mark()?, state.app.clock.now())
}

/// `POST /oauth/login`: who somebody is.
pub(super) async fn log_in(
    extract::State(state): extract::State<State>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    client: auth::Visitor,
    headers: HeaderMap,
    Form(params): Form<Params>,
) -> Response {
    let visitor = Visitor::of(&headers, &state.public_url.of(&headers));
    let Some(Ticket { request, .. }) = ticket(&state, &visitor, &params) else { return page::stop(STALE, None) };
    if let Err(too_many) = super::count(&state, &state.oauth.logins, peer, &headers).await {
        return page::too_many(too_many);
    }
    let given = |name| params.one(name).ok().flatten().unwrap_or_default();
    let account = match auth::log_in(&state, &client, given("username"), given("password")).await {
        Ok(account) => account,
        Err(NotIn::TooMany(too_many)) => return page::too_many(too_many),
        Err(NotIn::Refused(Error::Credentials)) => {
            let wrong = Some("Wrong name or password.");
            return page::log_in(&state, &visitor, request, wrong, StatusCode::UNAUTHORIZED);
        }
        Err(NotIn::Refused(error)) => return failed(&error),
    };
    match state.app.has_logged_in(account.id).await {
        Ok(()) => page::consent(&state, &visitor, request, &account, None),
        Err(error) => failed(&error),
    }
}

/// `POST /oauth/consent`: yes, to all or to a part of it, or no.
pub(super) async fn decide(
    extract::State(state): extract::State<State>,
    headers: HeaderMap,
    Form(params): Form<Params>,
) -> Response {
    let base = state.public_url.of(&headers);
    let visitor = Visitor::of(&headers, &base);
    let Some(Ticket { request, user, .. }) = ticket(&state, &visitor, &params) else { return page::stop(STALE, None) };
    let echoed = request.state.as_deref();
    match (params.one("decision"), user) {
        (Ok(Some("deny")), _) => page::back(&request.redirect_uri, echoed, &base, &[("error", "access_denied")]),
        (Ok(Some("allow")), Some(user)) => {
            let account = match state.app.account(user).await {
                Ok(account) => account,
                Err(error) => return failed(&error),
            };
            let scopes: Scopes =
                request.scopes().iter().filter(|scope| params.all("scope").any(|name| name == scope.name())).collect();
            if scopes.is_empty() {
                return page::consent(&state, &visitor, request, &account, Some("Choose what it may do, or deny."));
            }
            let code = state.app.allow(&Caller::new(&account, Door::Rest), allowed(&request, scopes)).await;
            match code {
                Ok(code) => page::back(&request.redirect_uri, echoed, &base, &[("code", code.expose())]),
                Err(error) => failed(&error),
            }
        }
        _ => page::stop(STALE, None),
    }
}

fn allowed(request: &Request, scopes: Scopes) -> Allowed {
    let Request { client, name, redirect_uri, state: _, scopes: _, challenge, resource } = request.clone();
    Allowed { client, name, scopes, resource, redirect_uri, challenge }
}

fn failed(error: &Error) -> Response {
    tracing::error!(%error, "request.failed");
    page::failed()
}
