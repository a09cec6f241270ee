//! The loop of a turn: once, in order, within limits, and never more said than done.

use std::time::Duration;

use errand::agent::model::Line;
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    harness::{Backend, Server},
    script::{Act, Script, create},
};

#[rstest]
#[tokio::test]
async fn the_same_request_twice_at_once_is_one_turn_and_one_task(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[values(true, false)] in_a_conversation: bool,
) {
    let Some(server) = Server::start(backend, Script::adding()).await else { return };
    let ann = server.user("ann").await;
    let mut body = json!({"message": "buy milk", "client_message_id": "m-1"});
    if in_a_conversation {
        body["conversation_id"] =
            ann.post("/api/chat", json!({"message": "buy eggs"})).await.body["conversation_id"].clone();
    }
    let before = ann.tasks().await.len();
    let (one, two, three) = tokio::join!(
        ann.post("/api/chat", body.clone()),
        ann.post("/api/chat", body.clone()),
        ann.post("/api/chat", body.clone())
    );
    let later = ann.post("/api/chat", body).await;
    assert_eq!(one.status, 200, "{one:?}");
    for other in [two, three, later] {
        assert_eq!((other.status, other.body), (200, one.body.clone()));
    }
    assert_eq!(ann.tasks().await.len(), before + 1);
    assert_eq!(ann.get("/api/conversations").await.body["conversations"].as_array().unwrap().len(), 1);
}

#[rstest]
#[tokio::test]
async fn two_messages_in_one_conversation_are_answered_one_after_the_other(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let thinking = Script::by(|request| match request.lines.last() {
        Some(Line::User(text)) => Act::Think(Duration::from_millis(30), Box::new(create(text))),
        _ => Act::Say("It is on your list."),
    });
    let Some(server) = Server::start(backend, thinking).await else { return };
    let ann = server.user("ann").await;
    let id = ann.chat("first").await.body["conversation_id"].clone();
    let say = |text: &str| ann.post("/api/chat", json!({"message": text, "conversation_id": id}));
    let answers = futures::future::join_all((0..6).map(|number| say(["a", "b", "c", "d", "e", "f"][number]))).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    let messages = ann.get(&format!("/api/conversations/{id}")).await.body["messages"].clone();
    let kinds: Vec<_> =
        messages.as_array().unwrap().iter().map(|message| message["message_type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["text", "command", "response", "text"].repeat(7), "no turn in the middle of another");
}

#[rstest]
#[tokio::test]
async fn a_model_that_never_stops_is_stopped_and_says_so(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let looping = Script::by(|request| {
        if request.may_call {
            Act::Call(vec![("list_tasks", json!({"limit": request.lines.len()}))])
        } else {
            Act::Call(vec![("list_tasks", json!({}))])
        }
    });
    let asked = looping.asked.clone();
    let Some(server) = Server::start(backend, looping).await else { return };
    let ann = server.user("ann").await;
    let answer = ann.chat("loop").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.body["response"].as_str().unwrap().contains("too many steps"), "{}", answer.body["response"]);
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 8);
    assert!(!asked[7].may_call, "the last time it is asked for words");
    assert!(
        matches!(asked[7].lines.last(), Some(Line::User(text)) if text.contains("limit") || text.contains("steps"))
    );
}

#[rstest]
#[tokio::test]
async fn there_is_an_end_to_tool_calls(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let eager = Script::of([
        Act::Call(
            (0..30).map(|number| ("create_tasks", json!({"tasks": [{"title": format!("task {number}")}]}))).collect(),
        ),
        Act::Say("These are the first of them."),
    ]);
    let Some(server) = Server::start(backend, eager).await else { return };
    let ann = server.user("ann").await;
    let answer = ann.chat("thirty tasks").await;
    assert_eq!(ann.tasks().await.len(), 24);
    let calls = answer.body["tool_calls"].as_array().unwrap();
    assert_eq!(calls.len(), 30, "those that were not run are told, too");
    assert_eq!(calls.iter().filter(|call| call["is_error"] == true).count(), 6);
}

#[rstest]
#[tokio::test]
async fn a_turn_that_takes_too_long_answers_with_what_it_has(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let slow = Script::of([create("half"), Act::Think(Duration::from_mins(1), Box::new(Act::Say("late")))]);
    let Some(server) = Server::start_with(backend, slow, |config| {
        config.agent.turn_timeout = Duration::from_millis(500);
    })
    .await
    else {
        return;
    };
    let answer = server.user("ann").await.chat("hi").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let text = answer.body["response"].as_str().unwrap();
    assert!(text.contains("took too long") && text.contains("half"), "{text}");
}

