//! Lists that a contract promises whole, quick for whoever has them already: such an answer has a tag (`ETag`, RFC 9110), and a client
//! that sends it back in `If-None-Match` (browsers do by themselves) is told with 304 that nothing has changed.
//!
//! The tag is how far the events that tell of the caller's lists have come: one look at one row, however long the list is. It also tells whether a whole list
//! that went out before (`kept`) can go out again.
//!
//! To tag another list: take [`Known`], answer [`Fresh`] of a type that no other list is made of. Only for what is the caller's by
//! itself: a list of some row's has to check first whose the row is.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use errand_core::{Caller, Error, UserId, event::Topic};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::{
    kept::{Encoded, Encoding, Key},
    operation::{Content, Gives, Operation, Takes},
    page::{Listed, Page},
};
use crate::state::State;

/// What the client has already, and how it takes what it has not.
pub(crate) struct Known {
    tags: Option<HeaderValue>,
    encoding: Encoding,
}

/// A list with its tag, or word that it is as it was.
pub(crate) enum Fresh<T> {
    /// All of it.
    Whole(Encoded, String),
    /// A page of it.
    Page(Listed<T>, String),
    /// The tag's list is still right.
    Unchanged(String),
}

impl Known {
    /// The caller's list, all of it or the page that is wanted, unless the client has it. Which page that is has been checked before:
    /// what is wrong is refused, also to those who have the list.
    ///
    /// `topic` is the one of the caller's own on which every change of the list is told.
    pub(crate) async fn unless_fresh<T, C, E, W, P>(
        self,
        state: &State,
        caller: &Caller,
        topic: fn(UserId) -> Topic,
        wanted: Option<Page<C>>,
        whole: impl FnOnce() -> W,
        page: impl FnOnce(Page<C>) -> P,
    ) -> Result<Fresh<T>, E>
    where
        T: Serialize + 'static,
        E: From<Error>,
        W: Future<Output = Result<T, E>>,
        P: Future<Output = Result<Listed<T>, E>>,
    {
        // Before the list is read, which is then at least as new.
        let seq = state.app.newest_event(caller, topic).await?;
        let tag = tag(caller.user, seq);
        if self.has(&tag) {
            return Ok(Fresh::Unchanged(tag));
        }
        if let Some(wanted) = wanted {
            return Ok(Fresh::Page(Box::pin(page(wanted)).await?, tag));
        }
        let list = state.lists.since(&Key::new::<T>(caller, self.encoding), seq, Box::pin(whole())).await?;
        let tag = self::tag(caller.user, list.seq);
        Ok(Fresh::Whole(list, tag))
    }

    fn has(&self, tag: &str) -> bool {
        let known = self.tags.as_ref().and_then(|tags| tags.to_str().ok()).unwrap_or_default();
        let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        known.trim() == "*" || known.split(',').any(|known| opaque(known) == opaque(tag))
    }
}

/// With the user, because a browser may have the list of the one who was logged in before; with the version, because another one may
/// write the same list otherwise.
fn tag(user: UserId, seq: i64) -> String {
    format!("W/\"{user}.{seq}.{}\"", env!("CARGO_PKG_VERSION"))
}

impl FromRequestParts<State> for Known {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Infallible> {
        let tags = parts.headers.get(header::IF_NONE_MATCH).cloned();
        Ok(Self { tags, encoding: Encoding::accepted(&parts.headers) })
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
            Self::Whole(list, tag) => (list.into_response(), tag),
            Self::Page(page, tag) => (page.into_response(), tag),
            Self::Unchanged(tag) => (StatusCode::NOT_MODIFIED.into_response(), tag),
        };
        let headers = response.headers_mut();
        headers.extend(HeaderValue::try_from(tag).map(|tag| (header::ETAG, tag)));
        // To be kept by the client only, and asked for again each time.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        headers.insert(header::VARY, HeaderValue::from_static("authorization, accept-encoding"));
        response
    }
}

impl<T: JsonSchema> Gives for Fresh<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.gives::<T>(StatusCode::OK);
        operation.answers.insert(StatusCode::NOT_MODIFIED, Content::None);
    }
}
