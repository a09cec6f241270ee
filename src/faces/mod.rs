//! The published contracts. Each is a thin folder: a table of routes, handlers that ask the `App`, its JSON, its error bodies.
//!
//! To add an endpoint: a line in the face's `routes()`, a handler in the file of its noun; the documents read its signature.
//! To add a contract: a folder with the same few files, and a line in [`ALL`].

mod answers;
mod assistant;
pub mod asyncapi;
mod chasqui;
pub(crate) mod dashboard;
pub mod event;
mod extractors;
mod failed;
mod fresh;
mod health;
pub(crate) mod kept;
pub mod openapi;
mod operation;
mod pace;
mod page;
mod patch;
mod refusal;
mod rooms;
mod route;
mod schema;
mod socket;
mod time;
mod v1;
pub(crate) mod web;
mod ws;

use std::{any::Any, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::{self, ConnectInfo, Request},
    http::StatusCode,
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::{MethodRouter, get},
};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{metrics::counted, state::State};

pub use self::{pace::Pace, refusal::Refusal, route::Route};

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
    pub refuse: Refuse,
    /// How its refusals look.
    pub failures: Failures,
    /// How often it may be asked, where the contract says so.
    pub pace: Option<Pace>,
    /// Its socket, where it has one.
    pub socket: Option<event::Socket>,
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

impl Listener {
    /// The port that the contracts publish.
    #[must_use]
    pub fn port(self) -> u16 {
        match self {
            Self::Main => 8000,
            Self::Chasqui => 8080,
        }
    }

    /// How it refuses what is none of its contracts': as the one does that has most to do with it.
    fn refuse(self) -> Refuse {
        match self {
            Self::Main => dashboard::FACE.refuse,
            Self::Chasqui => chasqui::FACE.refuse,
        }
    }

    /// Whether a path may be a file: the page is the main one's, the documents can be tried on each.
    fn has_file(self, path: &str) -> bool {
        match self {
            Self::Main => true,
            Self::Chasqui => path == "/docs" || path.starts_with("/docs/") || path == "/icon.svg",
        }
    }
}

/// Where the listeners listen.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    /// The main one's port.
    pub main: u16,
    /// That of the contract `chasqui`, unless it is off.
    pub chasqui: Option<u16>,
}

impl Ports {
    fn of(self, listener: Listener) -> Option<u16> {
        match listener {
            Listener::Main => Some(self.main),
            Listener::Chasqui => self.chasqui,
        }
    }
}

/// How a contract says no.
pub struct Failures {
    /// The status for a row that is somebody else's.
    pub foreign: StatusCode,
    /// The status for fields that break a rule.
    pub invalid: StatusCode,
    /// The schema of the body with a status.
    pub(crate) body: schema::FailureSchema,
}

/// Every contract that is served.
pub const ALL: [Face; 5] = [dashboard::FACE, assistant::FACE, v1::FACE, chasqui::FACE, rooms::FACE];

/// Everything that a listener serves: its contracts, their sockets, the documents.
pub fn router(listener: Listener, ports: Ports, state: State, max_body: usize) -> Router {
    let refuse = listener.refuse();
    let documents = openapi::documents(listener, ports).into_iter();
    let router = documents
        .fold(Router::new(), |router, (path, document)| router.route(&path, ours(openapi::fixed(&document), refuse)))
        .fallback({
            let known = Arc::new(known(listener));
            async move |extract::State(state), ConnectInfo(peer), request: Request| {
                elsewhere(listener, &known, &state, peer, request).await
            }
        });
    let router = match listener {
        Listener::Main => router, // where the contract `rooms` has it
        Listener::Chasqui => router.route("/health", ours(get(health::health), refuse)),
    };
    ALL.iter()
        .filter(|face| face.listener == listener)
        .fold(counted("page", surviving(router, refuse)), |router, face| router.merge(mount(face, &state)))
        .layer(axum::extract::DefaultBodyLimit::max(max_body))
        .with_state(state)
}

