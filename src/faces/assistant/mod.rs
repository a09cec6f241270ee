//! The contract `assistant`: chat with the assistant over HTTP, and its conversations.

mod chat;
mod conversations;
mod failure;
mod tasks;
mod wire;

use axum::http::StatusCode;

use super::{
    Face, Failures, Listener, Route,
    failed::refuse,
    route::{delete, get, post},
};

pub(super) const FACE: Face = Face {
    name: "assistant",
    about: "Chat with the assistant, and the conversations that come of it.",
    listener: Listener::Main,
    base: "/api",
    routes,
    refuse: refuse::<failure::Failure>,
    failures: Failures { foreign: StatusCode::FORBIDDEN, invalid: StatusCode::BAD_REQUEST, body: failure::schema },
    pace: None,
    socket: None,
};

fn routes() -> Vec<Route> {
    vec![
        post("/chat", chat::chat, "chat", "Says something to the assistant, and answers what it did about it.")
            .refusing(&[StatusCode::FORBIDDEN, StatusCode::NOT_FOUND, StatusCode::TOO_MANY_REQUESTS]),
        get("/conversations", conversations::list, "list_conversations", "All conversations."),
        get("/conversations/{id}", conversations::show, "get_conversation", "A conversation with its messages."),
        delete("/conversations/{id}", conversations::delete, "delete_conversation", "Forgets a conversation."),
        post("/tasks", tasks::create, "create_task", "Makes a task without the assistant."),
    ]
}
