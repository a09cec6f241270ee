use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{Router, extract::State, routing::get};
use futures::future::join_all;
use tokio::{net::TcpListener, time::sleep};

use super::*;

/// The example of RFC 8037.
const ONE_KEY: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIuVLvAXyk"}]}"#;

const NEVER: Duration = Duration::from_hours(1);

/// A service that counts how often it is asked.
#[derive(Clone, Default)]
struct Service {
    asked: Arc<AtomicUsize>,
    answer: Arc<std::sync::Mutex<(u16, String)>>,
}

impl Service {
    async fn start(pace: Pace) -> (Self, Source) {
        let service = Self::default();
        service.answers(200, ONE_KEY);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks", listener.local_addr().unwrap()).parse().unwrap();
        let router = Router::new().route("/jwks", get(answer)).with_state(service.clone());
        tokio::spawn(axum::serve(listener, router).into_future());
        (service, Source::new(url, pace).unwrap())
    }

    fn answers(&self, status: u16, body: impl Into<String>) {
        *self.answer.lock().unwrap() = (status, body.into());
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn answer(State(service): State<Service>) -> (axum::http::StatusCode, String) {
    service.asked.fetch_add(1, Ordering::SeqCst);
    sleep(Duration::from_millis(20)).await;
    let (status, body) = service.answer.lock().unwrap().clone();
    (status.try_into().unwrap(), body)
}

fn pace(unknown: Duration, none: Duration, stale: Duration) -> Pace {
    Pace { unknown, none, stale }
}

/// A hundred that miss a key in what is here.
async fn a_hundred_ask(source: &Source) {
    let seen = source.keys();
    join_all((0..100).map(|_| source.newer_than(Arc::clone(&seen)))).await;
}

#[tokio::test]
async fn nothing_is_fetched_before_it_is_needed_and_then_once_for_all() {
    let (service, source) = Service::start(pace(NEVER, NEVER, NEVER)).await;
    assert_eq!((source.keys().len(), service.asked()), (0, 0));
    a_hundred_ask(&source).await;
    assert_eq!((source.keys().len(), service.asked()), (1, 1));
}

#[tokio::test]
async fn an_unknown_key_is_looked_for_once_in_a_while() {
    let pause = Duration::from_millis(400);
    let (service, source) = Service::start(pace(pause, NEVER, NEVER)).await;
    a_hundred_ask(&source).await;
    a_hundred_ask(&source).await; // the first fetch was not for an unknown key: a rotation right after it is seen
    assert_eq!(service.asked(), 2);
    a_hundred_ask(&source).await;
    assert_eq!(service.asked(), 2);
    sleep(pause).await;
    a_hundred_ask(&source).await;
    a_hundred_ask(&source).await;
    assert_eq!(service.asked(), 3);
}

#[tokio::test]
async fn whoever_goes_away_does_not_make_others_ask_again() {
    let (service, source) = Service::start(pace(NEVER, NEVER, NEVER)).await;
    let seen = source.keys();
    for _ in 0..10 {
        let mut impatient = Box::pin(source.newer_than(Arc::clone(&seen)));
        assert!(futures::poll!(&mut impatient).is_pending());
    }
    sleep(Duration::from_millis(200)).await;
    assert_eq!((source.keys().len(), service.asked()), (1, 1));
}

#[rstest::rstest]
#[case::an_error(503, "")]
#[case::not_json(200, "<html>")]
#[case::not_a_set(200, r#"{"error":"not found"}"#)]
#[case::too_large(200, &" ".repeat(SET_MAX + 1))]
#[case::moved(302, "")]
#[tokio::test]
async fn a_failing_service_keeps_its_keys(#[case] status: u16, #[case] body: &str) {
    let (service, source) = Service::start(pace(NEVER, NEVER, NEVER)).await;
    source.newer_than(source.keys()).await;
    service.answers(status, body);
    a_hundred_ask(&source).await;
    a_hundred_ask(&source).await;
    assert_eq!((source.keys().len(), service.asked()), (1, 2));
}

#[tokio::test]
async fn without_any_key_it_is_asked_again_sooner() {
    let (service, source) = Service::start(pace(NEVER, Duration::from_millis(300), NEVER)).await;
    service.answers(500, "");
    a_hundred_ask(&source).await;
    a_hundred_ask(&source).await;
    assert_eq!((source.keys().len(), service.asked()), (0, 1));
    service.answers(200, ONE_KEY);
    sleep(Duration::from_millis(300)).await;
    a_hundred_ask(&source).await;
    assert_eq!((source.keys().len(), service.asked()), (1, 2));
}

#[tokio::test]
async fn old_keys_are_fetched_anew_and_nobody_waits_for_it() {
    let (service, source) = Service::start(pace(NEVER, NEVER, Duration::from_millis(100))).await;
    source.newer_than(source.keys()).await;
    service.answers(200, r#"{"keys":[]}"#); // they were taken back
    sleep(Duration::from_millis(120)).await;
    for _ in 0..100 {
        assert_eq!(source.keys().len(), 1);
    }
    sleep(Duration::from_millis(200)).await;
    assert_eq!((source.keys().len(), service.asked()), (0, 2));
}
