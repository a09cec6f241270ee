//! `/ws`: what happens, as it happens; and turns of the assistant.
//!
//! One task a socket. It never makes others wait: the feed's queue is bounded, and a client that does not keep up is closed with
//! 4508 and resumes with `sync_request` from the last `seq` it saw.

mod answers;

use std::time::Duration;

use axum::{
    body::Bytes,
    extract::{
        Query,
        rejection::QueryRejection,
        ws::{CloseFrame, Message as Ws, Utf8Bytes, WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use errand_core::{
    Account, Caller, Door, Error, Problem,
    event::Topic,
    feed::{Next, Subscription},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout},
};
use tracing::Instrument as _;

use super::{
    failure::Failure,
    frames::{self, Frame},
};
use crate::{
    agent::{Live, LiveTurns},
    auth,
    state::State,
};

/// The largest frame from a client.
const FRAME_MAX: usize = 64 * 1024;
/// tungstenite's own buffer, for each socket; its default of 128 KiB is too much for thousands of them.
const BUFFER: usize = 4 * 1024;
/// How long a client may take to read one frame, and how many bytes more it has to read in each further second.
const SEND_MAX: Duration = Duration::from_secs(15);
const SEND_RATE: usize = 64 * 1024;
/// How often an idle client is asked whether it is there; it is gone when it stays silent for two of them.
const PING_EVERY: Duration = Duration::from_secs(30);

/// How long a client has to take its leave.
const FAREWELL: Duration = Duration::from_secs(5);

/// Close codes: RFC 6455 and those of the contract.
const POLICY: u16 = 1008;
const TOO_BIG: u16 = 1009;
const GOING_AWAY: u16 = 1001;
const FAILED: u16 = 1011;
const EXPIRED: u16 = 4401;
const TOO_SLOW: u16 = 4508;

#[derive(Deserialize)]
pub(crate) struct Token {
    token: Option<String>,
}

/// `GET /ws`. Without a valid token the upgrade succeeds and is closed with 1008, as the contract says.
pub(crate) async fn upgrade(
    axum::extract::State(state): axum::extract::State<State>,
    token: Result<Query<Token>, QueryRejection>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let Ok(upgrade) = upgrade else {
        return Failure::from(Error::from(Problem::new("connection", "must be upgraded to a WebSocket")))
            .into_response();
    };
    let token = token.ok().and_then(|Query(Token { token })| token); // two tokens are none
    let token = token.or_else(|| auth::bearer(&headers).map(str::to_owned));
    let who = auth::authenticate(&state, token.as_deref()).await;
    let span = tracing::Span::current();
    upgrade
        .max_message_size(FRAME_MAX)
        .max_frame_size(FRAME_MAX)
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .on_upgrade(move |mut socket| {
            let served = async move {
                match who {
                    Ok((account, claims)) => match Socket::open(state, account, claims.exp, socket).await {
                        Ok(socket) => socket.run().await,
                        Err(error) => tracing::error!(%error, "socket.failed"),
                    },
                    Err(_) => close(&mut socket, POLICY, "Authentication token is missing or invalid").await,
                }
            };
            served.instrument(span)
        })
}

/// Closes, and hears the client out: a connection that is dropped while something from the client is on its way is reset, and the
/// client would lose what it has not read yet, the close frame with it.
async fn close(socket: &mut WebSocket, code: u16, reason: &'static str) {
    let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
    let farewell = async {
        if socket.send(Ws::Close(Some(frame))).await.is_ok() {
            while let Some(Ok(_)) = socket.recv().await {}
        }
    };
    let _ = timeout(FAREWELL, farewell).await; // the client may be gone already; then there is nobody to tell
}

struct Socket {
    state: State,
    account: Account,
    caller: Caller,
    events: Subscription,
    live: LiveTurns,
    refusals: (mpsc::Sender<Refused>, mpsc::Receiver<Refused>),
    expires: Instant,
    stream: WebSocket,
}

/// A turn that was not begun, with what tells the client which one.
type Refused = (Error, Value);

/// Why the conversation with a client is over.
enum End {
    /// It went away, or does not read.
    Gone,
    /// We close, with a code and a reason.
    Close(u16, &'static str),
}

type Step = Result<(), End>;

impl Socket {
    async fn open(state: State, account: Account, expires: i64, stream: WebSocket) -> errand_core::Result<Self> {
        let caller = Caller::new(&account, Door::Rest);
        let live = state.agent.watch(account.id);
        let events = state.app.store.subscribe(Topic::User(account.id)).await?;
        let expires = deadline(expires, state.app.clock.now());
        Ok(Self { state, account, caller, events, live, refusals: mpsc::channel(8), expires, stream })
    }

    async fn run(mut self) {
        tracing::debug!(user = %self.account.id, "socket.opened");
        match self.serve().await {
            Ok(()) | Err(End::Gone) => {}
            Err(End::Close(code, reason)) => close(&mut self.stream, code, reason).await,
        }
        tracing::debug!(user = %self.account.id, "socket.closed");
    }

    async fn serve(&mut self) -> Step {
        let mut pings = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut silent = 0;
        let shutdown = self.state.agent.shutdown();
        loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => return Err(End::Close(GOING_AWAY, "The server is going away")),
                () = sleep_until(self.expires) => return Err(End::Close(EXPIRED, "The access token has expired")),
                // Before the events: what is being written comes before what was stored.
                live = self.live.next() => self.tell_live(live).await?,
                next = self.events.next() => match next {
                    Ok(Next::Event(event)) => self.send_all(event.encoded(frames::event)).await?,
                    Ok(Next::TooSlow) => return Err(End::Close(TOO_SLOW, "Too slow; resume with sync_request")),
                    Err(error) => return Err(self.failed(&error)),
                },
                Some((error, context)) = self.refusals.1.recv() => {
                    let (code, message) = refused(&error);
                    self.error(code, &message, context).await?;
                }
                received = self.stream.recv() => {
                    silent = 0;
                    self.receive(received).await?;
                }
                _ = pings.tick() => {
                    if silent >= 2 {
                        return Err(End::Gone);
                    }
                    silent += 1;
                    self.send(Ws::Ping(Bytes::new())).await?;
                }
            }
        }
    }

    fn failed(&self, error: &Error) -> End {
        tracing::error!(%error, user = %self.account.id, "socket.failed");
        End::Close(FAILED, "An unexpected error occurred")
    }

    async fn receive(&mut self, received: Option<Result<Ws, axum::Error>>) -> Step {
        match received {
            Some(Ok(Ws::Text(text))) => self.answer(text.as_str()).await,
            Some(Ok(Ws::Binary(bytes))) => match std::str::from_utf8(&bytes) {
                Ok(text) => self.answer(text).await,
                Err(_) => self.error("VALIDATION_ERROR", "A frame must be JSON text", json!({})).await,
            },
            Some(Ok(Ws::Ping(_) | Ws::Pong(_))) => Ok(()),
            Some(Err(error)) if too_big(&error) => Err(End::Close(TOO_BIG, "A frame may have at most 64 KiB")),
            None | Some(Ok(Ws::Close(_)) | Err(_)) => Err(End::Gone),
        }
    }

    async fn tell_live(&mut self, live: Live) -> Step {
        let (kind, data) = match &live {
            Live::Started { conversation, turn } => frames::turn_started(*conversation, *turn),
            Live::Text { conversation, message, text } => frames::delta(*conversation, *message, text, false),
            Live::Again { conversation, message } => frames::delta(*conversation, *message, "", true),
        };
        let frame = Frame::new(kind, data, self.now(), self.events.seen());
        self.send_text(frame.bytes()).await
    }

    async fn error(&mut self, code: &str, message: &str, context: Value) -> Step {
        let mut data = context;
        data["code"] = code.into();
        data["message"] = message.into();
        let frame = Frame::new("error", data, self.now(), self.events.seen());
        self.send_text(frame.bytes()).await
    }

    fn now(&self) -> DateTime<Utc> {
        self.state.app.clock.now()
    }

    async fn send_all(&mut self, frames: &[Bytes]) -> Step {
        for frame in frames {
            self.send_text(frame.clone()).await?;
        }
        Ok(())
    }

    async fn send_text(&mut self, frame: Bytes) -> Step {
        let text = Utf8Bytes::try_from(frame).map_err(|_| End::Close(FAILED, "A frame was not text"))?;
        self.send(Ws::Text(text)).await
    }

    async fn send(&mut self, message: Ws) -> Step {
        let patience = SEND_MAX + Duration::from_secs((length(&message) / SEND_RATE) as u64);
        match timeout(patience, self.stream.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Gone),
        }
    }
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

/// A refused turn, in the words of `assistant`.
fn refused(error: &Error) -> (&'static str, String) {
    match error {
        Error::Invalid(_)
        | Error::TurnRunning
        | Error::Unclear { .. }
        | Error::Stale { .. }
        | Error::NothingToUndo
        | Error::KeyReused
        | Error::AlreadyRegistered => ("VALIDATION_ERROR", error.to_string()),
        Error::Credentials | Error::Unauthenticated => ("UNAUTHORIZED", error.to_string()),
        Error::Forbidden(_) => ("FORBIDDEN", error.to_string()),
        Error::NotFound(_) => ("CONVERSATION_NOT_FOUND", "Conversation not found".into()),
        Error::Database(_) | Error::Migration(_) | Error::Internal(_) => {
            tracing::error!(%error, "socket.turn_failed");
            ("INTERNAL_ERROR", "An unexpected error occurred".into())
        }
    }
}
