//! A client of `/ws`.

use std::time::Duration;

use errand_bench::Broken;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Message, protocol::WebSocketConfig},
};

use crate::server::Room;

/// How long the next frame may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// As many characters as an encrypted sentence has.
pub(crate) const SENTENCE: usize = 200;

/// A socket that has joined the room.
pub(crate) struct Wire {
    stream: WebSocketStream<TcpStream>,
    room: String,
}

/// A message that arrived.
pub(crate) struct Received {
    pub(crate) seq: i64,
    pub(crate) id: String,
    pub(crate) client_id: Option<String>,
}

/// What comes next.
pub(crate) enum Heard {
    Message(Received),
    /// The server closed, with this code.
    Closed(u16),
}

impl Wire {
    /// One of `person`'s; `narrow` when its system is to take in little that is not read.
    pub(crate) async fn open(room: &Room, person: usize, since: Option<i64>, narrow: bool) -> Result<Self, Broken> {
        let socket = TcpSocket::new_v4()?;
        if narrow {
            socket.set_recv_buffer_size(16 * 1024)?;
        }
        let stream = socket.connect(room.address).await?;
        stream.set_nodelay(true)?;
        let url = format!("ws://{}/ws?token={}", room.address, room.furniture.tokens[person]);
        let small = WebSocketConfig::default().read_buffer_size(4096).write_buffer_size(0);
        let (stream, _) = client_async_with_config(url, stream, Some(small)).await?;
        let mut wire = Self { stream, room: room.furniture.room.to_string() };
        wire.say("join_chatroom", json!({"chatroom_id": wire.room, "since_seq": since})).await?;
        wire.until("joined_chatroom").await?;
        Ok(wire)
    }

    /// Writes a message with so many characters in its envelope.
    pub(crate) async fn write(&mut self, person: usize, number: usize, size: usize) -> Result<(), Broken> {
        let content = json!({"encrypted_data": "A".repeat(size), "iv": iv(person, number), "key_version": 1});
        let client_id = format!("{person}-{number}");
        self.say("send_message", json!({"chatroom_id": self.room, "content": content, "client_id": client_id})).await
    }

    async fn say(&mut self, event: &str, data: Value) -> Result<(), Broken> {
        Ok(self.stream.send(Message::text(json!({"event": event, "data": data}).to_string())).await?)
    }

    /// The next message, or the end.
    pub(crate) async fn hear(&mut self) -> Result<Heard, Broken> {
        loop {
            let frame = match self.frame().await? {
                Ok(frame) => frame,
                Err(code) => return Ok(Heard::Closed(code)),
            };
            match frame["event"].as_str() {
                Some("message_received") => {
                    let (data, text) = (&frame["data"], |value: &Value| value.as_str().map(str::to_owned));
                    let id = text(&data["message"]["id"]).ok_or("a message has an id")?;
                    let seq = data["seq"].as_i64().ok_or("a message has a number")?;
                    return Ok(Heard::Message(Received { seq, id, client_id: text(&data["client_id"]) }));
                }
                Some("error") => return Err(format!("the server refuses: {frame}").into()),
                _ => {}
            }
        }
    }

    /// The next message; the end is an error.
    pub(crate) async fn message(&mut self) -> Result<Received, Broken> {
        match self.hear().await? {
            Heard::Message(message) => Ok(message),
            Heard::Closed(code) => Err(format!("closed with {code}").into()),
        }
    }

    async fn until(&mut self, event: &str) -> Result<(), Broken> {
        loop {
            match self.frame().await? {
                Ok(frame) if frame["event"] == event => return Ok(()),
                Ok(frame) if frame["event"] == "error" => return Err(format!("the server refuses: {frame}").into()),
                Ok(_) => {}
                Err(code) => return Err(format!("closed with {code}").into()),
            }
        }
    }

    async fn frame(&mut self) -> Result<Result<Value, u16>, Broken> {
        loop {
            match timeout(PATIENCE, self.stream.next()).await? {
                Some(Ok(Message::Text(text))) => return Ok(Ok(serde_json::from_str(&text)?)),
                Some(Ok(Message::Close(frame))) => return Ok(Err(frame.map_or(1005, |frame| frame.code.into()))),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => return Err("the connection broke".into()),
            }
        }
    }
}

/// 12 bytes in base64, other ones for each message.
fn iv(person: usize, number: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut rest = (person << 32) | number;
    let digits = (0..16).map(|_| {
        let digit = ALPHABET[rest % 64];
        rest /= 64;
        char::from(digit)
    });
    digits.collect()
}
