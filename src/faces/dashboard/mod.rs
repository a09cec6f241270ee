//! The contract `dashboard`: chat sessions and tasks over REST, and everything that happens over `/ws`.

mod failure;
mod frames;
mod messages;
mod sessions;
pub(super) mod socket;
mod tasks;
mod wire;

use axum::http::Method;

use super::{Face, Route};

pub(super) const FACE: Face =
    Face { name: "dashboard", base: "/api", routes, refuse: failure::refuse, by_address: None };

fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/chat/sessions", sessions::list),
        Route::new(Method::POST, "/chat/sessions", sessions::create),
        Route::new(Method::PATCH, "/chat/sessions/{session_id}", sessions::rename),
        Route::new(Method::DELETE, "/chat/sessions/{session_id}", sessions::delete),
        Route::new(Method::GET, "/chat/sessions/{session_id}/messages", messages::list),
        Route::new(Method::POST, "/chat/sessions/{session_id}/messages", messages::create),
        Route::new(Method::GET, "/tasks/sync", tasks::sync),
        Route::new(Method::POST, "/tasks/", tasks::create),
        Route::new(Method::PUT, "/tasks/{task_id}", tasks::update),
        Route::new(Method::DELETE, "/tasks/{task_id}", tasks::delete),
    ]
}
