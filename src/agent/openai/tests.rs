//! A real HTTP server plays the provider from a script, one entry a request.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use chrono::TimeZone;
use errand_core::conversation::ToolCall;
use futures::stream;
use rstest::rstest;
use serde_json::json;

use super::*;
use crate::{
    agent::model::{Line, ToolSpec, Usage},
    config::Secret,
};

#[derive(Clone)]
enum Play {
    /// A stream of events.
    Events(Vec<Event>),
    /// A status, headers and a body.
    Answer(u16, Vec<(&'static str, &'static str)>, &'static str),
    /// Not even a status.
    Silence,
}

#[derive(Clone)]
enum Event {
    Data(String),
    Stall,
    Break,
}

#[derive(Default)]
struct Stage {
    script: Mutex<VecDeque<Play>>,
    requests: Mutex<Vec<(HeaderMap, Value)>>,
    /// How many streams were let go by the client before their end.
    dropped: Mutex<usize>,
}

async fn play(State(stage): State<Arc<Stage>>, headers: HeaderMap, body: Bytes) -> Response {
    stage.requests.lock().unwrap().push((headers, serde_json::from_slice(&body).unwrap()));
    let scene = stage.script.lock().unwrap().pop_front().unwrap_or(Play::Answer(418, vec![], "the script is over"));
    match scene {
        Play::Events(events) => {
            let guard = Guard(Arc::clone(&stage));
            let body = stream::unfold((VecDeque::from(events), guard), |(mut events, guard)| async move {
                let item = match events.pop_front()? {
                    Event::Data(data) => Ok(format!("data: {data}\n\n")),
                    Event::Stall => std::future::pending().await,
                    Event::Break => {
                        // What was said before has left by then.
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        Err(std::io::Error::other("broken"))
                    }
                };
                Some((item, (events, guard)))
            });
            ([("content-type", "text/event-stream")], Body::from_stream(body)).into_response()
        }
        Play::Answer(status, headers, body) => {
            let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
            for (name, value) in headers {
                response.headers_mut().insert(name, value.parse().unwrap());
            }
            response
        }
        Play::Silence => std::future::pending().await,
    }
}

struct Guard(Arc<Stage>);

impl Drop for Guard {
    fn drop(&mut self) {
        *self.0.dropped.lock().unwrap() += 1;
    }
}

/// What came of a request: the result, what was heard, and what the server saw.
struct Seen {
    result: Result<Reply, ModelError>,
    heard: Vec<String>,
    requests: Vec<(HeaderMap, Value)>,
}

impl Seen {
    fn text(&self) -> &str {
        &self.result.as_ref().unwrap().text
    }

    fn calls(&self) -> Vec<(&str, &Value)> {
        self.result.as_ref().unwrap().calls.iter().map(|call| (call.name.as_str(), &call.arguments)).collect()
    }

    /// What a watcher has on the screen at the end.
    fn on_screen(&self) -> String {
        let from = self.heard.iter().rposition(|heard| heard == "<again>").map_or(0, |at| at + 1);
        self.heard[from..].concat()
    }
}

fn request() -> Request {
    let tool =
        |name: &str| ToolSpec { name: name.into(), description: String::new(), schema: json!({"type": "object"}) };
    Request {
        system: "You are Errand.".into(),
        lines: vec![Line::User("hi".into())],
        tools: vec![tool("create_tasks"), tool("list_tasks")].into(),
        now: chrono_tz::UTC.with_ymd_and_hms(2026, 11, 21, 9, 0, 0).unwrap(),
        may_call: true,
        deadline: Instant::now() + Duration::from_secs(20),
    }
}

async fn stage(script: Vec<Play>) -> (Arc<Stage>, Provider) {
    let stage = Arc::new(Stage { script: Mutex::new(script.into()), ..Stage::default() });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/v1/", listener.local_addr().unwrap());
    let app = Router::new().route("/v1/chat/completions", post(play)).with_state(Arc::clone(&stage));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let provider = Provider {
        base_url,
        api_key: Some(Secret::from("sk-very-secret\n".to_owned())),
        model: "small".into(),
        timeout: Duration::from_millis(500),
        retries: 2,
        temperature: None,
        max_tokens: None,
    };
    (stage, provider)
}

async fn ask_with(script: Vec<Play>, request: Request, change: impl FnOnce(&mut Provider)) -> Seen {
    let (stage, mut provider) = stage(script).await;
    change(&mut provider);
    let model = OpenAi::new(provider).unwrap();
    let heard = Mutex::new(Vec::new());
    let listen = |piece: Heard<'_>| {
        heard.lock().unwrap().push(match piece {
            Heard::Text(text) => text.to_owned(),
            Heard::Again => "<again>".to_owned(),
        });
    };
    let result = model.reply(&request, &listen).await;
    let heard = heard.into_inner().unwrap();
    let requests = std::mem::take(&mut *stage.requests.lock().unwrap());
    Seen { result, heard, requests }
}

async fn ask(script: Vec<Play>) -> Seen {
    ask_with(script, request(), |_| ()).await
}

