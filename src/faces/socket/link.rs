//! How frames come and go.

use std::time::Duration;

use axum::{
    body::Bytes,
    extract::ws::{CloseFrame, Message as Ws, Utf8Bytes, WebSocket},
};
use chrono::{DateTime, Utc};
use errand_core::{Account, Error, app::LoginWatch, login::Pass};
use futures::future::OptionFuture;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::{End, Step};
use crate::{auth, state::State};

/// How long a client may take to read one frame, and how many bytes more it has to read in each further second.
const SEND_MAX: Duration = Duration::from_secs(15);
const SEND_RATE: usize = 64 * 1024;
/// How often an idle client is asked whether it is there; it is gone when it stays silent for two of them.
const PING_EVERY: Duration = Duration::from_secs(30);
/// How long a client has to take its leave; one that was too slow has much to read before.
const FAREWELL: Duration = Duration::from_secs(5);
const SLOW_FAREWELL: Duration = Duration::from_mins(1);

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
    pub(super) fn new(stream: WebSocket, shutdown: CancellationToken, expires: Instant) -> Self {
        let mut pings = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { stream, shutdown, expires, login: None, pings, silent: 0 }
    }

    /// A connection that ends with this login.
    pub(super) fn hangs_on(self, login: Option<LoginWatch>) -> Self {
        Self { login, ..self }
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
    pub(crate) async fn end(&mut self, end: End) {
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

/// What tells when the login ends.
pub(super) async fn watch(state: &State, pass: Option<Pass>) -> Result<Option<LoginWatch>, Error> {
    match pass {
        Some(pass) => state.app.watch_login(pass.login).await.map(Some),
        None => Ok(None),
    }
}

/// When a token that ends at `expires` (seconds since the epoch) is over, on the clock that timers run by.
pub(super) fn deadline(expires: i64, now: DateTime<Utc>) -> Instant {
    let left = u64::try_from(expires.saturating_sub(now.timestamp())).unwrap_or(0);
    Instant::now() + Duration::from_secs(left.min(60 * 60 * 24 * 365))
}
