//! The socket to the server: one frame after the other, and the number of the newest event, from which a lost connection goes on.

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use reqwest::{Url, header};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest as _, protocol::CloseFrame},
};

use super::PATIENCE;
use crate::config::Secret;

/// The close codes that mean: log in again.
const LOGGED_OUT: [u16; 2] = [1008, 4401];

/// The server pings every 30 seconds; after this time without a sign it is not there any more.
const SILENCE: Duration = Duration::from_secs(90);

/// A frame of the server.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Frame {
    /// Empty when it is of the other contract that has this socket.
    #[serde(rename = "type", default)]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) data: Value,
    #[serde(default)]
    seq: Option<i64>,
}

/// Why there is no next frame.
#[derive(Debug)]
pub(super) enum Down {
    /// The token is not good (any more).
    LoggedOut,
    /// The server is gone, or the way to it.
    Gone(String),
}

/// An open socket.
pub(super) struct Link {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    seen: i64,
}

impl Link {
    /// Connects. With the number of the event that was seen last, also answers what was missed since.
    pub(super) async fn open(server: &Url, token: &Secret, since: Option<i64>) -> Result<(Self, Vec<Frame>), Down> {
        let connected = timeout(PATIENCE, connect_async(request(server, token)?)).await;
        let (socket, _) = connected.map_err(|_| Down::Gone("no answer".into()))?.map_err(|error| gone(&error))?;
        let mut link = Self { socket, seen: since.unwrap_or(0) };
        let data = since.map_or_else(|| json!({}), |since| json!({"since": since}));
        link.send("sync_request", data).await?;
        let mut missed = Vec::new();
        loop {
            let frame = timeout(PATIENCE, link.next()).await.map_err(|_| Down::Gone("no answer".into()))??;
            let synced = frame.kind == "sync_response";
            missed.push(frame);
            if synced {
                return Ok((link, missed));
            }
        }
    }

    /// The number of the newest event that was seen.
    pub(super) fn seen(&self) -> i64 {
        self.seen
    }

    pub(super) async fn send(&mut self, kind: &str, data: Value) -> Result<(), Down> {
        let frame = json!({"type": kind, "data": data}).to_string();
        self.socket.send(Message::text(frame)).await.map_err(|error| gone(&error))
    }

    /// The next frame. Nothing is lost when it is not waited for to its end.
    pub(super) async fn next(&mut self) -> Result<Frame, Down> {
        loop {
            let heard = timeout(SILENCE, self.socket.next()).await;
            match heard.map_err(|_| Down::Gone("it is silent".into()))? {
                Some(Ok(Message::Text(text))) => {
                    let frame: Frame = serde_json::from_str(&text)
                        .map_err(|error| Down::Gone(format!("a frame that is none: {error}")))?;
                    self.seen = self.seen.max(frame.seq.unwrap_or(0));
                    return Ok(frame);
                }
                Some(Ok(Message::Close(frame))) => return Err(closed(frame.as_ref())),
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_))) => {}
                Some(Err(error)) => return Err(gone(&error)),
                None => return Err(Down::Gone("closed".into())),
            }
        }
    }
}

/// The token goes into a header: addresses end up in logs.
fn request(server: &Url, token: &Secret) -> Result<tungstenite::handshake::client::Request, Down> {
    let base = server.as_str().trim_end_matches('/').replacen("http", "ws", 1);
    let mut request = format!("{base}/ws").into_client_request().map_err(|error| gone(&error))?;
    let bearer = header::HeaderValue::try_from(format!("Bearer {}", token.expose())).map_err(|_| Down::LoggedOut)?;
    request.headers_mut().insert(header::AUTHORIZATION, bearer);
    Ok(request)
}

fn gone(error: &tungstenite::Error) -> Down {
    match error {
        tungstenite::Error::Http(answer) if answer.status() == tungstenite::http::StatusCode::UNAUTHORIZED => {
            Down::LoggedOut
        }
        other => Down::Gone(other.to_string()),
    }
}

fn closed(frame: Option<&CloseFrame>) -> Down {
    match frame {
        Some(frame) if LOGGED_OUT.contains(&frame.code.into()) => Down::LoggedOut,
        Some(frame) if !frame.reason.is_empty() => Down::Gone(frame.reason.to_string()),
        Some(_) | None => Down::Gone("closed".into()),
    }
}
