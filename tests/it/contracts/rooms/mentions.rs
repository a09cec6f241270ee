//! "@errand …" in a room that let the assistant in.

mod failing;

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use errand::{
    agent::{Builtin, model::Line},
    crypto::Envelope,
};
use rstest::rstest;
use serde_json::{Value, json};

use super::{
    Person,
    hall::{Hall, has},
    is_well, text,
};
use crate::{
    harness::{Backend, Server, Socket},
    requests::Log,
    script::{Act, Script, create},
};

/// What the assistant has said: to which message, and what.
type Answers = Vec<(String, String)>;

impl Hall<'_> {
    /// What the assistant has said so far, as far as the newest key opens it.
    async fn answers(&self) -> Answers {
        let history = self.bob.get(&format!("/chatrooms/{}/messages?limit=100", self.room)).await;
        let messages = is_well(&history, 200)["messages"].as_array().unwrap().clone();
        let by_assistant = messages.iter().filter(|message| message["username"] == "errand");
        by_assistant
            .filter(|message| message["content"]["key_version"] == self.version)
            .map(|message| (text(&message["reply_to"]), self.open(&message["content"])))
            .collect()
    }

    fn open(&self, content: &Value) -> String {
        let [data, iv] = ["encrypted_data", "iv"].map(|field| text(&content[field]));
        assert!(STANDARD.decode(&data).is_ok());
        self.key.open(Envelope::read(&data, &iv).unwrap()).unwrap().to_string()
    }

    /// The same, once there are so many answers.
    async fn answered(&self, count: usize) -> Answers {
        for _ in 0..400 {
            let answers = self.answers().await;
            if answers.len() >= count {
                assert_eq!(answers.len(), count, "{answers:?}");
                return answers;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no {count} answers within twenty seconds: {:?}", self.answers().await);
    }

    /// Has somebody say this; the last answer then.
    async fn ask(&self, who: &Person<'_>, words: &str) -> String {
        let before = self.answers().await.len();
        self.say(who, words).await;
        self.answered(before + 1).await.pop().unwrap().1
    }

    /// The ids of the messages, the oldest first.
    async fn ids(&self) -> Vec<String> {
        let history = self.ann.get(&format!("/chatrooms/{}/messages?limit=100", self.room)).await;
        is_well(&history, 200)["messages"].as_array().unwrap().iter().map(|message| text(&message["id"])).collect()
    }
}

async fn tasks(person: &Person<'_>) -> Vec<Value> {
    person.get("/api/tasks/sync").await.body["tasks"].as_array().unwrap().clone()
}

async fn titles(person: &Person<'_>) -> Vec<String> {
    let mut titles: Vec<_> = tasks(person).await.iter().map(|task| text(&task["title"])).collect();
    titles.sort();
    titles
}

/// Long enough for an answer that should not come.
async fn a_while() {
    tokio::time::sleep(Duration::from_millis(1500)).await;
}

#[rstest]
#[tokio::test]
async fn who_asks_has_the_task_and_the_room_the_answer(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Builtin).await else { return };
    let hall = Hall::new(&server, json!({"name": "The hall"})).await;
    hall.talk(&["When is the party?", "On Saturday."]).await;
    let answer = hall.ask(&hall.ann, "@errand remind us to book the hall by Friday").await;
    assert!(answer.to_lowercase().contains("book the hall"), "{answer}");
    let (ids, answers) = (hall.ids().await, hall.answers().await);
    assert_eq!(answers[0].0, ids[2], "it replies to what it was asked");
    let made = tasks(&hall.ann).await;
    assert_eq!(made.len(), 1, "{made:?}");
    assert_eq!(made[0]["title"].as_str().unwrap().to_lowercase(), "book the hall");
    assert!(made[0]["due_date"].is_string(), "{made:?}");
    assert_eq!(made[0]["room_id"], json!(hall.room), "the task carries the room");
    assert!(tasks(&hall.bob).await.is_empty(), "it is the sender's");
    let by_hand = hall.ann.send(reqwest::Method::POST, "/api/tasks/", json!({"title": "by hand"})).await;
    assert!(by_hand.body.get("room_id").is_none(), "{by_hand:?}");
}

#[rstest]
#[tokio::test]
async fn only_who_asked_can_confirm(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Builtin).await else { return };
    let hall = Hall::new(&server, json!({"name": "The hall"})).await;
    for title in ["buy milk", "buy bread", "buy eggs"] {
        hall.ask(&hall.ann, &format!("@errand add {title}")).await;
    }
    let question = hall.ask(&hall.ann, "@Errand, delete all my tasks").await;
    assert!(question.contains('?'), "{question}");
    assert_eq!(tasks(&hall.ann).await.len(), 3, "it asks first: {question}");
    let other = hall.ask(&hall.bob, "@errand yes").await;
    assert_eq!(tasks(&hall.ann).await.len(), 3, "bob cannot say so for her: {other}");
    let done = hall.ask(&hall.ann, "@errand yes").await;
    assert_eq!(tasks(&hall.ann).await.len(), 0, "{done}");
}

