//! How often the contract may be asked, and how often a password may be tried.

use std::time::Duration;

use errand::{config::Config, limits::Limit};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{Person, is_error, is_well};
use crate::{
    harness::{Answer, Backend, Server, answer, defaults},
    script::Script,
};

fn header(answer: &Answer, name: &str) -> i64 {
    answer.headers[name].to_str().unwrap().parse().unwrap()
}

#[rstest]
#[tokio::test]
async fn sixty_requests_a_minute_for_each_user(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    assert_eq!(defaults().limits.rooms, Limit { max: 60, per: Duration::from_mins(1) });
    let three = |config: &mut Config| {
        config.limits.enabled = true;
        config.limits.rooms.max = 3;
    };
    let Some(server) = Server::start_with(backend, Script::of([]), three).await else { return };
    // These two count for the address.
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    for left in [2, 1, 0] {
        let answer = ann.get("/users/me").await;
        is_well(&answer, 200);
        assert_eq!((header(&answer, "x-ratelimit-limit"), header(&answer, "x-ratelimit-remaining")), (3, left));
    }
    for (method, path) in [(Method::GET, "/users/me"), (Method::POST, "/auth/logout"), (Method::GET, "/users/nothing")]
    {
        let refused = answer(ann.request(method, path)).await;
        is_error(&refused, 429, "RATE_LIMIT_EXCEEDED");
        assert!((1..=60).contains(&header(&refused, "retry-after")), "{refused:?}");
        assert_eq!(header(&refused, "x-ratelimit-remaining"), 0);
    }
    is_well(&bob.get("/users/me").await, 200);
    let elsewhere = answer(ann.request(Method::GET, "/api/tasks/sync")).await;
    assert_eq!(elsewhere.status, 200, "the limit is this contract's");
    // Without a user it is the address that counts.
    let nobody = server.http.get(format!("{}/users/me", server.base));
    is_error(&answer(nobody.try_clone().unwrap()).await, 401, "AUTH_TOKEN_INVALID");
    is_error(&answer(nobody).await, 429, "RATE_LIMIT_EXCEEDED");
}

/// Two failures of one account from one address, and a few more of an account from everywhere.
fn few_failures(config: &mut Config) {
    config.limits.enabled = true;
    config.limits.login = Limit { max: 2, per: Duration::from_mins(1) };
    config.limits.login_account = Limit { max: 4, per: Duration::from_mins(1) };
    config.server.trusted_proxies = "127.0.0.1".parse().unwrap();
}

async fn log_in(server: &Server, from: &str, name: &str, password: &str) -> Answer {
    let request = server.http.post(format!("{}/auth/login", server.base)).header("x-forwarded-for", from);
    answer(request.json(&json!({"username": name, "password": password}))).await
}

#[rstest]
#[tokio::test]
async fn who_guesses_passwords_is_stopped_and_locks_nobody_out(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start_with(backend, Script::of([]), few_failures).await else { return };
    Person::new(&server, "ann").await;
    Person::new(&server, "bob").await;
    let (home, right, wrong) = ("203.0.113.1", "correct horse", "wrong horse");
    for _ in 0..5 {
        is_well(&log_in(&server, home, "ann", right).await, 200); // what is right is no failure
    }
    for attacker in ["198.51.100.1", "198.51.100.2"] {
        for _ in 0..2 {
            is_error(&log_in(&server, attacker, "ann", wrong).await, 401, "AUTH_INVALID_CREDENTIALS");
        }
        let refused = log_in(&server, attacker, "ANN", right).await;
        is_error(&refused, 429, "RATE_LIMIT_EXCEEDED");
        assert!((1..=60).contains(&header(&refused, "retry-after")));
        is_well(&log_in(&server, attacker, "bob", right).await, 200);
    }
    is_error(&log_in(&server, "198.51.100.3", "ann", wrong).await, 429, "RATE_LIMIT_EXCEEDED");
    is_well(&log_in(&server, home, "ann", right).await, 200);
    // Each contract says it in its own words.
    let elsewhere =
        server.http.post(format!("{}/api/v1/auth/login", server.base)).header("x-forwarded-for", "198.51.100.1");
    let refused = answer(elsewhere.json(&json!({"username": "ann", "password": right}))).await;
    assert_eq!((refused.status, &refused.body), (429, &json!({"detail": "Too many requests"})));
}

#[rstest]
#[tokio::test]
async fn many_tries_at_once_are_no_way_around(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start_with(backend, Script::of([]), few_failures).await else { return };
    Person::new(&server, "ann").await;
    let tries = (0..10).map(|_| log_in(&server, "198.51.100.1", "ann", "wrong horse"));
    let answers = futures::future::join_all(tries).await;
    let tried: Vec<&Value> = answers.iter().filter(|answer| answer.status == 401).map(|answer| &answer.body).collect();
    assert_eq!(tried.len(), 2, "{answers:?}");
}

#[rstest]
#[tokio::test]
async fn one_address_that_tries_many_accounts_is_stopped(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start_with(backend, Script::of([]), |config| {
        few_failures(config);
        config.limits.login_address = Limit { max: 3, per: Duration::from_mins(1) };
    })
    .await
    else {
        return;
    };
    for name in ["one", "two", "three"] {
        is_error(&log_in(&server, "198.51.100.1", name, "x").await, 401, "AUTH_INVALID_CREDENTIALS");
    }
    is_error(&log_in(&server, "198.51.100.1", "four", "x").await, 429, "RATE_LIMIT_EXCEEDED");
    is_error(&log_in(&server, "198.51.100.2", "four", "x").await, 401, "AUTH_INVALID_CREDENTIALS");
}
