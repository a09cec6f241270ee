//! The contract `dashboard`: chat sessions and tasks over REST, and everything that happens over `/ws`.

mod examples;
pub(crate) mod failure;
mod frames;
mod messages;
mod sessions;
mod socket;
mod tasks;
mod wire;

use axum::http::StatusCode;

pub(super) use self::socket::Dialect;
use super::{
    Face, Failures, Listener, Route,
    event::Socket,
    failed::refuse,
    route::{delete, get, patch, post, put},
    ws,
};

pub(super) const FACE: Face = Face {
    name: "dashboard",
    about: "Chat sessions and the board of tasks, beside the socket that tells of every change.",
    listener: Listener::Main,
    base: "/api",
    routes,
    refuse: refuse::<failure::Failure>,
    failures: Failures { foreign: StatusCode::FORBIDDEN, invalid: StatusCode::BAD_REQUEST, body: failure::schema },
    pace: None,
    socket: Some(Socket {
        path: ws::PATH,
        about: "Every change of the user's tasks and sessions as it happens, and turns of the assistant.",
        open: Some(ws::route),
        events: examples::events,
    }),
};

fn routes() -> Vec<Route> {
    const SESSIONS: &str = "/chat/sessions";
    const SESSION: &str = "/chat/sessions/{session_id}";
    const MESSAGES: &str = "/chat/sessions/{session_id}/messages";
    vec![
        get(SESSIONS, sessions::list, "list_sessions", "All chat sessions."),
        post(SESSIONS, sessions::create, "create_session", "Begins a chat session."),
        patch(SESSION, sessions::rename, "rename_session", "Gives a session another title."),
        delete(SESSION, sessions::delete, "delete_session", "Deletes a session with its messages."),
        get(MESSAGES, messages::list, "list_messages", "What was said in a session."),
        post(MESSAGES, messages::create, "create_message", "Stores a message; the assistant does not answer it."),
        get("/tasks/sync", tasks::sync, "sync_tasks", "All tasks that are not put away."),
        post("/tasks/", tasks::create, "create_task", "Makes a task."),
        put("/tasks/{task_id}", tasks::update, "update_task", "Changes what is given of a task."),
        delete("/tasks/{task_id}", tasks::delete, "delete_task", "Deletes a task."),
    ]
}
