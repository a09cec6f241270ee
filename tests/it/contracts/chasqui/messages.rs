//! `GET /conversations/{id}/messages`.

use rstest::rstest;
use serde_json::{Value, json};

use super::{Person, fields, is_error};
use crate::{
    harness::{Backend, Server},
    script::Script,
};

#[rstest]
#[tokio::test]
async fn list_messages_is_the_history_oldest_first(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let room = ann.with(&bob).await;
    assert_eq!(ann.history(&room, "").await.body, json!([]));
    let mut anns = ann.socket().await;
    let mut told = Vec::new();
    for content in ["one", "two", "three"] {
        anns.say(&room, content).await;
        told.push(anns.hears(content).await["message"].clone());
    }
    for who in [&ann, &bob] {
        let history = who.history(&room, "").await;
        assert_eq!((history.status, &history.body), (200, &json!(told)), "what was told is what is stored");
    }
    assert_eq!(fields(&told[0]), ["content", "conversation_id", "created_at", "id", "sender_id"]);
    assert_eq!((&told[0]["conversation_id"], &told[0]["sender_id"]), (&json!(room), &json!(ann.id)));
    assert!(told[0]["id"].as_str().unwrap().starts_with("msg:"));
    assert!(told[0]["created_at"].as_str().unwrap().ends_with('Z'));
}

#[rstest]
#[tokio::test]
async fn list_messages_pages_back_from_a_message(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let room = ann.with(&bob).await;
    let mut anns = ann.socket().await;
    let contents: Vec<_> = (0..120).map(|number| format!("message {number}")).collect();
    for content in &contents {
        anns.say(&room, content).await;
    }
    for content in &contents {
        anns.hears(content).await;
    }
    let said = |page: &Value| -> Vec<String> {
        page.as_array().unwrap().iter().map(|message| message["content"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(said(&bob.history(&room, "").await.body), contents[70..], "50 when the client does not say");
    assert_eq!(said(&bob.history(&room, "?limit=100").await.body), contents[20..]);
    assert_eq!(said(&bob.history(&room, "?limit=1").await.body), contents[119..]);
    let (mut read, mut before) = (Vec::new(), String::new());
    loop {
        let page = bob.history(&room, &format!("?limit=37{before}")).await.body;
        let Some(first) = page.as_array().unwrap().first() else { break };
        before = format!("&before={}", first["id"].as_str().unwrap());
        read.splice(0..0, said(&page));
        // What is said meanwhile does not move the pages.
        anns.say(&room, "later").await;
        anns.hears("later").await;
    }
    assert_eq!(read, contents);
}

#[rstest]
#[tokio::test]
async fn list_messages_refuses(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let eve = Person::new(&server, "eve").await;
    let (room, other) = (ann.with(&bob).await, bob.with(&eve).await);
    let mut bobs = bob.socket().await;
    bobs.say(&other, "elsewhere").await;
    let elsewhere = bobs.hears("elsewhere").await["message"]["id"].as_str().unwrap().to_owned();

    is_error(&eve.history(&room, "").await, 404);
    is_error(&ann.history(&format!("conv:{}", uuid::Uuid::nil()), "").await, 404);
    let bare = room.strip_prefix("conv:").unwrap();
    for wrong in [bare, "7", "conv:7", &format!("msg:{bare}"), &format!("user:{bare}")] {
        is_error(&ann.history(wrong, "").await, 404);
    }
    for wrong in ["0", "-1", "101", "many", "", "99999999999999999999"] {
        let refused = ann.history(&room, &format!("?limit={wrong}")).await;
        is_error(&refused, 400);
    }
    let unknown = format!("msg:{}", uuid::Uuid::nil());
    for wrong in ["7", bare, &unknown, &elsewhere] {
        is_error(&bob.history(&room, &format!("?before={wrong}")).await, 400);
    }
    assert_eq!(ann.history(&room, "?unknown=1").await.status, 200);
}
