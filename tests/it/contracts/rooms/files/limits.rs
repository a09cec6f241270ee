//! How large a file may be, how many may come, and how much memory they take.

use std::time::Duration;

use bytes::Bytes;
use errand::{config::Config, limits::Limit};
use errand_core::chatroom::file::{FILE_MAX, THUMBNAIL_MAX};
use futures::stream;
use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use super::{
    super::{avatars::bomb, is_error, is_well, messages::hall, text},
    alone, are_below, download,
    form::{BOUNDARY, Part, form, posted, typed},
    stored_are, upload, uploaded,
};
use crate::{
    crash::Process,
    harness::{Backend, Database, Server, answer, defaults},
    script::Script,
};

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

/// The most memory that a process has had, in bytes.
fn peak(process: &Process) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
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
    let bomb = form(&[Part::file("a.png", "image/png", &bomb())]);
    let refused = answer(request("/users/me/avatar").body(bomb)).await;
    assert_eq!((refused.status, &refused.body["error"]["code"]), (413, &json!("FILE_TOO_LARGE")), "{refused:?}");
    let more = peak(&process).saturating_sub(before);
    println!("{backend:?}: {} KiB more at most", more >> 10);
    assert!(more < 64 << 20, "{more} bytes more");
    are_below(&database.folder.path().join("files"), 1).await; // the small one
}
