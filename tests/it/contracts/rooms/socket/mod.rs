//! The socket: messages, presence and typing as they happen.

mod files;
mod frames;
mod messages;
mod now;
mod people;
mod places;
mod slow;

use serde_json::{Value, json};

use super::{Person, keys, messages::content, text};
use crate::harness::{Server, Socket};

/// A client of `/ws` that speaks this dialect.
struct Wire(Socket);

impl Wire {
    async fn open(person: &Person<'_>) -> Self {
        Self(Socket::open(person.server, &format!("?token={}", person.token)).await)
    }

    /// One that has joined a room.
    async fn within(person: &Person<'_>, room: &str) -> Self {
        let mut wire = Self::open(person).await;
        wire.join(room, None).await;
        wire
    }

    async fn say(&mut self, event: &str, data: Value) {
        self.0.send_text(&json!({"event": event, "data": data}).to_string()).await;
    }

    /// The answer to joining.
    async fn join(&mut self, room: &str, since_seq: Option<i64>) -> Value {
        self.say("join_chatroom", json!({"chatroom_id": room, "since_seq": since_seq})).await;
        self.hears("joined_chatroom").await
    }

    /// What is told next: `data` of an event that must be `event`. Presence is not among it.
    async fn hears(&mut self, event: &str) -> Value {
        let frame = self.next().await;
        assert_eq!(frame["event"], event, "{frame}");
        frame["data"].clone()
    }

    async fn next(&mut self) -> Value {
        loop {
            let frame = self.0.next().await;
            if !["user_online", "user_offline"].iter().any(|presence| frame["event"] == *presence) {
                return frame;
            }
        }
    }

    /// What is told next about presence.
    async fn presence(&mut self) -> Value {
        loop {
            let frame = self.0.next().await;
            if ["user_online", "user_offline"].iter().any(|presence| frame["event"] == *presence) {
                return frame;
            }
        }
    }

    /// The next frame is an error with this code.
    async fn is_refused(&mut self, code: &str) -> Value {
        let error = self.hears("error").await;
        assert_eq!(error["code"], code, "{error}");
        assert!(error["message"].is_string() && error["details"].is_object(), "{error}");
        error
    }

    /// That nothing was told until now.
    async fn heard_nothing(&mut self) {
        self.say("dance", json!({})).await;
        self.is_refused("VALIDATION_INVALID_FORMAT").await;
    }
}

/// A room of ann's with bob in it, and the first version of its key.
async fn hall(server: &Server) -> (String, Person<'_>, Person<'_>) {
    let (ann, bob) = (Person::new(server, "ann").await, Person::new(server, "bob").await);
    let room = ann.room(&json!({"name": "The hall", "auto_summary_enabled": false})).await;
    ann.lets_in(&room, &bob).await;
    keys::give(&ann, &room, 1, &[&ann, &bob]).await;
    (room, ann, bob)
}

/// A message to send.
fn message(room: &str, client_id: &str) -> Value {
    json!({"chatroom_id": room, "content": content(), "message_type": "text", "reply_to": null, "client_id": client_id})
}

/// Whose account it is.
async fn id(person: &Person<'_>) -> String {
    text(&super::is_well(&person.get("/users/me").await, 200)["id"])
}
