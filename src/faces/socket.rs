//! What all sockets have in common: who may open one, how frames come and go, and the ways in which it ends.
//!
//! One task a socket. It never makes others wait: what waits for it in the feed is bounded, and a client that does not keep up is closed.
//!
//! To add a socket: a handler that calls [`upgrade`], and a loop over [`Link::over`], [`Link::listen`] and the face's events.

use std::{marker::PhantomData, time::Duration};

use axum::{
    body::Bytes,
    extract::{
        FromRequestParts, Query,
        ws::{CloseFrame, Message as Ws, Utf8Bytes, WebSocket, WebSocketUpgrade},
    },
    http::request::Parts,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use errand_core::{
    Account, Error,
    app::LoginWatch,
    login::Pass,
    measure::{OneMore, SOCKETS},
};
use futures::{
    FutureExt as _,
    future::{BoxFuture, OptionFuture},
};
use metrics::gauge;
use serde::Deserialize;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, Span};

use super::Refusal;
use crate::{auth, state::State};

/// The largest frame from a client, where its contract does not say otherwise.
const FRAME_MAX: usize = 64 * 1024;
/// The largest that is read at all: the longest message of `rooms` with what is around it.
const FRAME_MOST: usize = 128 * 1024;
/// tungstenite's own buffer, for each socket; its default of 128 KiB is too much for thousands of them. It grows with a frame.
const BUFFER: usize = 1024;
/// How long a client may take to read one frame, and how many bytes more it has to read in each further second.
const SEND_MAX: Duration = Duration::from_secs(15);
const SEND_RATE: usize = 64 * 1024;
/// How often an idle client is asked whether it is there; it is gone when it stays silent for two of them.
const PING_EVERY: Duration = Duration::from_secs(30);
/// How long a client has to take its leave; one that was too slow has much to read before.
const FAREWELL: Duration = Duration::from_secs(5);
const SLOW_FAREWELL: Duration = Duration::from_mins(1);

/// Why the conversation with a client is over.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It went away, or does not read.
    Gone,
    /// We close, with a code and a reason.
    Close(u16, &'static str),
}

/// Close codes: RFC 6455 and those of the contracts.
impl End {
    const GOING_AWAY: Self = Self::Close(1001, "The server is going away");
    const NO_TOKEN: Self = Self::Close(1008, "Authentication token is missing or invalid");
    const TOO_BIG: Self = Self::Close(1009, "A frame may have at most 64 KiB");
    const FAILED: Self = Self::Close(1011, "An unexpected error occurred");
    const EXPIRED: Self = Self::Close(4401, "The access token has expired");
    const LOGGED_OUT: Self = Self::Close(4401, "Logged out");
    /// The client did not keep up.
    pub(crate) const TOO_SLOW: Self = Self::Close(4508, "Too slow; resume from the last seq");
    /// The user has as many sockets open as they may.
    pub(crate) const TOO_MANY: Self = Self::Close(4429, "Too many connections");

    /// The end after an error of ours.
    pub(crate) fn failed(error: &Error) -> Self {
        tracing::error!(%error, "socket.failed");
        Self::FAILED
    }
}

/// What a step of the conversation came to.
pub(crate) type Step<T = ()> = Result<T, End>;

/// A request to open a socket; `F` is the face's failure, with which anything else is refused.
pub(crate) struct Handshake<F> {
    token: Option<String>,
    path: String,
    upgrade: WebSocketUpgrade,
    face: PhantomData<F>,
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
}

impl<F: From<Refusal> + IntoResponse> FromRequestParts<State> for Handshake<F> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let upgrade = WebSocketUpgrade::from_request_parts(parts, state).await;
        let upgrade = upgrade.map_err(|_| F::from(Refusal::NotASocket).into_response())?;
        let asked = Query::<Token>::try_from_uri(&parts.uri).ok().and_then(|Query(Token { token })| token);
        let token = asked.or_else(|| auth::bearer(&parts.headers).map(str::to_owned));
        let path = parts.uri.path().to_owned(); // a route without parameters
        Ok(Self { token, path, upgrade, face: PhantomData })
    }
}