/// What is in no table of routes refuses other methods like what is.
fn ours(route: MethodRouter<State>, refuse: Refuse) -> MethodRouter<State> {
    route.fallback(async move || refuse(Refusal::Method))
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
    let router = match &face.socket {
        Some(event::Socket { path, open: Some(open), .. }) => router.route(path, ours(open(), refuse)),
        Some(event::Socket { open: None, .. }) | None => router,
    };
    counted(face.name, surviving(router, refuse).layer(from_fn_with_state((face, state.clone()), paced)))
}

/// A handler that panics is answered for.
fn surviving<S: Clone + Send + Sync + 'static>(router: Router<S>, refuse: Refuse) -> Router<S> {
    router.layer(CatchPanicLayer::custom(move |panic: Box<dyn Any + Send>| {
        tracing::error!(panic = panic_text(panic.as_ref()), "request.panicked");
        refuse(Refusal::Panicked)
    }))
}

/// Counts requests, where the contract publishes a limit.
async fn paced(
    extract::State((face, state)): extract::State<(&'static Face, State)>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    pace::paced(face, &state, peer, request, |request| next.run(request)).await
}

/// What a panic said.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("?")
}

/// How a contract refuses.
type Refuse = fn(Refusal) -> Response;

/// Every path that a listener's contracts name, with the contract.
fn known(listener: Listener) -> Vec<(String, &'static Face)> {
    let paths = |face: &'static Face| (face.routes)().into_iter().map(move |route| (face.path(&route), face));
    ALL.iter().filter(|face| face.listener == listener).flat_map(paths).collect()
}

/// A path that no contract names: "not found" in the words of the contract whose paths are most like it, or a file of the page.
async fn elsewhere(
    listener: Listener,
    known: &[(String, &'static Face)],
    state: &State,
    peer: SocketAddr,
    request: Request,
) -> Response {
    let path = request.uri().path();
    let alike = known.iter().rev().map(|(known, face)| (likeness(known, path), *face)); // of several, the first
    match alike.max_by_key(|(likeness, _)| *likeness) {
        Some((1.., face)) => {
            pace::paced(face, state, peer, request, async |_| (face.refuse)(Refusal::NoSuchPath)).await
        }
        Some((0, _)) | None if listener.has_file(path) => web::file(request.method(), path, request.headers()),
        Some((0, _)) | None => (listener.refuse())(Refusal::NoSuchPath),
    }
}

/// How many segments at the beginning are the same; a parameter is the same as anything.
fn likeness(known: &str, path: &str) -> usize {
    let pairs = known.split('/').skip(1).zip(path.split('/').skip(1));
    pairs.take_while(|(known, asked)| known == asked || known.starts_with('{')).count()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use tower::ServiceExt as _;

    use super::*;

    #[rstest::rstest]
    #[case("/api/tasks/{id}", "/index.html", 0)]
    #[case("/api/tasks/{id}", "/", 0)]
    #[case("/api/tasks/{id}", "/api", 1)]
    #[case("/api/tasks/{id}", "/apis/tasks", 0)]
    #[case("/api/tasks/{id}", "/api/tasks/7/more", 3)]
    #[case("/api/v1/tasks", "/api/v1", 2)]
    fn paths_are_alike_from_their_beginning(#[case] known: &str, #[case] path: &str, #[case] expected: usize) {
        assert_eq!(likeness(known, path), expected);
    }

    #[tokio::test]
    async fn a_panic_is_a_500_in_the_words_of_each_contract() {
        for face in &ALL {
            let router = surviving(Router::new().route("/", get(async || panic!("a bug") as ())), face.refuse);
            let request = || Request::get("/").body(Body::empty()).unwrap();
            let (answer, expected) = (router.oneshot(request()).await.unwrap(), (face.refuse)(Refusal::Panicked));
            assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR, "{}", face.name);
            let text = async |body| axum::body::to_bytes(body, 1024).await.unwrap();
            assert_eq!(text(answer.into_body()).await, text(expected.into_body()).await, "{}", face.name);
        }
    }
}
