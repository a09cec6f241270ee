//! What an agent does all day, in both eras, on both databases.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use super::{Agent, Era, asked, initialize, modern};
use crate::{
    harness::{Backend, Server, answer},
    script::Script,
};

#[rstest]
#[tokio::test]
async fn an_agent_lists_and_makes_tasks(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[values(Era::Sessions, Era::Requests)] era: Era,
) {
    let Some(server) = Server::start(backend, Script::adding()).await else { return };
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let agent = Agent::of(&ann, era).await;
    let tools = agent.0.list_all_tools().await.unwrap();
    assert!(tools.iter().any(|tool| tool.name == "create_tasks"), "{tools:?}");
    agent.create("water the plants").await;
    assert_eq!(agent.titles().await, ["water the plants"]);
    assert_eq!(ann.tasks().await[0]["title"], "water the plants");
    assert!(Agent::of(&bob, era).await.titles().await.is_empty());
}

#[rstest]
#[tokio::test]
async fn a_change_is_told_at_once(#[values(Era::Sessions, Era::Requests)] era: Era) {
    let server = Server::start(Backend::Sqlite, Script::adding()).await.unwrap();
    let ann = server.user("ann").await;
    let mut socket = ann.socket().await;
    socket.sync(None).await;
    Agent::of(&ann, era).await.create("water the plants").await;
    let told = socket.next_of("task_created").await;
    assert_eq!(told["data"]["source"], "mcp", "{told}");
}

#[rstest]
#[tokio::test]
async fn a_client_goes_on_when_the_server_was_restarted(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[values(Era::Sessions, Era::Requests)] era: Era,
) {
    let Some(server) = Server::start(backend, Script::adding()).await else { return };
    let ann = server.user("ann").await;
    let (agent, token) = (Agent::of(&ann, era).await, ann.token.clone());
    agent.create("before").await;
    let server = server.restart().await;
    agent.create("after").await;
    assert_eq!(agent.titles().await, ["before", "after"]);
    let ann = crate::harness::User { server: &server, token };
    assert_eq!(ann.tasks().await.len(), 2);
}

/// Each era is told which versions it may speak.
#[tokio::test]
async fn versions() {
    let server = Server::start(Backend::Sqlite, Script::adding()).await.unwrap();
    let ann = server.user("ann").await;
    let mut old = initialize();
    old["params"]["protocolVersion"] = json!("2024-11-05");
    let begun = answer(asked(&ann, Method::POST).json(&old)).await;
    assert!(begun.body.as_str().unwrap().contains("\"protocolVersion\":\"2024-11-05\""), "{begun:?}");
    old["params"]["protocolVersion"] = json!("2099-01-01");
    let begun = answer(asked(&ann, Method::POST).json(&old)).await;
    assert!(begun.body.as_str().unwrap().contains("\"protocolVersion\":\"2025-11-25\""), "{begun:?}");
    let discovered = answer(modern(&ann, "server/discover", json!({}))).await;
    assert_eq!(discovered.status, 200);
    let versions = discovered.body["result"]["supportedVersions"].as_array().unwrap();
    assert!(versions.contains(&json!("2026-07-28")) && versions.contains(&json!("2025-11-25")), "{versions:?}");
}
