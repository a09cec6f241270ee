//! Odd tools, several callers, a connection that breaks.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use rmcp::model::ErrorCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::*;
use crate::{
    bench::Bench,
    tool::{Ask, Effect, Failure, Tool},
    toolbox::Toolbox,
};

#[derive(Deserialize, JsonSchema)]
struct Input {}

#[derive(Serialize, JsonSchema)]
struct Output {
    done: bool,
}

/// A tool with this name whose call is `$body`.
macro_rules! tool {
    ($tool:ident, $name:literal, $body:expr) => {
        struct $tool;
        impl Tool for $tool {
            const NAME: &'static str = $name;
            const TITLE: &'static str = $name;
            const DESCRIPTION: &'static str = $name;
            const EFFECT: Effect = Effect::Reads;
            type Input = Input;
            type Output = Output;
            async fn call(_: &Ask<'_>, _: Input) -> Result<Output, Failure> {
                $body
            }
        }
    };
}

static STARTED: AtomicBool = AtomicBool::new(false);
static DROPPED: AtomicBool = AtomicBool::new(false);

struct Noticed;
impl Drop for Noticed {
    fn drop(&mut self) {
        DROPPED.store(true, Ordering::SeqCst);
    }
}

tool!(Quick, "quick", Ok(Output { done: true }));
tool!(Panics, "panics", panic!("on purpose"));
tool!(Hangs, "hangs", std::future::pending().await);
tool!(Watched, "watched", {
    let _noticed = Noticed;
    STARTED.store(true, Ordering::SeqCst);
    std::future::pending().await
});

async fn odd_tools() -> (Bench, InProcess) {
    let bench = Bench::new().await;
    let toolbox = Toolbox::default().with::<Quick>().with::<Panics>().with::<Hangs>().with::<Watched>();
    let tools = InProcess::connect(TaskServer::with(bench.app.clone(), toolbox)).await.unwrap();
    (bench, tools)
}

async fn until(seen: &AtomicBool) {
    let wait = async {
        while !seen.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), wait).await.expect("it never happened");
}

#[tokio::test]
async fn each_call_is_its_callers() {
    let bench = Bench::new().await;
    let tools = InProcess::start(bench.app.clone()).await.unwrap();
    let names: Vec<_> = tools.tools().iter().map(|tool| tool.name.as_ref()).collect();
    assert_eq!(
        names,
        [
            "list_tasks",
            "get_tasks",
            "create_tasks",
            "update_tasks",
            "complete_tasks",
            "delete_tasks",
            "undo",
            "get_context"
        ]
    );
    let bob = bench.caller("bob", "UTC").await;
    for caller in [&bench.ann, &bob] {
        let task = json!({"tasks": [{"title": caller.name}]});
        assert!(!tools.call(caller.clone(), "create_tasks", task).await.is_error);
    }
    let listed = tools.call(bob, "list_tasks", json!({})).await;
    assert_eq!((&listed.content["total"], &listed.content["tasks"][0]["title"]), (&json!(1), &json!("bob")));
    assert_eq!(bench.titles().await, ["ann"]);
}

#[tokio::test]
async fn whatever_is_wrong_is_told_to_the_model() {
    let bench = Bench::new().await;
    let tools = InProcess::start(bench.app.clone()).await.unwrap();
    for (name, arguments, why) in [
        ("list_tasks", json!(["t_1"]), "the arguments of list_tasks must be a JSON object, not [\"t_1\"]"),
        ("list_tasks", json!({"limit": 0}), "limit must lie between 1 and 100"),
        ("find_tasks", json!({}), "there is no tool find_tasks; there are list_tasks, get_tasks, create_tasks"),
        ("undo", json!({}), "there is nothing to undo"),
    ] {
        let outcome = tools.call(bench.ann.clone(), name, arguments).await;
        assert!(outcome.is_error, "{name}");
        assert!(outcome.content.as_str().is_some_and(|text| text.contains(why)), "{outcome:?}");
    }
    let nothing = tools.call(bench.ann.clone(), "get_tasks", json!({"ids": ["t_0"]})).await;
    assert!(nothing.is_error);
    assert_eq!(nothing.content["errors"][0]["code"], "not_found");
}

#[tokio::test]
async fn a_call_without_a_caller_and_an_unknown_tool_are_protocol_errors() {
    let bench = Bench::new().await;
    let tools = InProcess::start(bench.app.clone()).await.unwrap();
    let client = &tools.0.client;
    let Err(ServiceError::McpError(error)) = client.call_tool(CallToolRequestParams::new("undo")).await else {
        panic!("answered nobody")
    };
    assert_eq!(error.code, ErrorCode::INTERNAL_ERROR);
    let mut request = CallToolRequest::new(CallToolRequestParams::new("nope"));
    request.extensions.insert(bench.ann.clone());
    let Err(ServiceError::McpError(error)) = tools.send(ClientRequest::CallToolRequest(request)).await else {
        panic!("answered for a tool that is not there")
    };
    assert_eq!(error.code, ErrorCode::INVALID_PARAMS);
}

#[tokio::test]
async fn a_slow_call_does_not_hold_up_others() {
    let (bench, tools) = odd_tools().await;
    let slow: Vec<_> = (0..200)
        .map(|_| {
            let (tools, ann) = (tools.clone(), bench.ann.clone());
            tokio::spawn(async move { tools.call(ann, "hangs", json!({})).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let quick = tools.call(bench.ann.clone(), "quick", json!({}));
    let outcome = tokio::time::timeout(Duration::from_secs(5), quick).await.expect("held up");
    assert_eq!(outcome, ToolOutcome { content: json!({"done": true}), is_error: false });
    slow.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_is_cancelled() {
    let (bench, tools) = odd_tools().await;
    let call = tokio::spawn({
        let (tools, ann) = (tools.clone(), bench.ann.clone());
        async move { tools.call(ann, "watched", json!({})).await }
    });
    until(&STARTED).await;
    call.abort();
    until(&DROPPED).await;
    assert!(!tools.call(bench.ann.clone(), "quick", json!({})).await.is_error);
}

#[tokio::test]
async fn a_tool_that_panics_takes_nothing_down() {
    let (bench, tools) = odd_tools().await;
    let outcome = tools.call(bench.ann.clone(), "panics", json!({})).await;
    assert!(outcome.is_error);
    assert!(outcome.content.as_str().is_some_and(|text| text.contains("fault")), "{outcome:?}");
    assert!(!tools.call(bench.ann.clone(), "quick", json!({})).await.is_error);
}

#[tokio::test]
async fn a_dead_connection_is_reported() {
    let (bench, tools) = odd_tools().await;
    let running = tokio::spawn({
        let (tools, ann) = (tools.clone(), bench.ann.clone());
        async move { tools.call(ann, "hangs", json!({})).await }
    });
    tokio::time::sleep(Duration::from_millis(20)).await;
    tools.0.client.cancellation_token().cancel();
    let later = async { tools.call(bench.ann.clone(), "quick", json!({})).await };
    for outcome in [running.await.unwrap(), later.await] {
        assert!(outcome.is_error);
        assert!(outcome.content.as_str().is_some_and(|text| text.contains("cannot be reached")), "{outcome:?}");
    }
}
