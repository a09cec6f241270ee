//! Of what people have written nothing is left outside of their envelopes.

use std::time::Duration;

use errand::agent::{Builtin, model::ModelError};
use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use super::{super::hall::has, Hall, KEY, Person, TALK, automatic, is_error, is_well, start, summary};
use crate::{
    harness::Backend,
    requests::Log,
    script::{Act, Script},
};

/// A word that nobody else uses.
const CANARY: &str = "quokkazebrafinch";

#[rstest]
#[case::by_a_model(true)]
#[case::of_its_own_sentences(false)]
#[tokio::test]
async fn get_summary_leaves_no_word_on_the_disk_or_in_the_log(
    #[case] by_model: bool,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let log = Log::start();
    let server = if by_model {
        start(backend, Script::by(|_| Act::Say("They speak of quokkazebrafinch."))).await
    } else {
        start(backend, Builtin).await
    };
    let Some(server) = server else { return };
    let hall = Hall::new(&server, json!({"name": "The hall", "summary_threshold": 4})).await;
    hall.talk(&TALK[..3]).await;
    hall.say(&hall.ann, &format!("The {CANARY} comes to the party in the community hall.")).await;
    let made = summary(&hall.make(json!({"custom_prompt": format!("about {CANARY}")})).await, 201);
    assert!(made.to_string().contains(CANARY), "{made}");
    automatic::soon(&hall).await;
    assert!(summary(&hall.newest(&[]).await, 200).to_string().contains(CANARY));
    assert!(has(&server, backend, &hall.room).await || has(&server, backend, "The hall").await, "it looks");
    assert!(!has(&server, backend, CANARY).await);
    let log = log.text();
    assert!(log.contains("service.opened") && !log.contains(CANARY), "{log}");
}

#[rstest]
#[tokio::test]
async fn create_summary_without_what_is_deleted_meanwhile(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let slow = Act::Think(Duration::from_secs(2), Box::new(Act::Fail(ModelError::BrokenOff { detail: String::new() })));
    let model = Script::of([slow]);
    let asked = model.asked.clone();
    let Some(server) = start(backend, model).await else { return };
    let hall = Hall::new(&server, json!({"name": "The hall"})).await;
    hall.talk(&TALK).await;
    let secret = hall.say(&hall.ann, &format!("The community hall for the party: {CANARY}.")).await;
    let messages = format!("/chatrooms/{}/messages", hall.room);
    let history = hall.ann.get(&messages).await;
    let last = &is_well(&history, 200)["messages"][4];
    assert_eq!(last["created_at"], json!(secret));
    let path = format!("{messages}/{}", last["id"].as_str().unwrap());
    let delete = async {
        while asked.lock().unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        is_well(&hall.ann.send(Method::DELETE, &path, json!({})).await, 200);
    };
    let (made, ()) = tokio::join!(hall.make(json!({})), delete);
    let made = summary(&made, 201);
    assert_eq!((&made["message_count"], made.to_string().contains(CANARY)), (&json!(4), false), "{made}");
    assert_eq!(asked.lock().unwrap().len(), 2, "it was begun again");
}

#[rstest]
#[tokio::test]
async fn get_summary_tells_nobody_what_was_said_before_they_came(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = start(backend, Builtin).await else { return };
    let mut hall = Hall::new(&server, json!({"name": "The hall"})).await;
    hall.talk(&TALK).await;
    summary(&hall.make(json!({})).await, 201);
    let carl = Person::new(&server, "carl").await;
    is_well(&carl.send(Method::PUT, "/users/me", json!({"public_key": KEY})).await, 200);
    hall.ann.lets_in(&hall.room, &carl).await;
    is_error(&carl.get(&hall.path()).await, 404, "RESOURCE_NOT_FOUND");
    is_error(&carl.send(Method::POST, &hall.path(), json!({})).await, 422, "VALIDATION_INVALID_VALUE");
    hall.next_key(true).await;
    hall.talk(&TALK[..1]).await;
    assert_eq!(summary(&hall.make(json!({})).await, 201)["message_count"], 5);
    is_error(&carl.get(&hall.path()).await, 404, "RESOURCE_NOT_FOUND");
    let made = summary(&carl.send(Method::POST, &hall.path(), json!({})).await, 201);
    assert_eq!((&made["message_count"], &made["skipped"]), (&json!(1), &json!(4)));
    assert_eq!(summary(&carl.get(&hall.path()).await, 200), made);
}
