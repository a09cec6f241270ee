//! Files in the core: who has which bytes, and when nobody has them any more.

use chrono::{DateTime, TimeDelta};
use errand_core::{
    App, Caller, Clock, Error, FileId, Noun, RoomId,
    chatroom::{Blob, ChatEvent, NewChatMessage, NewFile},
};
use rstest::rstest;

use super::{follow, heard, is_new, says, three, with_key, wrong};
use crate::harness::{Backend, Database};

fn blob(name: &str) -> Blob {
    Blob { name: name.into(), size: 3 }
}

async fn add(app: &App, who: &Caller, room: RoomId, name: &str) -> errand_core::Result<FileId> {
    assert!(app.expect_blob(&blob(name)).await.unwrap());
    let new = NewFile { filename: None, file_type: None, blob: blob(name), thumbnail: None };
    app.add_file(who, room, new).await.map(|file| file.unwrap().shown.id)
}

/// The service, at a time that can be moved on.
async fn timed(database: &Database) -> App {
    App::new(database.store().await, Clock::fixed(DateTime::from_timestamp(1_790_000_000, 0).unwrap()))
}

#[rstest]
#[tokio::test]
async fn only_those_who_are_there(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, _, bob]) = three(&app).await;
    let carl = super::person(&app, "carl").await;
    let file = add(&app, &ann, room, "files/1").await.unwrap();
    let refused = |answer: errand_core::Result<()>| matches!(answer, Err(Error::Forbidden(Noun::Chatroom)));
    assert_eq!(app.file(&bob, file).await.unwrap().uploader, ann.user);
    assert!(refused(app.may_upload(&carl, room).await));
    assert!(refused(add(&app, &carl, room, "files/2").await.map(|_| ())));
    assert!(refused(app.file(&carl, file).await.map(|_| ())));
    app.leave_chatroom(&bob, room).await.unwrap();
    assert!(refused(app.file(&bob, file).await.map(|_| ())));
    assert!(matches!(app.file(&ann, FileId::fresh()).await, Err(Error::NotFound(Noun::File))));
    assert!(matches!(app.may_upload(&ann, RoomId::fresh()).await, Err(Error::NotFound(Noun::Chatroom))));
}

#[rstest]
#[tokio::test]
async fn what_is_attached_is_told_and_read(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, _, bob]) = with_key(&database, &app).await;
    let file = add(&app, &ann, room, "files/1").await.unwrap();
    let mut ear = follow(&app, &bob, room, None).await;
    let with = |attachments| NewChatMessage { attachments, ..says("a file") };
    assert_eq!(wrong(app.post(&bob, room, with(vec![file])).await), ["attachments"]);
    let message = is_new(app.post(&ann, room, with(vec![file])).await.unwrap());
    assert_eq!(message.attachments.iter().map(|file| file.id).collect::<Vec<_>>(), [file]);
    assert_eq!(heard(&mut ear).await.1, ChatEvent::MessageReceived { message: Box::new(message.clone()) });
    assert_eq!(wrong(app.post(&ann, room, with(vec![file])).await), ["attachments"]);
    app.delete_message(&ann, room, message.id).await.unwrap();
    let mut ear = follow(&app, &bob, room, Some(message.seq - 1)).await;
    let (_, told) = heard(&mut ear).await;
    assert!(matches!(told, ChatEvent::MessageDeleted { .. }), "nor is it in what was told: {told:?}");
}

#[rstest]
#[tokio::test]
async fn bytes_go_when_nobody_has_them(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = timed(&database).await;
    let (room, [ann, _, bob]) = with_key(&database, &app).await;
    let (one, _) = (add(&app, &ann, room, "files/1").await.unwrap(), add(&app, &bob, room, "files/1").await.unwrap());
    let two = add(&app, &ann, room, "files/2").await.unwrap();
    let new = NewChatMessage { attachments: vec![one, two], ..says("files") };
    let message = is_new(app.post(&ann, room, new).await.unwrap());
    app.delete_message(&ann, room, message.id).await.unwrap();
    assert_eq!(app.loose_blobs().await.unwrap(), ["files/2"], "bob has the other one");
    assert!(app.loose_blobs().await.unwrap().is_empty(), "somebody is at it");
    assert!(!app.expect_blob(&blob("files/2")).await.unwrap(), "it is being taken out");
    app.clock.advance(TimeDelta::minutes(10));
    assert_eq!(app.loose_blobs().await.unwrap(), ["files/2"], "who was at it has not said that it is out");
    app.forget_blob("files/2").await.unwrap();
    app.forget_blob("files/1").await.unwrap(); // says so of what is not going
    assert!(app.expect_blob(&blob("files/2")).await.unwrap());
    assert!(app.expect_blob(&blob("files/1")).await.unwrap());
    // Nobody came to have the one that was expected again; somebody has the other.
    app.clock.advance(TimeDelta::minutes(59));
    assert!(app.loose_blobs().await.unwrap().is_empty());
    app.clock.advance(TimeDelta::minutes(1));
    assert_eq!(app.loose_blobs().await.unwrap(), ["files/2"]);
}

#[rstest]
#[tokio::test]
async fn an_upload_waits_a_day_to_be_attached(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = timed(&database).await;
    let (room, [ann, _, _]) = with_key(&database, &app).await;
    let (one, two) = (add(&app, &ann, room, "files/1").await.unwrap(), add(&app, &ann, room, "files/2").await.unwrap());
    app.post(&ann, room, NewChatMessage { attachments: vec![one], ..says("a file") }).await.unwrap();
    app.clock.advance(TimeDelta::hours(24));
    app.forget_unattached_files().await.unwrap();
    app.file(&ann, two).await.unwrap();
    app.clock.advance(TimeDelta::microseconds(1));
    app.forget_unattached_files().await.unwrap();
    app.file(&ann, one).await.unwrap();
    assert!(matches!(app.file(&ann, two).await, Err(Error::NotFound(Noun::File))));
    assert_eq!(app.loose_blobs().await.unwrap(), ["files/2"]);
}
