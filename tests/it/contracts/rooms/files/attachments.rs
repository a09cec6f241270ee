//! Messages with files, and what goes with them.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use super::{
    super::{
        Person, fields, is_error, is_well,
        messages::{content, hall, history, send},
        text,
    },
    download,
    form::Part,
    stored_are, upload, uploaded,
};
use crate::{
    harness::{Backend, Server, answer},
    script::Script,
};

#[rstest]
#[tokio::test]
async fn send_message_with_files(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let (one, two) = (uploaded(&ann, &room, b"one").await, uploaded(&ann, &room, b"two").await);
    let body = json!({"content": content(), "message_type": "file", "attachments": [two, one], "client_id": "mine"});
    let sent = send(&ann, &room, body.clone()).await;
    let message = is_well(&sent, 201)["message"].clone();
    let attached: Vec<_> = message["attachments"].as_array().unwrap().iter().map(|file| text(&file["id"])).collect();
    assert_eq!(attached, [two, one.clone()], "in the sender's order");
    let text_has = ["encrypted_url", "file_size", "file_type", "filename", "id", "thumbnail_url", "upload_date"];
    assert_eq!(fields(&message["attachments"][0]), text_has);
    assert_eq!(is_well(&send(&ann, &room, body).await, 200)["message"], message, "sent again");
    let seen = history(&bob, &room, "").await;
    assert_eq!(is_well(&seen, 200)["messages"][0]["attachments"], message["attachments"]);
    // What cannot be attached.
    let elsewhere = ann.room(&json!({"name": "Elsewhere"})).await;
    let (there, of_bob) = (uploaded(&ann, &elsewhere, b"there").await, uploaded(&bob, &room, b"his").await);
    let mine = uploaded(&ann, &room, b"mine").await;
    for wrong in [vec![&one], vec![&there], vec![&of_bob], vec![&mine, &mine], vec![&mine; 11]] {
        let refused = send(&ann, &room, json!({"content": content(), "attachments": wrong})).await;
        let code = if wrong.len() > 10 { "VALIDATION_LENGTH_EXCEEDED" } else { "VALIDATION_INVALID_VALUE" };
        is_error(&refused, 422, code);
        assert_eq!(fields(&refused.body["error"]["details"]["fields"]), ["attachments"]);
    }
    is_well(&send(&ann, &room, json!({"content": content(), "attachments": [mine]})).await, 201);
}

#[rstest]
#[tokio::test]
async fn delete_message_takes_its_files_away(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let parts = [Part::room(&room), Part::file("a", "image/png", b"one"), Part::thumbnail(b"small")];
    let sent = upload(&ann, &parts).await;
    let (one, again) = (text(&is_well(&sent, 201)["file"]["id"]), uploaded(&bob, &room, b"one").await);
    let two = uploaded(&ann, &room, b"two").await;
    let sent = send(&ann, &room, json!({"content": content(), "attachments": [one, two]})).await;
    let message = text(&is_well(&sent, 201)["message"]["id"]);
    stored_are(&server, 3).await;
    let path = format!("/chatrooms/{room}/messages/{message}");
    assert_eq!(answer(ann.request(Method::DELETE, &path)).await.status, 200);
    for gone in [&one, &two] {
        is_error(&ann.get(&format!("/files/{gone}")).await, 404, "FILE_NOT_FOUND");
    }
    stored_are(&server, 1).await;
    assert_eq!(download(&ann, &format!("/files/{again}")).await.1.as_ref(), b"one", "another one has the same bytes");
    let seen = history(&bob, &room, "").await;
    assert_eq!(is_well(&seen, 200)["messages"][0]["attachments"], json!([]));
    // What was taken out can come again.
    let two = uploaded(&bob, &room, b"two").await;
    assert_eq!(download(&ann, &format!("/files/{two}")).await.1.as_ref(), b"two");
}

#[rstest]
#[tokio::test]
async fn delete_chatroom_takes_its_files_away(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let file = uploaded(&bob, &room, b"one").await;
    let attached = uploaded(&ann, &room, b"two").await;
    is_well(&send(&ann, &room, json!({"content": content(), "attachments": [attached]})).await, 201);
    assert_eq!(answer(ann.request(Method::DELETE, &format!("/chatrooms/{room}"))).await.status, 200);
    is_error(&bob.get(&format!("/files/{file}")).await, 404, "FILE_NOT_FOUND");
    stored_are(&server, 0).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn upload_file_while_the_same_bytes_go(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let come_and_go = async |person: &Person<'_>| {
        for _ in 0..15 {
            let file = uploaded(person, &room, b"the same").await;
            let (_, bytes) = download(person, &format!("/files/{file}")).await;
            assert_eq!(bytes.as_ref(), b"the same");
            let sent = send(person, &room, json!({"content": content(), "attachments": [file]})).await;
            let message = text(&is_well(&sent, 201)["message"]["id"]);
            let path = format!("/chatrooms/{room}/messages/{message}");
            assert_eq!(answer(person.request(Method::DELETE, &path)).await.status, 200);
        }
    };
    futures::future::join(come_and_go(&ann), come_and_go(&bob)).await;
    stored_are(&server, 0).await;
}
