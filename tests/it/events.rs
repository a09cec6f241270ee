//! The list of the sockets' events against the sockets: what they say fits its schema, all that is listed can be said, and what is
//! listed for clients is understood.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use errand::faces::{self, Face, asyncapi, event::Direction};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    harness::{Backend, Server, Socket, User, answer},
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

/// What it is called, in either dialect.
fn name(frame: &Value) -> &str {
    frame.get("type").or(frame.get("event")).and_then(Value::as_str).unwrap()
}

/// Every frame fits its event's schema, and every event of the list was among them.
fn are_as_listed(face: &Face, frames: &[Value]) {
    let document = asyncapi::document(face, face.listener.port()).unwrap();
    for frame in frames {
        let message = &document["components"]["messages"][format!("to_client.{}", name(frame))];
        assert!(message.is_object(), "not in the list: {frame}");
        fits(&document, &message["payload"], frame);
    }
    let seen: BTreeSet<_> = frames.iter().map(|frame| name(frame).to_owned()).collect();
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
    let tag = if face.name == "rooms" { "event" } else { "type" };
    socket.send_text(&json!({tag: "the end"}).to_string()).await;
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

#[rstest]
#[tokio::test]
async fn of_rooms(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (face, mut frames) = (face("rooms"), Vec::new());
    let evening = Evening::new(&server).await;
    let mut socket = evening.ann.socket().await;
    evening.pass(&mut socket, &mut frames).await;
    frames.extend(say_the_examples(face, &mut socket).await);
    are_as_listed(face, &frames);
}

/// An evening on which everything happens that is told of rooms.
struct Evening<'a> {
    ann: User<'a>,
    bob: User<'a>,
    room: String,
}

impl<'a> Evening<'a> {
    async fn new(server: &'a Server) -> Self {
        let (ann, bob) = (server.user("ann").await, server.user("bob").await);
        let made = ann.post("/chatrooms", json!({"name": "The hall", "auto_summary_enabled": false})).await;
        let room = format!("/chatrooms/{}", made.body["data"]["chatroom"]["id"].as_str().unwrap());
        Self { ann, bob, room }
    }

    async fn pass(&self, socket: &mut Socket, frames: &mut Vec<Value>) {
        let Self { ann, bob, room } = self;
        let id = room.rsplit('/').next().unwrap();
        let on = json!({"chatroom_id": id});
        let say = |event: &str, data: &Value| json!({"event": event, "data": data}).to_string();
        socket.send_text(&say("join_chatroom", &on)).await;
        until(socket, frames, "joined_chatroom").await;
        let code =
            ann.post(&format!("{room}/invite"), json!({})).await.body["data"]["invitation"]["invite_code"].clone();
        bob.post(&format!("/chatrooms/join/{}", code.as_str().unwrap()), json!({})).await;
        ann.send(Method::PUT, "/users/me", json!({"public_key": include_str!("contracts/rooms/key.pem")})).await;
        let people = ann.get(&format!("{room}/keys")).await.body["data"]["members"].clone();
        let person = |name: &str| {
            people.as_array().unwrap().iter().find(|person| person["username"] == name).unwrap()["user_id"].clone()
        };
        let keys = json!([{"user_id": person("ann"), "wrapped_key": STANDARD.encode([3; 256])}]);
        let given = ann.send(Method::PUT, &format!("{room}/keys/1"), json!({"keys": keys})).await;
        assert_eq!(given.status, 200, "{given:?}");
        let content = |iv: &str| json!({"encrypted_data": "A".repeat(40), "iv": iv, "key_version": 1});
        let sent = bob.post(&format!("{room}/messages"), json!({"content": content("AAAAAAAAAAAAAAAA")})).await;
        let message = sent.body["data"]["message"]["id"].as_str().unwrap().to_owned();
        let path = format!("{room}/messages/{message}");
        bob.send(Method::PATCH, &path, json!({"content": content("AAAAAAAAAAAAAAAB")})).await;
        bob.send(Method::PUT, &format!("{path}/reactions/👍"), json!({})).await;
        bob.delete(&format!("{path}/reactions/👍")).await;
        socket.send_text(&say("message_read", &json!({"chatroom_id": id, "message_id": message}))).await;
        until(socket, frames, "message_read_by").await;
        bob.delete(&path).await;
        let mut bobs = bob.socket().await;
        bobs.send_text(&say("typing_start", &on)).await;
        until(socket, frames, "typing_indicator").await;
        drop(bobs);
        until(socket, frames, "user_offline").await;
        let member = format!("{room}/members/{}", person("bob").as_str().unwrap());
        ann.send(Method::PUT, &member, json!({"role": "moderator"})).await;
        ann.send(Method::PUT, room, json!({"name": "The choir"})).await;
        ann.delete(&member).await;
        socket.send_text(&say("leave_chatroom", &on)).await;
        until(socket, frames, "left_chatroom").await;
        ann.delete(room).await;
        until(socket, frames, "chatroom_deleted").await;
    }
}

async fn until(socket: &mut Socket, frames: &mut Vec<Value>, event: &str) {
    while frames.last().is_none_or(|frame| name(frame) != event) {
        frames.push(socket.next().await);
    }
}
