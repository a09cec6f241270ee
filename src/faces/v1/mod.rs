//! The contract `v1`: accounts and tokens, one conversation with the assistant, tasks.

mod auth;
mod failure;
mod health;
mod messages;
mod tasks;

use axum::http::StatusCode;
use errand_core::Slice;

use super::{
    Face, Failures, Listener, Pace, Route,
    failed::refuse,
    route::{delete, get, post, put},
};

pub(super) const FACE: Face = Face {
    name: "v1",
    about: "Accounts and tokens, which are good on every face; one conversation with the assistant; tasks.",
    listener: Listener::Main,
    base: "/api/v1",
    routes,
    refuse: refuse::<failure::Failure>,
    failures: Failures { foreign: StatusCode::NOT_FOUND, invalid: StatusCode::BAD_REQUEST, body: failure::schema },
    pace: Some(Pace::Address(|limits| &limits.v1)),
    socket: None,
};

fn routes() -> Vec<Route> {
    vec![
        post("/auth/login", auth::log_in, "login", "Gives an access token for a name and a password.")
            .refusing(&[StatusCode::UNAUTHORIZED]),
        post("/auth/register", auth::register, "register", "Makes an account."),
        post("/messages", messages::send, "send_message", "Says something to the assistant, in the one conversation.")
            .refusing(&[StatusCode::NOT_FOUND]),
        get("/messages/history", messages::history, "message_history", "What was said, the oldest first.")
            .refusing(&[StatusCode::NOT_FOUND]),
        get("/tasks", tasks::list, "list_tasks", "Tasks, the newest first."),
        post("/tasks", tasks::create, "create_task", "Makes a task."),
        put("/tasks/{task_id}", tasks::update, "update_task", "Changes what is given of a task."),
        delete("/tasks/{task_id}", tasks::delete, "delete_task", "Deletes a task."),
        get("/health", health::health, "health", "Whether the service can answer.")
            .refusing(&[StatusCode::SERVICE_UNAVAILABLE]),
    ]
}

/// How many rows a list has when nobody says.
fn usual_limit() -> i64 {
    Slice::LIMIT
}
