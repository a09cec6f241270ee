//! Mentions when something goes wrong on the way.

use std::{sync::Arc, time::Duration};

use errand::agent::{Builtin, model::ModelError};
use errand_core::{
    Caller, Door, RoomId, TurnId,
    account::Call,
    chatroom::{self, Mention, MessageKind, NewChatMessage},
    task::NewTask,
};
use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use super::{super::is_well, Hall, a_while, tasks, titles};
use crate::{
    harness::{Backend, Server},
    requests::Log,
    script::{Act, Script, create},
};

/// Thinks for a second, then does this.
fn slowly(act: Act) -> Act {
    Act::Think(Duration::from_secs(1), Box::new(act))
}

#[rstest]
#[tokio::test]
async fn a_model_that_fails_is_answered_for(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let log = Log::start();
    let failing = || Act::Fail(ModelError::BrokenOff { detail: "you said quollfinch".into() });
    let Some(server) = Server::start(backend, Script::of([create("milk"), failing(), Act::Panic, failing()])).await
    else {
        return;
    };
    let hall = Hall::new(&server, json!({"name": "The hall"})).await;
    let half = hall.ask(&hall.ann, "@errand add milk and bread").await;
    assert!(half.contains("did not answer") && half.contains("created \"milk\""), "{half}");
    for _ in 0..2 {
        let nothing = hall.ask(&hall.ann, "@errand add milk and bread").await;
        assert!(nothing.contains("again"), "{nothing}");
    }
    assert_eq!(titles(&hall.ann).await, ["milk"]);
    let log = log.text();
    assert!(
        log.contains("model.failed") && !log.contains("quollfinch"),
        "what a provider says may repeat what it was told: {log}"
    );
}

#[rstest]
#[tokio::test]
async fn an_answer_waits_for_a_key_that_all_have(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([slowly(create("milk"))])).await else { return };
    let mut hall = Hall::new(&server, json!({"name": "The hall"})).await;
    let carl = super::Person::new(&server, "carl").await;
    hall.ann.lets_in(&hall.room, &carl).await;
    hall.say(&hall.ann, "@errand add milk").await;
    is_well(&carl.send(Method::POST, &format!("/chatrooms/{}/leave", hall.room), json!({})).await, 200);
    a_while().await;
    assert_eq!(hall.answers().await, [], "nothing is said with a key that carl has");
    hall.next_key(true).await;
    assert_eq!(hall.answered(1).await[0].1, "That is all.");
    assert_eq!(titles(&hall.ann).await, ["milk"]);
}

#[rstest]
#[tokio::test]
async fn what_is_taken_back_is_not_answered(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let late = Act::Think(Duration::from_secs(4), Box::new(Act::Say("Here.")));
    let model = Script::of([late]);
    let asked = model.asked.clone();
    let Some(server) = Server::start(backend, model).await else { return };
    let hall = Hall::new(&server, json!({"name": "The hall"})).await;
    hall.say(&hall.ann, "@errand add milk").await;
    while asked.lock().unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let message = hall.ids().await.pop().unwrap();
    let path = format!("/chatrooms/{}/messages/{message}", hall.room);
    is_well(&hall.ann.send(Method::DELETE, &path, json!({})).await, 200);
    let next = hall.ask(&hall.ann, "@errand and now?").await;
    assert_eq!(next, "That is all.");
}

#[rstest]
#[tokio::test]
async fn too_long_and_too_often(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let model = Script::adding();
    let asked = model.asked.clone();
    let few = |config: &mut errand::config::Config| {
        config.limits.enabled = true;
        config.limits.chat.max = 1;
    };
    let Some(server) = Server::start_with(backend, model, few).await else { return };
    let hall = Hall::new(&server, json!({"name": "The hall"})).await;
    let long = hall.ask(&hall.ann, &format!("@errand {}", "x".repeat(8001))).await;
    assert!(long.contains("8001") && long.contains("8000"), "{long}");
    assert!(asked.lock().unwrap().is_empty());
    hall.ask(&hall.ann, "@errand milk").await;
    let often = hall.ask(&hall.ann, "@errand bread").await;
    assert!(often.contains("too often") && often.contains(" min"), "{often}");
    hall.ask(&hall.bob, "@errand eggs").await;
    assert_eq!((titles(&hall.ann).await, titles(&hall.bob).await), (vec!["milk".into()], vec!["eggs".into()]));
}

/// A process that has written a mention, has taken it down, has done something for it, and is gone.
async fn dies(server: &Server, hall: &Hall<'_>, words: &str, begun: bool) {
    let dead = server.another_app().await;
    let me = hall.ann.get("/users/me").await;
    let ann = dead.account(is_well(&me, 200)["id"].as_str().unwrap().parse().unwrap()).await.unwrap();
    let (ann, assistant) = (Caller::new(&ann, Door::Rest), server.state.assistant.caller());
    let room: RoomId = hall.room.parse().unwrap();
    let sealed = hall.key.seal(words).unwrap();
    let content =
        chatroom::Envelope { encrypted_data: sealed.encrypted_data(), iv: sealed.iv(), key_version: hall.version };
    let (kind, reply_to, attachments, client_id) = (MessageKind::Text, None, Vec::new(), None);
    dead.post(&ann, room, NewChatMessage { content, kind, reply_to, attachments, client_id }).await.unwrap();
    if !begun {
        return;
    }
    let unheard = dead.unheard(assistant, room).await.unwrap();
    let mention = Mention::of(room, unheard.messages.last().unwrap());
    assert!(dead.hear(assistant, room, &unheard, vec![mention]).await.unwrap());
    assert!(!dead.hear(assistant, room, &unheard, vec![mention]).await.unwrap(), "once");
    let turn: TurnId = mention.turn;
    let (id, tool, arguments) = ("a".to_owned(), "create_tasks".to_owned(), json!(null));
    let call = Call { turn, room: Some(room), id, tool, arguments };
    let ann = Caller { door: Door::Chat(Box::new(call)), ..ann };
    dead.add_task(&ann, NewTask { title: "milk".into(), ..NewTask::default() }).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn what_a_dead_process_left_is_answered_once_and_not_done_again(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::adding()).await else { return };
    // Where the database can be shared a second instance looks after the same rooms.
    let second = if backend == Backend::Postgres { Some(server.another(Arc::new(Builtin)).await) } else { None };
    let hall = Hall::new(&server, json!({"name": "The hall"})).await;
    dies(&server, &hall, "@errand add milk", true).await;
    let answer = hall.answered(1).await.pop().unwrap().1;
    assert_eq!(answer, "The answer was interrupted. What was done: created \"milk\".");
    tokio::time::sleep(Duration::from_secs(11)).await; // all have looked again
    hall.answered(1).await;
    assert_eq!(titles(&hall.ann).await, ["milk"]);
    assert_eq!(tasks(&hall.ann).await[0]["room_id"], json!(hall.room));
    drop(second);
}

#[rstest]
#[tokio::test]
async fn what_nobody_heard_is_answered_after_all(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::adding()).await else { return };
    let hall = Hall::new(&server, json!({"name": "The hall"})).await;
    dies(&server, &hall, "@errand add milk", false).await;
    assert_eq!(hall.answered(1).await[0].1, "It is on your list.");
    assert_eq!(titles(&hall.ann).await, ["add milk"]);
}
