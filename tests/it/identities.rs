//! Tokens of an outside identity service: which are good, whose account they are, and what a service that fails does to us.

use std::time::{Duration, Instant};

use errand_core::Clock;
use futures::future::join_all;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    harness::{Backend, Server, Socket, User},
    issuer::{Key, Mood, Service, but, claims},
    script::Script,
};

async fn server(backend: Backend, service: &Service) -> Option<Server> {
    Server::start_with(backend, Script::adding(), service.configured()).await
}

impl Server {
    fn outside(&self, token: String) -> User<'_> {
        User { server: self, token }
    }

    async fn status(&self, token: String) -> u16 {
        self.outside(token).get("/api/chat/sessions").await.status
    }
}

#[rstest]
#[tokio::test]
async fn a_token_of_each_kind_is_an_account_everywhere(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[values(Algorithm::EdDSA, Algorithm::ES256, Algorithm::RS256)] algorithm: Algorithm,
) {
    let key = Key::new(algorithm, "2026");
    let service = Service::publishing(&[&key]).await;
    let Some(server) = server(backend, &service).await else { return };
    let ann = server.outside(key.sign(&claims("1")));
    let mut socket = ann.socket().await;
    socket.sync(None).await;
    let made = ann.post("/api/tasks/", json!({"title": "Call the dentist"})).await;
    assert_eq!(made.status, 200, "{made:?}");
    assert_eq!(socket.next_of("task_created").await["data"]["task"]["id"], made.body["id"]);
    assert_eq!(ann.get("/api/conversations").await.status, 200); // another contract
    let later = server.outside(key.sign(&but(claims("1"), &json!({"name": "Anna", "email": "anna@example.com"}))));
    assert_eq!(later.tasks().await.len(), 1, "the same subject, the same account");
    let bob = server.outside(key.sign(&claims("2")));
    assert_eq!(bob.tasks().await.len(), 0);
    assert_eq!(bob.delete(&format!("/api/tasks/{}", made.body["id"].as_str().unwrap())).await.status, 403);
    let account = server.app.account_named("Ann.1").await.unwrap();
    assert_eq!(
        (account.email.as_str(), made.body["user_id"].as_str()),
        ("ann.1@example.com", Some(&*account.id.to_string()))
    );
    assert_eq!(service.fetched(), 1);
}

#[rstest]
#[case::expired(json!({"exp": Clock::System.now().timestamp()}))]
#[case::without_an_end(json!({"exp": null}))]
#[case::with_an_end_in_words(json!({"exp": "tomorrow"}))]
#[case::not_yet_good(json!({"nbf": Clock::System.now().timestamp() + 5}))]
#[case::of_another_issuer(json!({"iss": "https://evil.example.com"}))]
#[case::without_an_issuer(json!({"iss": null}))]
#[case::of_several_issuers(json!({"iss": ["https://app.example.com", "https://evil.example.com"]}))]
#[case::for_another_audience(json!({"aud": "https://other.example.com"}))]
#[case::for_other_audiences(json!({"aud": ["https://other.example.com", "x"]}))]
#[case::without_an_audience(json!({"aud": null}))]
#[case::without_a_subject(json!({"sub": null}))]
#[case::with_an_empty_subject(json!({"sub": ""}))]
#[case::with_a_number_for_a_subject(json!({"sub": 7}))]
#[case::with_a_subject_that_cannot_be_stored(json!({"sub": "a\u{0}b"}))]
#[case::with_an_endless_subject(json!({"sub": "x".repeat(5000)}))]
#[tokio::test]
async fn what_it_says_is_refused(#[case] other: Value, #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let key = Key::new(Algorithm::EdDSA, "2026");
    let service = Service::publishing(&[&key]).await;
    let Some(server) = server(backend, &service).await else { return };
    let refused = server.outside(key.sign(&but(claims("1"), &other))).get("/api/chat/sessions").await;
    assert_eq!(refused.status, 401);
    assert_eq!(refused.body["error"], "Unauthorized");
    let good = but(claims("1"), &json!({"aud": ["x", crate::issuer::NAME], "nbf": Clock::System.now().timestamp()}));
    assert_eq!(server.status(key.sign(&good)).await, 200);
    assert!(server.app.accounts().await.unwrap().len() == 1, "only the good one has an account");
}

/// `header` and `claims` as they are, signed by nobody.
fn unsigned(header: &str) -> String {
    // {"alg":"none"} and the like cannot be made with the library.
    let token = Key::new(Algorithm::EdDSA, "x").sign(&claims("1"));
    let body = token.split('.').nth(1).unwrap().to_owned();
    format!("{header}.{body}.")
}

