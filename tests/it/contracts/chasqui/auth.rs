//! `POST /register`, `POST /login`, and the token.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{Person, fields, is_error, post};
use crate::{
    harness::{Backend, Server, Socket, answer},
    script::Script,
};

#[rstest]
#[tokio::test]
async fn register_answers_201_with_the_account(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let body = json!({"username": "Zoë", "email": "zoe@example.com", "password": "correct horse"});
    let registered = post(&server, "/api/register", &body).await;
    assert_eq!(registered.status, 201);
    assert_eq!(fields(&registered.body), ["email", "id", "username"]);
    assert_eq!((&registered.body["username"], &registered.body["email"]), (&json!("Zoë"), &json!("zoe@example.com")));
    let id = registered.body["id"].as_str().unwrap().strip_prefix("user:").unwrap();
    assert!(id.parse::<uuid::Uuid>().is_ok());
}

#[rstest]
#[tokio::test]
async fn register_refuses_what_is_taken_with_409(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    Person::new(&server, "ann").await;
    for taken in [
        json!({"username": "ANN", "email": "other@example.com", "password": "correct horse"}),
        json!({"username": "other", "email": "ANN@example.com", "password": "correct horse"}),
    ] {
        is_error(&post(&server, "/api/register", &taken).await, 409);
    }
}

#[rstest]
#[case::digit(json!({"username": "ann1", "email": "a@example.com", "password": "correct horse"}), "username")]
#[case::space(json!({"username": "an n", "email": "a@example.com", "password": "correct horse"}), "username")]
#[case::underscore(json!({"username": "an_n", "email": "a@example.com", "password": "correct horse"}), "username")]
#[case::no_name(json!({"username": "", "email": "a@example.com", "password": "correct horse"}), "username")]
#[case::long_name(json!({"username": "a".repeat(65), "email": "a@example.com", "password": "correct horse"}), "username")]
#[case::no_address(json!({"username": "ann", "email": "nonsense", "password": "correct horse"}), "email")]
#[case::short(json!({"username": "ann", "email": "a@example.com", "password": "short"}), "password")]
#[case::missing(json!({"username": "ann", "email": "a@example.com"}), "password")]
#[case::wrong_type(json!({"username": 7, "email": "a@example.com", "password": "correct horse"}), "username")]
#[case::no_object(json!([]), "body")]
#[tokio::test]
async fn register_refuses_what_is_invalid_with_400(
    #[case] body: Value,
    #[case] field: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let refused = post(&server, "/api/register", &body).await;
    assert!(is_error(&refused, 400).contains(field), "{refused:?}");
}

#[rstest]
#[tokio::test]
async fn login_by_name_or_address(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    for login in [
        json!({"username": "ann", "password": "correct horse"}),
        json!({"username": "Ann", "password": "correct horse"}),
        json!({"email": "ann@example.com", "password": "correct horse"}),
        json!({"email": "ANN@example.com", "password": "correct horse"}),
        json!({"email": "ann@example.com", "username": null, "password": "correct horse"}),
        json!({"email": "", "username": "ann", "password": "correct horse"}),
    ] {
        let logged_in = post(&server, "/api/login", &login).await;
        assert_eq!(logged_in.status, 200, "{login} {logged_in:?}");
        assert_eq!(fields(&logged_in.body), ["token"]);
        let token = logged_in.body["token"].as_str().unwrap();
        let request = server.http.get(format!("{}/api/tasks", server.chasqui)).bearer_auth(token);
        assert_eq!(answer(request).await.status, 200);
    }
    assert_eq!(ann.get("/api/tasks").await.status, 200);
}

#[rstest]
#[tokio::test]
async fn login_refuses(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    Person::new(&server, "ann").await;
    let cases = [
        (json!({"username": "ann", "password": "wrong horse"}), 401),
        (json!({"email": "ann@example.com", "password": "wrong horse"}), 401),
        (json!({"username": "nobody", "password": "correct horse"}), 401),
        (json!({"password": "correct horse"}), 400),
        (json!({"username": " ", "email": null, "password": "correct horse"}), 400),
        (json!({"username": "ann"}), 400),
    ];
    let mut words = Vec::new();
    for (login, status) in cases {
        words.push((status, is_error(&post(&server, "/api/login", &login).await, status).to_owned()));
    }
    let wrong: Vec<_> = words.iter().filter(|(status, _)| *status == 401).collect();
    assert!(wrong.windows(2).all(|pair| pair[0] == pair[1]), "never said which was wrong: {wrong:?}");
}

/// One account, one token, on every face and every socket.
#[rstest]
#[tokio::test]
async fn login_gives_a_token_that_is_good_everywhere(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    let there = server.http.get(format!("{}/api/tasks/sync", server.base)).bearer_auth(&ann.token);
    assert_eq!(answer(there).await.status, 200);
    let (_, synced) = Socket::open(&server, &format!("?token={}", ann.token)).await.sync(None).await;
    assert_eq!(synced["type"], "sync_response");
    // And the other way round; a name of another face's rules stays good here.
    let bob = server.user("bob_7").await;
    let here = server.http.get(format!("{}/api/conversations", server.chasqui)).bearer_auth(&bob.token);
    assert_eq!(answer(here).await.status, 200);
    let login = json!({"username": "bob_7", "password": "correct horse"});
    assert_eq!(post(&server, "/api/login", &login).await.status, 200);
}

#[rstest]
#[tokio::test]
async fn every_other_endpoint_wants_a_token(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let id = uuid::Uuid::nil();
    for (method, path) in [
        (Method::GET, "/api/tasks".to_owned()),
        (Method::POST, "/api/tasks".to_owned()),
        (Method::PATCH, format!("/api/tasks/{id}")),
        (Method::GET, "/api/conversations".to_owned()),
        (Method::POST, "/api/conversations".to_owned()),
        (Method::GET, format!("/api/conversations/conv:{id}/messages")),
    ] {
        let url = format!("{}{path}", server.chasqui);
        is_error(&answer(server.http.request(method.clone(), &url)).await, 401);
        is_error(&answer(server.http.request(method, &url).bearer_auth("nonsense")).await, 401);
    }
}
