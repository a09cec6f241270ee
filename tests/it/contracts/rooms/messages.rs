//! Messages: writing, history, writing anew, taking away, and reactions.

use std::sync::atomic::{AtomicU32, Ordering};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{Person, fields, is_error, is_well, keys, text};
use crate::{
    harness::{Answer, Backend, Server, answer},
    script::Script,
};

/// What a client might have encrypted, each time with another iv.
pub(super) fn content() -> Value {
    static IVS: AtomicU32 = AtomicU32::new(0);
    let mut iv = [0; 12];
    iv[..4].copy_from_slice(&IVS.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    json!({"encrypted_data": STANDARD.encode([7; 40]), "iv": STANDARD.encode(iv), "key_version": 1})
}

/// A room of ann's with bob in it, and the first version of its key.
pub(super) async fn hall(server: &Server) -> (String, Person<'_>, Person<'_>) {
    let (ann, bob) = (Person::new(server, "ann").await, Person::new(server, "bob").await);
    let room = ann.room(&json!({"name": "The hall"})).await;
    ann.lets_in(&room, &bob).await;
    keys::give(&ann, &room, 1, &[&ann, &bob]).await;
    (room, ann, bob)
}

pub(super) async fn send(person: &Person<'_>, room: &str, body: Value) -> Answer {
    person.send(Method::POST, &format!("/chatrooms/{room}/messages"), body).await
}

/// The id of a message that was written.
pub(super) async fn wrote(person: &Person<'_>, room: &str) -> String {
    let sent = send(person, room, json!({"content": content()})).await;
    text(&is_well(&sent, 201)["message"]["id"])
}

pub(super) async fn history(person: &Person<'_>, room: &str, query: &str) -> Answer {
    person.get(&format!("/chatrooms/{room}/messages{query}")).await
}

fn ids(answer: &Answer) -> Vec<String> {
    is_well(answer, 200)["messages"].as_array().unwrap().iter().map(|message| text(&message["id"])).collect()
}

#[rstest]
#[tokio::test]
async fn send_message_answers_201_with_the_message(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let content = content();
    let first = wrote(&bob, &room).await;
    let body = json!({"content": content, "message_type": "image", "reply_to": first, "client_id": "mine"});
    let sent = send(&ann, &room, body.clone()).await;
    let message = &is_well(&sent, 201)["message"];
    let text_has = [
        "attachments",
        "avatar_url",
        "chatroom_id",
        "client_id",
        "content",
        "created_at",
        "deleted_at",
        "display_name",
        "edited_at",
        "id",
        "message_type",
        "reactions",
        "reply_to",
        "seq",
        "user_id",
        "username",
    ];
    assert_eq!(fields(message), text_has);
    let said = (&message["content"], &message["message_type"], &message["reply_to"], &message["chatroom_id"]);
    assert_eq!(said, (&content, &json!("image"), &json!(first), &json!(room)));
    assert_eq!((&message["username"], &message["display_name"]), (&json!("ann"), &json!("The ann")));
    assert_eq!((&message["attachments"], &message["reactions"]), (&json!([]), &json!([])));
    let again = send(&ann, &room, body).await;
    assert_eq!(&is_well(&again, 200)["message"], message, "sent again, stored once");
    let seen = history(&bob, &room, "").await;
    let seen = &is_well(&seen, 200)["messages"][1];
    assert_eq!((&seen["id"], &seen["client_id"]), (&message["id"], &Value::Null), "what a client calls it is its own");
}

#[rstest]
#[tokio::test]
async fn send_message_refuses_what_is_not_encrypted_as_it_must_be(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let with = |field: &str, value: Value| {
        let mut content = content();
        content[field] = value;
        json!({"content": content})
    };
    let wrong = [
        (json!({}), "VALIDATION_REQUIRED_FIELD"),
        (with("encrypted_data", json!("hello")), "VALIDATION_INVALID_FORMAT"),
        (with("iv", json!(STANDARD.encode([0; 16]))), "VALIDATION_INVALID_FORMAT"),
        (with("key_version", json!("1")), "VALIDATION_INVALID_FORMAT"),
        (with("encrypted_data", json!(STANDARD.encode(vec![0; 70_000]))), "MESSAGE_TOO_LONG"),
        (with("key_version", json!(2)), "MESSAGE_ENCRYPTION_FAILED"),
        (json!({"content": content(), "message_type": "system"}), "VALIDATION_INVALID_FORMAT"),
        (json!({"content": content(), "reply_to": uuid::Uuid::nil()}), "VALIDATION_INVALID_VALUE"),
    ];
    for (body, code) in wrong {
        is_error(&send(&ann, &room, body).await, 422, code);
    }
    let content = content();
    is_well(&send(&ann, &room, json!({"content": content})).await, 201);
    is_error(&send(&bob, &room, json!({"content": content})).await, 422, "MESSAGE_ENCRYPTION_FAILED");
    let carl = Person::new(&server, "carl").await;
    is_error(&send(&carl, &room, json!({"content": content})).await, 403, "CHATROOM_ACCESS_DENIED");
    is_error(&send(&carl, "nowhere", json!({"content": content})).await, 404, "CHATROOM_NOT_FOUND");
    let total = is_well(&history(&ann, &room, "").await, 200)["pagination"]["total"].clone();
    assert_eq!(total, 1, "nothing of what was refused");
}

#[rstest]
#[tokio::test]
async fn send_message_under_an_old_key_tells_the_newest(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    assert_eq!(answer(bob.request(Method::POST, &format!("/chatrooms/{room}/leave"))).await.status, 200);
    let refused = send(&ann, &room, json!({"content": content()})).await;
    is_error(&refused, 422, "MESSAGE_ENCRYPTION_FAILED");
    assert_eq!(refused.body["error"]["details"]["current_key_version"], 1, "{refused:?}");
    keys::give(&ann, &room, 2, &[&ann]).await;
    let mut content = content();
    content["key_version"] = json!(2);
    is_well(&send(&ann, &room, json!({"content": content})).await, 201);
}

#[rstest]
#[tokio::test]
async fn send_message_again_after_a_restart_is_the_same_message(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, _) = hall(&server).await;
    let body = json!({"content": content(), "client_id": "mine"});
    let sent = send(&ann, &room, body.clone()).await;
    let message = is_well(&sent, 201)["message"].clone();
    let (token, refresh) = (ann.token, ann.refresh);
    let server = server.restart().await;
    let ann = Person { server: &server, name: "ann", token, refresh };
    assert_eq!(is_well(&send(&ann, &room, body).await, 200)["message"], message, "its answer might have been lost");
    let next = send(&ann, &room, json!({"content": content()})).await;
    assert_eq!(is_well(&next, 201)["message"]["seq"].as_i64(), message["seq"].as_i64().map(|seq| seq + 1));
    assert_eq!(ids(&history(&ann, &room, "").await).len(), 2);
}

