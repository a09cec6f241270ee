//! One line of a contract's table: the router, the documents and `--list-api` are made of it.

use axum::{
    extract::DefaultBodyLimit,
    http::{Method, StatusCode},
    routing::{MethodFilter, MethodRouter, on},
};

use super::operation::{Endpoint, Operation};
use crate::state::State;

/// One endpoint.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path after the face's base.
    pub path: &'static str,
    /// What its tests are called after, and its `operationId`.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// How it refuses beyond what its signature tells: a row that is named in the body, a wrong password.
    pub refuses: &'static [StatusCode],
    pub(super) describe: fn(&mut Operation<'_>),
    pub(super) handler: MethodRouter<State>,
}

macro_rules! methods {
    ($($name:ident $method:ident)+) => {$(
        #[doc = concat!("`", stringify!($method), "` `path`.")]
        pub(crate) fn $name<H, T>(path: &'static str, handler: H, name: &'static str, summary: &'static str) -> Route
        where
            H: Endpoint<T>,
            T: 'static,
        {
            Route {
                method: Method::$method,
                path,
                name,
                summary,
                refuses: &[],
                describe: H::describe,
                handler: on(MethodFilter::$method, handler),
            }
        }
    )+};
}

methods! { get GET  post POST  put PUT  patch PATCH  delete DELETE }

impl Route {
    /// Refuses with these, too.
    pub(crate) fn refusing(self, refuses: &'static [StatusCode]) -> Self {
        Self { refuses, ..self }
    }

    /// Reads bodies of so many bytes, where others read fewer.
    pub(crate) fn reading(self, bytes: usize) -> Self {
        Self { handler: self.handler.layer(DefaultBodyLimit::max(bytes)), ..self }
    }
}
