//! The user's one conversation of this contract, and the history of this one and others.

use std::{collections::HashSet, time::Duration};

use errand::agent::model::ModelError;
use futures::future::join_all;
use rstest::rstest;
use serde_json::{Value, json};

use super::{each, is_error, is_time};
use crate::{
    harness::{Backend, Server, User},
    script::{Act, Script, create},
};

async fn say(user: &User<'_>, content: &str) -> Value {
    let said = user.post("/api/v1/messages", json!({"content": content})).await;
    assert_eq!(said.status, 200, "{said:?}");
    said.body
}

async fn history(user: &User<'_>, query: &str) -> Value {
    let read = user.get(&format!("/api/v1/messages/history{query}")).await;
    assert_eq!(read.status, 200, "{read:?}");
    read.body
}

#[rstest]
#[tokio::test]
async fn send_message_is_a_turn_in_the_users_one_conversation(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::adding()).await else { return };
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    assert_eq!(history(&ann, "").await, json!([]), "before the first message");
    assert_eq!(say(&ann, "buy milk").await, json!({"response": "It is on your list."}));
    say(&ann, "buy bread").await;
    say(&bob, "buy beer").await;
    assert_eq!(ann.tasks().await.len(), 2, "the assistant does what it says");

    let told = history(&ann, "").await;
    assert_eq!(each(&told, "role"), ["user", "assistant", "user", "assistant"], "calls and results are left out");
    assert_eq!(each(&told, "content"), ["buy milk", "It is on your list.", "buy bread", "It is on your list."]);
    for message in told.as_array().unwrap() {
        assert!(message["id"].is_i64() && is_time(&message["timestamp"]), "{message}");
        assert_eq!(message.as_object().unwrap().len(), 4, "no more than the text says: {message}");
    }
    // It is a conversation like the others, and shown where they are.
    let conversations = ann.get("/api/conversations").await.body["conversations"].clone();
    assert_eq!(each(&conversations, "title"), ["buy milk"]);
    assert_eq!(conversations[0]["message_count"], 8);
    assert_eq!(ann.get("/api/chat/sessions").await.body.as_array().unwrap().len(), 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn first_messages_that_come_at_once_make_one_conversation(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::by(|_| Act::Say("Hello."))).await else { return };
    let ann = server.user("ann").await;
    join_all((0..6).map(|number| {
        let ann = &ann;
        async move { say(ann, &format!("message {number}")).await }
    }))
    .await;
    assert_eq!(ann.get("/api/conversations").await.body["conversations"].as_array().unwrap().len(), 1);
    let told = history(&ann, "").await;
    assert_eq!(each(&told, "role"), ["user", "assistant"].repeat(6), "one turn after the other");
}

#[rstest]
#[tokio::test]
async fn other_conversations_do_not_become_the_one(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::by(|_| Act::Say("Hello."))).await else { return };
    let ann = server.user("ann").await;
    let other = ann.chat("in another place").await.body["conversation_id"].clone();
    assert_eq!(history(&ann, "").await, json!([]));
    say(&ann, "here").await;
    ann.chat("in a third place").await;
    say(&ann, "here again").await;
    assert_eq!(each(&history(&ann, "").await, "content"), ["here", "Hello.", "here again", "Hello."]);
    let there = history(&ann, &format!("?conversation_id={other}")).await;
    assert_eq!(each(&there, "content"), ["in another place", "Hello."]);

    // Deleted on another contract, it is begun anew.
    let conversations = ann.get("/api/conversations").await.body["conversations"].clone();
    let one = conversations.as_array().unwrap().iter().find(|one| one["title"] == "here").unwrap();
    ann.delete(&format!("/api/conversations/{}", one["id"])).await;
    assert_eq!(history(&ann, "").await, json!([]));
    say(&ann, "a new start").await;
    assert_eq!(each(&history(&ann, "").await, "content"), ["a new start", "Hello."]);
}

#[rstest]
#[case(json!({"content": ""}))]
#[case(json!({"content": " \n\u{0}"}))]
#[case(json!({"content": "x".repeat(8001)}))]
#[case(json!({"content": 7}))]
#[case(json!({"content": null}))]
#[case(json!({"message": "hi"}))]
#[case(json!([]))]
#[tokio::test]
async fn bad_messages_are_refused_and_nothing_is_stored(
    #[case] body: Value,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::adding()).await else { return };
    let ann = server.user("ann").await;
    let refused = ann.post("/api/v1/messages", body).await;
    assert_eq!((refused.status, refused.body), (400, json!({"detail": "Invalid message format"})));
    assert_eq!(ann.get("/api/conversations").await.body, json!({"conversations": []}));
}

#[rstest]
#[tokio::test]
async fn the_longest_message_is_taken_and_unknown_fields_are_ignored(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([Act::Say("Long.")])).await else { return };
    let ann = server.user("ann").await;
    let said = ann.post("/api/v1/messages", json!({"content": "é".repeat(8000), "colour": "red"})).await;
    assert_eq!((said.status, said.body), (200, json!({"response": "Long."})));
}

