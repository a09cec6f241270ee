//! How people let programs act in their name at `/mcp`: a small OAuth 2.1 authorization server of our own.
//!
//! A program (an MCP client) finds it by the `metadata`; it is known by a `document` at its address, or it
//! registers itself (`register`). It sends the person's browser to `authorize`; they log in and say yes or no (`consent`); it gets
//! its tokens at `token`, and `account` shows the person what they allowed. What a grant is, and what becomes of its secrets,
//! is the core's: [`errand_core::grant`].
//!
//! Where an outside identity service is configured with its issuer, people say yes there: its address is in the metadata, and none
//! of ours is served. With both, a client would choose one by chance, and an account of the one does not have a password at the other.
//!
//! To add an endpoint: a file with its handler, a line in [`router`], and one in `metadata` if clients must find it.

mod account;
mod address;
mod authorize;
mod client;
mod consent;
mod document;
mod failure;
mod metadata;
mod page;
mod params;
mod redirect;
mod register;
mod revoke;
mod ticket;
mod token;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderMap, HeaderName, Method, header},
    routing::{delete, get, post},
};
use chrono::TimeDelta;
use errand_core::grant::Lifetimes;
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{Any, CorsLayer},
};

use self::{document::Documents, ticket::Seal};
use crate::{
    config::Config,
    limits::{Shared, TooMany, Windows},
    proxies,
    secret::TokenSecret,
    state::State,
};

/// What is protected, after the service's address.
pub const MCP: &str = "/mcp";

/// The largest body of a request: forms and descriptions of clients.
const BODY_MAX: usize = 64 << 10;

/// What the endpoints share.
pub struct Oauth {
    lifetimes: Lifetimes,
    /// Whom clients are sent to instead of us.
    outside: Option<String>,
    seal: Seal,
    documents: Documents,
    logins: Windows<IpAddr>,
    clients: Windows<IpAddr>,
}

impl Oauth {
    /// As the settings say; its limits are counted in `shared`, where there is one.
    ///
    /// # Errors
    /// There is no HTTP client to fetch documents with.
    pub fn new(config: &Config, secret: &TokenSecret, shared: Option<&Arc<Shared>>) -> reqwest::Result<Self> {
        let lifetime = |duration| TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX);
        let limit = |limit| config.limits.enabled.then_some(limit);
        let (settings, limits) = (&config.oauth, &config.limits);
        Ok(Self {
            lifetimes: Lifetimes {
                access: lifetime(settings.access_token_lifetime),
                refresh: lifetime(settings.refresh_token_lifetime),
            },
            outside: outside(config),
            seal: Seal::new(secret),
            documents: Documents::new(settings.loopback_documents)?,
            logins: Windows::new(limit(limits.oauth_login)).shared("oauth_login", shared),
            clients: Windows::new(limit(limits.oauth_clients)).shared("oauth_clients", shared),
        })
    }
}

/// The outside issuer, where there is one whose address is known: its tokens are accepted, and clients can ask it for them.
fn outside(config: &Config) -> Option<String> {
    let issuer = config.auth.jwks_url.as_ref().and(config.auth.issuer.as_ref())?;
    let url = reqwest::Url::parse(issuer).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| issuer.clone())
}

/// What is served for OAuth, on the main listener.
pub fn router(state: State) -> Router {
    let own = match state.oauth.outside {
        Some(_) => Router::new(),
        None => server(),
    };
    let found = Router::new()
        .route("/.well-known/oauth-protected-resource", get(metadata::resource))
        .route(crate::auth::challenge::METADATA, get(metadata::resource))
        .layer(from_everywhere());
    let account = Router::new()
        .route("/account/clients", get(account::clients))
        .route("/account/clients/{id}", delete(account::disconnect))
        .route("/account/tokens", get(account::tokens).post(account::add_token))
        .route("/account/tokens/{id}", delete(account::remove_token));
    let router = found.merge(account).merge(own);
    router.layer(DefaultBodyLimit::max(BODY_MAX)).layer(CatchPanicLayer::new()).with_state(state)
}

/// The authorization server. The description stands only at the place of an issuer without a path, which ours is: one at
/// `/.well-known/oauth-authorization-server/mcp` would be of an issuer `…/mcp`, and whoever compares (RFC 8414, 3.3) must refuse it.
fn server() -> Router<State> {
    let programs = Router::new()
        .route("/.well-known/oauth-authorization-server", get(metadata::server))
        .route("/.well-known/openid-configuration", get(metadata::server))
        .route(metadata::TOKEN, post(token::token))
        .route(metadata::REVOKE, post(revoke::revoke))
        .route(metadata::REGISTER, post(register::register))
        .layer(from_everywhere());
    Router::new()
        .route(metadata::AUTHORIZE, get(authorize::authorize))
        .route(page::LOG_IN, post(consent::log_in))
        .route(page::CONSENT, post(consent::decide))
        .merge(programs)
}

/// Clients that are web pages ask from wherever they are; nothing here looks at a cookie.
fn from_everywhere() -> CorsLayer {
    let version = HeaderName::from_static("mcp-protocol-version");
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::ACCEPT, header::AUTHORIZATION, header::CONTENT_TYPE, version])
        .expose_headers([header::WWW_AUTHENTICATE, header::RETRY_AFTER])
}

/// Counts one more in `windows` for the address that a request comes from.
async fn count(state: &State, windows: &Windows<IpAddr>, peer: SocketAddr, headers: &HeaderMap) -> Result<(), TooMany> {
    windows.pass(proxies::client(&state.proxies, peer.ip(), headers)).await
}
