//! The tools for everybody's agents: `/mcp`, Streamable HTTP, both eras of the protocol on one endpoint.
//!
//! rmcp speaks the protocol; what it leaves to the service stands around it, in the order in which a request passes:
//!
//! - `origin`: which web pages may ask, and by which of our names;
//! - [`crate::auth::principal`]: who asks, and what they may do;
//! - `message`: what has to be known of a message before it runs;
//! - `sessions`: whose a session of 2025-11-25 is, and how it outlives this process. Since 2026-07-28 there are none;
//! - `stream`: a stream of events ends with the token that opened it, and when the service stops;
//! - `refusal`: whatever is refused is refused in JSON-RPC's words.
//!
//! What the tools are is not known here: that is [`errand_mcp_tools`]. To add a check: a file with the question, and its line in
//! `Mcp::answer`.

mod message;
mod origin;
mod refusal;
mod sessions;
mod stream;

#[cfg(feature = "conformance-fixtures")]
mod fixtures;

use std::{any::Any, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{self, Request},
    http::{HeaderMap, Method, StatusCode, request::Parts},
    middleware::from_fn_with_state,
    response::Response,
    routing::any,
};
use errand_core::{App, Caller, Door, Error, Scopes, UserId};
use errand_mcp_tools::{Session, TaskServer, Toolbox};
use futures::FutureExt as _;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Span;

use self::{
    message::Message,
    refusal::Refusal,
    sessions::{Admitted, Local, Sessions},
};
use crate::{
    auth::{self, Principal, challenge},
    config::Config,
    limits::TooMany,
    mcp_board::{self, BoardError},
    state::State,
};

#[cfg(feature = "conformance-fixtures")]
use self::fixtures::Fixtures as Server;
#[cfg(not(feature = "conformance-fixtures"))]
use errand_mcp_tools::TaskServer as Server;

/// Where it is.
pub const PATH: &str = "/mcp";

/// The endpoint. Cheap to clone.
#[derive(Clone)]
pub struct Mcp {
    state: State,
    service: StreamableHttpService<Server, Local>,
    sessions: Sessions,
    toolbox: Arc<Toolbox>,
    origins: Arc<origin::Known>,
    max_body: usize,
    /// Ends the streams that only tell what happens: nobody waits for their end.
    stopping: CancellationToken,
    #[cfg(feature = "conformance-fixtures")]
    anonymous: bool,
}

impl Mcp {
    /// The endpoint of a service with these settings. `secret` is the same in all instances.
    ///
    /// # Errors
    /// [`BoardError`].
    pub fn new(state: State, config: &Config, secret: &[u8]) -> Result<Self, BoardError> {
        let local = Arc::new(sessions::local());
        let sessions = Sessions::new(state.app.clone(), local.clone(), &config.mcp);
        let mut settings = StreamableHttpServerConfig::default()
            .with_json_response(true)
            .with_max_request_body_bytes(config.server.max_body)
            .disable_allowed_hosts(); // `origin` has looked already
        // rmcp is ready to restore sessions only with a store from the start; each request brings its own, of whoever asks.
        settings.session_store = Some(sessions.of(UserId::fresh()));
        let server = server(&state, secret)?;
        #[cfg(feature = "conformance-fixtures")]
        let server = fixtures::Fixtures::beside(server, secret);
        Ok(Self {
            service: StreamableHttpService::new(move || Ok(server.clone()), local, settings),
            sessions,
            toolbox: Arc::new(errand_mcp_tools::tools::all()),
            origins: Arc::new(origin::Known::new(config)),
            max_body: config.server.max_body,
            stopping: CancellationToken::new(),
            #[cfg(feature = "conformance-fixtures")]
            anonymous: config.mcp.anonymous.is_some(),
            state,
        })
    }

    /// The routes.
    pub fn router(&self) -> Router {
        let answer = async |extract::State(mcp): extract::State<Arc<Self>>, request: Request| {
            mcp.answer(request).await.unwrap_or_else(Refusal::into_response)
        };
        let endpoint = any(answer);
        #[cfg(feature = "conformance-fixtures")]
        let endpoint = endpoint.layer(axum::middleware::from_fn(fixtures::may_be_cut));
        Router::new()
            .route(PATH, endpoint)
            .layer(CatchPanicLayer::custom(|panic: Box<dyn Any + Send>| refusal::panicked(panic.as_ref())))
            .layer(from_fn_with_state(self.origins.clone(), origin::check))
            .layer(origin::cors(self.origins.clone()))
            .with_state(Arc::new(self.clone()))
    }

    /// Ends sessions that nobody uses any more and forgets answers that nobody asks for again, again and again.
    pub async fn sweep(self) {
        tokio::join!(self.sessions.sweep(), forget_answers(&self.state.app));
    }

    /// Ends what would keep the service from stopping: streams that only tell what happens, and take up no new ones.
    pub fn stop_telling(&self) {
        self.stopping.cancel();
    }

    /// Ends everything, calls that still run too.
    pub fn stop(&self) {
        self.service.config.cancellation_token.cancel();
    }

