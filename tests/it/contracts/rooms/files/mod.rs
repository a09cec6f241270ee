//! Uploading files, downloading them, and attaching them to messages.

mod attachments;
mod bucket;
mod downloads;
mod form;
mod limits;
mod uploads;

use std::{path::Path, time::Duration};

use bytes::Bytes;
use reqwest::Method;
use serde_json::json;

pub(super) use self::form::{Part, posted};
use super::{Person, is_well, registration, text};
use crate::harness::{Answer, Server, answer};

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

/// Registers, and asks what it takes to upload something to a room of one's own; answers the token and the room.
async fn alone(http: &reqwest::Client, base: &str) -> (String, String) {
    let registered = answer(http.post(format!("{base}/auth/register")).json(&registration("ann"))).await;
    let token = text(&registered.body["data"]["access_token"]);
    let room = http.post(format!("{base}/chatrooms")).bearer_auth(&token).json(&json!({"name": "The hall"}));
    (token, text(&answer(room).await.body["data"]["chatroom"]["id"]))
}
