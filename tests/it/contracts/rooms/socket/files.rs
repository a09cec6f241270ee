//! Messages with files.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{
    super::{files::uploaded, is_well},
    Wire, hall, message,
};
use crate::{
    harness::{Backend, Server, answer},
    script::Script,
};

fn with_files(room: &str, client_id: &str, files: &[&String]) -> Value {
    let mut message = message(room, client_id);
    message["attachments"] = json!(files);
    message
}

#[rstest]
#[tokio::test]
async fn send_message_with_files_until_it_is_deleted(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let (one, of_bob) = (uploaded(&ann, &room, b"one").await, uploaded(&bob, &room, b"his").await);
    let (mut anns, mut bobs) = (Wire::within(&ann, &room).await, Wire::within(&bob, &room).await);
    anns.say("send_message", with_files(&room, "a", &[&of_bob])).await;
    anns.is_refused("VALIDATION_INVALID_VALUE").await;
    anns.say("send_message", with_files(&room, "b", &[&one])).await;
    let own = anns.hears("message_received").await;
    let told = bobs.hears("message_received").await;
    assert_eq!(told["message"]["attachments"], own["message"]["attachments"]);
    let file = &told["message"]["attachments"][0];
    assert_eq!((&file["id"], &file["encrypted_url"]), (&json!(one), &json!(format!("/files/{one}"))));
    assert_eq!((&file["file_type"], &file["file_size"]), (&json!("image/png"), &json!(3)));
    let history = bob.get(&format!("/chatrooms/{room}/messages")).await;
    assert_eq!(&is_well(&history, 200)["messages"][0], &told["message"], "REST shows the same object");
    anns.say("send_message", with_files(&room, "c", &[&one])).await;
    anns.is_refused("VALIDATION_INVALID_VALUE").await;
    // Who comes later hears nothing of what was taken away.
    let path = format!("/chatrooms/{room}/messages/{}", told["message"]["id"].as_str().unwrap());
    assert_eq!(answer(ann.request(Method::DELETE, &path)).await.status, 200);
    bobs.hears("message_deleted").await;
    let mut later = Wire::open(&bob).await;
    later.join(&room, told["seq"].as_i64().map(|seq| seq - 1)).await;
    later.hears("message_deleted").await;
}
