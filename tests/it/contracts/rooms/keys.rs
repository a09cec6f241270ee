//! The keys of a chatroom.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use errand::crypto::PublicKey;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{KEY, Person, fields, is_error, is_well, text};
use crate::{
    harness::{Answer, Backend, Server},
    script::Script,
};

/// What a room's key might be when it is wrapped.
fn wrapped() -> String {
    STANDARD.encode([3; 256])
}

pub(super) async fn put(person: &Person<'_>, room: &str, version: i64, keys: Value) -> Answer {
    person.send(Method::PUT, &format!("/chatrooms/{room}/keys/{version}"), json!({"keys": keys})).await
}

/// Has everybody publish a public key.
pub(super) async fn publish(people: &[&Person<'_>]) -> Vec<Value> {
    let mut keys = Vec::new();
    for person in people {
        let me = person.send(Method::PUT, "/users/me", json!({"public_key": KEY})).await;
        keys.push(json!({"user_id": is_well(&me, 200)["id"], "wrapped_key": wrapped()}));
    }
    keys
}

/// Gives these people a version of the room's key.
pub(super) async fn give(by: &Person<'_>, room: &str, version: i64, people: &[&Person<'_>]) {
    let keys = publish(people).await;
    let stored = put(by, room, version, json!(keys)).await;
    assert_eq!((stored.status, &stored.body["success"]), (200, &json!(true)), "{stored:?}");
}

#[rstest]
#[tokio::test]
async fn get_keys_tells_who_has_which(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let room = ann.room(&json!({"name": "The hall"})).await;
    let path = format!("/chatrooms/{room}/keys");
    let none = ann.get(&path).await;
    assert_eq!((&is_well(&none, 200)["current_version"], &is_well(&none, 200)["keys"]), (&json!(0), &json!([])));
    give(&ann, &room, 1, &[&ann]).await;
    ann.lets_in(&room, &bob).await;
    let of_ann = ann.get(&path).await;
    let keys = is_well(&of_ann, 200);
    assert_eq!(fields(keys), ["current_version", "keys", "members", "needed_version"]);
    assert_eq!((&keys["current_version"], keys["keys"].as_array().unwrap().len()), (&json!(1), 1));
    assert_eq!(fields(&keys["keys"][0]), ["version", "wrapped_by", "wrapped_key"]);
    assert_eq!(text(&keys["keys"][0]["wrapped_key"]), wrapped());
    assert_eq!(fields(&keys["members"][0]), ["is_assistant", "public_key", "user_id", "username"]);
    let [of_ann, of_assistant, of_bob] = [0, 1, 2].map(|index| &keys["members"][index]["public_key"]);
    assert_eq!((of_ann, of_bob), (&json!(KEY.trim_end()), &Value::Null));
    assert!(PublicKey::from_pem(of_assistant.as_str().unwrap()).is_ok(), "{of_assistant}");
    let assistants: Vec<_> = (0..3).map(|index| keys["members"][index]["is_assistant"].clone()).collect();
    assert_eq!(assistants, [false, true, false]);
    let of_bob = bob.get(&path).await;
    assert_eq!(is_well(&of_bob, 200)["keys"], json!([]), "he came after it was given");
    let carl = Person::new(&server, "carl").await;
    is_error(&carl.get(&path).await, 403, "CHATROOM_ACCESS_DENIED");
}

#[rstest]
#[tokio::test]
async fn put_keys_once_one_after_the_other_and_for_everybody(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob, carl) =
        (Person::new(&server, "ann").await, Person::new(&server, "bob").await, Person::new(&server, "carl").await);
    let room = ann.room(&json!({"name": "The hall"})).await;
    ann.lets_in(&room, &bob).await;
    let keys = publish(&[&ann, &bob, &carl]).await;
    let (both, stranger) = (json!(keys[..2]), json!(keys));
    for wrong in [json!(keys[..1]), stranger, json!([keys[0], keys[0], keys[1]]), json!([])] {
        is_error(&put(&ann, &room, 1, wrong).await, 422, "VALIDATION_INVALID_VALUE");
    }
    let mut short = both.clone();
    short[0]["wrapped_key"] = json!(STANDARD.encode([3; 32]));
    is_error(&put(&ann, &room, 1, short).await, 422, "VALIDATION_INVALID_VALUE");
    is_error(&put(&ann, &room, 2, both.clone()).await, 422, "VALIDATION_INVALID_VALUE");
    assert_eq!(put(&bob, &room, 1, both.clone()).await.status, 200);
    let again = put(&ann, &room, 1, both.clone()).await;
    is_error(&again, 409, "RESOURCE_ALREADY_EXISTS");
    assert_eq!(again.body["error"]["details"]["current_key_version"], 1);
    is_error(&put(&carl, &room, 2, both).await, 403, "CHATROOM_ACCESS_DENIED");
}
