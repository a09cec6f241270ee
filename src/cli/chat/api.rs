//! The server over HTTP: logging in and conversations.

use reqwest::{Client, Method, RequestBuilder, StatusCode, Url};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{ChatError, PATIENCE};
use crate::config::Secret;

/// The longest title that a conversation gets from its first message, in characters.
const TITLE: usize = 60;

/// A running server.
pub(super) struct Api {
    client: Client,
    server: Url,
}

/// A conversation.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) title: String,
}

#[derive(Deserialize)]
struct LoggedIn {
    access_token: String,
}

impl Api {
    pub(super) fn new(server: Url) -> Result<Self, ChatError> {
        let client =
            Client::builder().timeout(PATIENCE).build().map_err(|error| ChatError::Strange(error.to_string()))?;
        Ok(Self { client, server })
    }

    pub(super) fn server(&self) -> &Url {
        &self.server
    }

    pub(super) async fn log_in(&self, name: &str, password: &str) -> Result<Secret, ChatError> {
        let request = self.request(Method::POST, "/api/v1/auth/login", None);
        let answer = self.send(request.json(&json!({"username": name, "password": password}))).await;
        let LoggedIn { access_token } = answer.map_err(|error| match error {
            ChatError::LoggedOut => ChatError::Credentials,
            other => other,
        })?;
        Ok(Secret::from(access_token))
    }

    /// The conversations, the one with the newest message first.
    pub(super) async fn sessions(&self, token: &Secret) -> Result<Vec<Session>, ChatError> {
        self.send(self.request(Method::GET, "/api/chat/sessions", Some(token))).await
    }

    /// Begins a conversation, named after its first message.
    pub(super) async fn begin(&self, token: &Secret, first: &str) -> Result<Session, ChatError> {
        let request = self.request(Method::POST, "/api/chat/sessions", Some(token));
        self.send(request.json(&json!({"title": title(first)}))).await
    }

    fn request(&self, method: Method, path: &str, token: Option<&Secret>) -> RequestBuilder {
        let base = self.server.as_str().trim_end_matches('/');
        let request = self.client.request(method, format!("{base}{path}"));
        match token {
            Some(token) => request.bearer_auth(token.expose()),
            None => request,
        }
    }

    async fn send<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, ChatError> {
        let unreachable =
            |error: reqwest::Error| ChatError::Unreachable { server: self.server.clone(), why: cause(&error) };
        let answer = request.send().await.map_err(unreachable)?;
        let status = answer.status();
        if status == StatusCode::UNAUTHORIZED {
            return Err(ChatError::LoggedOut);
        }
        let body = answer.bytes().await.map_err(unreachable)?;
        if status.is_success() {
            return serde_json::from_slice(&body).map_err(|error| ChatError::Strange(error.to_string()));
        }
        let body: Value = serde_json::from_slice(&body).unwrap_or_default(); // not ours, then: the status has to do
        let text = ["detail", "message", "error"].iter().find_map(|key| body[key].as_str());
        Err(ChatError::Refused(text.map_or_else(|| status.to_string(), str::to_owned)))
    }
}

/// The innermost cause: "Connection refused" says more than "error sending request".
fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

fn title(first: &str) -> String {
    let line = first.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= TITLE { line } else { line.chars().take(TITLE - 1).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    #[test]
    fn titles_are_one_short_line() {
        assert_eq!(super::title(" call\nthe  dentist "), "call the dentist");
        assert_eq!(super::title(&"ä".repeat(80)).chars().count(), 60);
    }
}
