//! Clients over HTTP.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Server, Socket};

/// An answer over HTTP.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

pub(crate) async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap_or(Value::String(text)) };
    Answer { status, headers, body }
}

/// Somebody who is logged in.
pub(crate) struct User<'a> {
    pub(crate) server: &'a Server,
    pub(crate) token: String,
}

impl User<'_> {
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.server.http.request(method, format!("{}{path}", self.server.base)).bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        answer(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Value) -> Answer {
        answer(self.request(method, path).json(&body)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, body).await
    }

    pub(crate) async fn chat(&self, message: &str) -> Answer {
        self.post("/api/chat", json!({"message": message, "user_timezone": "Europe/Madrid"})).await
    }

    pub(crate) async fn tasks(&self) -> Vec<Value> {
        let answer = self.get("/api/tasks/sync").await;
        assert_eq!(answer.status, StatusCode::OK.as_u16());
        answer.body["tasks"].as_array().unwrap().clone()
    }

    pub(crate) async fn session(&self) -> String {
        let answer = self.post("/api/chat/sessions", json!({"title": "a conversation"})).await;
        answer.body["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn socket(&self) -> Socket {
        Socket::open(self.server, &format!("?token={}", self.token)).await
    }
}
