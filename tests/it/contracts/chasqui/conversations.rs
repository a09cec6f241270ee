//! `/conversations`.

use futures::future::join_all;
use rstest::rstest;
use serde_json::{Value, json};

use super::{Person, fields, is_error};
use crate::{
    harness::{Backend, Server},
    script::Script,
};

#[rstest]
#[tokio::test]
async fn create_conversation_direct_is_made_once(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let made = ann.post("/api/conversations", json!({"type": "direct", "participants": ["bob"]})).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(fields(&made.body), ["created_at", "id", "name", "participants", "type"]);
    let id = made.body["id"].as_str().unwrap().strip_prefix("conv:").unwrap();
    assert!(id.parse::<uuid::Uuid>().is_ok());
    assert_eq!((&made.body["type"], &made.body["name"]), (&json!("direct"), &Value::Null));
    assert_eq!(
        made.body["participants"],
        json!([{"id": ann.id, "username": "ann"}, {"id": bob.id, "username": "bob"}])
    );
    assert!(made.body["created_at"].as_str().unwrap().ends_with('Z'));
    // Whoever asks again, and however: the same one, with 200.
    for (who, participants) in [
        (&ann, json!(["bob"])),
        (&ann, json!(["BOB"])),
        (&ann, json!([bob.id])),
        (&ann, json!(["ann", "bob"])),
        (&bob, json!(["ann"])),
        (&bob, json!([ann.id, bob.id])),
    ] {
        let again = who.post("/api/conversations", json!({"type": "direct", "participants": participants})).await;
        assert_eq!((again.status, again.body), (200, made.body.clone()), "{participants}");
    }
}

#[rstest]
#[tokio::test]
async fn create_conversation_direct_is_made_once_also_when_both_ask_at_once(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let asks = (0..20).map(|number| {
        let (who, other) = if number % 2 == 0 { (&ann, &bob) } else { (&bob, &ann) };
        who.post("/api/conversations", json!({"type": "direct", "participants": [other.name]}))
    });
    let answers = join_all(asks).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 19);
    assert!(answers.iter().all(|answer| answer.body["id"] == answers[0].body["id"]));
    assert_eq!(bob.get("/api/conversations").await.body.as_array().unwrap().len(), 1);
}

#[rstest]
#[tokio::test]
async fn create_conversation_group(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let eve = Person::new(&server, "eve").await;
    let body = json!({"type": "group", "participants": ["Bob", eve.id, "bob", "ann"], "name": " The team "});
    let made = ann.post("/api/conversations", body.clone()).await;
    assert_eq!(made.status, 201);
    assert_eq!((&made.body["type"], &made.body["name"]), (&json!("group"), &json!("The team")));
    let people: Vec<_> =
        made.body["participants"].as_array().unwrap().iter().map(|person| &person["username"]).collect();
    assert_eq!(people, ["ann", "bob", "eve"], "each once, the maker first");
    let again = ann.post("/api/conversations", body).await;
    assert_eq!(again.status, 201, "groups are made as often as they are asked for");
    assert_ne!(again.body["id"], made.body["id"]);
    let nameless = bob.post("/api/conversations", json!({"type": "group", "participants": ["eve"]})).await;
    assert_eq!((nameless.status, &nameless.body["name"]), (201, &Value::Null));
}

#[rstest]
#[case::nobody_else(json!({"type": "direct", "participants": ["ann"]}), "participants")]
#[case::nobody(json!({"type": "direct", "participants": []}), "participants")]
#[case::too_many(json!({"type": "direct", "participants": ["bob", "eve"]}), "participants")]
#[case::unknown(json!({"type": "direct", "participants": ["nobody"]}), "nobody")]
#[case::unknown_id(json!({"type": "direct", "participants": [format!("user:{}", uuid::Uuid::nil())]}), "participants")]
#[case::address(json!({"type": "direct", "participants": ["bob@example.com"]}), "participants")]
#[case::lonely_group(json!({"type": "group", "participants": []}), "participants")]
#[case::unknown_in_group(json!({"type": "group", "participants": ["bob", "nobody"]}), "nobody")]
#[case::crowd(json!({"type": "group", "participants": vec!["bob"; 101]}), "participants")]
#[case::blank_name(json!({"type": "group", "participants": ["bob"], "name": " "}), "name")]
#[case::long_name(json!({"type": "group", "participants": ["bob"], "name": "x".repeat(101)}), "name")]
#[case::type_unknown(json!({"type": "party", "participants": ["bob"]}), "type")]
#[case::type_missing(json!({"participants": ["bob"]}), "type")]
#[case::participants_missing(json!({"type": "direct"}), "participants")]
#[case::participants_no_list(json!({"type": "direct", "participants": "bob"}), "participants")]
#[tokio::test]
async fn create_conversation_refuses_what_is_invalid(
    #[case] body: Value,
    #[case] word: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    Person::new(&server, "bob").await;
    Person::new(&server, "eve").await;
    let refused = ann.post("/api/conversations", body).await;
    assert!(is_error(&refused, 400).contains(word), "{refused:?}");
    assert_eq!(ann.get("/api/conversations").await.body, json!([]), "nothing of it stays");
}

#[rstest]
#[tokio::test]
async fn list_conversations_answers_ones_own_the_newest_first(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let eve = Person::new(&server, "eve").await;
    let first = ann.post("/api/conversations", json!({"type": "direct", "participants": ["bob"]})).await.body;
    let group = json!({"type": "group", "participants": ["bob", "eve"], "name": "all"});
    let second = ann.post("/api/conversations", group).await.body;
    let third = bob.post("/api/conversations", json!({"type": "direct", "participants": ["eve"]})).await.body;
    let listed = async |who: &Person<'_>| {
        let listed = who.get("/api/conversations").await;
        assert_eq!(listed.status, 200);
        listed.body
    };
    assert_eq!(listed(&ann).await, json!([second, first]));
    assert_eq!(listed(&bob).await, json!([third, second, first]));
    assert_eq!(listed(&eve).await, json!([third, second]));
    assert_eq!(listed(&Person::new(&server, "new").await).await, json!([]));
}

/// People's conversations are not the assistant's.
#[rstest]
#[tokio::test]
async fn list_conversations_knows_nothing_of_the_assistants(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (user, bob) = (server.user("ann").await, Person::new(&server, "bob").await);
    user.session().await;
    let ann = Person { server: &server, name: "ann", id: String::new(), token: user.token.clone() };
    assert_eq!(ann.get("/api/conversations").await.body, json!([]));
    ann.with(&bob).await;
    assert_eq!(user.get("/api/conversations").await.body["conversations"].as_array().unwrap().len(), 1);
    assert_eq!(user.get("/api/chat/sessions").await.body.as_array().unwrap().len(), 1);
}
