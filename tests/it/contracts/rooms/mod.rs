//! `rooms`: every line of its text, a file a section.

mod auth;
mod avatars;
mod chatrooms;
mod files;
mod hall;
mod health;
mod keys;
mod limits;
mod members;
mod mentions;
mod messages;
mod metrics;
mod refresh;
mod search;
mod sessions;
mod socket;
mod summaries;
mod users;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::is_time;
use crate::harness::{Answer, Server, answer};

/// An RSA key of 2048 bits, made by Node's `WebCrypto`.
const KEY: &str = include_str!("key.pem");

/// Somebody who registered on this contract.
struct Person<'a> {
    server: &'a Server,
    name: &'static str,
    token: String,
    refresh: String,
}

impl<'a> Person<'a> {
    async fn new(server: &'a Server, name: &'static str) -> Self {
        let registered = server.post("/auth/register", &registration(name)).await;
        assert_eq!(registered.status, 201, "{registered:?}");
        Self::with(server, name, &registered.body["data"])
    }

    /// The same person in another session.
    async fn again(&self) -> Self {
        let login = json!({"username": self.name, "password": "correct horse"});
        let logged_in = self.server.post("/auth/login", &login).await;
        assert_eq!(logged_in.status, 200, "{logged_in:?}");
        Self::with(self.server, self.name, &logged_in.body["data"])
    }

    fn with(server: &'a Server, name: &'static str, data: &Value) -> Self {
        Self { server, name, token: text(&data["access_token"]), refresh: text(&data["refresh_token"]) }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.server.http.request(method, format!("{}{path}", self.server.base)).bearer_auth(&self.token)
    }

    async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> Answer {
        answer(self.request(method, path).json(&body)).await
    }

    /// A new chatroom; its id.
    async fn room(&self, body: &Value) -> String {
        let made = self.send(Method::POST, "/chatrooms", body.clone()).await;
        text(&is_well(&made, 201)["chatroom"]["id"])
    }

    /// The code of a new invitation.
    async fn code(&self, room: &str, body: Value) -> String {
        let made = self.send(Method::POST, &format!("/chatrooms/{room}/invite"), body).await;
        text(&is_well(&made, 201)["invitation"]["invite_code"])
    }

    /// Has somebody come into a chatroom.
    async fn lets_in(&self, room: &str, other: &Person<'_>) {
        let code = self.code(room, json!({})).await;
        let joined = answer(other.request(Method::POST, &format!("/chatrooms/join/{code}"))).await;
        is_well(&joined, 200);
    }

    /// Where they are in a chatroom.
    async fn in_room(&self, room: &str) -> String {
        let me = self.get("/users/me").await;
        format!("/chatrooms/{room}/members/{}", text(&is_well(&me, 200)["id"]))
    }

    async fn log_out(&self) {
        let out = answer(self.request(Method::POST, "/auth/logout")).await;
        assert_eq!((out.status, out.body), (200, json!({"success": true, "message": "Logged out successfully"})));
    }
}

fn registration(name: &str) -> Value {
    let email = format!("{name}@example.com");
    json!({"username": name, "email": email, "password": "correct horse", "display_name": format!("The {name}")})
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Every answer that is well is an envelope.
fn is_well(answer: &Answer, status: u16) -> &Value {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.body["success"], true, "{answer:?}");
    assert!(answer.body["message"].is_string(), "{answer:?}");
    is_paced(answer);
    &answer.body["data"]
}

/// Every error is one too.
fn is_error(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, &answer.body["error"]["code"]), (status, &json!(code)), "{answer:?}");
    assert_eq!(fields(&answer.body), ["error", "success"], "{answer:?}");
    assert_eq!(fields(&answer.body["error"]), ["code", "details", "message"], "{answer:?}");
    assert_eq!(answer.body["success"], false, "{answer:?}");
    assert!(answer.body["error"]["message"].as_str().is_some_and(|text| !text.is_empty()), "{answer:?}");
    is_paced(answer);
}

/// Every answer tells how the window stands.
fn is_paced(answer: &Answer) {
    let [limit, remaining, reset] = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"].map(|name| {
        let value = answer.headers.get(name).unwrap_or_else(|| panic!("no {name}: {answer:?}"));
        value.to_str().unwrap().parse::<i64>().unwrap()
    });
    let now = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()).timestamp();
    assert!((0..=limit).contains(&remaining) && (now - 1..=now + 62).contains(&reset), "{answer:?}");
}

fn fields(value: &Value) -> Vec<&str> {
    let mut fields: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    fields
}
