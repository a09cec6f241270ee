//! Summaries that nobody asks for.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use errand::agent::Builtin;
use errand_core::{RoomId, chatroom::ChatroomEdit};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{Hall, TALK, is_well, start, summary};
use crate::harness::Backend;

const AUTOMATIC: [(&str, &str); 1] = [("summary_type", "automatic")];

/// The automatic summary that there is, or soon will be.
pub(super) async fn soon(hall: &Hall<'_>) -> Value {
    for _ in 0..200 {
        let answer = hall.newest(&AUTOMATIC).await;
        if answer.status == 200 {
            return summary(&answer, 200);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no summary within twenty seconds");
}

#[rstest]
#[tokio::test]
async fn get_summary_that_was_made_once_enough_was_written(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = start(backend, Builtin).await else { return };
    // Where the database can be shared a second instance looks after the same rooms.
    let second = if backend == Backend::Postgres { Some(server.another(Arc::new(Builtin)).await) } else { None };
    let hall = Hall::new(&server, json!({"name": "The hall", "summary_threshold": 4})).await;
    hall.talk(&TALK[..3]).await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(hall.newest(&AUTOMATIC).await.status, 404, "not yet");
    let elsewhere = second.as_ref().unwrap_or(&server);
    let bob = super::Person { server: elsewhere, name: "bob", token: hall.bob.token.clone(), refresh: String::new() };
    hall.say(&bob, TALK[3]).await;
    hall.say(&hall.ann, "And what about the cake for the party?").await;
    let made = soon(&hall).await;
    assert_eq!((&made["summary_type"], &made["method"]), (&json!("automatic"), &json!("extractive")));
    assert!(made["message_count"] == 4 || made["message_count"] == 5, "{made}");
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert_eq!(soon(&hall).await["id"], made["id"], "once, whoever looks");
    let asked = hall.newest(&[("summary_type", "manual")]).await;
    assert_eq!(asked.status, 404, "{asked:?}");
}

#[rstest]
#[tokio::test]
async fn get_summary_that_a_dead_instance_had_begun(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = start(backend, Builtin).await else { return };
    let hall = Hall::new(&server, json!({"name": "The hall", "summary_threshold": 10})).await;
    hall.talk(&TALK).await;
    let (room, token) = (hall.room.clone(), [hall.ann.token.clone(), hall.bob.token.clone()]);
    tokio::time::sleep(Duration::from_millis(1500)).await; // it has looked after the last message
    // The next to look claims it, and dies before it has stored anything.
    let (app, assistant) = (server.app.clone(), server.state.assistant.clone());
    let ann = is_well(&hall.ann.get("/users/me").await, 200)["id"].as_str().unwrap().parse().unwrap();
    let ann = errand_core::Caller { user: ann, ..assistant.caller().clone() };
    let id: RoomId = room.parse().unwrap();
    let edit = ChatroomEdit { summary_threshold: Some(4), ..ChatroomEdit::default() };
    app.edit_chatroom(&ann, id, edit).await.unwrap();
    let claim = app.claim_summary(assistant.caller(), id, TimeDelta::seconds(1)).await.unwrap();
    assert!(claim.is_some());
    tokio::time::sleep(Duration::from_millis(1100)).await;
    drop(hall);
    let server = server.restart().await;
    let [ann, bob] = token.map(|token| super::Person { server: &server, name: "", token, refresh: String::new() });
    let key = errand::crypto::RoomKey::generate().unwrap();
    let hall = Hall { ann, bob, room, key, version: 1 };
    assert_eq!(soon(&hall).await["message_count"], 4);
    let gone = hall.ann.send(Method::DELETE, &format!("/chatrooms/{}", hall.room), json!({})).await;
    assert_eq!(gone.status, 200, "{gone:?}");
    assert_eq!(hall.newest(&[]).await.status, 404);
}
