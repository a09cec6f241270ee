//! The published contracts. Each is a thin folder: a table of routes, handlers that ask the `App`, its JSON, its error bodies.
//!
//! To add an endpoint: a line in the face's `routes()`, a handler in the file of its noun. To add a contract: a folder with the same
//! few files, and a line in [`ALL`].

mod assistant;
mod dashboard;
mod extractors;
mod health;
mod patch;
mod refusal;
mod time;
mod v1;
mod web;

use std::{
    any::Any,
    net::{IpAddr, SocketAddr},
    time::Instant,
};

use axum::{
    Router,
    extract::{self, ConnectInfo, Request},
    handler::Handler,
    http::Method,
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::{MethodFilter, MethodRouter, on},
};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    limits::{TooMany, Windows},
    proxies,
    state::{Limits, State},
};

pub use self::refusal::Refusal;

/// A published contract.
pub struct Face {
    /// What we call it.
    pub name: &'static str,
    /// Where its paths begin.
    pub base: &'static str,
    /// Its endpoints.
    pub routes: fn() -> Vec<Route>,
    /// How it says that the framework, not a handler, refused the request.
    pub refuse: fn(Refusal) -> Response,
    /// How often an address may ask, where the contract says so.
    pub by_address: Option<fn(&Limits) -> &Windows<IpAddr>>,
}

/// One endpoint.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path after the face's base.
    pub path: &'static str,
    handler: MethodRouter<State>,
}

impl Route {
    fn new<H, T>(method: Method, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, State>,
        T: 'static,
    {
        let filter = MethodFilter::try_from(method.clone()).expect("the tables only name methods that axum routes");
        Self { method, path, handler: on(filter, handler) }
    }
}

/// Every contract that is served.
pub const ALL: [Face; 3] = [dashboard::FACE, assistant::FACE, v1::FACE];

/// Everything that is served: the contracts, the socket, the page.
pub fn router(state: State, max_body: usize) -> Router {
    let faces = ALL.iter().fold(Router::new(), |router, face| router.merge(mount(face, &state)));
    faces
        .route("/ws", on(MethodFilter::GET, dashboard::socket::upgrade))
        .route("/health", on(MethodFilter::GET, health::health))
        .fallback(elsewhere)
        .layer(axum::extract::DefaultBodyLimit::max(max_body))
        .with_state(state)
}

fn mount(face: &'static Face, state: &State) -> Router<State> {
    let mut paths: Vec<(String, MethodRouter<State>)> = Vec::new();
    for route in (face.routes)() {
        let path = format!("{}{}", face.base, route.path);
        match paths.iter_mut().find(|(known, _)| *known == path) {
            Some((_, methods)) => *methods = std::mem::take(methods).merge(route.handler),
            None => paths.push((path, route.handler)),
        }
    }
    let refuse = face.refuse;
    let router = paths.into_iter().fold(Router::new(), |router, (path, methods)| {
        router.route(&path, methods.fallback(move || async move { refuse(Refusal::Method) }))
    });
    let router = router.layer(from_fn_with_state((face, state.clone()), limited));
    router.layer(CatchPanicLayer::custom(move |panic: Box<dyn Any + Send>| {
        tracing::error!(panic = panic_text(panic.as_ref()), "request.panicked");
        refuse(Refusal::Panicked)
    }))
}

/// Counts requests by address, where the contract publishes a limit.
async fn limited(
    extract::State((face, state)): extract::State<(&'static Face, State)>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    if let Some(windows) = face.by_address {
        let client = proxies::client(&state.proxies, peer.ip(), request.headers());
        if let Err(TooMany { retry_after }) = windows(&state.limits).count(client, Instant::now()) {
            return (face.refuse)(Refusal::TooMany { retry_after });
        }
    }
    next.run(request).await
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("?")
}

/// A path that no contract names: the page's files, or "not found" in the words of the contract whose paths look like it.
async fn elsewhere(method: Method, uri: axum::http::Uri, headers: axum::http::HeaderMap) -> Response {
    let path = uri.path();
    if path.starts_with("/api/v1") {
        (v1::FACE.refuse)(Refusal::NoSuchPath)
    } else if path.starts_with("/api/") || path == "/api" {
        (dashboard::FACE.refuse)(Refusal::NoSuchPath)
    } else {
        web::file(&method, path, &headers)
    }
}
