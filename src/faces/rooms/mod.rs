//! The contract `rooms`: people who chat, end-to-end encrypted, with their accounts, sessions and profiles.
//!
//! Every body is an envelope: `{"success": true, "data", "message"}` or `{"success": false, "error": {…}}`.

mod auth;
mod envelope;
mod failure;
mod health;
mod metrics;
mod sessions;
mod users;
mod wire;

use axum::http::StatusCode;

use super::{
    Face, Failures, Listener, Pace, Route,
    failed::refuse,
    route::{delete, get, post, put},
};

pub(super) const FACE: Face = Face {
    name: "rooms",
    about: "People who chat, end-to-end encrypted, with an assistant that they may let in.",
    listener: Listener::Main,
    base: "",
    routes,
    refuse: refuse::<failure::Failure>,
    failures: Failures {
        foreign: StatusCode::FORBIDDEN,
        invalid: StatusCode::UNPROCESSABLE_ENTITY,
        body: failure::schema,
    },
    pace: Some(Pace::User { windows: |limits| &limits.rooms, except: &[HEALTH, METRICS] }),
    socket: None,
};

const HEALTH: &str = "/health";
const METRICS: &str = "/metrics";

fn routes() -> Vec<Route> {
    vec![
        post("/auth/register", auth::register, "register", "Makes an account and begins a session.")
            .refusing(&[StatusCode::CONFLICT]),
        post(
            "/auth/login",
            auth::log_in,
            "login",
            "Begins a session, for a name or an e-mail address, and a password.",
        )
        .refusing(&[StatusCode::UNAUTHORIZED]),
        post("/auth/refresh", auth::refresh, "refresh", "Gives the next tokens of a session for its refresh token.")
            .refusing(&[StatusCode::UNAUTHORIZED]),
        post("/auth/logout", auth::log_out, "logout", "Ends the session: its tokens are not good any more, anywhere.")
            .refusing(&[StatusCode::FORBIDDEN]),
        get("/auth/sessions", sessions::list, "list_sessions", "Where the caller is logged in, the newest first."),
        delete("/auth/sessions/{session_id}", sessions::end, "end_session", "Ends one of the caller's sessions."),
        get("/users/me", users::show, "get_me", "The caller's own profile."),
        put("/users/me", users::update, "update_me", "Changes what is given of the caller's profile."),
        get(HEALTH, health::health, "health", "Whether the service can answer, and what it needs for that.")
            .refusing(&[StatusCode::SERVICE_UNAVAILABLE]),
        get(METRICS, metrics::metrics, "metrics", "What was counted, for Prometheus, where that is told.")
            .refusing(&[StatusCode::UNAUTHORIZED, StatusCode::NOT_FOUND]),
    ]
}