    async fn answer(self: Arc<Self>, request: Request) -> Result<Response, Refusal> {
        let (mut parts, body) = request.into_parts();
        let token = auth::bearer(&parts.headers).map(str::to_owned);
        let principal = self.principal(&parts.headers, token.as_deref()).await?;
        let body = message::read(body, self.max_body).await?;
        let message = Message::of(&body);
        self.permit(&parts.headers, &principal, &message)?;
        let (user, exp) = (principal.account.id, principal.exp);
        let (session, admitted) = self.session(&mut parts, &message, user).await?.unzip();
        let lasting = parts.method == Method::GET || message.only_listens();
        parts.extensions.insert(caller(principal));
        if let Some(session) = &session {
            parts.extensions.insert(Session(session.id()));
        }
        parts.extensions.insert(Span::current());
        // Without sessions there is nothing of the user's that rmcp could keep.
        let store = (!message.is_modern(&parts.headers)).then_some(user);
        let response = self.pass_on(parts, body, store).await;
        if let (Some(session), true) = (&session, admitted.as_ref().is_some_and(Admitted::restores)) {
            self.sessions.restored(session, user).await;
        }
        drop(admitted);
        let watch = stream::Watch { mcp: self, token, exp, user, session, lasting };
        Ok(stream::watched(response, watch))
    }

    /// Who asks.
    async fn principal(&self, headers: &HeaderMap, token: Option<&str>) -> Result<Principal, Refusal> {
        #[cfg(feature = "conformance-fixtures")]
        if token.is_none() && self.anonymous {
            return Ok(fixtures::anonymous(&self.state.app).await?);
        }
        auth::principal(&self.state, token).await.map_err(|error| match error {
            Error::Unauthenticated | Error::Expired => {
                let base = self.state.public_url.of(headers);
                let challenge = if token.is_some() { challenge::unauthorized } else { challenge::missing };
                Refusal::unauthorized(challenge(&base, Scopes::ALL), &error)
            }
            error => error.into(),
        })
    }

    /// A call that was not granted is refused before it runs, so that the client can ask its user for more.
    fn permit(&self, headers: &HeaderMap, principal: &Principal, message: &Message<'_>) -> Result<(), Refusal> {
        let Some(needed) = message.tool().and_then(|name| self.toolbox.scope(name)) else { return Ok(()) };
        if principal.scopes.permit(needed) {
            return Ok(());
        }
        let challenge = challenge::insufficient(&self.state.public_url.of(headers), Scopes::from_iter([needed]));
        Err(Refusal::out_of_scope(challenge, needed))
    }

    /// The session that the request is part of, if it is part of one. Somebody else's is like one that never was.
    async fn session(
        &self,
        parts: &mut Parts,
        message: &Message<'_>,
        user: UserId,
    ) -> Result<Option<(sessions::Name, Admitted)>, Refusal> {
        let Some(name) = parts.headers.get(sessions::HEADER) else { return Ok(None) };
        if message.is_modern(&parts.headers) {
            parts.headers.remove(sessions::HEADER); // what is not there cannot be taken for a session by anybody further in
            return Ok(None);
        }
        let name = name.to_str().ok().and_then(sessions::Name::read).ok_or_else(Refusal::no_session)?;
        let admitted = self.sessions.admit(&name, user).await?.ok_or_else(Refusal::no_session)?;
        Ok(Some((name, admitted)))
    }

    /// Has rmcp answer; where there are sessions, with those of `user` and nobody else's.
    async fn pass_on(&self, parts: Parts, body: Bytes, user: Option<UserId>) -> Response {
        let ends = parts.method == Method::DELETE;
        let request = Request::from_parts(parts, Body::from(body.clone()));
        let response = match user {
            None => self.service.handle(request).await,
            Some(user) => {
                let mut service = self.service.clone();
                service.config.session_store = Some(self.sessions.of(user));
                service.handle(request).await
            }
        };
        let mut response = response.map(Body::new);
        if ends && response.status() == StatusCode::ACCEPTED {
            *response.status_mut() = StatusCode::NO_CONTENT; // it is done, and some clients warn of anything else
        }
        refusal::in_words(response, &body).await
    }
}

/// Forgets what calls with a key were answered long ago: every hour, for each time is a walk through all of them.
async fn forget_answers(app: &App) {
    let mut hours = tokio::time::interval(Duration::from_hours(1));
    loop {
        hours.tick().await;
        match app.forget_answers().await {
            Ok(0) => {}
            Ok(forgotten) => tracing::debug!(forgotten, "mcp.answers_forgotten"),
            Err(error) => tracing::error!(%error, "mcp.sweep_failed"),
        }
    }
}

/// The tools, as this service offers them.
fn server(state: &State, secret: &[u8]) -> Result<TaskServer, BoardError> {
    let server = TaskServer::new(state.app.clone()).with_secret(secret).with_board(mcp_board::document()?);
    let limits = state.limits.clone();
    Ok(server.limited(Arc::new(move |user| {
        let limits = limits.clone();
        async move { limits.mcp.pass(user).await.err().map(|TooMany { retry_after }| retry_after) }.boxed()
    })))
}

/// The person in whose name the tools act, with what was granted.
fn caller(principal: Principal) -> Caller {
    let Principal { account, scopes, client, exp: _ } = principal;
    Caller::new(&account, Door::Mcp { client: client.unwrap_or_default() }).limited(scopes)
}
