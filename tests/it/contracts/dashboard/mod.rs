//! `dashboard`: sessions, messages and tasks over REST, and the socket, a file each.

mod messages;
mod origin;
mod sessions;
mod socket;
mod tasks;

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{each, is_time};
use crate::{
    harness::{Answer, Backend, Server, answer},
    script::Script,
};

/// The text's fixed bodies, and nothing beside them.
fn is_fixed(answer: &Answer, status: u16) {
    let body = match status {
        401 => json!({"error": "Unauthorized", "message": "Authentication token is missing or invalid"}),
        403 => json!({"error": "Forbidden", "message": "You don't have permission to access this resource"}),
        404 => json!({"error": "Not Found", "message": "The requested resource was not found"}),
        other => panic!("{other} is not a fixed answer"),
    };
    assert_eq!((answer.status, &answer.body), (status, &body));
}

/// A 400, whose details name the field.
fn is_bad(answer: &Answer, field: &str) {
    assert_eq!(answer.status, 400, "{answer:?}");
    assert!(answer.body["error"].is_string() && answer.body["details"].is_object(), "{answer:?}");
    assert!(answer.body["details"].to_string().contains(field), "{answer:?}");
    assert_eq!(answer.body.as_object().unwrap().len(), 2, "{answer:?}");
}

fn is_uuid(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.len() == 36 && uuid::Uuid::parse_str(text).is_ok())
}

#[rstest]
#[tokio::test]
async fn every_endpoint_wants_a_token(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let id = uuid::Uuid::nil();
    let endpoints = [
        (Method::GET, "/api/chat/sessions".to_owned()),
        (Method::POST, "/api/chat/sessions".to_owned()),
        (Method::PATCH, format!("/api/chat/sessions/{id}")),
        (Method::DELETE, format!("/api/chat/sessions/{id}")),
        (Method::GET, format!("/api/chat/sessions/{id}/messages")),
        (Method::POST, format!("/api/chat/sessions/{id}/messages")),
        (Method::GET, "/api/tasks/sync".to_owned()),
        (Method::POST, "/api/tasks/".to_owned()),
        (Method::PUT, format!("/api/tasks/{id}")),
        (Method::DELETE, format!("/api/tasks/{id}")),
    ];
    for (method, path) in endpoints {
        for token in [None, Some("nonsense"), Some("eyJhbGciOiJub25lIn0.e30.")] {
            let mut request = server.http.request(method.clone(), format!("{}{path}", server.base)).json(&json!({}));
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            is_fixed(&answer(request).await, 401);
        }
    }
}
