//! Who hears that something has changed.

use std::{sync::Arc, time::Duration};

use rstest::rstest;
use serde_json::json;

use super::{Agent, Era, ear::Subscriber};
use crate::{
    harness::{Backend, Server, User},
    script::Script,
};

const BOARD: &str = "errand://board";
/// So long it may take until a change is heard of.
const SOON: Duration = Duration::from_secs(5);
/// So long nothing must be heard.
const QUIET: Duration = Duration::from_millis(500);

/// A change through another instance is heard, and by its owner only.
#[rstest]
#[tokio::test]
async fn a_change_at_another_instance_is_its_owners(#[values(Era::Sessions, Era::Requests)] era: Era) {
    let Some(server) = Server::start(Backend::Postgres, Script::adding()).await else { return };
    let other = server.another(Arc::new(Script::adding())).await;
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let there = User { server: &other, token: ann.token.clone() };
    let agent = Agent::of(&there, era).await;
    let task = agent.made(["water the plants".to_owned()]).await.remove(0);
    let mine = [BOARD.to_owned(), format!("task://{task}")];
    let mut here = Subscriber::to(&mine, &ann, era).await;
    let mut foreign = Subscriber::to(&[BOARD.to_owned()], &bob, era).await;
    agent.call("complete_tasks", json!({"ids": [task]})).await;
    let mut heard = [here.next(SOON).await.unwrap(), here.next(SOON).await.unwrap()];
    heard.sort();
    assert_eq!(heard, mine);
    assert_eq!(foreign.next(QUIET).await, None);
    other.stop().await;
}

#[rstest]
#[tokio::test]
async fn who_has_left_hears_nothing(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[values(Era::Sessions, Era::Requests)] era: Era,
) {
    let Some(server) = Server::start(backend, Script::adding()).await else { return };
    let ann = server.user("ann").await;
    let agent = Agent::of(&ann, era).await;
    let task = agent.made(["water the plants".to_owned()]).await.remove(0);
    let uri = format!("task://{task}");
    let mut subscriber = Subscriber::to(&[uri.clone(), BOARD.to_owned()], &ann, era).await;
    subscriber.leave(&uri).await;
    agent.call("complete_tasks", json!({"ids": [task]})).await;
    match era {
        Era::Sessions => assert_eq!(subscriber.next(SOON).await.as_deref(), Some(BOARD), "the other one stays"),
        Era::Requests => assert_eq!(subscriber.next(QUIET).await, None),
    }
    if era == Era::Sessions {
        subscriber.leave(BOARD).await;
        agent.call("complete_tasks", json!({"ids": [task], "completed": false})).await;
    }
    assert_eq!(subscriber.next(QUIET).await, None);
}

/// In a session it need not be said again after a restart; who listens in a request sees that it has ended.
#[rstest]
#[tokio::test]
async fn a_subscription_of_a_session_outlives_a_restart(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::adding()).await else { return };
    let ann = server.user("ann").await;
    let mut subscriber = Subscriber::to(&[BOARD.to_owned()], &ann, Era::Sessions).await;
    let token = ann.token.clone();
    let server = server.restart().await;
    subscriber.ping().await;
    while subscriber.next(QUIET).await.is_some() {} // it is told at once, for something may have changed meanwhile
    Agent::of(&User { server: &server, token }, Era::Sessions).await.create("water the plants").await;
    assert_eq!(subscriber.next(SOON).await.as_deref(), Some(BOARD));
}