#[tokio::test]
async fn how_it_is_signed_is_refused() {
    let (ed, ec, rsa) =
        (Key::new(Algorithm::EdDSA, "ed"), Key::new(Algorithm::ES256, "ec"), Key::new(Algorithm::RS256, "rsa"));
    let service = Service::publishing(&[&ed, &ec, &rsa]).await;
    let encrypting = Key::new(Algorithm::EdDSA, "enc");
    let published = [ed.jwk(), ec.jwk(), rsa.jwk(), but(encrypting.jwk(), &json!({"use": "enc"}))];
    service.becomes(Mood::Publishes(published.to_vec()));
    let server = server(Backend::Sqlite, &service).await.unwrap();
    let sign = |header: &Header, secret: &EncodingKey| jsonwebtoken::encode(header, &claims("1"), secret).unwrap();
    for key in [&ed, &ec, &rsa] {
        assert_eq!(server.status(key.sign(&claims("1"))).await, 200);
        // Another key of the same kind, under this one's id.
        let stranger = Key::new(key.algorithm, key.id.as_ref().unwrap());
        assert_eq!(server.status(stranger.sign(&claims("1"))).await, 401);
        // The public key, which everybody has, as a secret.
        let jwk = key.jwk();
        for public in [jwk["x"].as_str(), jwk["n"].as_str(), Some(&*jwk.to_string())].into_iter().flatten() {
            let header = Header { kid: key.id.clone(), ..Header::new(Algorithm::HS256) };
            assert_eq!(server.status(sign(&header, &EncodingKey::from_secret(public.as_bytes()))).await, 401);
        }
        // Its signature, for another payload.
        let (token, other) = (key.sign(&claims("1")), key.sign(&claims("2")));
        let (body, signature) = (other.rsplit_once('.').unwrap().0, token.rsplit_once('.').unwrap().1);
        assert_eq!(server.status(format!("{body}.{signature}")).await, 401);
    }
    let under = |id: &str, key: &Key| Header { kid: Some(id.into()), ..key.header() };
    for (header, key) in [
        (under("ec", &rsa), &rsa),
        (under("rsa", &ec), &ec),
        (under("ed", &ec), &ec),
        (Header { alg: Algorithm::RS512, ..rsa.header() }, &rsa),
        (Header { alg: Algorithm::PS256, ..rsa.header() }, &rsa),
        (Header { crit: Some(vec!["b64".into()]), ..ed.header() }, &ed),
    ] {
        assert_eq!(server.status(sign(&header, &key.secret)).await, 401, "{header:?}");
    }
    // {"alg":"none"}, {"alg":"None","kid":"ed"}, {"alg":"","kid":"ed"}
    for header in ["eyJhbGciOiJub25lIn0", "eyJhbGciOiJOb25lIiwia2lkIjoiZWQifQ", "eyJhbGciOiIiLCJraWQiOiJlZCJ9"] {
        assert_eq!(server.status(unsigned(header)).await, 401);
    }
    for nonsense in ["", ".", "..", "a.b", "a.b.c.d", "e30.e30.e30", "\u{fffd}"] {
        assert!([401, 400].contains(&server.status(nonsense.into()).await));
    }
    assert_eq!(service.fetched(), 1, "none of these makes us ask for other keys");
    assert_eq!(server.status(encrypting.sign(&claims("1"))).await, 401);
}

#[tokio::test]
async fn without_an_id_there_must_be_one_key_that_fits() {
    let (ed, ec) = (Key::new(Algorithm::EdDSA, "ed").without_id(), Key::new(Algorithm::ES256, "ec").without_id());
    let service = Service::publishing(&[&ed, &ec]).await;
    let server = server(Backend::Sqlite, &service).await.unwrap();
    assert_eq!(server.status(ed.sign(&claims("1"))).await, 200);
    assert_eq!(server.status(ec.sign(&claims("1"))).await, 200);
    // The only key is replaced, which nothing but the signature can tell.
    let next = Key::new(Algorithm::EdDSA, "ed").without_id();
    service.publishes(&[&next, &ec]);
    assert_eq!(server.status(next.sign(&claims("1"))).await, 200);
    assert_eq!(server.status(ed.sign(&claims("1"))).await, 401);
    assert_eq!(service.fetched(), 2);
}

#[tokio::test]
async fn of_two_keys_that_fit_none_is_tried() {
    let (one, two) = (Key::new(Algorithm::EdDSA, "1"), Key::new(Algorithm::EdDSA, "2"));
    let service = Service::publishing(&[&one, &two]).await;
    let server = server(Backend::Sqlite, &service).await.unwrap();
    assert_eq!(server.status(one.sign(&claims("1"))).await, 200);
    assert_eq!(server.status(one.without_id().sign(&claims("1"))).await, 401);
    assert_eq!(service.fetched(), 1);
}

