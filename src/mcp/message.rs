//! What has to be known of a message before it runs. Everything else in it is rmcp's to read.

use std::borrow::Cow;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, StatusCode},
};
use http_body_util::LengthLimitError;
use serde::Deserialize;

use super::refusal::Refusal;

/// The first version of the protocol without sessions. Versions are dates, and sort as texts.
const FIRST_MODERN: &str = "2026-07-28";

/// What is known of a message; nothing of what is none.
#[derive(Default, Deserialize)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    params: Option<Params<'a>>,
}

#[derive(Deserialize)]
struct Params<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "_meta")]
    meta: Option<Meta<'a>>,
}

#[derive(Deserialize)]
struct Meta<'a> {
    #[serde(borrow, rename = "io.modelcontextprotocol/protocolVersion")]
    version: Option<Cow<'a, str>>,
}

impl<'a> Message<'a> {
    /// What is known of the message in `body`.
    pub(super) fn of(body: &'a [u8]) -> Self {
        serde_json::from_slice(body).unwrap_or_default()
    }

    /// The tool that it calls.
    pub(super) fn tool(&self) -> Option<&str> {
        let name = self.params.as_ref()?.name.as_deref()?;
        (self.method() == Some("tools/call")).then_some(name)
    }

    /// Whether its answer is a stream that goes on until somebody ends it.
    pub(super) fn only_listens(&self) -> bool {
        self.method() == Some("subscriptions/listen")
    }

    /// Whether it begins a session.
    pub(super) fn begins(&self) -> bool {
        self.method() == Some("initialize")
    }

    /// Whether it is of an era without sessions.
    pub(super) fn is_modern(&self, headers: &HeaderMap) -> bool {
        let body = self.params.as_ref().and_then(|params| params.meta.as_ref()?.version.as_deref());
        let header = || headers.get("mcp-protocol-version")?.to_str().ok();
        !self.begins() && body.or_else(header).is_some_and(|version| version >= FIRST_MODERN)
    }

    fn method(&self) -> Option<&str> {
        self.method.as_deref()
    }
}

/// All of a body, at most `max` bytes of it.
pub(super) async fn read(body: Body, max: usize) -> Result<Bytes, Refusal> {
    axum::body::to_bytes(body, max).await.map_err(|error| {
        let too_long = std::error::Error::source(&error).is_some_and(<dyn std::error::Error>::is::<LengthLimitError>);
        if too_long {
            Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, format!("the body has more than {max} bytes"))
        } else {
            Refusal::new(StatusCode::BAD_REQUEST, format!("the body cannot be read: {error}"))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case(r#"{"method":"tools/call","params":{"name":"undo"}}"#, Some("undo"))]
    #[case(r#"{"method":"tools\/call","params":{"name":"un\u0064o"}}"#, Some("undo"))]
    #[case(r#"{"method":"prompts/get","params":{"name":"undo"}}"#, None)]
    #[case(r#"{"method":"tools/call","params":["undo"]}"#, None)]
    #[case("[]", None)]
    #[case("{", None)]
    fn the_tool_that_is_called(#[case] body: &str, #[case] tool: Option<&str>) {
        assert_eq!(Message::of(body.as_bytes()).tool(), tool);
    }

    #[rstest::rstest]
    #[case("ping", Some("2026-07-28"), None, true)]
    #[case("ping", None, Some("2026-07-28"), true)]
    #[case("ping", None, Some("2025-11-25"), false)]
    #[case("ping", None, None, false)]
    #[case("ping", Some("2025-11-25"), Some("2026-07-28"), false)]
    #[case("initialize", Some("2026-07-28"), Some("2026-07-28"), false)]
    fn eras(#[case] method: &str, #[case] body: Option<&str>, #[case] header: Option<&str>, #[case] modern: bool) {
        let meta = body.map_or_else(
            || serde_json::json!({}),
            |version| serde_json::json!({"io.modelcontextprotocol/protocolVersion": version}),
        );
        let body = serde_json::json!({"method": method, "params": {"_meta": meta}}).to_string();
        let mut headers = HeaderMap::new();
        if let Some(version) = header {
            headers.insert("mcp-protocol-version", version.parse().unwrap());
        }
        assert_eq!(Message::of(body.as_bytes()).is_modern(&headers), modern);
    }
}