fn data(value: &Value) -> Event {
    Event::Data(value.to_string())
}

fn delta(delta: &Value) -> Event {
    data(&json!({"choices": [{"index": 0, "delta": delta, "finish_reason": null}]}))
}

fn said(text: &str) -> Event {
    delta(&json!({"content": text}))
}

fn finish(reason: &str) -> Event {
    data(&json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}))
}

fn done() -> Event {
    Event::Data("[DONE]".into())
}

fn hello() -> Play {
    Play::Events(vec![said("Hel"), said("lo."), finish("stop"), done()])
}

fn pieces(pieces: &[Value]) -> Play {
    let mut events: Vec<Event> =
        pieces.iter().map(|piece| delta(&json!({"content": null, "tool_calls": [piece]}))).collect();
    events.extend([finish("tool_calls"), done()]);
    Play::Events(events)
}

#[tokio::test]
async fn text_is_heard_as_it_comes() {
    let usage =
        data(&json!({"choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15}}));
    let events = vec![
        delta(&json!({"role": "assistant", "content": ""})),
        said("You have "),
        said("2 tasks."),
        finish("stop"),
        usage,
        done(),
    ];
    let seen = ask(vec![Play::Events(events)]).await;
    assert_eq!(seen.heard, ["You have", " 2 tasks."]);
    let expected = Reply { text: "You have 2 tasks.".into(), calls: vec![], usage: Usage { input: 12, output: 3 } };
    assert_eq!(seen.result.as_ref().unwrap(), &expected);
    let (headers, body) = &seen.requests[0];
    assert_eq!(headers["authorization"], "Bearer sk-very-secret");
    assert_eq!(body["model"], "small");
    assert_eq!(body["stream"], true);
    assert_eq!(body["messages"][0], json!({"role": "system", "content": "You are Errand."}));
    assert_eq!(body["tools"][1]["function"]["name"], "list_tasks");
}

#[tokio::test]
async fn without_a_key_none_is_sent() {
    let seen = ask_with(vec![hello()], request(), |provider| provider.api_key = None).await;
    assert_eq!(seen.text(), "Hello.");
    assert!(!seen.requests[0].0.contains_key("authorization"));
}

#[tokio::test]
async fn calls_come_in_pieces_and_side_by_side() {
    let seen = ask(vec![pieces(&[
        json!({"index": 0, "id": "a", "type": "function", "function": {"name": "create_tasks", "arguments": ""}}),
        json!({"index": 0, "function": {"arguments": "{\"tasks\": [{\"ti"}}),
        json!({"index": 1, "id": "b", "type": "function", "function": {"name": "list_tasks", "arguments": ""}}),
        json!({"index": 0, "function": {"arguments": "tle\": \"Milk\"}]}"}}),
        json!({"index": 1, "function": {"arguments": "{}"}}),
    ])])
    .await;
    assert_eq!(seen.calls(), [("create_tasks", &json!({"tasks": [{"title": "Milk"}]})), ("list_tasks", &json!({}))]);
    let ids: Vec<_> = seen.result.unwrap().calls.into_iter().map(|call| call.id).collect();
    assert_eq!(ids, ["a", "b"]);
    assert!(seen.heard.is_empty());
}

#[rstest]
// No ids and no indexes; the arguments an object (Ollama).
#[case(vec![
    json!({"function": {"name": "list_tasks", "arguments": {"status": "all"}}}),
    json!({"function": {"name": "list_tasks", "arguments": {"status": "open"}}}),
])]
// All calls numbered 0, whole, with ids of their own (Gemini).
#[case(vec![
    json!({"index": 0, "id": "a", "function": {"name": "list_tasks", "arguments": "{\"status\":\"all\"}"}}),
    json!({"index": 0, "id": "b", "function": {"name": "list_tasks", "arguments": "{\"status\":\"open\"}"}}),
])]
// All calls numbered 0, without ids.
#[case(vec![
    json!({"index": 0, "id": "", "function": {"name": "list_tasks", "arguments": "{\"status\":\"all\"}"}}),
    json!({"index": 0, "id": null, "function": {"name": "list_tasks", "arguments": "{\"status\":\"open\"}"}}),
])]
// The same id twice.
#[case(vec![
    json!({"index": 0, "id": "a", "function": {"name": "list_tasks", "arguments": "{\"status\":\"all\"}"}}),
    json!({"index": 1, "id": "a", "function": {"name": "list_tasks", "arguments": "{\"status\":\"open\"}"}}),
])]
// The id and the name in every piece.
#[case(vec![
    json!({"index": 0, "id": "a", "function": {"name": "list_tasks", "arguments": "{\"status\":"}}),
    json!({"index": 0, "id": "a", "function": {"name": "list_tasks", "arguments": "\"all\"}"}}),
    json!({"index": 1, "id": "b", "function": {"name": "list_tasks", "arguments": "{\"status\":"}}),
    json!({"index": 1, "id": "b", "function": {"name": "list_tasks", "arguments": "\"open\"}"}}),
    json!({"index": 1, "function": {"name": "list_tasks", "arguments": ""}}),
])]
// No indexes; pieces follow their ids.
#[case(vec![
    json!({"id": "a", "function": {"name": "list_tasks", "arguments": "{\"status\":"}}),
    json!({"function": {"arguments": "\"all\"}"}}),
    json!({"id": "b", "function": {"name": "list_tasks", "arguments": "{\"status\":"}}),
    json!({"function": {"arguments": "\"open\"}"}}),
])]
// JSON in a string in a string.
#[case(vec![
    json!({"index": 0, "id": "a", "function": {"name": "list_tasks", "arguments": "\"{\\\"status\\\":\\\"all\\\"}\""}}),
    json!({"index": 1, "id": "b", "function": {"name": "list_tasks", "arguments": {"status": "open"}}}),
])]
#[tokio::test]
async fn servers_have_their_ways(#[case] sent: Vec<Value>) {
    let seen = ask(vec![pieces(&sent)]).await;
    assert_eq!(seen.calls(), [("list_tasks", &json!({"status": "all"})), ("list_tasks", &json!({"status": "open"}))]);
    let calls = seen.result.unwrap().calls;
    assert!(!calls[0].id.is_empty() && !calls[1].id.is_empty() && calls[0].id != calls[1].id, "{calls:?}");
}