#[tokio::test]
async fn keys_rotate_and_unknown_ones_are_looked_for_once_a_minute() {
    let (old, new) = (Key::new(Algorithm::EdDSA, "old"), Key::new(Algorithm::EdDSA, "new"));
    let service = Service::publishing(&[&old]).await;
    let server = server(Backend::Sqlite, &service).await.unwrap();
    assert_eq!(server.status(old.sign(&claims("1"))).await, 200);
    service.publishes(&[&new]);
    let statuses = join_all((0..100).map(|_| server.status(new.sign(&claims("1"))))).await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    assert_eq!(server.status(old.sign(&claims("1"))).await, 401, "it is not published any more");
    let unknown = Key::new(Algorithm::EdDSA, "unknown");
    let statuses = join_all((0..100).map(|_| server.status(unknown.sign(&claims("1"))))).await;
    assert!(statuses.iter().all(|status| *status == 401), "{statuses:?}");
    assert_eq!(service.fetched(), 2, "once for the first key, once for the new one");
}

#[tokio::test]
async fn a_hundred_unknown_keys_at_once_are_one_fetch() {
    let (key, unknown) = (Key::new(Algorithm::EdDSA, "known"), Key::new(Algorithm::EdDSA, "unknown"));
    let service = Service::publishing(&[&key]).await;
    let server = server(Backend::Sqlite, &service).await.unwrap();
    join_all((0..100).map(|_| server.status(unknown.sign(&claims("1"))))).await;
    assert_eq!(service.fetched(), 1);
}

