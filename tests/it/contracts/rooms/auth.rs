//! `POST /auth/register` and `POST /auth/login`.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{KEY, Person, fields, is_error, is_time, is_well, registration};
use crate::{
    harness::{Backend, Server, answer},
    script::Script,
};

#[rstest]
#[tokio::test]
async fn register_answers_201_with_the_user_and_tokens(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let registered = server.post("/auth/register", &registration("ann")).await;
    let data = is_well(&registered, 201);
    assert_eq!(fields(data), ["access_token", "expires_in", "refresh_token", "user"]);
    let user = &data["user"];
    let expected = ["avatar_url", "created_at", "display_name", "email", "id", "is_verified", "username"];
    assert_eq!(fields(user), expected);
    assert!(user["id"].as_str().unwrap().parse::<uuid::Uuid>().is_ok());
    assert_eq!((&user["username"], &user["email"]), (&json!("ann"), &json!("ann@example.com")));
    assert_eq!((&user["display_name"], &user["avatar_url"]), (&json!("The ann"), &Value::Null));
    assert_eq!(user["is_verified"], false);
    assert!(is_time(&user["created_at"]));
    assert_eq!(data["expires_in"], 1800);
    assert_eq!(data["access_token"].as_str().unwrap().split('.').count(), 3);
}

#[rstest]
#[tokio::test]
async fn register_takes_a_public_key(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let mut ann = registration("ann");
    ann["public_key"] = KEY.into();
    let registered = server.post("/auth/register", &ann).await;
    let ann = Person::with(&server, "ann", is_well(&registered, 201));
    assert_eq!(is_well(&ann.get("/users/me").await, 200)["public_key"], KEY.trim());
    let bob = Person::new(&server, "bob").await;
    assert_eq!(is_well(&bob.get("/users/me").await, 200)["public_key"], Value::Null);
}

#[rstest]
#[tokio::test]
async fn register_refuses_what_is_taken(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    Person::new(&server, "ann").await;
    for (name, email) in [("ANN", "other@example.com"), ("other", "ANN@example.com")] {
        let mut taken = registration(name);
        taken["email"] = email.into();
        is_error(&server.post("/auth/register", &taken).await, 409, "RESOURCE_ALREADY_EXISTS");
    }
}

const FORMAT: &str = "VALIDATION_INVALID_FORMAT";
const LENGTH: &str = "VALIDATION_LENGTH_EXCEEDED";
const VALUE: &str = "VALIDATION_INVALID_VALUE";
const REQUIRED: &str = "VALIDATION_REQUIRED_FIELD";

#[rstest]
#[case::short_name("username", json!("ab"), VALUE)]
#[case::long_name("username", json!("a".repeat(51)), LENGTH)]
#[case::space("username", json!("an n"), FORMAT)]
#[case::no_name("username", Value::Null, FORMAT)]
#[case::wrong_type("username", json!(7), FORMAT)]
#[case::no_address("email", json!("nonsense"), FORMAT)]
#[case::short_password("password", json!("short"), VALUE)]
#[case::long_password("password", json!("x".repeat(129)), LENGTH)]
#[case::empty_display_name("display_name", json!(" "), VALUE)]
#[case::long_display_name("display_name", json!("x".repeat(101)), LENGTH)]
#[case::no_key("public_key", json!("ssh-rsa AAAA"), FORMAT)]
#[tokio::test]
async fn register_refuses_what_is_invalid(
    #[case] field: &str,
    #[case] value: Value,
    #[case] code: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let mut body = registration("ann");
    body[field] = value;
    let refused = server.post("/auth/register", &body).await;
    is_error(&refused, 422, code);
    assert_eq!(fields(&refused.body["error"]["details"]["fields"]), [field]);
}

#[rstest]
#[tokio::test]
async fn register_refuses_what_is_missing(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    for field in ["username", "email", "password", "display_name"] {
        let mut body = registration("ann");
        body.as_object_mut().unwrap().remove(field);
        let refused = server.post("/auth/register", &body).await;
        is_error(&refused, 422, REQUIRED);
        assert_eq!(fields(&refused.body["error"]["details"]["fields"]), [field]);
    }
    let broken = server.http.post(format!("{}/auth/register", server.base)).header("content-type", "application/json");
    is_error(&answer(broken.body("{\"username\": ")).await, 400, FORMAT);
}