#[rstest]
#[tokio::test]
async fn list_messages_by_pages_from_the_newest(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let mut written = Vec::new();
    for nth in 0..7 {
        written.push(wrote(if nth % 2 == 0 { &ann } else { &bob }, &room).await);
    }
    let newest = history(&ann, &room, "?limit=3").await;
    assert_eq!(is_well(&newest, 200)["pagination"], json!({"page": 1, "limit": 3, "total": 7, "has_more": true}));
    assert_eq!(ids(&newest), written[4..]);
    assert_eq!(ids(&history(&bob, &room, "?limit=3&page=2").await), written[1..4]);
    let oldest = history(&bob, &room, "?limit=3&page=3").await;
    assert_eq!(
        (ids(&oldest), &is_well(&oldest, 200)["pagination"]["has_more"]),
        (written[..1].to_vec(), &json!(false))
    );
    assert_eq!(ids(&history(&ann, &room, "").await), written);
    let times = is_well(&newest, 200)["messages"].clone();
    let time = |nth: usize| times[nth]["created_at"].as_str().unwrap().to_owned();
    assert_eq!(ids(&history(&ann, &room, &format!("?before={}", time(0))).await), written[..4]);
    assert_eq!(ids(&history(&ann, &room, &format!("?after={}", time(0))).await), written[5..]);
    let between = format!("?after={}&before={}", time(0), time(2));
    assert_eq!(ids(&history(&ann, &room, &between).await), written[5..6]);
    assert_eq!(ids(&history(&ann, &room, &format!("?after_seq={}", times[1]["seq"])).await), written[6..]);
    for wrong in ["?limit=0", "?limit=101", "?page=0", "?before=yesterday", "?after=2026-01-01T00:00:00"] {
        let refused = history(&ann, &room, wrong).await;
        assert_eq!(refused.status, 422, "{wrong}: {refused:?}");
    }
}

