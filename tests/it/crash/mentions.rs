//! `kill -9` while the assistant is asked in a room: every mention is answered once, and its answer says what was done.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use errand::crypto::{Envelope, RoomKey};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::Process;
use crate::{
    canary::{Ann, furnished},
    harness::{Backend, Database},
};

const COLOURS: [&str; 3] = ["red", "green", "blue"];
const THINGS: [&str; 12] =
    ["apples", "pens", "cups", "bags", "hats", "chairs", "lamps", "books", "shoes", "plates", "scarves", "candles"];

fn sealed(key: &RoomKey, said: &str) -> Value {
    let sealed = key.seal(said).unwrap();
    json!({"content": {"encrypted_data": sealed.encrypted_data(), "iv": sealed.iv(), "key_version": 1}})
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Each mention with all of its answers.
async fn answers(ann: &Ann<'_>, room: &str, key: &RoomKey) -> Vec<(String, Vec<String>)> {
    let history = ann.ask(Method::GET, &format!("{room}/messages?limit=100"), json!({})).await;
    let said = |message: &Value| {
        let [data, iv] = ["encrypted_data", "iv"].map(|field| text(&message["content"][field]));
        key.open(Envelope::read(&data, &iv).unwrap()).unwrap().to_string()
    };
    let mut answers: HashMap<String, Vec<String>> = HashMap::new();
    let messages = history["messages"].as_array().unwrap();
    for answer in messages.iter().filter(|message| message["username"] == "errand") {
        answers.entry(text(&answer["reply_to"])).or_default().push(said(answer));
    }
    let mentions = messages.iter().filter(|message| message["username"] == "ann");
    mentions.map(|mention| (said(mention), answers.remove(&text(&mention["id"])).unwrap_or_default())).collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_it_is_asked_in_a_room(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let mut process = Process::start(&database).await;
    let (ann, room, key) = furnished(&process.base).await;
    let (token, http, mut stored) = (ann.token.clone(), reqwest::Client::new(), 0);
    for (round, colour) in (0..).zip(COLOURS) {
        let url = format!("{}{room}/messages", process.base);
        let words = THINGS.map(|thing| sealed(&key, &format!("@errand buy {colour} {thing}")));
        let (http, shown) = (http.clone(), token.clone());
        let acknowledged = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&acknowledged);
        let asking = tokio::spawn(async move {
            for body in words {
                let Ok(answer) = http.post(&url).bearer_auth(&shown).json(&body).send().await else { break };
                assert_eq!(answer.status(), 201);
                counted.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(15)).await;
            }
        });
        // The first answers of a process take longer than the others.
        while acknowledged.load(Ordering::Relaxed) < 5 + 2 * round {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        process.kill();
        asking.await.unwrap();
        stored += acknowledged.load(Ordering::Relaxed);
        process = Process::start(&database).await;
    }
    let ann = Ann::at(&process.base, token);
    let mut all = Vec::new();
    for _ in 0..60 {
        all = answers(&ann, &room, &key).await;
        if all.iter().all(|(_, answers)| !answers.is_empty()) {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await; // with PostgreSQL the old process first has to count as dead
    }
    assert!(all.len() >= stored, "{stored} of {all:?}");
    let tasks = http.get(format!("{}/api/tasks/sync", process.base)).bearer_auth(&ann.token).send().await.unwrap();
    let tasks: Value = tasks.json().await.unwrap();
    let titles: Vec<_> =
        tasks["tasks"].as_array().unwrap().iter().map(|task| text(&task["title"]).to_lowercase()).collect();
    for (asked, answers) in &all {
        let [answer] = &answers[..] else { panic!("{asked} is answered {answers:?}") };
        let title = asked.strip_prefix("@errand ").unwrap();
        let made = titles.iter().filter(|made| *made == title).count();
        let told = usize::from(answer.to_lowercase().contains(title));
        assert_eq!(made, told, "{asked}: {answer}: {titles:?}");
    }
    let cut_off = all.iter().filter(|(_, answers)| answers[0].contains("interrupted")).count();
    println!("{backend:?}: {} mentions, {cut_off} of them interrupted", all.len());
}