/// Opens a socket for whoever the token speaks for. What `ready` makes is there before the client hears that the socket is open, so
/// that nothing is missed of what happens from then on; `talk` then holds the conversation. Without a valid token the upgrade
/// succeeds and is closed with 1008, as the contracts say.
pub(crate) async fn upgrade<R, P, T, O, F>(state: State, handshake: Handshake<F>, ready: R, talk: T) -> Response
where
    R: AsyncFnOnce(&State, &Account) -> Result<P, Error>,
    P: Send + 'static,
    T: FnOnce(State, Account, P, Link) -> O + Send + 'static,
    O: Future<Output = ()> + Send + 'static,
{
    let Handshake { token, path, upgrade, .. } = handshake;
    let who = match auth::authenticate(&state, token.as_deref()).await {
        Ok((account, grant)) => Ok((prepare(&state, &account, grant.pass, ready).await, account, grant)),
        Err(error) => Err(error),
    };
    // What is only needed to begin is not kept beside the conversation, as it would be in one future with it.
    let begin = move |stream| -> BoxFuture<'static, ()> {
        let (shutdown, now) = (state.agent.shutdown(), state.app.clock.now());
        match who {
            Ok((Ok((prepared, login)), account, grant)) => {
                tracing::debug!(user = %account.id, "socket.opened");
                let link = Link { login, ..Link::new(stream, shutdown, deadline(grant.exp, now)) };
                talk(state, account, prepared, link).boxed()
            }
            Ok((Err(error), ..)) => Link::new(stream, shutdown, Instant::now()).end(End::failed(&error)).boxed(),
            Err(_) => Link::new(stream, shutdown, Instant::now()).end(End::NO_TOKEN).boxed(),
        }
    };
    let talked = move |stream| {
        let (open, conversation) = (OneMore::of(gauge!(SOCKETS.name, "path" => path)), begin(stream));
        async move {
            let _open = open;
            conversation.await;
            tracing::debug!("socket.closed");
        }
    };
    let span = Span::current();
    upgrade
        .max_message_size(FRAME_MOST)
        .max_frame_size(FRAME_MOST)
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .on_upgrade(move |stream| span.in_scope(|| talked(stream)).instrument(span))
}

/// What `ready` makes, and what tells when the login ends.
async fn prepare<P>(
    state: &State,
    account: &Account,
    pass: Option<Pass>,
    ready: impl AsyncFnOnce(&State, &Account) -> Result<P, Error>,
) -> Result<(P, Option<LoginWatch>), Error> {
    let prepared = ready(state, account).await?;
    Ok((prepared, watch(state, pass).await?))
}

async fn watch(state: &State, pass: Option<Pass>) -> Result<Option<LoginWatch>, Error> {
    match pass {
        Some(pass) => state.app.watch_login(pass.login).await.map(Some),
        None => Ok(None),
    }
}

/// The connection to a client.
pub(crate) struct Link {
    stream: WebSocket,
    shutdown: CancellationToken,
    expires: Instant,
    /// None where it hangs on no login of ours.
    login: Option<LoginWatch>,
    pings: Interval,
    silent: u8,
}

/// What a client sent.
pub(crate) enum Heard {
    /// Text.
    Text(Utf8Bytes),
    /// Bytes that are no text.
    NotText,
}

impl Link {
    fn new(stream: WebSocket, shutdown: CancellationToken, expires: Instant) -> Self {
        let mut pings = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { stream, shutdown, expires, login: None, pings, silent: 0 }
    }