#[rstest]
#[tokio::test]
async fn edit_message_is_its_authors(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let message = wrote(&bob, &room).await;
    let path = format!("/chatrooms/{room}/messages/{message}");
    let new = content();
    is_error(&ann.send(Method::PATCH, &path, json!({"content": new})).await, 403, "MESSAGE_EDIT_DENIED");
    let edited = bob.send(Method::PATCH, &path, json!({"content": new})).await;
    let edited = &is_well(&edited, 200)["message"];
    assert_eq!((&edited["id"], &edited["content"], edited["edited_at"].is_string()), (&json!(message), &new, true));
    is_error(&bob.send(Method::PATCH, &path, json!({"content": new})).await, 422, "MESSAGE_ENCRYPTION_FAILED");
    let nowhere = format!("/chatrooms/{room}/messages/{}", uuid::Uuid::nil());
    is_error(&bob.send(Method::PATCH, &nowhere, json!({"content": content()})).await, 404, "MESSAGE_NOT_FOUND");
}

#[rstest]
#[tokio::test]
async fn delete_message_leaves_its_place(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let (of_ann, of_bob) = (wrote(&ann, &room).await, wrote(&bob, &room).await);
    let delete = async |by: &Person<'_>, message: &str| {
        answer(by.request(Method::DELETE, &format!("/chatrooms/{room}/messages/{message}"))).await
    };
    is_error(&delete(&bob, &of_ann).await, 403, "MESSAGE_DELETE_DENIED");
    assert_eq!(delete(&ann, &of_bob).await.status, 200, "she owns the room");
    is_error(&delete(&bob, &of_bob).await, 404, "MESSAGE_NOT_FOUND");
    let left = history(&bob, &room, "").await;
    assert_eq!(ids(&left), [of_ann, of_bob]);
    let gone = &is_well(&left, 200)["messages"][1];
    assert_eq!(gone["content"], json!({"encrypted_data": "", "iv": "", "key_version": 0}));
    assert!(gone["deleted_at"].is_string(), "{gone}");
}

#[rstest]
#[tokio::test]
async fn add_reaction_and_see_it_once(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let path = format!("/chatrooms/{room}/messages/{}/reactions/%F0%9F%91%8D", wrote(&ann, &room).await);
    for _ in 0..2 {
        let reacted = answer(bob.request(Method::PUT, &path)).await;
        assert_eq!((reacted.status, &reacted.body["success"]), (200, &json!(true)), "{reacted:?}");
    }
    let seen = history(&ann, &room, "").await;
    let reactions = &is_well(&seen, 200)["messages"][0]["reactions"];
    assert_eq!(reactions.as_array().unwrap().len(), 1);
    assert_eq!(fields(&reactions[0]), ["created_at", "emoji", "user_id", "username"]);
    assert_eq!((&reactions[0]["emoji"], &reactions[0]["username"]), (&json!("👍"), &json!("bob")));
    let long = path.replace("%F0%9F%91%8D", &"x".repeat(65));
    is_error(&answer(bob.request(Method::PUT, &long)).await, 422, "VALIDATION_INVALID_FORMAT");
}

#[rstest]
#[tokio::test]
async fn remove_reaction_takes_back_ones_own(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let path = format!("/chatrooms/{room}/messages/{}/reactions/%2B1", wrote(&ann, &room).await);
    for person in [&ann, &bob] {
        assert_eq!(answer(person.request(Method::PUT, &path)).await.status, 200);
    }
    assert_eq!(answer(bob.request(Method::DELETE, &path)).await.status, 200);
    let seen = history(&ann, &room, "").await;
    let reactions = is_well(&seen, 200)["messages"][0]["reactions"].clone();
    let left: Vec<_> = reactions.as_array().unwrap().iter().map(|reaction| text(&reaction["username"])).collect();
    assert_eq!(left, ["ann"]);
}
