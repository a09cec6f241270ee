//! `kill -9` in the middle of many turns: what is stored afterwards is whole.

mod mentions;

use std::{
    collections::{HashMap, HashSet},
    process::{Child, Command, Stdio},
    time::Duration,
};

use errand_core::{
    App, Caller, Clock, Door,
    app::ConversationRef,
    conversation::Body,
    event::{Event, Topic},
};
use futures::future::join_all;
use rstest::rstest;
use serde_json::json;

use crate::harness::{Backend, Database, Socket};

pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) base: String,
    chasqui: String,
}

impl Process {
    pub(crate) async fn start(database: &Database) -> Self {
        Self::start_with(database, &[("ERRAND_FILES__URL", "file:files")]).await
    }

    /// A process that finds these in its environment.
    pub(crate) async fn start_with(database: &Database, variables: &[(&str, &str)]) -> Self {
        Self::start_logging(database, variables, Stdio::inherit()).await
    }

    /// The same, whose log goes there.
    pub(crate) async fn start_logging(database: &Database, variables: &[(&str, &str)], log: Stdio) -> Self {
        let free = || std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (main, chasqui) = (free(), free());
        let child = Command::new(env!("CARGO_BIN_EXE_errand"))
            .arg("serve")
            .current_dir(database.folder.path())
            .env_remove("OPENAI_API_KEY")
            .env_remove("OPENAI_BASE_URL")
            .env("ERRAND_DATABASE_URL", &database.url)
            .env("ERRAND_LISTEN", main.to_string())
            .env("ERRAND_LISTEN_CHASQUI", chasqui.to_string())
            .env("ERRAND_RATE_LIMITS", "off")
            .env("ERRAND_LOG", "error")
            .envs(variables.iter().copied())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let process = Self { child, base: format!("http://{main}"), chasqui: format!("http://{chasqui}") };
        for _ in 0..200 {
            let health = reqwest::get(format!("{}/health", process.base)).await;
            if health.is_ok_and(|answer| answer.status() == 200) {
                return process;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server did not start");
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap(); // SIGKILL
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const USERS: usize = 8;

async fn log_in(http: &reqwest::Client, base: &str, name: &str) -> String {
    let body = json!({"username": name, "email": format!("{name}@example.com"), "password": "correct horse"});
    http.post(format!("{base}/api/v1/auth/register")).json(&body).send().await.unwrap();
    let answer = http.post(format!("{base}/api/v1/auth/login")).json(&body).send().await.unwrap();
    let answer: serde_json::Value = answer.json().await.unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_the_middle_of_200_turns(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let mut cut_off = 0;
    for round in 0..3 {
        let mut process = Process::start(&database).await;
        let http = reqwest::Client::new();
        let names: Vec<_> = (0..USERS).map(|user| format!("user{user}")).collect();
        let tokens = join_all(names.iter().map(|name| log_in(&http, &process.base, name))).await;
        let turns: Vec<_> = (0..200)
            .map(|turn| {
                let body =
                    json!({"message": format!("add call number {turn} of round {round} to my list tomorrow at 9")});
                let request =
                    http.post(format!("{}/api/chat", process.base)).bearer_auth(&tokens[turn % USERS]).json(&body);
                tokio::spawn(async move { request.send().await.is_ok_and(|answer| answer.status() == 200) })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(60 + 60 * round)).await;
        process.kill();
        let answered = join_all(turns).await.into_iter().filter(|answered| *answered.as_ref().unwrap()).count();
        cut_off += 200 - answered;
        // A new process closes what the old one left open; with PostgreSQL it first waits until the old one counts as dead.
        let again = Process::start(&database).await;
        if backend == Backend::Postgres {
            tokio::time::sleep(Duration::from_secs(14)).await;
        }
        drop(again);
        let app = database.app().await;
        for name in &names {
            whole(&app, name).await;
        }
        app.store.close().await;
    }
    println!("{backend:?}: {cut_off} of 600 turns were cut off");
    assert!(cut_off > 0, "killed too late to test anything");
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_people_talk(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let mut process = Process::start(&database).await;
    let http = reqwest::Client::new();
    let (ann, bob) = (log_in(&http, &process.base, "ann").await, log_in(&http, &process.base, "bob").await);
    let body = json!({"type": "direct", "participants": ["bob"]});
    let url = format!("{}/api/conversations", process.chasqui);
    let room: serde_json::Value =
        http.post(url).bearer_auth(&ann).json(&body).send().await.unwrap().json().await.unwrap();
    let room = room["id"].as_str().unwrap().to_owned();
    // Each says one thing after the other, and counts as said what came back.
    let talkers: Vec<_> = [ann, bob]
        .into_iter()
        .map(|token| {
            let (base, room) = (process.chasqui.clone(), room.clone());
            tokio::spawn(async move {
                let mut socket = Socket::connect(&base, &format!("/api/ws/chat?token={token}")).await;
                let mut told = Vec::new();
                socket.send_text(&json!({"type": "join", "conversation_id": room}).to_string()).await;
                for number in 0.. {
                    let frame = json!({"type": "message", "conversation_id": room, "content": number.to_string()});
                    if socket.try_send_text(&frame.to_string()).await.is_err() {
                        break;
                    }
                    match socket.try_receive().await {
                        Some(frame) if frame["type"] == "NewMessage" => told.push(frame),
                        Some(_) => {}
                        None => break,
                    }
                }
                told
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(700)).await;
    process.kill();
    let told: Vec<Vec<serde_json::Value>> = join_all(talkers).await.into_iter().map(Result::unwrap).collect();
    let app = database.app().await;
    let caller = Caller::new(&app.account_named("ann").await.unwrap(), Door::Rest);
    let id = room.strip_prefix("conv:").unwrap().parse().unwrap();
    let (mut stored, mut before) = (Vec::new(), None);
    loop {
        let page = app.room_messages(&caller, id, before, 100).await.unwrap();
        let Some(first) = page.first() else { break };
        before = Some(first.id);
        stored.splice(0..0, page.into_iter().map(|message| format!("msg:{}", message.id)));
    }
    for told in &told {
        assert!(told.len() > 3, "killed too early to test anything");
        for frame in told {
            let seq = usize::try_from(frame["seq"].as_u64().unwrap()).unwrap();
            assert_eq!(frame["message"]["id"], stored[seq - 1], "what was told is stored, where it was told");
        }
    }
    let subscription = app.store.subscribe(Topic::Room(id)).await.unwrap();
    assert_eq!(usize::try_from(subscription.seen()).unwrap(), stored.len(), "an event for each message");
    println!("{backend:?}: {} messages stored, {} and {} told", stored.len(), told[0].len(), told[1].len());
}

/// No call without a result, no open turn, no task without its event, no event without its task, no hole in the numbers.
async fn whole(app: &App, name: &str) {
    let caller = Caller::new(&app.account_named(name).await.unwrap(), Door::Rest);
    for conversation in app.conversations(&caller).await.unwrap() {
        let (_, messages) = app.messages(&caller, ConversationRef::Id(conversation.id)).await.unwrap();
        let mut open = HashSet::new();
        for message in &messages {
            match &message.body {
                Body::Command { call: Some(call) } => assert!(open.insert(call.id.clone())),
                Body::Response { outcome: Some(outcome) } => {
                    assert!(open.remove(&outcome.call_id), "a result without a call");
                }
                Body::Command { call: None } | Body::Response { outcome: None } => panic!("nobody stored these"),
                Body::Text { .. } | Body::Error { .. } => assert!(open.is_empty(), "a call without a result"),
            }
        }
        assert!(open.is_empty(), "a call without a result");
        let turn = messages[0].turn.unwrap();
        let turn = app.turn(turn).await.unwrap().unwrap();
        assert_ne!(turn.state, errand_core::conversation::TurnState::Running, "a turn was left open");
        assert!(messages.len() > 1, "a message without an answer or a word why");
        // What the journal has, the conversation tells.
        for change in app.turn_changes(turn.id).await.unwrap() {
            let call = change.call.expect("made by a call").id;
            assert!(
                messages
                    .iter()
                    .any(|message| matches!(&message.body, Body::Command { call: Some(told) } if told.id == call))
            );
        }
    }
    let mut subscription = app.store.subscribe(Topic::User(caller.user)).await.unwrap();
    let newest = subscription.seen();
    assert!(subscription.rewind(0).await.unwrap());
    let mut told = HashMap::new();
    let mut seq = 0;
    while let Some(event) = subscription.take_ready() {
        seq += 1;
        assert_eq!(event.seq, seq, "a hole");
        if let Event::TaskCreated { task, .. } = &event.event {
            told.insert(task.id, task.clone());
        }
    }
    assert_eq!(seq, newest);
    let tasks: HashMap<_, _> = app.board(&caller).await.unwrap().into_iter().map(|task| (task.id, task)).collect();
    assert_eq!(tasks, told, "tasks and events tell the same");
    let _ = Clock::System;
}
