//! Pages of lists that a contract promises whole: our addition, for clients that do not want all of a long list at once.
//!
//! Without `limit` and `cursor` the list is whole. With one of them it is a page, and the answer's `Link` leads to the next (RFC 8288).

use std::{fmt::Display, marker::PhantomData, str::FromStr};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use errand_core::{Error, Problem, app::page_size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    operation::{Gives, Operation},
    schema::PageSize,
};

/// How many rows a page has when only a cursor is sent.
const SIZE: i64 = 100;

/// What a cursor begins with: with digits alone, a number such as `0.5` would be one.
const MARK: char = 'c';

/// What a client may ask of a list whose cursors look like `S`.
#[derive(Deserialize, JsonSchema)]
#[serde(bound = "")]
pub(crate) struct Paging<S> {
    /// Ours: at most so many rows; the answer's `Link` leads to the next page. All rows, when it is missing.
    #[serde(default)]
    #[schemars(with = "PageSize")]
    limit: Option<i64>,
    /// Ours: where a page begins, as the `Link` of the one before says.
    #[serde(default)]
    #[schemars(with = "S")]
    cursor: Option<String>,
    #[serde(skip)]
    shape: PhantomData<S>,
}

/// A page that is wanted.
pub(crate) struct Page<C> {
    /// At most so many rows.
    pub(crate) limit: i64,
    /// After this row.
    pub(crate) cursor: Option<C>,
}

/// A list, or a page of it.
pub(crate) struct Listed<T> {
    rows: T,
    link: Option<String>,
}

impl<S> Paging<S> {
    /// The page that is wanted; none for the whole list.
    pub(crate) fn page<C: FromStr>(&self) -> Result<Option<Page<C>>, Error> {
        let wrong = || Problem::new("cursor", "must be one from an earlier page");
        let read = |text: &str| text.strip_prefix(MARK)?.parse().ok();
        let cursor = self.cursor.as_deref().map(|text| read(text).ok_or_else(wrong)).transpose()?;
        self.limit.map(page_size).transpose()?;
        let asked = self.limit.is_some() || cursor.is_some();
        Ok(asked.then(|| Page { limit: self.limit.unwrap_or(SIZE), cursor }))
    }
}

impl<C> Page<C> {
    /// `rows` are this page, and the next one begins after `next`.
    pub(crate) fn of<T>(&self, rows: T, next: Option<impl Display>) -> Listed<T> {
        // Relative: to the path that was asked for, whatever stands before it at a proxy. Cursors have nothing that an address would have to escape.
        let link = next.map(|next| format!("<?limit={}&cursor={MARK}{next}>; rel=\"next\"", self.limit));
        Listed { rows, link }
    }
}

impl<T> Listed<T> {
    /// All of the list.
    pub(crate) fn whole(rows: T) -> Self {
        Self { rows, link: None }
    }
}

impl<T: Serialize> IntoResponse for Listed<T> {
    fn into_response(self) -> Response {
        let link = self.link.and_then(|link| HeaderValue::try_from(link).ok());
        let mut response = axum::Json(self.rows).into_response();
        response.headers_mut().extend(link.map(|link| (header::LINK, link)));
        response
    }
}

impl<T: JsonSchema> Gives for Listed<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.gives::<T>(StatusCode::OK);
    }
}
