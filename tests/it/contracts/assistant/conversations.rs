//! What was said, and forgetting it.

use rstest::rstest;
use serde_json::json;

use super::{each, is_error, is_time};
use crate::{
    harness::{Backend, Server},
    script::{Act, Script},
};

#[rstest]
#[tokio::test]
async fn list_conversations_has_what_the_text_says(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::by(|_| Act::Say("Hello."))).await else { return };
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    assert_eq!(ann.get("/api/conversations").await.body, json!({"conversations": []}));
    let first = ann.chat("the first").await.body["conversation_id"].clone();
    let second = ann.chat("the second, which begins\nwith a line of its own").await.body["conversation_id"].clone();
    bob.chat("bob's").await;
    let list = ann.get("/api/conversations").await;
    assert_eq!((list.status, list.body.as_object().unwrap().len()), (200, 1));
    let list = &list.body["conversations"];
    assert_eq!(each(list, "id"), [second, first.clone()], "the one with the last message first");
    assert_eq!(each(list, "title"), ["the second, which begins", "the first"]);
    assert_eq!(each(list, "message_count"), [2, 2]);
    for conversation in list.as_array().unwrap() {
        assert!(is_time(&conversation["created_at"]) && is_time(&conversation["updated_at"]), "{conversation}");
        assert_eq!((conversation["is_active"] == true, conversation.as_object().unwrap().len()), (true, 6));
    }
    ann.post("/api/chat", json!({"message": "go on", "conversation_id": first})).await;
    let list = ann.get("/api/conversations").await.body["conversations"].clone();
    assert_eq!((&list[0]["id"], &list[0]["message_count"]), (&first, &json!(4)));
}

#[rstest]
#[tokio::test]
async fn get_conversation_has_its_messages(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::adding()).await else { return };
    let ann = server.user("ann").await;
    let chat = ann.chat("buy milk").await.body;
    let read = ann.get(&format!("/api/conversations/{}", chat["conversation_id"])).await;
    assert_eq!((read.status, read.body.as_object().unwrap().len()), (200, 2));
    let conversation = &read.body["conversation"];
    assert_eq!((&conversation["id"], &conversation["title"]), (&chat["conversation_id"], &json!("buy milk")));
    assert!(is_time(&conversation["created_at"]) && is_time(&conversation["updated_at"]));
    assert_eq!(conversation["is_active"], true);
    let messages = &read.body["messages"];
    for message in messages.as_array().unwrap() {
        assert!(
            message["id"].is_i64() && message["content"].is_string() && is_time(&message["timestamp"]),
            "{message}"
        );
    }
    assert_eq!(each(messages, "role"), ["user", "assistant", "system", "assistant"]);
    assert_eq!(each(messages, "message_type"), ["text", "command", "response", "text"]);
    assert_eq!((&messages[3]["content"], &messages[3]["timestamp"]), (&chat["response"], &chat["timestamp"]));
}

#[rstest]
#[case("999999")]
#[case("0")]
#[case("-1")]
#[case("1.5")]
#[case("00000000-0000-7000-8000-000000000000")]
#[tokio::test]
async fn what_is_no_conversation_is_not_found(
    #[case] id: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    for answer in
        [ann.get(&format!("/api/conversations/{id}")).await, ann.delete(&format!("/api/conversations/{id}")).await]
    {
        is_error(&answer, 404, "CONVERSATION_NOT_FOUND");
        assert_eq!(answer.body["error"], "Conversation not found");
    }
}

#[rstest]
#[tokio::test]
async fn delete_conversation_forgets_it(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::adding()).await else { return };
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let id = ann.chat("a secret thing").await.body["conversation_id"].clone();
    let path = format!("/api/conversations/{id}");
    is_error(&bob.delete(&path).await, 403, "FORBIDDEN");
    is_error(&bob.get(&path).await, 403, "FORBIDDEN");
    let foreign = bob.post("/api/chat", json!({"message": "hi", "conversation_id": id})).await;
    is_error(&foreign, 403, "FORBIDDEN");
    let deleted = ann.delete(&path).await;
    assert_eq!((deleted.status, &deleted.body["success"]), (200, &json!(true)));
    assert!(deleted.body["message"].is_string());
    assert_eq!(ann.get("/api/conversations").await.body, json!({"conversations": []}));
    let gone = ann.delete(&path).await;
    is_error(&gone, 404, "CONVERSATION_NOT_FOUND");
    assert_eq!(gone.body["error"], "Conversation not found");
    is_error(&ann.get(&path).await, 404, "CONVERSATION_NOT_FOUND");
    // What was told of it does not keep what was said: the task stays, the sentence does not.
    let (events, _) = ann.socket().await.sync(Some(0)).await;
    assert!(events.iter().all(|event| event["type"] != "message_created"), "{events:?}");
    assert!(events.iter().any(|event| event["type"] == "session_deleted"));
}
