//! The list of the sockets' events against the sockets: what they say fits its schema, all that is listed can be said, and what is
//! listed for clients is understood.

use std::collections::BTreeSet;

use errand::faces::{self, Face, asyncapi, event::Direction};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    harness::{Backend, Server, Socket, answer},
    schemas::fits,
    script::{Act, Script, create},
};

fn face(name: &str) -> &'static Face {
    faces::ALL.iter().find(|face| face.name == name).unwrap()
}

fn names(face: &Face, direction: Direction) -> BTreeSet<String> {
    let events = face.socket.as_ref().unwrap().events();
    events.into_iter().filter(|event| event.direction == direction).map(|event| event.name).collect()
}

/// Every frame fits its event's schema, and every event of the list was among them.
fn are_as_listed(face: &Face, frames: &[Value]) {
    let document = asyncapi::document(face, face.listener.port()).unwrap();
    for frame in frames {
        let message = &document["components"]["messages"][format!("to_client.{}", frame["type"].as_str().unwrap())];
        assert!(message.is_object(), "not in the list: {frame}");
        fits(&document, &message["payload"], frame);
    }
    let seen: BTreeSet<_> = frames.iter().map(|frame| frame["type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(seen, names(face, Direction::ToClient));
}

/// Says every example that is listed for clients, and answers what the server says to each that it refuses.
async fn say_the_examples(face: &Face, socket: &mut Socket) -> Vec<Value> {
    let mut refused = Vec::new();
    for event in face.socket.as_ref().unwrap().events() {
        if event.direction == Direction::FromClient {
            socket.send_text(&event.example.to_string()).await;
        }
    }
    socket.send_text("{\"type\": \"the end\"}").await;
    loop {
        let frame = socket.next().await;
        if frame.to_string().contains("the end") {
            return refused;
        }
        refused.push(frame);
    }
}

#[rstest]
#[tokio::test]
async fn of_dashboard(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let script = Script::of([create("milk"), Act::Say("It is on your list."), Act::Panic]);
    let Some(server) = Server::start(backend, script).await else { return };
    let (face, ann) = (face("dashboard"), server.user("ann").await);
    let mut socket = ann.socket().await;
    let session = ann.session().await;
    let path = format!("/api/chat/sessions/{session}");
    ann.send(Method::PATCH, &path, json!({"title": "Shopping"})).await;
    let mut frames = Vec::new();
    for end in ["turn_completed", "turn_failed"] {
        socket.send("message", json!({"content": "milk", "session_id": session})).await;
        while frames.last().is_none_or(|frame: &Value| frame["type"] != end) {
            frames.push(socket.next().await);
        }
    }
    let task = ann.tasks().await[0]["id"].as_str().unwrap().to_owned();
    let change = json!({"title": "oat milk", "status": "completed"});
    ann.send(Method::PUT, &format!("/api/tasks/{task}"), change).await;
    ann.delete(&format!("/api/tasks/{task}")).await;
    ann.delete(&path).await;
    while frames.last().is_none_or(|frame| frame["type"] != "session_deleted") {
        frames.push(socket.next().await);
    }
    let answers = say_the_examples(face, &mut socket).await;
    assert!(answers.iter().all(|answer| answer["data"]["code"] != "VALIDATION_ERROR"), "{answers:?}");
    frames.extend(answers);
    are_as_listed(face, &frames);
}

#[rstest]
#[tokio::test]
async fn of_chasqui(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (face, ann) = (face("chasqui"), server.user("ann").await);
    server.user("bob").await;
    let direct = json!({"type": "direct", "participants": ["bob"]});
    let opened =
        server.http.post(format!("{}/api/conversations", server.chasqui)).bearer_auth(&ann.token).json(&direct);
    let conversation = answer(opened).await.body["id"].clone();
    let mut socket = Socket::connect(&server.chasqui, &format!("/api/ws/chat?token={}", ann.token)).await;
    let mut frames = Vec::new();
    for frame in [
        json!({"type": "join", "conversation_id": conversation}),
        json!({"type": "message", "conversation_id": conversation, "content": "Hello world!"}),
    ] {
        socket.send_text(&frame.to_string()).await;
        frames.push(socket.next().await);
    }
    let answers = say_the_examples(face, &mut socket).await;
    assert!(answers.iter().all(|answer| !answer.to_string().contains("cannot be understood")), "{answers:?}");
    frames.extend(answers);
    are_as_listed(face, &frames);
}
