//! Who changed a task: `data.source` and `data.client` of the task frames.

use errand_core::{
    App, Caller, Door, TaskId,
    app::Work,
    task::{Status, TaskEdit, TaskRef},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    harness::{Backend, Server, Socket},
    script::Script,
    store::titled,
};

async fn does(app: &App, caller: &Caller, work: Work) -> TaskId {
    let mut items = app.change_tasks(caller, work, None).await.unwrap();
    items.remove(0).unwrap().id
}

/// Makes a task, renames and completes it, and deletes it.
async fn does_everything(app: &App, client: &str) {
    let account = app.account_named("ann").await.unwrap();
    let caller = Caller::new(&account, Door::Mcp { client: client.into() });
    let task = TaskRef::Id(does(app, &caller, Work::Add(vec![titled("Call the dentist")])).await);
    let edit = TaskEdit { title: Some("Call".into()), status: Some(Status::Completed), ..TaskEdit::default() };
    does(app, &caller, Work::Edit(vec![(task.clone(), edit)])).await;
    does(app, &caller, Work::Delete(vec![task])).await;
}

async fn four(socket: &mut Socket) -> Vec<Value> {
    let mut frames = Vec::new();
    for _ in 0..4 {
        frames.push(socket.next().await);
    }
    frames
}

#[rstest]
#[tokio::test]
async fn what_an_agent_does_is_told_with_its_name(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let mut socket = ann.socket().await;
    socket.sync(None).await;
    does_everything(&server.app, "Claude Code").await;
    let frames = four(&mut socket).await;
    let kinds: Vec<_> = frames.iter().map(|frame| frame["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["task_created", "task_status_changed", "task_updated", "task_deleted"]);
    for frame in &frames {
        assert_eq!((&frame["data"]["source"], &frame["data"]["client"]), (&json!("mcp"), &json!("Claude Code")));
    }
    let (replayed, _) = ann.socket().await.sync(Some(0)).await;
    assert_eq!(replayed, frames, "the rows remember it");
}

#[rstest]
#[tokio::test]
async fn an_agent_without_a_name_has_none(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let mut socket = server.user("ann").await.socket().await;
    socket.sync(None).await;
    does_everything(&server.app, "").await;
    for frame in four(&mut socket).await {
        assert_eq!(frame["data"]["source"], "mcp");
        assert!(frame["data"].get("client").is_none(), "{frame}");
    }
}