#[rstest]
#[tokio::test]
async fn when_the_model_fails_the_message_and_what_was_done_stay(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let detail = "a key: sk-secret".to_owned();
    let fails = Act::Fail(ModelError::Unavailable { status: Some(503), retry_after: None, detail });
    let Some(server) = Server::start(backend, Script::of([create("call ann"), fails])).await else { return };
    let ann = server.user("ann").await;
    let failed = ann.post("/api/v1/messages", json!({"content": "remind me to call ann"})).await;
    is_error(&failed, 500);
    let why = failed.body["detail"].as_str().unwrap();
    assert!(why.contains("call ann") && !why.contains("sk-secret"), "{why}");
    assert_eq!(ann.tasks().await.len(), 1);
    let told = history(&ann, "").await;
    assert_eq!(each(&told, "content"), ["remind me to call ann", why]);
    assert_eq!(each(&told, "role"), ["user", "assistant"], "the text knows no third role");
    say(&ann, "go on").await;
}

#[rstest]
#[case(Act::Panic)]
#[case(Act::Think(Duration::from_mins(1), Box::new(Act::Say("late"))))]
#[tokio::test]
async fn a_model_that_panics_or_takes_too_long_is_a_500(
    #[case] act: Act,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let model = Script::of([act]);
    let Some(server) = Server::start_with(backend, model, |config| {
        config.agent.model_call_timeout = Duration::from_millis(300);
    })
    .await
    else {
        return;
    };
    let ann = server.user("ann").await;
    is_error(&ann.post("/api/v1/messages", json!({"content": "hi"})).await, 500);
    assert_eq!(say(&ann, "hi").await, json!({"response": "That is all."}));
}

#[rstest]
#[tokio::test]
async fn message_history_comes_in_stretches_oldest_first(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::adding()).await else { return };
    let ann = server.user("ann").await;
    for number in 0..3 {
        say(&ann, &format!("task {number}")).await;
    }
    let all = history(&ann, "").await;
    assert_eq!(all.as_array().unwrap().len(), 6);
    let mut ids = HashSet::new();
    for offset in 0..6 {
        let one = history(&ann, &format!("?limit=1&offset={offset}")).await;
        assert_eq!(one, json!([all[offset]]));
        assert!(ids.insert(one[0]["id"].as_i64().unwrap()));
        say(&ann, "meanwhile").await; // what is added comes after, and moves nothing
    }
    assert_eq!(history(&ann, "?offset=18").await, json!([]));
    assert_eq!(history(&ann, "?offset=9223372036854775807").await, json!([]));
    assert_eq!(history(&ann, "?limit=100&unknown=1").await.as_array().unwrap().len(), 18);
}

#[rstest]
#[tokio::test]
async fn fifty_messages_unless_said_otherwise(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let session = ann.session().await;
    let path = format!("/api/chat/sessions/{session}/messages");
    for number in 0..51 {
        ann.post(&path, json!({"role": "user", "content": format!("{number}"), "message_type": "text"})).await;
    }
    let number = ann.get("/api/conversations").await.body["conversations"][0]["id"].clone();
    let query = format!("?conversation_id={number}");
    let told = history(&ann, &query).await;
    assert_eq!(each(&told, "content"), (0..50).map(|number| number.to_string()).collect::<Vec<_>>());
    assert_eq!(each(&history(&ann, &format!("{query}&offset=50")).await, "content"), ["50"]);
}

#[rstest]
#[tokio::test]
async fn foreign_and_unknown_conversations_are_not_found(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::adding()).await else { return };
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let foreign = ann.chat("a secret").await.body["conversation_id"].clone();
    for number in [foreign, json!(999_999), json!(-1)] {
        let refused = bob.get(&format!("/api/v1/messages/history?conversation_id={number}")).await;
        assert_eq!((refused.status, refused.body), (404, json!({"detail": "Conversation not found"})));
    }
}

#[rstest]
#[case("limit=0", "limit")]
#[case("limit=101", "limit")]
#[case("limit=-1", "limit")]
#[case("limit=ten", "limit")]
#[case("limit=", "limit")]
#[case("limit=1&limit=2", "limit")]
#[case("limit=99999999999999999999", "limit")]
#[case("offset=-1", "offset")]
#[case("offset=1.5", "offset")]
#[case("conversation_id=seven", "conversation_id")]
#[case("conversation_id=00000000-0000-0000-0000-000000000000", "conversation_id")]
#[tokio::test]
async fn bad_queries_are_refused_with_the_parameter(
    #[case] query: &str,
    #[case] field: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let refused = ann.get(&format!("/api/v1/messages/history?{query}")).await;
    is_error(&refused, 400);
    assert!(refused.body["detail"].as_str().unwrap().contains(field), "{refused:?}");
}
