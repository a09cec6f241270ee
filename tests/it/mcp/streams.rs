//! Streams that stay open: what ends them, and what they do not hold up.

use std::time::{Duration, Instant};

use bytes::Bytes;
use errand::config::Config;
use futures::{StreamExt as _, stream::BoxStream};
use reqwest::{Method, RequestBuilder, Response};
use rstest::rstest;
use serde_json::{Value, json};

use super::{Agent, Era, asked, begin, begin_as, message, modern};
use crate::{
    harness::{Backend, Server, User},
    script::Script,
};

/// A stream that only tells what happens.
async fn listening(user: &User<'_>, era: Era) -> Response {
    let request = match era {
        Era::Sessions => asked(user, Method::GET).header("mcp-session-id", begin(user).await),
        Era::Requests => modern(user, "subscriptions/listen", json!({"notifications": {"toolsListChanged": true}})),
    };
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["x-accel-buffering"], "no");
    response
}

/// How long until the stream ends.
async fn ended(stream: Response) -> Duration {
    let began = Instant::now();
    let mut stream = stream.bytes_stream();
    while let Some(Ok(_)) = stream.next().await {}
    began.elapsed()
}

#[rstest]
#[tokio::test]
async fn an_open_stream_does_not_keep_the_service_from_stopping(#[values(Era::Sessions, Era::Requests)] era: Era) {
    let server = Server::start(Backend::Sqlite, Script::adding()).await.unwrap();
    let ann = server.user("ann").await;
    let stream = tokio::spawn(ended(listening(&ann, era).await));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!stream.is_finished());
    let began = Instant::now();
    server.stop().await;
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    stream.await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_stream_ends_with_its_token(#[values(Era::Sessions, Era::Requests)] era: Era) {
    let short = |config: &mut Config| config.auth.token_lifetime = Duration::from_secs(2);
    let server = Server::start_with(Backend::Sqlite, Script::adding(), short).await.unwrap();
    let ann = server.user("ann").await;
    let open = tokio::time::timeout(Duration::from_secs(10), ended(listening(&ann, era).await)).await;
    assert!(open.is_ok_and(|open| open > Duration::from_millis(500)), "it ends, and not at once");
}

/// A token that somebody takes back opens nothing any more, and what it has opened ends.
#[rstest]
#[tokio::test]
async fn a_stream_ends_when_its_token_is_taken_back(#[values(Era::Sessions, Era::Requests)] era: Era) {
    let server = Server::start(Backend::Sqlite, Script::adding()).await.unwrap();
    let ann = server.user("ann").await;
    let (token, id) = super::grants::token(&ann, json!(["tasks:read"])).await;
    let stream = tokio::spawn(ended(listening(&User { server: &server, token }, era).await));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!stream.is_finished());
    assert_eq!(ann.delete(&format!("/account/tokens/{id}")).await.status, 204);
    tokio::time::timeout(Duration::from_secs(10), stream).await.expect("it ends").unwrap();
}

#[tokio::test]
async fn a_client_that_lost_its_stream_in_the_middle_of_a_call_comes_back_for_the_rest() {
    let server = Server::start(Backend::Sqlite, Script::adding()).await.unwrap();
    let ann = server.user("ann").await;
    let agent = Agent::of(&ann, Era::Requests).await;
    agent.create("Call mum").await;
    let session = begin_as(&ann, &json!({"elicitation": {}})).await;
    let in_session = |method| asked(&ann, method).header("mcp-session-id", &session);
    let call = message("tools/call", &json!({"name": "delete_tasks", "arguments": {"ids": ["t_1"]}}));

    let mut lost = Events::of(in_session(Method::POST).json(&call)).await;
    let first = lost.until("id: ").await.trim_start_matches("id: ").to_owned();
    let question = lost.until(r#""elicitation/create""#).await;
    drop(lost);

    let mut back = Events::of(in_session(Method::GET).header("last-event-id", first)).await;
    assert_eq!(back.until(r#""elicitation/create""#).await, question);
    let question: Value = serde_json::from_str(question.trim_start_matches("data: ")).unwrap();
    let yes = json!({"action": "accept", "content": {"confirm": true}});
    let yes = json!({"jsonrpc": "2.0", "id": question["id"], "result": yes});
    assert_eq!(in_session(Method::POST).json(&yes).send().await.unwrap().status(), 202);
    let answer = back.until(r#""result""#).await;
    assert!(answer.contains(r#""id":1"#) && answer.contains("t_1"), "{answer}");
    assert!(agent.titles().await.is_empty());
}

/// The lines of a stream of events.
struct Events {
    stream: BoxStream<'static, reqwest::Result<Bytes>>,
    text: String,
}

impl Events {
    async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        Self { stream: response.bytes_stream().boxed(), text: String::new() }
    }

    /// The next line that has `what` in it.
    async fn until(&mut self, what: &str) -> String {
        let reading = async {
            loop {
                while let Some((line, rest)) = self.text.split_once('\n') {
                    let (line, rest) = (line.to_owned(), rest.to_owned());
                    self.text = rest;
                    if line.contains(what) {
                        return line;
                    }
                }
                let more = self.stream.next().await.expect("the stream goes on").unwrap();
                self.text.push_str(std::str::from_utf8(&more).unwrap());
            }
        };
        tokio::time::timeout(Duration::from_secs(10), reading).await.expect(what)
    }
}
