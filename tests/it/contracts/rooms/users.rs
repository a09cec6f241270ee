//! `GET` and `PUT /users/me`.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{KEY, Person, fields, is_error, is_time, is_well};
use crate::{
    harness::{Backend, Server},
    script::Script,
};

#[rstest]
#[tokio::test]
async fn get_me_is_the_profile(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    let me = ann.get("/users/me").await;
    let me = is_well(&me, 200);
    let expected = [
        "avatar_url",
        "created_at",
        "display_name",
        "email",
        "id",
        "is_verified",
        "last_login",
        "public_key",
        "username",
    ];
    assert_eq!(fields(me), expected);
    assert_eq!((&me["username"], &me["email"]), (&json!("ann"), &json!("ann@example.com")));
    assert_eq!((&me["display_name"], &me["is_verified"]), (&json!("The ann"), &json!(false)));
    assert!(is_time(&me["created_at"]) && is_time(&me["last_login"]), "registering counts: {me}");
}

#[rstest]
#[tokio::test]
async fn update_me_changes_what_is_given(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    let put = async |body: Value| {
        let answer = ann.send(Method::PUT, "/users/me", body).await;
        is_well(&answer, 200).clone()
    };
    let before = is_well(&ann.get("/users/me").await, 200).clone();
    assert_eq!(put(json!({})).await, before);
    let named = put(json!({"display_name": " Ann\u{202e} of Green Gables ", "nonsense": 1})).await;
    assert_eq!(named["display_name"], "Ann of Green Gables");
    let all = put(json!({"avatar_url": "https://example.com/a.png", "public_key": KEY})).await;
    assert_eq!((&all["avatar_url"], &all["public_key"]), (&json!("https://example.com/a.png"), &json!(KEY.trim())));
    assert_eq!(all["display_name"], "Ann of Green Gables");
    assert_eq!(is_well(&ann.get("/users/me").await, 200), &all);
    let cleared = put(json!({"avatar_url": null, "public_key": null, "display_name": null})).await;
    assert_eq!((&cleared["avatar_url"], &cleared["public_key"]), (&Value::Null, &Value::Null));
    assert_eq!(cleared["display_name"], "Ann of Green Gables", "there always is one");
}

#[rstest]
#[case::empty_name("display_name", json!(""), "VALIDATION_INVALID_VALUE")]
#[case::long_name("display_name", json!("x".repeat(101)), "VALIDATION_LENGTH_EXCEEDED")]
#[case::no_text("display_name", json!(7), "VALIDATION_INVALID_FORMAT")]
#[case::script("avatar_url", json!("javascript:alert(1)"), "VALIDATION_INVALID_FORMAT")]
#[case::elsewhere("avatar_url", json!("//example.com/a.png"), "VALIDATION_INVALID_FORMAT")]
#[case::long_address("avatar_url", json!(format!("https://{}", "x".repeat(2048))), "VALIDATION_LENGTH_EXCEEDED")]
#[case::no_key("public_key", json!("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"), "VALIDATION_INVALID_FORMAT")]
#[tokio::test]
async fn update_me_refuses_what_is_invalid(
    #[case] field: &str,
    #[case] value: Value,
    #[case] code: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    let before = ann.get("/users/me").await.body;
    let mut body = json!({"display_name": "Somebody"});
    body[field] = value;
    let refused = ann.send(Method::PUT, "/users/me", body).await;
    is_error(&refused, 422, code);
    assert_eq!(fields(&refused.body["error"]["details"]["fields"]), [field]);
    assert_eq!(ann.get("/users/me").await.body, before, "nothing of it is done");
}
