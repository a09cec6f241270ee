//! `POST /auth/refresh`: the next tokens, the answer that is lost, the token that is stolen.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};

use super::{Person, fields, is_error, is_well, text};
use crate::{
    harness::{Answer, Backend, Server, Socket},
    script::Script,
};

async fn refresh(server: &Server, token: &str) -> Answer {
    server.post("/auth/refresh", &json!({"refresh_token": token})).await
}

/// The next tokens.
async fn renewed<'a>(person: &Person<'a>) -> Person<'a> {
    let answer = refresh(person.server, &person.refresh).await;
    Person::with(person.server, person.name, is_well(&answer, 200))
}

async fn is_refused(server: &Server, token: &str) {
    is_error(&refresh(server, token).await, 401, "AUTH_REFRESH_TOKEN_INVALID");
}

#[rstest]
#[tokio::test]
async fn refresh_gives_the_next_tokens(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let mut ann = Person::new(&server, "ann").await;
    for _ in 0..3 {
        let answer = refresh(&server, &ann.refresh).await;
        let data = is_well(&answer, 200);
        assert_eq!(fields(data), ["access_token", "expires_in", "refresh_token"]);
        assert_eq!(data["expires_in"], 1800);
        let next = Person::with(&server, "ann", data);
        assert_ne!((&next.token, &next.refresh), (&ann.token, &ann.refresh));
        is_well(&ann.get("/users/me").await, 200);
        is_well(&next.get("/users/me").await, 200);
        ann = next;
    }
}

#[rstest]
#[tokio::test]
async fn refresh_can_be_asked_again_when_the_answer_was_lost(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    let lost = renewed(&ann).await;
    let heard = renewed(&ann).await;
    assert_eq!(lost.refresh, heard.refresh, "whichever of the two arrived");
    is_well(&ann.get("/users/me").await, 200);
    let again = renewed(&ann).await;
    is_well(&again.get("/users/me").await, 200);
    is_well(&renewed(&again).await.get("/users/me").await, 200);
}

#[rstest]
#[case::by_the_access_token(true)]
#[case::by_the_refresh_token(false)]
#[tokio::test]
async fn refresh_with_an_old_token_after_the_new_one_was_used_ends_the_session(
    #[case] by_access: bool,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    let elsewhere = ann.again().await;
    let mut newest = renewed(&ann).await;
    let mut socket = Socket::open(&server, &format!("?token={}", ann.token)).await;
    socket.sync(None).await;
    if by_access {
        is_well(&newest.get("/users/me").await, 200);
    } else {
        newest = renewed(&newest).await;
    }
    is_refused(&server, &ann.refresh).await;
    for token in [&ann, &newest] {
        is_error(&token.get("/users/me").await, 401, "AUTH_TOKEN_INVALID");
        is_refused(&server, &token.refresh).await;
    }
    assert_eq!(socket.receive().await, Err(Some(4401)));
    is_well(&elsewhere.get("/users/me").await, 200);
}

#[rstest]
#[tokio::test]
async fn refresh_twice_at_once_is_no_theft(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    let both = futures::future::join_all((0..8).map(|_| renewed(&ann))).await;
    assert!(both.windows(2).all(|pair| pair[0].refresh == pair[1].refresh));
    for tab in &both {
        is_well(&tab.get("/users/me").await, 200);
    }
    is_well(&renewed(&both[7]).await.get("/users/me").await, 200);
}

#[rstest]
#[tokio::test]
async fn refresh_refuses_what_is_no_refresh_token(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    let forged = format!("{}A", &ann.refresh[..ann.refresh.len() - 1]);
    for wrong in ["", "nonsense", &ann.token, "errand_lt_", &format!("{}x", ann.refresh), &forged] {
        if wrong != ann.refresh {
            is_refused(&server, wrong).await;
        }
    }
    let body = |value: Value| server.http.post(format!("{}/auth/refresh", server.base)).json(&value);
    is_error(&crate::harness::answer(body(json!({}))).await, 422, "VALIDATION_REQUIRED_FIELD");
    is_error(&crate::harness::answer(body(json!({"refresh_token": 7}))).await, 422, "VALIDATION_INVALID_FORMAT");
    is_well(&renewed(&ann).await.get("/users/me").await, 200);
}

#[rstest]
#[tokio::test]
async fn refresh_tokens_expire_and_are_prolonged_by_use(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    assert_eq!(crate::harness::defaults().rooms.refresh_token_lifetime, Duration::from_hours(7 * 24));
    let Some(server) = Server::start_with(backend, Script::of([]), |config| {
        config.rooms.refresh_token_lifetime = Duration::from_secs(3);
    })
    .await
    else {
        return;
    };
    let ann = Person::new(&server, "ann").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let next = renewed(&ann).await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    is_refused(&server, &ann.refresh).await;
    let last = renewed(&next).await;
    tokio::time::sleep(Duration::from_millis(3100)).await;
    is_refused(&server, &last.refresh).await;
}

/// Whoever reads the database can use none of them.
#[tokio::test]
async fn refresh_tokens_are_kept_as_hashes() {
    let server = Server::start(Backend::Sqlite, Script::of([])).await.unwrap();
    let ann = renewed(&Person::new(&server, "ann").await).await;
    server.app.store.close().await;
    let secret = ann.refresh.strip_prefix("errand_lt_").unwrap().as_bytes();
    let files = std::fs::read_dir(server.folder()).unwrap().map(|file| file.unwrap().path());
    for file in files.filter(|file| file.is_file()) {
        let bytes = std::fs::read(file).unwrap();
        assert!(!bytes.windows(secret.len()).any(|part| part == secret));
    }
    assert_eq!(text(&json!(ann.refresh)).len(), "errand_lt_".len() + 43);
}
