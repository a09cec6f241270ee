//! A real HTTP server plays the provider from a script, one entry a request.

mod answers;
mod failures;

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
        private: false,
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
