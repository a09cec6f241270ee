//! The contract `assistant`: chat with the assistant over HTTP, and its conversations.

mod chat;
mod conversations;
mod failure;
mod tasks;
mod wire;

use axum::http::Method;

use super::{Face, Route};

pub(super) const FACE: Face =
    Face { name: "assistant", base: "/api", routes, refuse: failure::refuse, by_address: None };

fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::POST, "/chat", chat::chat),
        Route::new(Method::GET, "/conversations", conversations::list),
        Route::new(Method::GET, "/conversations/{id}", conversations::show),
        Route::new(Method::DELETE, "/conversations/{id}", conversations::delete),
        Route::new(Method::POST, "/tasks", tasks::create),
    ]
}