#[tokio::test]
async fn a_service_that_fails_or_hangs_takes_nobody_down() {
    let (key, unknown) = (Key::new(Algorithm::EdDSA, "known"), Key::new(Algorithm::EdDSA, "unknown"));
    let service = Service::publishing(&[&key]).await;
    let server = server(Backend::Sqlite, &service).await.unwrap();
    let local = server.user("local").await;
    assert_eq!(server.status(key.sign(&claims("1"))).await, 200);
    service.becomes(Mood::Hangs);
    let waiting = server.status(unknown.sign(&claims("1")));
    let meanwhile = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let began = Instant::now();
        assert_eq!(server.status(key.sign(&claims("1"))).await, 200);
        assert_eq!(local.get("/api/chat/sessions").await.status, 200);
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    };
    let began = Instant::now();
    let (refused, ()) = tokio::join!(waiting, meanwhile);
    assert_eq!(refused, 401);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    service.becomes(Mood::Fails);
    assert_eq!(server.status(unknown.sign(&claims("1"))).await, 401);
    assert_eq!(server.status(key.sign(&claims("1"))).await, 200, "its keys stay good");
    assert_eq!(server.http.get(format!("{}/health", server.base)).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_service_that_is_away_at_the_start_is_found_later() {
    let key = Key::new(Algorithm::EdDSA, "1");
    let service = Service::publishing(&[&key]).await;
    service.becomes(Mood::Fails);
    let server = server(Backend::Sqlite, &service).await.unwrap();
    let local = server.user("local").await;
    assert_eq!(server.status(key.sign(&claims("1"))).await, 401);
    assert_eq!(local.get("/api/chat/sessions").await.status, 200);
    service.publishes(&[&key]);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(server.status(key.sign(&claims("1"))).await, 200);
}

#[tokio::test]
async fn where_none_is_configured_none_is_accepted() {
    let key = Key::new(Algorithm::EdDSA, "1");
    let server = Server::start(Backend::Sqlite, Script::adding()).await.unwrap();
    assert_eq!(server.status(key.sign(&claims("1"))).await, 401);
}

#[tokio::test]
async fn issuer_and_audience_are_free_where_they_are_not_configured() {
    let key = Key::new(Algorithm::EdDSA, "1");
    let service = Service::publishing(&[&key]).await;
    let url = service.url.clone();
    let only_keys = move |config: &mut errand::config::Config| config.auth.jwks_url = Some(url);
    let server = Server::start_with(Backend::Sqlite, Script::adding(), only_keys).await.unwrap();
    let task = json!({"title": "one"});
    server.outside(key.sign(&claims("1"))).post("/api/tasks/", task).await;
    let same = but(claims("1"), &json!({"aud": ["elsewhere"]}));
    assert_eq!(server.outside(key.sign(&same)).tasks().await.len(), 1);
    // The same subject of another issuer is somebody else.
    for other in [json!({"iss": "https://tenant.example.com"}), json!({"iss": null, "aud": null})] {
        assert_eq!(server.outside(key.sign(&but(claims("1"), &other))).tasks().await.len(), 0);
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_first_requests_make_one_account(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let key = Key::new(Algorithm::EdDSA, "1");
    let service = Service::publishing(&[&key]).await;
    let Some(server) = server(backend, &service).await else { return };
    // Three people of the same name and the same address, at once.
    let same = json!({"name": "Ann", "email": "ann@example.com"});
    let tokens = (0..30).map(|number| key.sign(&but(claims(&format!("person {}", number % 3)), &same)));
    let statuses = join_all(tokens.map(|token| server.status(token))).await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    let accounts = server.app.accounts().await.unwrap();
    assert_eq!(accounts.len(), 3);
    assert_eq!(accounts.iter().filter(|account| account.username == "Ann").count(), 1);
    assert_eq!(accounts.iter().filter(|account| account.email == "ann@example.com").count(), 1);
    assert!(accounts.iter().all(|account| account.username.starts_with("Ann")), "{accounts:?}");
    assert_eq!(service.fetched(), 1);
}

#[rstest]
#[tokio::test]
async fn nobody_gets_a_local_account_by_its_name_or_address(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let key = Key::new(Algorithm::EdDSA, "1");
    let service = Service::publishing(&[&key]).await;
    let Some(server) = server(backend, &service).await else { return };
    let ann = server.user("ann").await;
    ann.post("/api/tasks/", json!({"title": "Ann's own"})).await;
    let other = json!({"preferred_username": "ANN", "email": "Ann@Example.com", "email_verified": true});
    let stranger = server.outside(key.sign(&but(claims("1"), &other)));
    assert_eq!(stranger.tasks().await.len(), 0);
    let accounts = server.app.accounts().await.unwrap();
    let made = accounts.last().unwrap();
    assert!(made.username.starts_with("ANN-") && made.email.ends_with("@users.invalid"), "{made:?}");
    // And it is the other way round too: what they have, nobody can register.
    server.outside(key.sign(&but(claims("2"), &json!({"preferred_username": "zoe"})))).tasks().await;
    let body = json!({"username": "Zoe", "email": "zoe@example.com", "password": "correct horse"});
    assert_eq!(server.post("/api/v1/auth/register", &body).await.status, 400);
}

#[rstest]
#[tokio::test]
async fn an_outside_account_has_no_password(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let key = Key::new(Algorithm::EdDSA, "1");
    let service = Service::publishing(&[&key]).await;
    let Some(server) = server(backend, &service).await else { return };
    server.user("local").await;
    server.outside(key.sign(&but(claims("1"), &json!({"preferred_username": "ann"})))).tasks().await;
    let log_in = async |name: &str, password: &str| {
        let began = Instant::now();
        let answer = server.post("/api/v1/auth/login", &json!({"username": name, "password": password})).await;
        (answer.status, answer.body, began.elapsed())
    };
    // In turns, so that what else the machine does falls on both.
    let (mut wrong, mut outside) = (Duration::ZERO, Duration::ZERO);
    // The second is what a missing account is compared with.
    for password in ["", "nobody has this password", "correct horse"] {
        for name in ["ann", "ann.1@example.com"] {
            let (status, body, time) = log_in("local", "wrong password").await;
            wrong += time;
            let (its_status, its_body, time) = log_in(name, password).await;
            outside += time;
            assert_eq!(status, 401);
            assert_eq!((its_status, its_body), (status, body), "{name} {password}");
        }
    }
    assert!(outside > wrong / 4, "{outside:?}, wrong passwords take {wrong:?}");
}

#[tokio::test]
async fn a_socket_ends_with_its_token_unless_it_is_renewed() {
    let key = Key::new(Algorithm::ES256, "1");
    let service = Service::publishing(&[&key]).await;
    let server = server(Backend::Sqlite, &service).await.unwrap();
    let soon = || but(claims("1"), &json!({"exp": Clock::System.now().timestamp() + 2}));
    let mut ends = server.outside(key.sign(&soon())).socket().await;
    let mut goes_on = server.outside(key.sign(&soon())).socket().await;
    goes_on.send("auth", json!({"token": key.sign(&claims("1"))})).await;
    assert_eq!(ends.receive().await, Err(Some(4401)));
    goes_on.sync(None).await;
    goes_on.send("auth", json!({"token": key.sign(&claims("2"))})).await;
    assert_eq!(goes_on.next_of("error").await["data"]["code"], "UNAUTHORIZED", "somebody else's token");
    let mut refused =
        Socket::open(&server, &format!("?token={}", key.sign(&but(claims("1"), &json!({"exp": 1}))))).await;
    assert_eq!(refused.receive().await, Err(Some(1008)));
}
