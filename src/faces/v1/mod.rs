//! The contract `v1`: accounts and tokens, one conversation with the assistant, tasks.

mod auth;
mod failure;
mod health;
mod messages;
mod tasks;

use axum::http::Method;

use super::{Face, Route};

pub(super) const FACE: Face =
    Face { name: "v1", base: "/api/v1", routes, refuse: failure::refuse, by_address: Some(|limits| &limits.v1) };

fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::POST, "/auth/login", auth::log_in),
        Route::new(Method::POST, "/auth/register", auth::register),
        Route::new(Method::POST, "/messages", messages::send),
        Route::new(Method::GET, "/messages/history", messages::history),
        Route::new(Method::GET, "/tasks", tasks::list),
        Route::new(Method::POST, "/tasks", tasks::create),
        Route::new(Method::PUT, "/tasks/{task_id}", tasks::update),
        Route::new(Method::DELETE, "/tasks/{task_id}", tasks::delete),
        Route::new(Method::GET, "/health", health::health),
    ]
}
