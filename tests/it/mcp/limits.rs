//! How often an agent may ask.

use std::{sync::Arc, time::Duration};

use errand::{config::Config, limits::Limit};
use rmcp::model::ReadResourceRequestParams;
use rstest::rstest;
use serde_json::json;

use super::{Agent, Era};
use crate::{
    harness::{Backend, Server, User, redis_url},
    script::Script,
};

fn three_a_minute(config: &mut Config) {
    config.limits.enabled = true;
    config.limits.mcp = Limit { max: 3, per: Duration::from_mins(1) };
}

#[rstest]
#[tokio::test]
async fn one_too_many_is_told_how_long_to_wait(#[values(Era::Sessions, Era::Requests)] era: Era) {
    let server = Server::start_with(Backend::Sqlite, Script::adding(), three_a_minute).await.unwrap();
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let agent = Agent::of(&ann, era).await;
    for _ in 0..3 {
        agent.titles().await;
    }
    let why = agent.refusal("list_tasks", json!({})).await;
    let wait: u64 =
        why.strip_prefix("too many requests; try again in ").unwrap().strip_suffix(" s").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{why}");
    let read = agent.0.read_resource(ReadResourceRequestParams::new("errand://board")).await.unwrap_err().to_string();
    assert!(read.contains("-32600") && read.contains("try again in"), "{read}");
    assert!(!agent.0.list_all_tools().await.unwrap().is_empty(), "what only describes is not counted");
    assert!(Agent::of(&bob, era).await.titles().await.is_empty(), "another's requests are their own");
}

/// Instances that share a Redis count together.
#[tokio::test]
async fn instances_count_together() {
    let Some(url) = redis_url().await else { return };
    let settings = |config: &mut Config| {
        three_a_minute(config);
        config.redis.url = Some(url.clone().into());
    };
    let Some(server) = Server::start_with(Backend::Postgres, Script::adding(), settings).await else { return };
    let other = server.another(Arc::new(Script::adding())).await;
    let ann = server.user("ann").await;
    let there = User { server: &other, token: ann.token.clone() };
    let (here, there) = (Agent::of(&ann, Era::Requests).await, Agent::of(&there, Era::Requests).await);
    here.titles().await;
    there.titles().await;
    here.titles().await;
    let why = there.refusal("list_tasks", json!({})).await;
    assert!(why.contains("too many requests"), "{why}");
    other.stop().await;
}
