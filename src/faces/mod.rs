//! The published contracts. Each is a thin folder: a table of routes, handlers that ask the `App`, its JSON, its error bodies.
//!
//! To add an endpoint: a line in the face's `routes()`, a handler in the file of its noun; the documents read its signature.
//! To add a contract: a folder with the same few files, and a line in [`ALL`].

mod answers;
mod assistant;
mod chasqui;
mod dashboard;
mod extractors;
mod health;
pub mod openapi;
mod operation;
mod patch;
mod refusal;
mod route;
mod schema;
mod socket;
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
    http::{Method, StatusCode},
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::{MethodFilter, MethodRouter, on},
};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    limits::{TooMany, Windows},
    state::{Limits, State},
};

pub use self::{refusal::Refusal, route::Route};

/// A published contract.
pub struct Face {
    /// What we call it.
    pub name: &'static str,
    /// What it is for, in a sentence.
    pub about: &'static str,
    /// Which listener carries it.
    pub listener: Listener,
    /// Where its paths begin.
    pub base: &'static str,
    /// Its endpoints.
    pub routes: fn() -> Vec<Route>,
    /// How it says that the framework, not a handler, refused the request.
    pub refuse: fn(Refusal) -> Response,
    /// How its refusals look.
    pub failures: Failures,
    /// How often an address may ask, where the contract says so.
    pub by_address: Option<fn(&Limits) -> &Windows<IpAddr>>,
}

impl Face {
    /// Where an endpoint stands, with the face's base.
    #[must_use]
    pub fn path(&self, route: &Route) -> String {
        format!("{}{}", self.base, route.path)
    }
}

/// A listener: contracts that publish a port of their own are not served on another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listener {
    /// `server.listen`.
    Main,
    /// `server.listen_chasqui`.
    Chasqui,
}

/// How a contract says no.
pub struct Failures {
    /// The status for a row that is somebody else's.
    pub foreign: StatusCode,
    /// The schema of the body with a status.
    pub(crate) body: schema::FailureSchema,
}

/// Every contract that is served.
pub const ALL: [Face; 4] = [dashboard::FACE, assistant::FACE, v1::FACE, chasqui::FACE];

/// Everything that a listener serves: its contracts, their sockets; the main one also the page, and the documents of all contracts.
pub fn router(listener: Listener, state: State, max_body: usize) -> Router {
    let here = ALL.iter().filter(|face| face.listener == listener);
    let faces = here.fold(Router::new(), |router, face| router.merge(mount(face, &state)));
    let router = match listener {
        Listener::Main => {
            faces.merge(openapi::routes(&ALL)).route("/ws", dashboard::socket::route()).fallback(elsewhere)
        }
        Listener::Chasqui => {
            let refuse = async || (chasqui::FACE.refuse)(Refusal::NoSuchPath);
            let document = openapi::routes(std::slice::from_ref(&chasqui::FACE));
            faces.merge(document).route("/api/ws/chat", chasqui::socket::route()).fallback(refuse)
        }
    };
    router
        .route("/health", on(MethodFilter::GET, health::health))
        .layer(axum::extract::DefaultBodyLimit::max(max_body))
        .with_state(state)
}

fn mount(face: &'static Face, state: &State) -> Router<State> {
    let mut paths: Vec<(String, MethodRouter<State>)> = Vec::new();
    for route in (face.routes)() {
        let path = face.path(&route);
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
    if let Some(windows) = face.by_address
        && let Err(TooMany { retry_after }) = windows(&state.limits).count(peer.ip(), Instant::now())
    {
        return (face.refuse)(Refusal::TooMany { retry_after });
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