#[rstest]
#[tokio::test]
async fn register_names_every_field_that_is_wrong(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let body = json!({"username": "an n", "email": "x", "password": "x", "display_name": "", "public_key": "x"});
    let refused = server.post("/auth/register", &body).await;
    let wrong = ["display_name", "email", "password", "public_key", "username"];
    assert_eq!(fields(&refused.body["error"]["details"]["fields"]), wrong);
}

#[rstest]
#[tokio::test]
async fn login_by_name_or_address(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    Person::new(&server, "ann").await;
    for name in ["ann", "Ann", "ann@example.com", "ANN@example.com"] {
        let logged_in = server.post("/auth/login", &json!({"username": name, "password": "correct horse"})).await;
        let data = is_well(&logged_in, 200);
        assert_eq!(fields(data), ["access_token", "expires_in", "refresh_token", "user"]);
        assert_eq!(fields(&data["user"]), ["avatar_url", "display_name", "id", "last_login", "username"]);
        assert!(is_time(&data["user"]["last_login"]));
        assert_eq!(data["expires_in"], 1800);
    }
}

#[rstest]
#[tokio::test]
async fn login_has_one_refusal_for_every_cause(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    Person::new(&server, "ann").await;
    let mut bodies = Vec::new();
    for (name, password) in [("ann", "wrong horse"), ("nobody", "correct horse"), ("ann", ""), ("", "correct horse")] {
        let refused = server.post("/auth/login", &json!({"username": name, "password": password})).await;
        is_error(&refused, 401, "AUTH_INVALID_CREDENTIALS");
        bodies.push(refused.body);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "{bodies:?}");
    is_error(&server.post("/auth/login", &json!({"username": "ann"})).await, 422, REQUIRED);
}

/// One account, one token, on every face and every socket; and each login counts as the last.
#[rstest]
#[tokio::test]
async fn login_gives_a_token_that_is_good_everywhere(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    let chasqui = |path: &str| format!("{}{path}", server.chasqui);
    for url in
        [format!("{}/api/tasks/sync", server.base), format!("{}/api/v1/tasks", server.base), chasqui("/api/tasks")]
    {
        assert_eq!(answer(server.http.get(&url).bearer_auth(&ann.token)).await.status, 200, "{url}");
    }
    // And the other way round; a name of another face's rules stays good here.
    let name = "a".repeat(64);
    let body = json!({"username": name, "email": "a@example.com", "password": "correct horse"});
    assert_eq!(server.post("/api/v1/auth/register", &body).await.status, 200);
    let login = json!({"username": name, "password": "correct horse"});
    is_well(&server.post("/auth/login", &login).await, 200);
    let mut before = String::new();
    for (url, field) in
        [(format!("{}/api/v1/auth/login", server.base), "access_token"), (chasqui("/api/login"), "token")]
    {
        let token = answer(server.http.post(url).json(&login)).await.body[field].as_str().unwrap().to_owned();
        let me = answer(server.http.get(format!("{}/users/me", server.base)).bearer_auth(token)).await;
        let me = is_well(&me, 200);
        assert_eq!(me["display_name"], json!(name), "the name when there is no other");
        let last_login = me["last_login"].as_str().unwrap().to_owned();
        assert!(last_login > before, "{last_login}");
        before = last_login;
    }
}

#[rstest]
#[tokio::test]
async fn a_missing_a_wrong_and_an_expired_token_are_told_apart(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start_with(backend, Script::of([]), |config| {
        config.rooms.access_token_lifetime = std::time::Duration::from_secs(1);
    })
    .await
    else {
        return;
    };
    let ann = Person::new(&server, "ann").await;
    is_error(
        &answer(server.http.request(Method::GET, format!("{}/users/me", server.base))).await,
        401,
        "AUTH_TOKEN_INVALID",
    );
    for token in ["nonsense", "eyJhbGciOiJub25lIn0.e30.", &ann.refresh] {
        let refused = answer(server.http.get(format!("{}/users/me", server.base)).bearer_auth(token)).await;
        is_error(&refused, 401, "AUTH_TOKEN_INVALID");
    }
    tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
    is_error(&ann.get("/users/me").await, 401, "AUTH_TOKEN_EXPIRED");
}
