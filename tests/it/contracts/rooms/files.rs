//! Uploading files, downloading them, and attaching them to messages.

use std::{path::Path, time::Duration};

use bytes::Bytes;
use errand::{config::Config, limits::Limit};
use errand_core::chatroom::file::{FILE_MAX, THUMBNAIL_MAX};
use futures::stream;
use reqwest::{Method, RequestBuilder};
use rstest::rstest;
use serde_json::{Value, json};

use super::{
    Person, fields, is_error, is_time, is_well,
    messages::{content, hall, history, send},
    text,
};
use crate::{
    bucket::Bucket,
    crash::Process,
    harness::{Answer, Backend, Database, Server, answer, defaults},
    script::Script,
};

pub(super) const BOUNDARY: &str = "the-end-of-a-part";

/// A part of a form.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) name: &'a str,
    /// Its file's name and type.
    pub(super) file: Option<(&'a str, &'a str)>,
    pub(super) bytes: &'a [u8],
}

impl<'a> Part<'a> {
    pub(super) fn file(name: &'a str, kind: &'a str, bytes: &'a [u8]) -> Self {
        Self { name: "file", file: Some((name, kind)), bytes }
    }

    fn room(room: &'a str) -> Self {
        Self { name: "chatroom_id", file: None, bytes: room.as_bytes() }
    }

    fn thumbnail(bytes: &'a [u8]) -> Self {
        Self { name: "thumbnail", file: Some(("t", "application/octet-stream")), bytes }
    }

    fn head(&self) -> String {
        let file =
            self.file.map_or_else(String::new, |(name, kind)| format!("; filename=\"{name}\"\r\nContent-Type: {kind}"));
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{}\"{file}\r\n\r\n", self.name)
    }
}

