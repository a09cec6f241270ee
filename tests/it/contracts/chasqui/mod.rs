//! `chasqui`: people who talk to each other. A file a noun, as in the face.

mod auth;
mod conversations;
mod messages;
mod refusals;
mod socket;
mod tasks;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Server, Socket, answer};

/// Somebody who registered and logged in on this contract, and knows no other.
struct Person<'a> {
    server: &'a Server,
    name: &'static str,
    id: String,
    token: String,
}

impl<'a> Person<'a> {
    async fn new(server: &'a Server, name: &'static str) -> Self {
        let body = json!({"username": name, "email": format!("{name}@example.com"), "password": "correct horse"});
        let registered = post(server, "/api/register", &body).await;
        assert_eq!(registered.status, 201, "{registered:?}");
        let logged_in = post(server, "/api/login", &json!({"username": name, "password": "correct horse"})).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self { server, name, id: text(&registered.body["id"]), token: text(&logged_in.body["token"]) }
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.server.http.request(method, format!("{}{path}", self.server.chasqui)).bearer_auth(&self.token)
    }

    async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        answer(self.request(Method::POST, path).json(&body)).await
    }

    async fn patch(&self, path: &str, body: Value) -> Answer {
        answer(self.request(Method::PATCH, path).json(&body)).await
    }

    /// The id of the direct conversation with somebody.
    async fn with(&self, other: &Person<'_>) -> String {
        let opened = self.post("/api/conversations", json!({"type": "direct", "participants": [other.id]})).await;
        assert!(matches!(opened.status, 200 | 201), "{opened:?}");
        opened.body["id"].as_str().unwrap().to_owned()
    }

    async fn socket(&self) -> Chat {
        Chat(Socket::connect(&self.server.chasqui, &format!("/api/ws/chat?token={}", self.token)).await)
    }

    async fn history(&self, conversation: &str, query: &str) -> Answer {
        self.get(&format!("/api/conversations/{conversation}/messages{query}")).await
    }
}

/// A client of `/api/ws/chat`.
struct Chat(Socket);

impl Chat {
    async fn send(&mut self, frame: Value) {
        self.0.send_text(&frame.to_string()).await;
    }

    async fn next(&mut self) -> Value {
        self.0.next().await
    }

    async fn join(&mut self, conversation: &str) -> Value {
        self.send(json!({"type": "join", "conversation_id": conversation})).await;
        let joined = self.next().await;
        assert_eq!((&joined["type"], &joined["conversation_id"]), (&json!("Joined"), &json!(conversation)));
        joined
    }

    async fn say(&mut self, conversation: &str, content: &str) {
        self.send(json!({"type": "message", "conversation_id": conversation, "content": content})).await;
    }

    /// The next frame, which must be a message that says this.
    async fn hears(&mut self, content: &str) -> Value {
        let frame = self.next().await;
        assert_eq!((&frame["type"], &frame["message"]["content"]), (&json!("NewMessage"), &json!(content)), "{frame}");
        frame
    }

    /// The next frame, which must be an error.
    async fn is_refused(&mut self) -> String {
        let frame = self.next().await;
        assert_eq!(frame["type"], "Error", "{frame}");
        frame["message"].as_str().unwrap().to_owned()
    }

    /// That nothing came meanwhile: the answer to a question is the next frame.
    async fn heard_nothing(&mut self) {
        self.send(json!({"type": "what came before this?"})).await;
        assert!(self.is_refused().await.contains("what came before this?"));
    }
}

async fn post(server: &Server, path: &str, body: &Value) -> Answer {
    answer(server.http.post(format!("{}{path}", server.chasqui)).json(body)).await
}

/// A refusal in this contract's words.
fn is_error(answer: &Answer, status: u16) -> &str {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.body.as_object().map(serde_json::Map::len), Some(1), "{answer:?}");
    answer.body["error"].as_str().unwrap()
}

/// The fields of an object, sorted.
fn fields(value: &Value) -> Vec<&str> {
    let mut fields: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    fields
}
