//! Search in a chatroom.

use errand::crypto::{PublicKey, RoomKey};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{
    Person, fields, is_error, is_well,
    keys::{publish, put},
    text,
};
use crate::{
    harness::{Answer, Backend, Server},
    script::Script,
};

/// Writes the next version of a room's key, for these people and for the assistant.
async fn give(by: &Person<'_>, room: &str, version: i64, people: &[&Person<'_>], key: &RoomKey) {
    let mut keys = publish(people).await;
    let shown = by.get(&format!("/chatrooms/{room}/keys")).await;
    let members = is_well(&shown, 200)["members"].as_array().unwrap();
    let assistant = members.iter().find(|member| member["is_assistant"] == true).unwrap();
    let wrapped = PublicKey::from_pem(assistant["public_key"].as_str().unwrap()).unwrap().wrap(key).unwrap();
    keys.push(json!({"user_id": assistant["user_id"], "wrapped_key": wrapped}));
    let stored = put(by, room, version, json!(keys)).await;
    assert_eq!(stored.status, 200, "{stored:?}");
}

fn sealed(key: &RoomKey, version: i64, said: &str) -> Value {
    let sealed = key.seal(said).unwrap();
    json!({"encrypted_data": sealed.encrypted_data(), "iv": sealed.iv(), "key_version": version})
}

/// The message that was written.
async fn says(person: &Person<'_>, room: &str, kind: &str, content: Value) -> Value {
    let body = json!({"content": content, "message_type": kind});
    let sent = person.send(Method::POST, &format!("/chatrooms/{room}/messages"), body).await;
    is_well(&sent, 201)["message"].clone()
}

async fn search(person: &Person<'_>, room: &str, asked: Value) -> Answer {
    person.send(Method::POST, &format!("/chatrooms/{room}/search"), asked).await
}

/// What was found: where each message stands among these.
fn found(answer: &Answer, messages: &[Value]) -> Vec<usize> {
    let results = is_well(answer, 200)["results"].as_array().unwrap();
    let place = |result: &Value| messages.iter().position(|message| message["id"] == result["message"]["id"]).unwrap();
    results.iter().map(place).collect()
}

/// A room of ann's with bob in it, whose key the assistant was given.
async fn hall(server: &Server) -> (String, RoomKey, Person<'_>, Person<'_>) {
    let (ann, bob) = (Person::new(server, "ann").await, Person::new(server, "bob").await);
    let (room, key) = (ann.room(&json!({"name": "The hall"})).await, RoomKey::generate().unwrap());
    ann.lets_in(&room, &bob).await;
    give(&ann, &room, 1, &[&ann, &bob], &key).await;
    (room, key, ann, bob)
}

#[rstest]
#[tokio::test]
async fn search_finds_what_was_said(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, key, ann, bob) = hall(&server).await;
    let mut said = Vec::new();
    for (person, kind, words) in [
        (&ann, "text", "Who books the hall for Friday?"),
        (&bob, "text", "The weather will be fine."),
        (&bob, "image", "A picture of the hall"),
        (&ann, "text", "Hall, hall, hall: I dreamt of a hall."),
    ] {
        said.push(says(person, &room, kind, sealed(&key, 1, words)).await);
    }
    let answer = search(&bob, &room, json!({"query": "HALL friday"})).await;
    let data = is_well(&answer, 200);
    let expected = [
        "older_left_out",
        "results",
        "search_mode",
        "search_time_ms",
        "searched_messages",
        "total_results",
        "unreadable_messages",
    ];
    assert_eq!(fields(data), expected);
    assert_eq!(found(&answer, &said), [0, 3, 2], "the rare word tells more");
    assert_eq!((&data["total_results"], &data["search_mode"]), (&json!(3), &json!("server")));
    assert_eq!((&data["searched_messages"], &data["unreadable_messages"]), (&json!(4), &json!(0)));
    assert_eq!((&data["older_left_out"], data["search_time_ms"].is_u64()), (&json!(false), true));
    let first = &data["results"][0];
    assert_eq!(fields(first), ["context", "matched_terms", "message", "relevance_score"]);
    assert_eq!(first["matched_terms"], json!(["HALL", "friday"]));
    assert_eq!(first["context"], json!({"before": "Who books the ", "match": "hall", "after": " for Friday?"}));
    assert!(first["relevance_score"].as_f64().unwrap() > data["results"][1]["relevance_score"].as_f64().unwrap());
    let history = bob.get(&format!("/chatrooms/{room}/messages")).await;
    assert_eq!(first["message"], is_well(&history, 200)["messages"][0], "as everywhere");
    let of_ann = said[0]["user_id"].clone();
    for (asked, expected) in [
        (json!({"query": "hall", "limit": 1}), vec![3]),
        (json!({"query": "hall", "message_type": "image"}), vec![2]),
        (json!({"query": "hall", "message_type": "file"}), vec![]),
        (json!({"query": "\"the hall\"", "user_id": of_ann}), vec![0]),
        (json!({"query": "hall", "date_to": said[1]["created_at"]}), vec![0]),
        (json!({"query": "hall", "date_from": said[2]["created_at"], "date_to": said[2]["created_at"]}), vec![2]),
        (json!({"query": "dentist"}), vec![]),
    ] {
        let answer = search(&ann, &room, asked.clone()).await;
        assert_eq!(found(&answer, &said), expected, "{asked}");
        assert_eq!(is_well(&answer, 200)["search_mode"], "server");
    }
    let first_of_all = search(&ann, &room, json!({"query": "hall", "limit": 1})).await;
    assert_eq!(is_well(&first_of_all, 200)["total_results"], 3, "also what is beyond the limit");
}