    /// Resolves when the conversation has to end whatever the client does: the token expires, the login ends, the service stops.
    pub(crate) fn over(&self) -> impl Future<Output = End> + use<> {
        let (shutdown, expires) = (self.shutdown.clone(), self.expires);
        let logged_out = OptionFuture::from(self.login.as_ref().map(LoginWatch::ended));
        async move {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => End::GOING_AWAY,
                Some(()) = logged_out => End::LOGGED_OUT,
                () = sleep_until(expires) => End::EXPIRED,
            }
        }
    }

    /// Takes a newer token of the same user; false when it is none.
    pub(crate) async fn renew(&mut self, state: &State, account: &Account, token: &str) -> bool {
        match auth::authenticate(state, Some(token)).await {
            Ok((other, grant)) if other.id == account.id => {
                let Ok(login) = watch(state, grant.pass).await else { return false };
                self.login = login;
                self.expires = deadline(grant.exp, state.app.clock.now());
                true
            }
            Ok(_) | Err(_) => false,
        }
    }

    /// What the client sends next. Asks now and then whether it is still there. Safe to cancel.
    pub(crate) async fn listen(&mut self) -> Step<Heard> {
        loop {
            tokio::select! {
                biased;
                received = self.stream.recv() => {
                    self.silent = 0;
                    match received {
                        Some(Ok(Ws::Text(text))) => return Ok(Heard::Text(text)),
                        Some(Ok(Ws::Binary(bytes))) => {
                            return Ok(Utf8Bytes::try_from(bytes).map_or(Heard::NotText, Heard::Text));
                        }
                        Some(Ok(Ws::Ping(_) | Ws::Pong(_))) => {}
                        Some(Err(error)) if too_big(&error) => return Err(End::TOO_BIG),
                        None | Some(Ok(Ws::Close(_)) | Err(_)) => return Err(End::Gone),
                    }
                }
                _ = self.pings.tick() => {
                    if self.silent >= 2 {
                        return Err(End::Gone);
                    }
                    self.silent += 1;
                    self.send(Ws::Ping(Bytes::new())).await?;
                }
            }
        }
    }

    /// Sends frames.
    pub(crate) async fn tell_all(&mut self, frames: &[Bytes]) -> Step {
        for frame in frames {
            self.tell(frame.clone()).await?;
        }
        Ok(())
    }

    /// Sends a frame.
    pub(crate) async fn tell(&mut self, frame: Bytes) -> Step {
        let text = Utf8Bytes::try_from(frame).map_err(|_| End::FAILED)?;
        self.send(Ws::Text(text)).await
    }

    async fn send(&mut self, message: Ws) -> Step {
        let patience = SEND_MAX + Duration::from_secs((length(&message) / SEND_RATE) as u64);
        match timeout(patience, self.stream.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(End::TOO_SLOW),
        }
    }

    /// Closes, and hears the client out: a connection that is dropped while something from the client is on its way is reset, and
    /// the client would lose what it has not read yet, the close frame with it.
    pub(crate) async fn end(mut self, end: End) {
        let End::Close(code, reason) = end else { return };
        let patience = if end == End::TOO_SLOW { SLOW_FAREWELL } else { FAREWELL };
        let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
        let farewell = async {
            if self.stream.send(Ws::Close(Some(frame))).await.is_ok() {
                while let Some(Ok(_)) = self.stream.recv().await {}
            }
        };
        let _ = timeout(patience, farewell).await; // the client may be gone already; then there is nobody to tell
    }
}

/// That a frame is not larger than most contracts allow.
pub(crate) fn fits(text: &str) -> Step {
    if text.len() <= FRAME_MAX { Ok(()) } else { Err(End::TOO_BIG) }
}

fn length(message: &Ws) -> usize {
    match message {
        Ws::Text(text) => text.len(),
        Ws::Binary(bytes) | Ws::Ping(bytes) | Ws::Pong(bytes) => bytes.len(),
        Ws::Close(_) => 0,
    }
}

fn too_big(error: &axum::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if let Some(tokio_tungstenite::tungstenite::Error::Capacity(_)) = error.downcast_ref() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// When a token that ends at `expires` (seconds since the epoch) is over, on the clock that timers run by.
fn deadline(expires: i64, now: DateTime<Utc>) -> Instant {
    let left = u64::try_from(expires.saturating_sub(now.timestamp())).unwrap_or(0);
    Instant::now() + Duration::from_secs(left.min(60 * 60 * 24 * 365))
}
