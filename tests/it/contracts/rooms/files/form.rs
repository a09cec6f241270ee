//! The forms in which files come.

use reqwest::RequestBuilder;

use crate::harness::{Answer, answer};

pub(super) const BOUNDARY: &str = "the-end-of-a-part";

/// A part of a form.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    name: &'a str,
    /// Its file's name and type.
    file: Option<(&'a str, &'a str)>,
    pub(super) bytes: &'a [u8],
}

impl<'a> Part<'a> {
    pub(crate) fn file(name: &'a str, kind: &'a str, bytes: &'a [u8]) -> Self {
        Self { name: "file", file: Some((name, kind)), bytes }
    }

    pub(super) fn room(room: &'a str) -> Self {
        Self { name: "chatroom_id", file: None, bytes: room.as_bytes() }
    }

    pub(super) fn thumbnail(bytes: &'a [u8]) -> Self {
        Self { name: "thumbnail", file: Some(("t", "application/octet-stream")), bytes }
    }

    pub(super) fn head(&self) -> String {
        let file =
            self.file.map_or_else(String::new, |(name, kind)| format!("; filename=\"{name}\"\r\nContent-Type: {kind}"));
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{}\"{file}\r\n\r\n", self.name)
    }
}

pub(super) fn form(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for part in parts {
        body.extend_from_slice(part.head().as_bytes());
        body.extend_from_slice(part.bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

pub(crate) async fn posted(request: RequestBuilder, parts: &[Part<'_>]) -> Answer {
    answer(typed(request).body(form(parts))).await
}

pub(super) fn typed(request: RequestBuilder) -> RequestBuilder {
    request.header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
}