#[rstest]
#[tokio::test]
async fn search_sees_messages_as_they_are_now(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, key, ann, bob) = hall(&server).await;
    let changed = says(&ann, &room, "text", sealed(&key, 1, "the boat")).await;
    let gone = says(&ann, &room, "text", sealed(&key, 1, "the hall is gone")).await;
    let place = |message: &Value| format!("/chatrooms/{room}/messages/{}", text(&message["id"]));
    let body = json!({"content": sealed(&key, 1, "the hall")});
    is_well(&ann.send(Method::PATCH, &place(&changed), body).await, 200);
    assert_eq!(ann.send(Method::DELETE, &place(&gone), json!({})).await.status, 200);
    assert_eq!(found(&search(&bob, &room, json!({"query": "hall"})).await, &[changed]), [0]);
    assert!(found(&search(&bob, &room, json!({"query": "boat gone"})).await, &[]).is_empty());
}

#[rstest]
#[tokio::test]
async fn search_tells_nobody_what_they_have_no_key_for(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, key, ann, bob) = hall(&server).await;
    says(&ann, &room, "text", sealed(&key, 1, "the hall before carl")).await;
    let carl = Person::new(&server, "carl").await;
    ann.lets_in(&room, &carl).await;
    let next = RoomKey::generate().unwrap();
    give(&ann, &room, 2, &[&ann, &bob, &carl], &next).await;
    let after = says(&ann, &room, "text", sealed(&next, 2, "the hall after him")).await;
    let answer = search(&carl, &room, json!({"query": "hall"})).await;
    assert_eq!(found(&answer, &[after]), [0]);
    let data = is_well(&answer, 200);
    assert_eq!((&data["search_mode"], &data["unreadable_messages"]), (&json!("server"), &json!(1)));
    assert_eq!(is_well(&search(&bob, &room, json!({"query": "hall"})).await, 200)["total_results"], 2);
}

#[rstest]
#[tokio::test]
async fn search_counts_what_it_cannot_read(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, key) = (Person::new(&server, "ann").await, RoomKey::generate().unwrap());
    let room = ann.room(&json!({"name": "The hall"})).await;
    assert_eq!(put(&ann, &room, 1, json!(publish(&[&ann]).await)).await.status, 200, "not for the assistant");
    says(&ann, &room, "text", sealed(&RoomKey::generate().unwrap(), 1, "the hall")).await;
    give(&ann, &room, 2, &[&ann], &key).await;
    let other = says(&ann, &room, "text", sealed(&RoomKey::generate().unwrap(), 2, "the hall")).await;
    let read = says(&ann, &room, "text", sealed(&key, 2, "the hall")).await;
    let answer = search(&ann, &room, json!({"query": "hall"})).await;
    assert_eq!(found(&answer, &[other, read]), [1]);
    let data = is_well(&answer, 200);
    assert_eq!((&data["searched_messages"], &data["unreadable_messages"]), (&json!(1), &json!(2)));
}

#[rstest]
#[tokio::test]
async fn search_says_why_it_is_for_the_clients(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    let room = ann.room(&json!({"name": "The hall"})).await;
    let is_elsewhere = async |why: &str| {
        let answer = search(&ann, &room, json!({"query": "hall"})).await;
        let data = is_well(&answer, 200);
        assert_eq!((&data["results"], &data["total_results"]), (&json!([]), &json!(0)));
        assert_eq!((&data["search_mode"], &answer.body["message"]), (&json!("client"), &json!(why)));
    };
    is_elsewhere("This chatroom has no key yet").await;
    assert_eq!(put(&ann, &room, 1, json!(publish(&[&ann]).await)).await.status, 200);
    is_elsewhere("The assistant was not given this chatroom's newest key").await;
    let off = ann.send(Method::PUT, &format!("/chatrooms/{room}"), json!({"auto_summary_enabled": false})).await;
    is_well(&off, 200);
    is_elsewhere("The assistant is not in this chatroom: auto_summary_enabled is off").await;
}

#[rstest]
#[tokio::test]
async fn search_is_for_members_and_refuses_what_is_invalid(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, eve) = (Person::new(&server, "ann").await, Person::new(&server, "eve").await);
    let room = ann.room(&json!({"name": "The hall"})).await;
    let hall = json!({"query": "hall"});
    is_error(&search(&eve, &room, hall.clone()).await, 403, "CHATROOM_ACCESS_DENIED");
    is_error(&search(&ann, &uuid::Uuid::nil().to_string(), hall.clone()).await, 404, "CHATROOM_NOT_FOUND");
    is_error(&search(&ann, "1", hall).await, 404, "CHATROOM_NOT_FOUND");
    for (asked, code) in [
        (json!({}), "VALIDATION_REQUIRED_FIELD"),
        (json!({"query": " ?! "}), "VALIDATION_REQUIRED_FIELD"),
        (json!({"query": "x".repeat(201)}), "VALIDATION_LENGTH_EXCEEDED"),
        (json!({"query": "x", "limit": 0}), "VALIDATION_INVALID_VALUE"),
        (json!({"query": "x", "limit": 101}), "VALIDATION_INVALID_VALUE"),
        (json!({"query": "x", "date_from": "2026-03-04T09:00:00"}), "VALIDATION_INVALID_VALUE"),
        (json!({"query": "x", "message_type": "system"}), "VALIDATION_INVALID_FORMAT"),
        (json!({"query": "x", "user_id": "ann"}), "VALIDATION_INVALID_FORMAT"),
    ] {
        let refused = search(&ann, &room, asked.clone()).await;
        is_error(&refused, 422, code);
        assert_eq!(refused.body["error"]["details"]["fields"].as_object().unwrap().len(), 1, "{asked} {refused:?}");
    }
}
