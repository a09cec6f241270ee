//! Sessions, which are the conversations of `assistant`.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{each, is_bad, is_fixed, is_time, is_uuid};
use crate::{
    harness::{Backend, Server, User},
    script::{Act, Script},
};

const SESSIONS: &str = "/api/chat/sessions";

fn path(session: &Value) -> String {
    format!("{SESSIONS}/{}", session["id"].as_str().unwrap())
}

async fn begin(user: &User<'_>, title: &str) -> Value {
    let made = user.post(SESSIONS, json!({"title": title})).await;
    assert_eq!(made.status, 200, "creates answer 200, as the text says: {made:?}");
    made.body
}

async fn list(user: &User<'_>) -> Value {
    let list = user.get(SESSIONS).await;
    assert_eq!(list.status, 200, "{list:?}");
    list.body
}

#[rstest]
#[tokio::test]
async fn create_session_has_what_the_text_says(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    assert_eq!(list(&ann).await, json!([]));
    let made = ann.post(SESSIONS, json!({"title": "  Plans ", "colour": "red"})).await.body;
    assert!(is_uuid(&made["id"]) && is_uuid(&made["user_id"]), "{made}");
    assert_eq!((&made["title"], &made["is_active"]), (&json!("Plans"), &json!(true)));
    assert!(is_time(&made["created_at"]) && is_time(&made["updated_at"]), "{made}");
    assert_eq!(made.as_object().unwrap().len(), 6, "{made}");
    assert_eq!(list(&ann).await, json!([made]), "what was answered is what is read back");
    assert_eq!(begin(&ann, &"é".repeat(200)).await["user_id"], made["user_id"]);
}

#[rstest]
#[tokio::test]
async fn list_sessions_has_the_one_with_the_last_message_first(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let (one, _two) = (begin(&ann, "one").await, begin(&ann, "two").await);
    begin(&bob, "bob's").await;
    assert_eq!(each(&list(&ann).await, "title"), ["two", "one"]);
    let body = json!({"role": "user", "content": "hello", "message_type": "text"});
    let said = ann.post(&format!("{}/messages", path(&one)), body).await.body;
    let now = list(&ann).await;
    assert_eq!(each(&now, "title"), ["one", "two"]);
    assert_eq!(now[0]["updated_at"], said["created_at"]);
}

#[rstest]
#[tokio::test]
async fn sessions_are_the_conversations_of_assistant(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::by(|_| Act::Say("Hello."))).await else { return };
    let ann = server.user("ann").await;
    ann.chat("first words").await;
    let session = begin(&ann, "Plans").await;
    assert_eq!(each(&list(&ann).await, "title"), ["Plans", "first words"]);
    let conversations = ann.get("/api/conversations").await.body["conversations"].clone();
    assert_eq!(each(&conversations, "title"), ["Plans", "first words"]);
    assert_eq!(conversations[0]["created_at"], session["created_at"]);
    ann.delete(&path(&session)).await;
    assert_eq!(each(&ann.get("/api/conversations").await.body["conversations"], "title"), ["first words"]);
}

#[rstest]
#[tokio::test]
async fn rename_session_gives_it_another_title(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let made = begin(&ann, "Plans").await;
    let renamed = ann.send(Method::PATCH, &path(&made), json!({"title": " Better plans", "is_active": false})).await;
    assert_eq!(renamed.status, 200, "{renamed:?}");
    assert_eq!((&renamed.body["title"], &renamed.body["is_active"]), (&json!("Better plans"), &json!(true)));
    for field in ["id", "user_id", "created_at"] {
        assert_eq!(renamed.body[field], made[field]);
    }
    assert_eq!(list(&ann).await, json!([renamed.body]));
}

#[rstest]
#[case(json!({}))]
#[case(json!({"title": null}))]
#[case(json!({"title": ""}))]
#[case(json!({"title": " \n\t\u{0}"}))]
#[case(json!({"title": "x".repeat(201)}))]
#[case(json!({"title": 7}))]
#[tokio::test]
async fn a_title_has_1_to_200_characters(
    #[case] body: Value,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let made = begin(&ann, "Plans").await;
    is_bad(&ann.post(SESSIONS, body.clone()).await, "title");
    is_bad(&ann.send(Method::PATCH, &path(&made), body).await, "title");
    assert_eq!(list(&ann).await, json!([made]));
}

#[rstest]
#[tokio::test]
async fn delete_session_takes_its_messages_with_it(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let (kept, gone) = (begin(&ann, "kept").await, begin(&ann, "gone").await);
    let messages = format!("{}/messages", path(&gone));
    ann.post(&messages, json!({"role": "user", "content": "hello", "message_type": "text"})).await;
    let deleted = ann.delete(&path(&gone)).await;
    assert_eq!((deleted.status, deleted.body), (204, Value::Null));
    assert_eq!(list(&ann).await, json!([kept]));
    is_fixed(&ann.delete(&path(&gone)).await, 404);
    is_fixed(&ann.get(&messages).await, 404);
    is_fixed(&ann.send(Method::PATCH, &path(&gone), json!({"title": "again"})).await, 404);
    is_fixed(&ann.post(&messages, json!({"role": "user", "content": "x", "message_type": "text"})).await, 404);
}

#[rstest]
#[tokio::test]
async fn somebody_elses_session_is_forbidden(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let made = begin(&ann, "ann's").await;
    let messages = format!("{}/messages", path(&made));
    is_fixed(&bob.get(&messages).await, 403);
    is_fixed(&bob.post(&messages, json!({"role": "user", "content": "x", "message_type": "text"})).await, 403);
    is_fixed(&bob.send(Method::PATCH, &path(&made), json!({"title": "mine"})).await, 403);
    is_fixed(&bob.delete(&path(&made)).await, 403);
    assert_eq!(list(&ann).await, json!([made]));
    assert_eq!(ann.get(&messages).await.body, json!([]));
}

#[rstest]
#[case("00000000-0000-7000-8000-000000000000")]
#[case("1")]
#[case("seven")]
#[case("%20")]
#[tokio::test]
async fn what_is_no_session_is_not_found(
    #[case] id: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let path = format!("{SESSIONS}/{id}");
    let messages = format!("{path}/messages");
    is_fixed(&ann.get(&messages).await, 404);
    is_fixed(&ann.post(&messages, json!({"role": "user", "content": "x", "message_type": "text"})).await, 404);
    is_fixed(&ann.send(Method::PATCH, &path, json!({"title": "x"})).await, 404);
    is_fixed(&ann.delete(&path).await, 404);
}
