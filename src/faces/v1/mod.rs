//! The contract `v1`: for now its two authentication endpoints, through which everybody gets an account and a token.

mod auth;
mod failure;

use axum::http::StatusCode;

use super::{Face, Failures, Listener, Route, route::post};

pub(super) const FACE: Face = Face {
    name: "v1",
    about: "Accounts and tokens, which are good on every face.",
    listener: Listener::Main,
    base: "/api/v1",
    routes,
    refuse: failure::refuse,
    failures: Failures { foreign: StatusCode::NOT_FOUND, body: failure::schema },
    by_address: Some(|limits| &limits.v1),
    socket: None,
};

fn routes() -> Vec<Route> {
    vec![
        post("/auth/register", auth::register, "register", "Makes an account."),
        post("/auth/login", auth::log_in, "login", "Gives an access token for a name and a password.")
            .refusing(&[StatusCode::UNAUTHORIZED]),
    ]
}