#[rstest]
#[tokio::test]
async fn the_same_change_twice_in_a_turn_is_made_once(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let stuttering = Script::of([create("once"), create("once"), Act::Say("It is on your list.")]);
    let Some(server) = Server::start(backend, stuttering).await else { return };
    let ann = server.user("ann").await;
    let answer = ann.chat("hi").await;
    assert_eq!(ann.tasks().await.len(), 1);
    let calls = answer.body["tool_calls"].as_array().unwrap();
    assert_ne!(calls[0]["id"], calls[1]["id"]);
    assert!(calls[1]["result"]["repeated"].is_string(), "{}", calls[1]);
}

#[rstest]
#[case(Act::Call(vec![("fly_to_the_moon", json!({}))]), "list_tasks")]
#[case(Act::Call(vec![("create_tasks", Value::String("{\"tasks\": [".into()))]), "")]
#[case(Act::Call(vec![("create_tasks", json!({"tasks": "nope"}))]), "tasks")]
#[case(Act::Call(vec![("complete_tasks", json!({"ids": ["t_999999"]}))]), "t_999999")]
#[tokio::test]
async fn a_wrong_call_comes_back_as_an_error_that_says_what_is_wrong(
    #[case] act: Act,
    #[case] says: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([act, Act::Say("I could not do that.")])).await else {
        return;
    };
    let answer = server.user("ann").await.chat("hi").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let call = &answer.body["tool_calls"][0];
    assert_eq!(call["is_error"], true, "{call}");
    assert!(call["result"].to_string().contains(says), "{call}");
}

#[rstest]
#[tokio::test]
async fn a_model_that_says_nothing_is_asked_once_more(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let silent = Script::of([Act::Say(""), Act::Say("Hello."), Act::Say(""), Act::Say(" ")]);
    let Some(server) = Server::start(backend, silent).await else { return };
    let ann = server.user("ann").await;
    assert_eq!(ann.chat("hi").await.body["response"], "Hello.");
    let failed = ann.chat("hi").await;
    assert_eq!((failed.status, &failed.body["code"]), (500, &json!("AI_SERVICE_ERROR")));
}

#[rstest]
#[tokio::test]
async fn what_was_not_done_is_not_said_to_be_done(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let claiming = Script::of([
        Act::Say("Done! I've created the task for you."),
        Act::Say("Done! I've created the task for you."),
    ]);
    let asked = claiming.asked.clone();
    let Some(server) = Server::start(backend, claiming).await else { return };
    let answer = server.user("ann").await.chat("remind me to call").await;
    let text = answer.body["response"].as_str().unwrap();
    assert!(text.contains("Nothing was changed"), "{text}");
    assert_eq!(asked.lock().unwrap().len(), 2, "it was told once");

    let repenting = Script::of([Act::Say("I have added it."), create("call"), Act::Say("I have added it.")]);
    let Some(server) = Server::start(backend, repenting).await else { return };
    let ann = server.user("ann").await;
    let answer = ann.chat("remind me to call").await;
    assert_eq!(answer.body["response"], "I have added it.");
    assert_eq!(ann.tasks().await.len(), 1);
}

#[rstest]
#[tokio::test]
async fn the_model_is_told_the_users_time_and_every_outcome(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let script = Script::adding();
    let asked = script.asked.clone();
    let Some(server) = Server::start(backend, script).await else { return };
    let ann = server.user("ann").await;
    let id = ann.post("/api/chat", json!({"message": "one", "user_timezone": "Pacific/Auckland"})).await.body["conversation_id"].clone();
    // Without a zone: the last one that was sent.
    ann.post("/api/chat", json!({"message": "two", "conversation_id": id})).await;
    let asked = asked.lock().unwrap();
    let last = asked.last().unwrap();
    assert_eq!(last.now.timezone(), chrono_tz::Tz::Pacific__Auckland);
    assert!(last.system.contains("Pacific/Auckland"), "{}", last.system);
    let shape: Vec<_> = last
        .lines
        .iter()
        .map(|line| match line {
            Line::User(_) => 'u',
            Line::Assistant { calls, .. } if calls.is_empty() => 'a',
            Line::Assistant { .. } => 'c',
            Line::Outcome(_) => 'o',
        })
        .collect();
    assert_eq!(shape, ['u', 'c', 'o', 'a', 'u', 'c', 'o']);
}
