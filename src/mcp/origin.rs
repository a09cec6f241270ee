//! Which web pages may ask, and by which of our names (Streamable HTTP, "Security Warning").
//!
//! A browser sends what a page tells it to send. It names the page in `Origin`; and a page that has its own name point to this machine
//! (DNS rebinding) comes with that name in `Host`. An address in digits cannot be rebound, so it is as good as a name of ours.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, uri::Authority},
    middleware::Next,
    response::Response,
};
use reqwest::Url;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use super::{refusal::Refusal, sessions};
use crate::{
    config::{Config, Origins, same_origin},
    public_url::is_loopback,
};

/// The names and the pages that are known.
pub(super) struct Known {
    hosts: Vec<String>,
    public: Option<Url>,
    origins: Origins,
}

impl Known {
    /// As the settings say.
    pub(super) fn new(config: &Config) -> Self {
        let public = config.server.public_url.as_deref().and_then(|url| Url::parse(url).ok());
        let ours = public.as_ref().and_then(Url::host_str).map(str::to_owned);
        let hosts = config.mcp.allowed_hosts.iter().cloned().chain(ours).map(|host| host.to_ascii_lowercase());
        Self { hosts: hosts.collect(), public, origins: config.mcp.allowed_origins.clone() }
    }

    fn has_host(&self, authority: &Authority) -> bool {
        let host = authority.host().to_ascii_lowercase();
        let digits = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok();
        digits || is_loopback(&host) || self.hosts.contains(&host)
    }

    /// `host` is the name by which the request came: a page of ours may ask by the name that it has itself.
    fn has_origin(&self, origin: &HeaderValue, host: Option<&Authority>) -> bool {
        let Some(origin) = origin.to_str().ok().and_then(|origin| Url::parse(origin).ok()) else { return false };
        let web = matches!(origin.scheme(), "http" | "https");
        let own = host.and_then(|host| Url::parse(&format!("{}://{host}", origin.scheme())).ok());
        let ours = own.iter().chain(&self.public).any(|ours| same_origin(ours, &origin));
        (web && (ours || origin.host_str().is_some_and(is_loopback))) || self.origins.contain(&origin)
    }
}

/// The one name by which a request came.
fn host(headers: &HeaderMap) -> Option<Authority> {
    let mut names = headers.get_all(header::HOST).iter();
    let name = names.next().filter(|_| names.next().is_none())?;
    name.to_str().ok()?.parse().ok()
}

/// Refuses what comes from elsewhere, before anything else is looked at.
pub(super) async fn check(State(known): State<Arc<Known>>, request: Request, next: Next) -> Response {
    let host = host(request.headers());
    if !host.as_ref().is_some_and(|host| known.has_host(host)) {
        let why = "this is no name of this service; mcp.allowed_hosts or server.public_url can make it one";
        return Refusal::new(StatusCode::FORBIDDEN, why).into_response();
    }
    if !request.headers().get_all(header::ORIGIN).iter().all(|origin| known.has_origin(origin, host.as_ref())) {
        let why = "web pages of this origin may not ask; mcp.allowed_origins can let them";
        return Refusal::new(StatusCode::FORBIDDEN, why).into_response();
    }
    next.run(request).await
}

/// What browsers are told, so that the clients in those pages can ask and read the answers.
pub(super) fn cors(known: Arc<Known>) -> CorsLayer {
    let origins = AllowOrigin::predicate(move |origin, parts| known.has_origin(origin, host(&parts.headers).as_ref()));
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers(AllowHeaders::mirror_request()) // clients may send Mcp-Param- headers of any name
        .expose_headers([
            HeaderName::from_static(sessions::HEADER),
            HeaderName::from_static("mcp-protocol-version"),
            HeaderName::from_static("x-request-id"),
            header::WWW_AUTHENTICATE,
        ])
        .max_age(Duration::from_hours(1))
}
