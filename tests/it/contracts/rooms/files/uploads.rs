//! What is uploaded, and what is refused.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{
    super::{Person, fields, is_error, is_time, is_well, messages::hall, text},
    download,
    form::{Part, form, typed},
    stored_are, upload,
};
use crate::{
    harness::{Backend, Server, answer},
    script::Script,
};

#[rstest]
#[tokio::test]
async fn upload_file_answers_201_with_the_file(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let file = Part::file("Plan №1.pdf", "application/pdf", b"\0\xff encrypted");
    for parts in [[Part::room(&room), file], [file, Part::room(&room)]] {
        let sent = upload(&ann, &parts).await;
        let file = &is_well(&sent, 201)["file"];
        let text_has = ["encrypted_url", "file_size", "file_type", "filename", "id", "thumbnail_url", "upload_date"];
        assert_eq!(fields(file), text_has);
        let said = (&file["filename"], &file["file_type"], &file["file_size"], &file["thumbnail_url"]);
        assert_eq!(said, (&json!("Plan №1.pdf"), &json!("application/pdf"), &json!(12), &Value::Null));
        assert!(is_time(&file["upload_date"]));
        let (_, bytes) = download(&bob, &text(&file["encrypted_url"])).await;
        assert_eq!(bytes.as_ref(), b"\0\xff encrypted");
    }
    stored_are(&server, 1).await; // the same bytes are there once
}

#[rstest]
#[tokio::test]
async fn upload_file_has_no_path_in_its_name(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, _) = hall(&server).await;
    for (name, kind, expected, type_then) in [
        ("../../etc/passwd", "nonsense", "passwd", "application/octet-stream"),
        ("C:/Windows/system.ini", "text/html; charset=utf-8", "system.ini", "text/html"),
        ("cv\u{202e}fdp.exe", "image/png", "cvfdp.exe", "image/png"),
        ("..", "image/png", "file", "image/png"),
    ] {
        let sent = upload(&ann, &[Part::room(&room), Part::file(name, kind, b"x")]).await;
        let file = &is_well(&sent, 201)["file"];
        assert_eq!((&file["filename"], &file["file_type"]), (&json!(expected), &json!(type_then)));
    }
    let long = "x".repeat(300);
    let sent = upload(&ann, &[Part::room(&room), Part::file(&long, "image/png", b"x")]).await;
    assert_eq!(is_well(&sent, 201)["file"]["filename"], long[..255]);
}

#[rstest]
#[tokio::test]
async fn upload_file_refuses_what_is_incomplete(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, _) = hall(&server).await;
    let carl = Person::new(&server, "carl").await;
    let (file, empty) = (Part::file("a", "image/png", b"x"), Part::file("a", "image/png", b""));
    let nowhere = uuid::Uuid::nil().to_string();
    for (parts, status, code) in [
        (vec![file], 422, "VALIDATION_REQUIRED_FIELD"),
        (vec![Part::room(&room)], 422, "VALIDATION_REQUIRED_FIELD"),
        (vec![], 422, "VALIDATION_REQUIRED_FIELD"),
        (vec![empty, Part::room(&room)], 422, "VALIDATION_INVALID_VALUE"),
        (vec![Part::room("the hall"), file], 422, "VALIDATION_INVALID_FORMAT"),
        (vec![Part::room(&nowhere), file], 404, "CHATROOM_NOT_FOUND"),
    ] {
        is_error(&upload(&ann, &parts).await, status, code);
    }
    for parts in [[Part::room(&room), file], [file, Part::room(&room)]] {
        is_error(&upload(&carl, &parts).await, 403, "CHATROOM_ACCESS_DENIED");
    }
    let no_form = ann.request(Method::POST, "/upload/file").json(&json!({"chatroom_id": room}));
    is_error(&answer(no_form).await, 415, "VALIDATION_INVALID_FORMAT");
    let mut body = form(&[Part::room(&room), file]);
    body.truncate(body.len() - 10);
    let cut = typed(ann.request(Method::POST, "/upload/file")).body(body);
    is_error(&answer(cut).await, 400, "VALIDATION_INVALID_FORMAT");
    stored_are(&server, 0).await;
}
