//! Clients of sockets.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpSocket;
use tokio_tungstenite::{
    MaybeTlsStream,
    tungstenite::{self, Message, client::IntoClientRequest},
};

use super::Server;

/// A client of `/ws`.
pub(crate) struct Socket {
    stream: tokio_tungstenite::WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>,
}

impl Socket {
    pub(crate) async fn open(server: &Server, query: &str) -> Self {
        Self::connect(&server.base, &format!("/ws{query}")).await
    }

    /// A client of another socket: `path` with its query.
    pub(crate) async fn connect(base: &str, path: &str) -> Self {
        let url = format!("{}{path}", base.replace("http://", "ws://"));
        let (stream, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        Self { stream }
    }

    /// A client whose request has these headers.
    pub(crate) async fn with(server: &Server, query: &str, headers: &[(&'static str, &str)]) -> Self {
        Self::connect_with(&server.base, &format!("/ws{query}"), headers).await
    }

    /// The same, of any socket.
    pub(crate) async fn connect_with(base: &str, path: &str, headers: &[(&'static str, &str)]) -> Self {
        let mut request = format!("{}{path}", base.replace("http://", "ws://")).into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let (stream, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        Self { stream }
    }

    /// A client whose system takes in little that it has not read yet.
    pub(crate) async fn narrow(base: &str, path: &str) -> Self {
        let host = base.trim_start_matches("http://");
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(16 * 1024).unwrap();
        let stream = MaybeTlsStream::Plain(socket.connect(host.parse().unwrap()).await.unwrap());
        let url = format!("ws://{host}{path}");
        let (stream, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
        Self { stream }
    }

    pub(crate) async fn send(&mut self, kind: &str, data: Value) {
        self.send_text(&json!({"type": kind, "data": data}).to_string()).await;
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.stream.send(Message::text(text)).await.unwrap();
    }

    /// As [`Socket::send_text`], where the other side may be gone.
    pub(crate) async fn try_send_text(&mut self, text: &str) -> Result<(), tungstenite::Error> {
        self.stream.send(Message::text(text)).await
    }

    /// The next frame; none when the connection broke, however.
    pub(crate) async fn try_receive(&mut self) -> Option<Value> {
        loop {
            match self.stream.next().await? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// The next frame; panics when none comes in time.
    pub(crate) async fn next(&mut self) -> Value {
        match self.receive().await {
            Ok(frame) => frame,
            Err(end) => panic!("the socket ended: {end:?}"),
        }
    }

    /// The next frame, or how the socket ended.
    pub(crate) async fn receive(&mut self) -> Result<Value, Option<u16>> {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(10), self.stream.next()).await;
            match next.expect("a frame within ten seconds") {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(frame))) => return Err(frame.map(|frame| frame.code.into())),
                Some(Ok(_)) => {}
                None | Some(Err(tungstenite::Error::ConnectionClosed)) => return Err(None),
                Some(Err(error)) => panic!("{error}"),
            }
        }
    }

    /// The next frame of this type; what comes before it is dropped.
    pub(crate) async fn next_of(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await;
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    /// How everything stands, and with `since`, the events that came before that.
    pub(crate) async fn sync(&mut self, since: Option<i64>) -> (Vec<Value>, Value) {
        let data = since.map_or_else(|| json!({}), |since| json!({"since": since}));
        self.send("sync_request", data).await;
        let mut before = Vec::new();
        loop {
            let frame = self.next().await;
            if frame["type"] == "sync_response" {
                return (before, frame);
            }
            before.push(frame);
        }
    }
}
