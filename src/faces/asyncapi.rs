//! The `AsyncAPI` 3 document of a contract's socket, made from its events: `GET /asyncapi/<face>.json`.

use serde_json::{Map, Value, json};

use super::{
    Face,
    event::{Direction, Event, Socket},
    schema::Schemas,
};

/// The document of `face`, if it has a socket, which is served on `port`.
#[must_use]
pub fn document(face: &Face, port: u16) -> Option<Value> {
    face.socket.as_ref().map(|socket| of(face, port, socket))
}

fn of(face: &Face, port: u16, socket: &Socket) -> Value {
    let mut schemas = Schemas::new();
    let events = (socket.events)(&mut schemas);
    let channel = |event: &Event| json!({"$ref": format!("#/components/messages/{}", key(event))});
    let channel: Map<_, _> = events.iter().map(|event| (key(event), channel(event))).collect();
    let messages: Map<_, _> = events.iter().map(|event| (key(event), message(event))).collect();
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": format!("Errand: {}", face.name),
            "version": env!("CARGO_PKG_VERSION"),
            "description": socket.about,
            "license": {"name": env!("CARGO_PKG_LICENSE")},
        },
        "defaultContentType": "application/json",
        "servers": {"here": {
            "host": format!("localhost:{port}"),
            "protocol": "ws",
            "security": [{"$ref": "#/components/securitySchemes/query"}, {"$ref": "#/components/securitySchemes/header"}],
        }},
        "channels": {"socket": {
            "address": socket.path,
            "messages": channel,
            "bindings": {"ws": {"method": "GET", "query": {
                "type": "object",
                "properties": {"token": {"type": "string", "description": "The access token."}},
            }}},
        }},
        // As AsyncAPI has it, these are the server's own actions.
        "operations": {
            "hear": operation("receive", &events, Direction::FromClient),
            "tell": operation("send", &events, Direction::ToClient),
        },
        "components": {
            "messages": messages,
            "schemas": schemas.named(),
            "securitySchemes": {
                "query": {"type": "httpApiKey", "name": "token", "in": "query"},
                "header": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            },
        },
    })
}

/// An event that both sides say has two messages.
fn key(event: &Event) -> String {
    let side = match event.direction {
        Direction::FromClient => "from_client",
        Direction::ToClient => "to_client",
    };
    format!("{side}.{}", event.name)
}

fn message(event: &Event) -> Value {
    json!({
        "name": event.name,
        "summary": event.about,
        "payload": event.schema,
        "examples": [{"payload": event.example}],
    })
}

fn operation(action: &str, events: &[Event], direction: Direction) -> Value {
    let messages = events.iter().filter(|event| event.direction == direction);
    let messages: Vec<_> =
        messages.map(|event| json!({"$ref": format!("#/channels/socket/messages/{}", key(event))})).collect();
    json!({"action": action, "channel": {"$ref": "#/channels/socket"}, "messages": messages})
}
