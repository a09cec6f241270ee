//! `errand mcp`, as an agent starts it: on the database by itself, and through a server.

use std::{process::Stdio, time::Duration};

use rmcp::ClientServiceExt as _;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::{
    io::AsyncWriteExt as _,
    process::{Child, Command},
};

use super::{Agent, Era, initialize, message};
use crate::{
    harness::{Backend, Database, Server, User},
    script::Script,
};

/// The command, in an environment where nothing else is set.
fn errand(variables: &[(&str, &str)], arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_errand"));
    command.arg("mcp").args(arguments).env_clear().envs(variables.iter().copied()).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// For the database of a test.
fn on(database: &str, arguments: &[&str]) -> Child {
    let secret = ("JWT_SECRET", "a secret for tests that is long enough");
    errand(&[("ERRAND_DATABASE_URL", database), secret], arguments)
}

/// For a server.
fn through(user: &User<'_>) -> Child {
    errand(&[("ERRAND_TOKEN", &user.token)], &["--server", &user.server.base])
}

async fn agent(child: &mut Child, era: Era) -> Agent {
    let pipes = (child.stdout.take().unwrap(), child.stdin.take().unwrap());
    Agent(().serve_with_lifecycle(pipes, era.lifecycle()).await.unwrap())
}

/// What it writes when it is sent these lines, and how it ends when there are no more.
async fn told(mut child: Child, lines: &[String]) -> (Vec<Value>, i32, String) {
    let mut input = child.stdin.take().unwrap();
    for line in lines {
        input.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }
    drop(input);
    let output =
        tokio::time::timeout(Duration::from_secs(30), child.wait_with_output()).await.expect("it ends").unwrap();
    let written = String::from_utf8(output.stdout).unwrap();
    let messages =
        written.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect();
    (messages, output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

async fn account(database: &Database, name: &str) {
    let app = database.app().await;
    let registration = errand_core::account::Registration {
        username: name.into(),
        email: format!("{name}@example.com"),
        password: "correct horse".into(),
    };
    app.register(registration).await.unwrap();
    app.store.close().await;
}

#[rstest]
#[tokio::test]
async fn on_the_database_by_itself(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[values(Era::Sessions, Era::Requests)] era: Era,
) {
    let Some(database) = Database::new(backend).await else { return };
    account(&database, "ann").await;
    let (mut one, mut other) = (on(&database.url, &[]), on(&database.url, &["--user", "ANN"]));
    let (first, second) = (agent(&mut one, era).await, agent(&mut other, era).await);
    first.create("water the plants").await;
    assert_eq!(second.titles().await, ["water the plants"]);
    for (client, mut child) in [(first, one), (second, other)] {
        client.0.cancel().await.unwrap();
        let ended = tokio::time::timeout(Duration::from_secs(10), child.wait()).await.expect("it ends");
        assert_eq!(ended.unwrap().code(), Some(0));
    }
}

#[tokio::test]
async fn whose_tasks_must_be_clear() {
    let database = Database::new(Backend::Sqlite).await.unwrap();
    let (messages, code, why) = told(on(&database.url, &[]), &[]).await;
    assert_eq!((messages.len(), code), (0, 1));
    assert!(why.contains("errand user add"), "{why}");
    account(&database, "ann").await;
    account(&database, "bob").await;
    let (_, code, why) = told(on(&database.url, &[]), &[]).await;
    assert!(code == 1 && why.contains("--user with one of: ann, bob"), "{why}");
    let (_, code, why) = told(on(&database.url, &["--user", "carl"]), &[]).await;
    assert!(code == 1 && why.contains("no such account"), "{why}");
}

#[tokio::test]
async fn a_server_needs_a_token() {
    let (_, code, why) = told(errand(&[], &["--server", "http://127.0.0.1:1"]), &[]).await;
    assert!(code == 1 && why.contains("ERRAND_TOKEN"), "{why}");
}

/// A server that uses the same file hears of each change, because it is it that makes them.
#[rstest]
#[tokio::test]
async fn through_the_server_that_uses_the_database(#[values(Era::Sessions, Era::Requests)] era: Era) {
    let server = Server::start(Backend::Sqlite, Script::adding()).await.unwrap();
    let ann = server.user("ann").await;
    let mut socket = ann.socket().await;
    socket.sync(None).await;
    let mut child = on(server.database_url(), &[]);
    let agent = agent(&mut child, era).await;
    agent.create("water the plants").await;
    assert_eq!(socket.next_of("task_created").await["data"]["source"], "mcp");
    agent.0.cancel().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn through_a_server_that_is_restarted(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[values(Era::Sessions, Era::Requests)] era: Era,
) {
    let Some(server) = Server::start(backend, Script::adding()).await else { return };
    let ann = server.user("ann").await;
    let mut child = through(&ann);
    let agent = agent(&mut child, era).await;
    agent.create("before").await;
    let server = server.restart().await;
    agent.create("after").await;
    assert_eq!(agent.titles().await, ["before", "after"]);
    agent.0.cancel().await.unwrap();
    drop(server);
}

/// The server does not know the session any more; the agent need not know.
#[tokio::test]
async fn a_session_that_is_gone_is_begun_anew() {
    let short = |config: &mut errand::config::Config| config.mcp.sessions_per_user = 1;
    let server = Server::start_with(Backend::Sqlite, Script::adding(), short).await.unwrap();
    let ann = server.user("ann").await;
    let mut child = through(&ann);
    let agent = agent(&mut child, Era::Sessions).await;
    agent.create("before").await;
    super::begin(&ann).await;
    agent.create("after").await;
    assert_eq!(agent.titles().await, ["before", "after"]);
}

#[tokio::test]
async fn what_is_no_message_is_answered() {
    let server = Server::start(Backend::Sqlite, Script::adding()).await.unwrap();
    let ann = server.user("ann").await;
    let child = through(&ann);
    let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    let mut list = message("tools/list", &json!({}));
    list["id"] = json!("x");
    let lines = [initialize().to_string(), ready.to_string(), "{\"jsonrpc\":".to_owned(), list.to_string()];
    let (messages, code, _) = told(child, &lines).await;
    assert_eq!(code, 0);
    assert_eq!(messages[0]["result"]["serverInfo"]["name"], "errand");
    assert!(messages.iter().any(|message| message["error"]["code"] == -32700), "{messages:?}");
    let listed = messages.iter().find(|message| message["id"] == "x").unwrap();
    assert!(!listed["result"]["tools"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_token_that_is_not_good_is_told_as_an_error() {
    let server = Server::start(Backend::Sqlite, Script::adding()).await.unwrap();
    let nobody = User { server: &server, token: "no token".into() };
    let (messages, code, _) = told(through(&nobody), &[initialize().to_string()]).await;
    assert_eq!((messages.len(), code), (1, 0));
    assert!(messages[0]["error"]["message"].as_str().unwrap().contains("token"), "{messages:?}");
    assert_eq!(messages[0]["id"], 1);
}

#[tokio::test]
async fn a_server_that_is_away_is_told_as_an_error() {
    let away = errand(&[("ERRAND_TOKEN", "x")], &["--server", "http://127.0.0.1:1"]);
    let (messages, _, _) = told(away, &[initialize().to_string()]).await;
    assert!(messages[0]["error"]["message"].as_str().unwrap().contains("cannot be reached"), "{messages:?}");
}

/// While an agent has the file, a server does not take it away.
#[tokio::test]
async fn a_server_does_not_start_on_an_agents_database() {
    let database = Database::new(Backend::Sqlite).await.unwrap();
    account(&database, "ann").await;
    let mut child = on(&database.url, &[]);
    let agent = agent(&mut child, Era::Sessions).await;
    let config = crate::harness::config(&database);
    let started =
        errand::serve::Service::with_model(&config, errand_core::Clock::System, std::sync::Arc::new(Script::adding()));
    let why = started.await.err().unwrap().to_string();
    assert!(why.contains("errand mcp"), "{why}");
    agent.create("goes on").await;
}
