//! Lists that a contract promises whole, quick for whoever has them already: such an answer has a tag (`ETag`, RFC 9110), and a client
//! that sends it back in `If-None-Match` (browsers do by themselves) is told with 304 that nothing has changed.
//!
//! The tag is how far the caller's events have come: one look at one row, however long the list is.
//!
//! To tag another list: take [`Known`], answer [`Fresh`]. Only for what is the caller's by itself: a list of some row's has to check
//! first whose the row is.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use errand_core::{Caller, Error};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::{
    operation::{Gives, Operation, Takes},
    page::Listed,
};
use crate::state::State;

/// The tags of what the client has.
pub(crate) struct Known(Option<HeaderValue>);

/// A list, or word that it is as it was.
pub(crate) enum Fresh<T> {
    /// As it is now, with its tag.
    List(Listed<T>, String),
    /// The tag's list is still right.
    Unchanged(String),
}

impl Known {
    /// The list that `read` reads, unless the client has it. Which page is wanted has to be checked before: what is wrong is refused,
    /// also to those who have the list.
    pub(crate) async fn unless_fresh<T, E: From<Error>>(
        self,
        state: &State,
        caller: &Caller,
        read: impl Future<Output = Result<Listed<T>, E>>,
    ) -> Result<Fresh<T>, E> {
        // Before the list is read, which is then at least as new. With the user, because a browser may have the list of the one who
        // was logged in before; with the version, because another one may write the same list otherwise.
        let seq = state.app.newest_event(caller).await?;
        let tag = format!("W/\"{}.{seq}.{}\"", caller.user, env!("CARGO_PKG_VERSION"));
        if self.has(&tag) { Ok(Fresh::Unchanged(tag)) } else { Ok(Fresh::List(read.await?, tag)) }
    }

    fn has(&self, tag: &str) -> bool {
        let known = self.0.as_ref().and_then(|known| known.to_str().ok()).unwrap_or_default();
        let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        known.trim() == "*" || known.split(',').any(|known| opaque(known) == opaque(tag))
    }
}

impl FromRequestParts<State> for Known {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Infallible> {
        Ok(Self(parts.headers.get(header::IF_NONE_MATCH).cloned()))
    }
}

impl Takes for Known {
    fn describe(operation: &mut Operation<'_>) {
        operation.parameters.push(json!({
            "name": "If-None-Match", "in": "header", "required": false, "schema": {"type": "string"},
            "description": "The ETag of an earlier answer; 304 when nothing has changed since.",
        }));
    }
}

impl<T: Serialize> IntoResponse for Fresh<T> {
    fn into_response(self) -> Response {
        let (mut response, tag) = match self {
            Self::List(list, tag) => (list.into_response(), tag),
            Self::Unchanged(tag) => (StatusCode::NOT_MODIFIED.into_response(), tag),
        };
        let headers = response.headers_mut();
        headers.extend(HeaderValue::try_from(tag).map(|tag| (header::ETAG, tag)));
        // To be kept by the client only, and asked for again each time.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        headers.insert(header::VARY, HeaderValue::from_static("authorization"));
        response
    }
}

impl<T: JsonSchema> Gives for Fresh<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.gives::<T>(StatusCode::OK);
        operation.answers.insert(StatusCode::NOT_MODIFIED, None);
    }
}
