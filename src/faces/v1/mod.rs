//! The contract `v1`: for now its two authentication endpoints, through which everybody gets an account and a token.

mod auth;
mod failure;

use axum::http::Method;

use super::{Face, Route};

pub(super) const FACE: Face =
    Face { name: "v1", base: "/api/v1", routes, refuse: failure::refuse, by_address: Some(|limits| &limits.v1) };

fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::POST, "/auth/register", auth::register),
        Route::new(Method::POST, "/auth/login", auth::log_in),
    ]
}