#[tokio::test]
async fn an_id_of_the_conversation_is_not_used_again() {
    let mut request = request();
    let before = ToolCall { id: "call_0".into(), name: "list_tasks".into(), arguments: json!({}) };
    request.lines.insert(0, Line::Assistant { text: String::new(), calls: vec![before] });
    let sent = json!({"index": 0, "id": "call_0", "function": {"name": "list_tasks", "arguments": "{}"}});
    let seen = ask_with(vec![pieces(&[sent])], request, |_| ()).await;
    assert_ne!(seen.result.unwrap().calls[0].id, "call_0");
}

#[tokio::test]
async fn broken_arguments_are_kept_as_they_came() {
    let sent = json!({"index": 0, "id": "a", "function": {"name": "create_tasks", "arguments": "{\"tasks\": [}"}});
    assert_eq!(ask(vec![pieces(&[sent])]).await.calls(), [("create_tasks", &json!("{\"tasks\": [}"))]);
    let sent = json!({"index": 0, "id": "a", "function": {"name": "list_tasks"}});
    assert_eq!(ask(vec![pieces(&[sent])]).await.calls(), [("list_tasks", &json!({}))]);
}

#[tokio::test]
async fn a_call_written_as_text_is_a_call() {
    let text = ["Sure.\n```js", "on\n{\"name\": \"list_tasks\", \"argum", "ents\": {}}\n``", "`\nHere they are: none."];
    let mut events: Vec<Event> = text.map(said).to_vec();
    events.push(finish("stop"));
    let seen = ask(vec![Play::Events(events)]).await;
    assert_eq!((seen.text(), seen.calls()), ("Sure.", vec![("list_tasks", &json!({}))]));
    assert_eq!(seen.on_screen(), "Sure.");
}

#[tokio::test]
async fn a_model_that_must_answer_in_words_makes_no_calls() {
    let sent = || pieces(&[json!({"index": 0, "id": "a", "function": {"name": "list_tasks", "arguments": "{}"}})]);
    let written = || Play::Events(vec![said("Stopped.\n{\"name\": \"list_tasks\"}"), finish("stop")]);
    for (scene, text) in [(sent(), ""), (written(), "Stopped.")] {
        let request = Request { may_call: false, ..request() };
        let seen = ask_with(vec![scene], request, |_| ()).await;
        assert_eq!((seen.text(), seen.calls()), (text, vec![]));
        assert_eq!(seen.requests[0].1.get("tools"), None);
    }
}

#[tokio::test]
async fn what_the_model_thinks_and_odd_fields_are_let_pass() {
    let seen = ask(vec![Play::Events(vec![
        delta(&json!({"role": "assistant", "content": null, "reasoning_content": "hm", "tool_calls": null})),
        Event::Data(r#"{"choices":null,"usage":null}"#.into()),
        Event::Data(r#"{"choices":[{"delta":{"content":[{"type":"text","text":"Hello"}]},"index":"0","finish_reason":""}]}"#.into()),
        Event::Data(r#"{"choices":[{"delta":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":null,"completion_tokens":1}}"#.into()),
    ])])
    .await;
    assert_eq!(seen.text(), "Hello");
    assert_eq!(seen.result.unwrap().usage, Usage { input: 0, output: 1 });
}

#[tokio::test]
async fn an_empty_answer_without_usage_is_an_empty_answer() {
    let seen = ask(vec![Play::Events(vec![finish("stop"), done()])]).await;
    assert_eq!(seen.result.unwrap(), Reply::default());
}

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
    let request = Request { deadline: Instant::now() + Duration::from_millis(150), ..request() };
    let begun = Instant::now();
    let seen = ask_with(vec![Play::Silence; 3], request, |_| ()).await;
    assert!(matches!(seen.result, Err(ModelError::TimedOut { .. })), "{:?}", seen.result);
    assert!(begun.elapsed() < Duration::from_millis(400));
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
