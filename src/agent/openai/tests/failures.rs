//! What may go wrong with a provider, and what is tried again.

use super::*;

#[tokio::test]
async fn a_rate_limit_is_waited_for() {
    let begun = Instant::now();
    let seen = ask(vec![Play::Answer(429, vec![("retry-after", "1")], "{}"), hello()]).await;
    assert_eq!((seen.text(), seen.requests.len()), ("Hello.", 2));
    assert!(begun.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_rate_limit_beyond_the_turn_is_not_waited_for() {
    let begun = Instant::now();
    let seen = ask(vec![Play::Answer(429, vec![("retry-after", "3600")], "{}"), hello()]).await;
    assert_eq!(seen.result, Err(ModelError::RateLimited { retry_after: Some(Duration::from_hours(1)) }));
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert_eq!(seen.requests.len(), 1);
}

#[rstest]
#[case(408)]
#[case(409)]
#[case(425)]
#[case(429)]
#[case(500)]
#[case(503)]
#[tokio::test]
async fn what_may_pass_is_tried_three_times(#[case] status: u16) {
    let seen = ask(vec![Play::Answer(status, vec![("retry-after", "0")], "out of order"); 4]).await;
    assert_eq!(seen.requests.len(), 3);
    assert!(seen.result.unwrap_err().is_passing());
}

#[tokio::test]
async fn three_times_500_with_our_own_pauses() {
    let begun = Instant::now();
    let seen = ask(vec![Play::Answer(500, vec![], "{\"error\":{\"message\":\"boom\"}}"); 4]).await;
    let expected = ModelError::Unavailable { status: Some(500), retry_after: None, detail: "boom".into() };
    assert_eq!((seen.result, seen.requests.len()), (Err(expected), 3));
    assert!(begun.elapsed() >= Duration::from_millis(600), "two pauses, the second longer");
}

#[rstest]
#[case(400, r#"{"error":{"message":"bad schema","type":"invalid_request_error"}}"#, "bad schema")]
#[case(401, r#"{"error":{"message":"Incorrect API key: sk-very-secret."}}"#, "Incorrect API key: ***.")]
#[case(403, r#"{"detail":"no"}"#, "no")]
#[case(404, "<html>\nno such model</html>", "<html> no such model</html>")]
#[case(429, r#"{"error":{"message":"pay","code":"insufficient_quota"}}"#, "pay")]
#[case(302, "", "")]
#[tokio::test]
async fn what_will_not_pass_is_tried_once(#[case] status: u16, #[case] body: &'static str, #[case] message: &str) {
    let seen = ask(vec![Play::Answer(status, vec![("location", "/elsewhere")], body)]).await;
    assert_eq!(seen.result, Err(ModelError::Refused { status, message: message.into() }));
    assert_eq!(seen.requests.len(), 1);
}

#[tokio::test]
async fn silence_before_the_first_byte_times_out_and_is_tried_again() {
    let begun = Instant::now();
    let seen = ask_with(vec![Play::Silence, hello()], request(), |provider| provider.retries = 1).await;
    assert_eq!((seen.text(), seen.requests.len()), ("Hello.", 2));
    assert!(begun.elapsed() >= Duration::from_millis(500));
    let seen = ask_with(vec![Play::Silence], request(), |provider| provider.retries = 0).await;
    assert_eq!(seen.result, Err(ModelError::TimedOut { after: Duration::from_millis(500) }));
}

#[tokio::test]
async fn silence_in_the_middle_times_out_and_what_was_heard_is_void() {
    let seen = ask(vec![Play::Events(vec![said("Hal"), Event::Stall]), hello()]).await;
    assert_eq!(seen.heard, ["Hal", "<again>", "Hel", "lo."]);
    assert_eq!((seen.text(), seen.on_screen().as_str()), ("Hello.", "Hello."));
}

#[tokio::test]
async fn a_broken_connection_is_tried_again() {
    let seen = ask(vec![Play::Events(vec![said("Hal"), Event::Break]), hello()]).await;
    assert_eq!(seen.heard, ["Hal", "<again>", "Hel", "lo."]);
    let seen = ask_with(vec![Play::Events(vec![Event::Break])], request(), |provider| provider.retries = 0).await;
    assert!(matches!(seen.result, Err(ModelError::BrokenOff { .. })), "{:?}", seen.result);
}

#[tokio::test]
async fn a_stream_that_just_stops_is_tried_again() {
    let seen = ask(vec![Play::Events(vec![said("Hal")]), Play::Events(vec![]), hello()]).await;
    assert_eq!((seen.text(), seen.requests.len()), ("Hello.", 3));
}

#[tokio::test]
async fn an_error_inside_the_stream_is_an_error() {
    let error = |code: u16| Play::Events(vec![said("Hal"), data(&json!({"error": {"message": "full", "code": code}}))]);
    let seen = ask(vec![error(503), hello()]).await;
    assert_eq!((seen.text(), seen.on_screen().as_str()), ("Hello.", "Hello."));
    let seen = ask(vec![error(400)]).await;
    assert_eq!(seen.result, Err(ModelError::Refused { status: 400, message: "full".into() }));
}

#[rstest]
#[case(Play::Answer(200, vec![("content-type", "text/html")], "<h1>Welcome</h1>"))]
#[case(Play::Answer(200, vec![("content-type", "application/json")], "{\"ok\":true}"))]
#[case(Play::Events(vec![Event::Data("not json".into())]))]
#[case(Play::Events(vec![Event::Data("42".into()), finish("stop")]))]
#[tokio::test]
async fn nonsense_is_said_to_be_nonsense(#[case] scene: Play) {
    let seen = ask(vec![scene, hello()]).await;
    assert!(matches!(seen.result, Err(ModelError::Nonsense { .. })), "{:?}", seen.result);
    assert_eq!(seen.requests.len(), 1);
}

#[tokio::test]
async fn an_answer_without_end_is_cut() {
    let seen = ask(vec![Play::Events(vec![said(&"x".repeat(100_000)); 6])]).await;
    assert!(matches!(seen.result, Err(ModelError::Nonsense { .. })), "{:?}", seen.result.map(|reply| reply.text.len()));
}

#[tokio::test]
async fn nobody_there_is_unavailable() {
    let seen = ask_with(vec![], request(), |provider| {
        provider.base_url = "http://127.0.0.1:1/v1".into();
        provider.retries = 0;
    })
    .await;
    assert!(matches!(seen.result, Err(ModelError::Unavailable { status: None, .. })), "{:?}", seen.result);
}

#[tokio::test]
async fn dropping_the_future_stops_the_request() {
    let (stage, mut provider) = stage(vec![Play::Events(vec![said("Hal"), Event::Stall])]).await;
    provider.timeout = Duration::from_secs(20);
    let model = OpenAi::new(provider).unwrap();
    let request = request();
    let dropped = timeout(Duration::from_millis(300), model.reply(&request, &|_| ())).await;
    assert!(dropped.is_err());
    for _ in 0..100 {
        if *stage.dropped.lock().unwrap() == 1 {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("the server still writes");
}

#[tokio::test]
async fn the_turns_end_is_the_end() {
    let request = Request { deadline: Instant::now() + Duration::from_secs(1), ..request() };
    let begun = Instant::now();
    let seen = ask_with(vec![Play::Silence; 3], request, |_| ()).await;
    assert!(matches!(seen.result, Err(ModelError::TimedOut { .. })), "{:?}", seen.result);
    assert!(begun.elapsed() < Duration::from_millis(1900));
    assert_eq!(seen.requests.len(), 1);
}

#[tokio::test]
async fn the_key_is_not_shown_and_what_cannot_work_is_said_at_once() {
    let (_, provider) = stage(vec![]).await;
    assert!(!format!("{provider:?}").contains("secret"));
    assert_eq!(serde_json::to_string(&provider.api_key).unwrap(), "\"********\"");
    let broken = Provider { base_url: "localhost:8080".into(), ..provider.clone() };
    assert!(matches!(OpenAi::new(broken), Err(SetupError::BaseUrl)));
    let broken = Provider { api_key: Some(Secret::from("sk-\u{7f}-é\n-x".to_owned())), ..provider };
    assert!(matches!(OpenAi::new(broken), Err(SetupError::ApiKey)));
}