pub(super) fn form(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for part in parts {
        body.extend_from_slice(part.head().as_bytes());
        body.extend_from_slice(part.bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

pub(super) async fn posted(request: RequestBuilder, parts: &[Part<'_>]) -> Answer {
    answer(typed(request).body(form(parts))).await
}

fn typed(request: RequestBuilder) -> RequestBuilder {
    request.header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
}

async fn upload(person: &Person<'_>, parts: &[Part<'_>]) -> Answer {
    posted(person.request(Method::POST, "/upload/file"), parts).await
}

/// The id of a file that was uploaded.
pub(super) async fn uploaded(person: &Person<'_>, room: &str, bytes: &[u8]) -> String {
    let answer = upload(person, &[Part::room(room), Part::file("a.bin", "image/png", bytes)]).await;
    text(&is_well(&answer, 201)["file"]["id"])
}

/// Headers and bytes of what is downloaded.
async fn download(person: &Person<'_>, path: &str) -> (reqwest::header::HeaderMap, Bytes) {
    let response = person.request(Method::GET, path).send().await.unwrap();
    assert_eq!(response.status(), 200);
    (response.headers().clone(), response.bytes().await.unwrap())
}

/// All that is in the store of files.
pub(super) fn stored(server: &Server) -> Vec<String> {
    below(&server.folder().join("files"))
}

fn below(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() { files.extend(below(&entry)) } else { files.push(entry.display().to_string()) }
    }
    files
}

/// Waits until so many files are in the store.
pub(super) async fn stored_are(server: &Server, count: usize) {
    are_below(&server.folder().join("files"), count).await;
}

async fn are_below(folder: &Path, count: usize) {
    for _ in 0..100 {
        if below(folder).len() == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(below(folder).len(), count, "{:?}", below(folder));
}

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

#[rstest]
#[tokio::test]
async fn upload_file_of_10_mb_and_no_more(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, _) = hall(&server).await;
    let mut bytes = vec![7; usize::try_from(FILE_MAX).unwrap()];
    let sent = upload(&ann, &[Part::file("a", "image/png", &bytes), Part::room(&room)]).await;
    let file = is_well(&sent, 201)["file"].clone();
    assert_eq!(file["file_size"], FILE_MAX);
    assert_eq!(download(&ann, &text(&file["encrypted_url"])).await.1, bytes);
    bytes.push(7);
    let large = Part::file("a", "image/png", &bytes);
    is_error(&upload(&ann, &[Part::room(&room), large]).await, 413, "FILE_TOO_LARGE");
    let thumbnail = vec![7; usize::try_from(THUMBNAIL_MAX).unwrap() + 1];
    let parts = [Part::room(&room), Part::file("a", "image/png", b"x"), Part::thumbnail(&thumbnail)];
    is_error(&upload(&ann, &parts).await, 413, "FILE_TOO_LARGE");
    stored_are(&server, 1).await;
}

/// The most memory that a process has had, in bytes.
fn peak(process: &Process) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// Registers, and asks what it takes to upload something to a room of one's own; answers the token and the room.
async fn alone(http: &reqwest::Client, base: &str) -> (String, String) {
    let registered = answer(http.post(format!("{base}/auth/register")).json(&super::registration("ann"))).await;
    let token = text(&registered.body["data"]["access_token"]);
    let room = http.post(format!("{base}/chatrooms")).bearer_auth(&token).json(&json!({"name": "The hall"}));
    (token, text(&answer(room).await.body["data"]["chatroom"]["id"]))
}

#[rstest]
#[tokio::test]
async fn upload_file_without_a_length_takes_little_memory(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let process = Process::start(&database).await;
    let http = reqwest::Client::new();
    let (token, room) = alone(&http, &process.base).await;
    let request = |path: &str| typed(http.post(format!("{}{path}", process.base)).bearer_auth(&token));
    let small = form(&[Part::room(&room), Part::file("a", "image/png", b"x")]);
    assert_eq!(answer(request("/upload/file").body(small)).await.status, 201);
    let before = peak(&process);
    for _ in 0..3 {
        let head = Part::room(&room).head() + &room + "\r\n" + &Part::file("a", "image/png", b"").head();
        let piece = Bytes::from(vec![7; 64 << 10]);
        let pieces = std::iter::repeat_n(piece, usize::try_from(FILE_MAX).unwrap() / (64 << 10));
        let end = format!("7\r\n--{BOUNDARY}--\r\n");
        let all = std::iter::once(Bytes::from(head)).chain(pieces).chain([Bytes::from(end)]);
        let body = reqwest::Body::wrap_stream(stream::iter(all.map(Ok::<_, std::io::Error>)));
        let refused = answer(request("/upload/file").body(body)).await;
        assert_eq!((refused.status, &refused.body["error"]["code"]), (413, &json!("FILE_TOO_LARGE")), "{refused:?}");
    }
    let bomb = form(&[Part::file("a.png", "image/png", &super::avatars::bomb())]);
    let refused = answer(request("/users/me/avatar").body(bomb)).await;
    assert_eq!((refused.status, &refused.body["error"]["code"]), (413, &json!("FILE_TOO_LARGE")), "{refused:?}");
    let more = peak(&process).saturating_sub(before);
    println!("{backend:?}: {} KiB more at most", more >> 10);
    assert!(more < 64 << 20, "{more} bytes more");
    are_below(&database.folder.path().join("files"), 1).await; // the small one
}

#[rstest]
#[tokio::test]
async fn upload_file_ten_times_an_hour(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    assert_eq!(defaults().limits.uploads, Limit { max: 10, per: Duration::from_hours(1) });
    let two = |config: &mut Config| {
        config.limits.enabled = true;
        config.limits.uploads.max = 2;
    };
    let Some(server) = Server::start_with(backend, Script::of([]), two).await else { return };
    let (room, ann, bob) = hall(&server).await;
    uploaded(&ann, &room, b"one").await;
    let avatar = [Part::file("a", "image/png", b"nonsense")];
    let tried = posted(ann.request(Method::POST, "/users/me/avatar"), &avatar).await;
    is_error(&tried, 415, "FILE_TYPE_NOT_ALLOWED");
    let refused = upload(&ann, &[Part::room(&room), avatar[0]]).await;
    is_error(&refused, 429, "RATE_LIMIT_EXCEEDED");
    let wait: u64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=3600).contains(&wait), "{refused:?}");
    uploaded(&bob, &room, b"two").await;
}

