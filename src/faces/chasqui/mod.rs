//! The contract `chasqui`: people who talk to each other, over REST and a socket of its own, on a listener of its own; and their tasks.
//!
//! Its conversations are the core's rooms.

mod auth;
mod conversations;
mod examples;
mod failure;
mod frames;
mod messages;
mod socket;
mod tasks;
mod wire;

use axum::http::StatusCode;

use super::{
    Face, Failures, Listener, Route,
    event::Socket,
    failed::refuse,
    route::{get, patch, post},
};

pub(super) const FACE: Face = Face {
    name: "chasqui",
    about: "People who talk to each other, directly and in groups, and their tasks.",
    listener: Listener::Chasqui,
    base: "/api",
    routes,
    refuse: refuse::<failure::Failure>,
    failures: Failures { foreign: StatusCode::NOT_FOUND, invalid: StatusCode::BAD_REQUEST, body: failure::schema },
    pace: None,
    socket: Some(Socket {
        path: "/api/ws/chat",
        about: "What is said in the conversations that the client has joined, as it is said.",
        open: Some(socket::route),
        events: examples::events,
    }),
};

fn routes() -> Vec<Route> {
    vec![
        post("/register", auth::register, "register", "Makes an account.").refusing(&[StatusCode::CONFLICT]),
        post("/login", auth::log_in, "login", "Gives an access token for a name or an e-mail address, and a password.")
            .refusing(&[StatusCode::UNAUTHORIZED, StatusCode::TOO_MANY_REQUESTS]),
        get("/tasks", tasks::list, "list_tasks", "All tasks, the newest first."),
        post("/tasks", tasks::create, "create_task", "Makes a task."),
        patch("/tasks/{uuid}", tasks::update, "update_task", "Says whether a task is completed."),
        get(
            "/conversations",
            conversations::list,
            "list_conversations",
            "The caller's conversations, the newest first.",
        ),
        post(
            "/conversations",
            conversations::create,
            "create_conversation",
            "Makes a group, or opens the one direct conversation with somebody: 201 when it was made, 200 when it was there.",
        ),
        get(
            "/conversations/{id}/messages",
            messages::list,
            "list_messages",
            "The newest messages, or the newest before one; the oldest of them first.",
        ),
    ]
}