#[rstest]
#[tokio::test]
async fn what_is_not_for_it_is_not_answered(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let model = Script::adding();
    let asked = model.asked.clone();
    let Some(server) = Server::start(backend, model).await else { return };
    let mut hall = Hall::new(&server, json!({"name": "The hall"})).await;
    hall.talk(&["errand, add milk", "me@errand.com", "> @errand add milk\nshe said"]).await;
    hall.write(&hall.ann, "@errand add milk", "image").await;
    a_while().await;
    assert!(asked.lock().unwrap().is_empty());
    // A key that it was not given.
    hall.next_key(false).await;
    hall.say(&hall.ann, "@errand add milk").await;
    a_while().await;
    assert!(asked.lock().unwrap().is_empty());
    // A room that does not let it in.
    let off = json!({"auto_summary_enabled": false});
    is_well(&hall.ann.send(reqwest::Method::PUT, &format!("/chatrooms/{}", hall.room), off).await, 200);
    hall.next_key(true).await;
    hall.say(&hall.ann, "@errand add milk").await;
    a_while().await;
    assert!(asked.lock().unwrap().is_empty() && tasks(&hall.ann).await.is_empty());
    // What was said before it came is not for it, what comes then is.
    let on = json!({"auto_summary_enabled": true});
    is_well(&hall.ann.send(reqwest::Method::PUT, &format!("/chatrooms/{}", hall.room), on).await, 200);
    hall.next_key(true).await;
    hall.ask(&hall.ann, "@errand bread").await;
    assert_eq!(titles(&hall.ann).await, ["bread"]);
}

#[rstest]
#[tokio::test]
async fn mentions_are_answered_in_their_order(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let model = Script::by(|request| match request.lines.last() {
        Some(Line::User(text)) if text == "one" => Act::Think(Duration::from_millis(600), Box::new(create(text))),
        Some(Line::User(text)) => create(text),
        _ => Act::Say("It is on your list."),
    });
    let shown = model.asked.clone();
    let Some(server) = Server::start(backend, model).await else { return };
    let hall = Hall::new(&server, json!({"name": "The hall"})).await;
    for (who, words) in [(&hall.ann, "@errand one"), (&hall.bob, "@errand two"), (&hall.ann, "@errand three")] {
        hall.say(who, words).await;
    }
    let (answers, ids) = (hall.answered(3).await, hall.ids().await);
    let to: Vec<_> = answers.iter().map(|(to, _)| to.clone()).collect();
    assert_eq!(to, ids[..3], "{answers:?}");
    assert_eq!(
        (titles(&hall.ann).await, titles(&hall.bob).await),
        (vec!["one".into(), "three".into()], vec!["two".into()])
    );
    // What ann asked before is known to her next turn, with what was called for it; what bob asked is not.
    let shown = shown.lock().unwrap();
    let third = &shown.iter().rfind(|request| request.lines.last() == Some(&Line::User("three".into()))).unwrap().lines;
    assert!(
        matches!(&third[..], [
        Line::User(one),
        Line::Assistant { calls, .. },
        Line::Outcome(outcome),
        Line::Assistant { text, .. },
        Line::User(_),
    ] if one == "one" && calls.len() == 1 && !outcome.is_error && text == "It is on your list."),
        "{third:?}"
    );
}

#[rstest]
#[tokio::test]
async fn others_see_that_it_is_typing(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let slow = Act::Think(Duration::from_millis(500), Box::new(Act::Say("Yes?")));
    let Some(server) = Server::start(backend, Script::of([slow])).await else { return };
    let hall = Hall::new(&server, json!({"name": "The hall"})).await;
    let mut socket = Socket::open(&server, &format!("?token={}", hall.bob.token)).await;
    let join = json!({"event": "join_chatroom", "data": {"chatroom_id": hall.room}});
    socket.send_text(&join.to_string()).await;
    let mut heard = Vec::new();
    hall.say(&hall.ann, "@errand").await;
    while heard.len() < 4 {
        let frame = socket.next().await;
        match frame["event"].as_str().unwrap_or_default() {
            "message_received" => heard.push(text(&frame["data"]["message"]["username"])),
            "typing_indicator" => heard.push(format!("{} {}", frame["data"]["username"], frame["data"]["is_typing"])),
            _ => {}
        }
    }
    assert_eq!(heard[..2], ["ann", "\"errand\" true"], "{heard:?}");
    heard[2..].sort(); // the answer waits for nobody, so they may come in any order
    assert_eq!(heard[2..], ["\"errand\" false", "errand"], "{heard:?}");
}

#[rstest]
#[tokio::test]
async fn its_turns_leave_no_word_on_the_disk_or_in_the_log(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    const CANARY: &str = "kookaburrafinch";
    let log = Log::start();
    let model = Script::by(|request| match request.lines.last() {
        Some(Line::User(text)) if text.contains("list") => {
            Act::Call(vec![("list_tasks", json!({"query": "kookaburrafinch"}))])
        }
        Some(Line::User(_)) => create("milk"),
        _ => Act::Say("There is nothing about a kookaburrafinch."),
    });
    let Some(server) = Server::start(backend, model).await else { return };
    let hall = Hall::new(&server, json!({"name": "The hall"})).await;
    for words in [format!("@errand list what there is about the {CANARY}"), format!("@errand {CANARY}: add milk")] {
        let answer = hall.ask(&hall.ann, &words).await;
        assert!(answer.contains(CANARY), "{answer}");
    }
    assert_eq!(titles(&hall.ann).await, ["milk"]);
    assert!(has(&server, backend, "milk").await, "it looks, and the task is there");
    assert!(!has(&server, backend, CANARY).await);
    let log = log.text();
    assert!(log.contains("turn.ended") && !log.contains(CANARY), "{log}");
}