#[rstest]
#[tokio::test]
async fn get_file_is_for_members_and_is_never_shown(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let carl = Person::new(&server, "carl").await;
    let page = Part::file("naïve.html", "text/html", b"<script>alert(1)</script>");
    let sent = upload(&ann, &[Part::room(&room), page]).await;
    let path = text(&is_well(&sent, 201)["file"]["encrypted_url"]);
    let (headers, bytes) = download(&bob, &path).await;
    assert_eq!(bytes.as_ref(), page.bytes);
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        ("content-length", "25"),
        ("content-disposition", "attachment; filename=\"na_ve.html\"; filename*=UTF-8''na%C3%AFve.html"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'"),
    ] {
        assert_eq!(headers[name], value, "{name}");
    }
    assert!(headers["cache-control"].to_str().unwrap().starts_with("private"));
    is_error(&carl.get(&path).await, 403, "CHATROOM_ACCESS_DENIED");
    assert_eq!(answer(bob.request(Method::POST, &format!("/chatrooms/{room}/leave"))).await.status, 200);
    is_error(&bob.get(&path).await, 403, "CHATROOM_ACCESS_DENIED");
    is_error(&ann.get(&format!("/files/{}", uuid::Uuid::nil())).await, 404, "FILE_NOT_FOUND");
    is_error(&ann.get("/files/nothing").await, 404, "FILE_NOT_FOUND");
    let nobody = answer(server.http.get(format!("{}{path}", server.base))).await;
    is_error(&nobody, 401, "AUTH_TOKEN_INVALID");
}

#[rstest]
#[tokio::test]
async fn get_thumbnail_is_the_second_part(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let carl = Person::new(&server, "carl").await;
    let parts = [Part::thumbnail(b"small"), Part::file("a", "image/png", b"large"), Part::room(&room)];
    let sent = upload(&ann, &parts).await;
    let file = &is_well(&sent, 201)["file"];
    let path = text(&file["thumbnail_url"]);
    assert_eq!(path, format!("{}/thumbnail", text(&file["encrypted_url"])));
    let (headers, bytes) = download(&bob, &path).await;
    assert_eq!((bytes.as_ref(), &headers["x-content-type-options"]), (&b"small"[..], &"nosniff".parse().unwrap()));
    is_error(&carl.get(&path).await, 403, "CHATROOM_ACCESS_DENIED");
    let without = uploaded(&ann, &room, b"alone").await;
    is_error(&ann.get(&format!("/files/{without}/thumbnail")).await, 404, "FILE_NOT_FOUND");
}

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

#[rstest]
#[tokio::test]
async fn upload_file_to_a_bucket(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let bucket = Bucket::start().await;
    let process = Process::start_with(
        &database,
        &[
            ("ERRAND_FILES__URL", "s3://bucket/of/ours"),
            ("AWS_ENDPOINT", &bucket.url),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "ann"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
        ],
    )
    .await;
    let http = reqwest::Client::new();
    let (token, room) = alone(&http, &process.base).await;
    let request = |path: &str| typed(http.post(format!("{}{path}", process.base)).bearer_auth(&token));
    let upload = async |bytes: &[u8]| {
        let form = form(&[Part::room(&room), Part::file("a", "image/png", bytes)]);
        answer(request("/upload/file").body(form)).await
    };
    let large = vec![7; 6 << 20]; // in two parts
    for bytes in [b"small".as_slice(), &large] {
        let sent = upload(bytes).await;
        let file = &is_well(&sent, 201)["file"];
        let url = format!("{}{}", process.base, text(&file["encrypted_url"]));
        let got = http.get(url).bearer_auth(&token).send().await.unwrap();
        assert_eq!((got.status().as_u16(), got.bytes().await.unwrap().as_ref()), (200, bytes));
    }
    let too_large = vec![7; usize::try_from(FILE_MAX).unwrap() + 1];
    is_error(&upload(&too_large).await, 413, "FILE_TOO_LARGE");
    bucket.has(2, "of/ours/files/").await;
    let gone = http.delete(format!("{}/chatrooms/{room}", process.base)).bearer_auth(&token);
    assert_eq!(answer(gone).await.status, 200);
    bucket.has(0, "").await;
}
