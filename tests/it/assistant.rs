//! The assistant in encrypted rooms, as a service runs it: its keys over starts and instances, and with people who are browsers.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, Stdio},
    sync::Arc,
};

use errand::{
    assistant::{Assistant, Missing, Searched},
    crypto::{PublicKey, RoomKey},
    search::{Query, SCAN_MAX},
};
use errand_core::{
    App, Caller, RoomId,
    chatroom::{ChatroomEdit, MessageKind, NewChatMessage, Posted, Wanted, WrappedKey},
};
use rstest::rstest;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection, SqliteConnection};

use crate::{
    chatrooms::{make, person, publish_key, wrapped},
    harness::{Backend, Database, Server, config, skipped},
    script::Script,
};

/// A room of `ann`'s with a key that the assistant was given; the key.
async fn room(database: &Database, app: &App, ann: &Caller) -> (RoomId, RoomKey) {
    publish_key(database, ann).await;
    let (room, key) = (make(app, ann, "The hall").await, RoomKey::generate().unwrap());
    give(app, ann, room, 1, Some(&key)).await;
    (room, key)
}

/// Writes the next version of a room's key, which `ann` and perhaps the assistant are given.
async fn give(app: &App, ann: &Caller, room: RoomId, version: i64, key: Option<&RoomKey>) {
    let mut keys = vec![wrapped(ann)];
    if let Some(key) = key {
        let assistant = app.assistant().await.unwrap().unwrap();
        let wrapped_key = PublicKey::from_pem(&assistant.public_key).unwrap().wrap(key).unwrap();
        keys.push(WrappedKey { user: assistant.account.id, wrapped_key });
    }
    app.write_room_keys(ann, room, version, keys).await.unwrap();
}

/// What the assistant reads in a room, the newest first.
async fn read(app: &App, assistant: &Assistant, room: RoomId) -> Vec<String> {
    let keys = assistant.keys(room).await.unwrap();
    let messages = app.read_back(assistant.caller(), room, Wanted::default(), None, 100).await.unwrap();
    messages.iter().map(|message| keys.open(&message.content).unwrap().as_str().to_owned()).collect()
}

/// Has the assistant write in a room.
async fn write(app: &App, assistant: &Assistant, room: RoomId, text: &str) {
    let content = assistant.keys(room).await.unwrap().seal(text).unwrap().unwrap();
    let (kind, attachments) = (MessageKind::Text, Vec::new());
    let message = NewChatMessage { content, kind, reply_to: None, attachments, client_id: None };
    assert!(matches!(app.post(assistant.caller(), room, message).await.unwrap(), Posted::New(_)));
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_instances_have_the_same_keys_and_the_next_start_too(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let secret = errand::secret::load(&config(&database)).unwrap();
    let (one, two) = (database.app().await, database.app().await);
    let (first, second) =
        tokio::join!(Assistant::appoint(one.clone(), &secret), Assistant::appoint(two.clone(), &secret));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(first.user(), second.user());
    let ann = person(&one, "ann").await;
    let (room, _) = room(&database, &one, &ann).await;
    write(&one, &first, room, "from the first").await;
    write(&two, &second, room, "from the second").await;
    let later = Assistant::appoint(database.app().await, &secret).await.unwrap();
    let expected = ["from the second", "from the first"];
    for assistant in [&first, &second, &later] {
        assert_eq!(read(&one, assistant, room).await, expected);
    }
}

#[rstest]
#[tokio::test]
async fn under_another_secret_it_has_no_keys_and_makes_none(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let mut config = config(&database);
    let secret = errand::secret::load(&config).unwrap();
    let assistant = Assistant::appoint(app.clone(), &secret).await.unwrap();
    let ann = person(&app, "ann").await;
    let (room, _) = room(&database, &app, &ann).await;
    write(&app, &assistant, room, "hello").await;
    let stored = app.assistant().await.unwrap();
    config.auth.secret = Some("another secret that is as long as that one".to_owned().into());
    let other = errand::secret::load(&config).unwrap();
    let closed = Assistant::appoint(app.clone(), &other).await.unwrap();
    assert_eq!(closed.keys(room).await.unwrap().missing(), Some(Missing::OwnKeys));
    assert_eq!(app.assistant().await.unwrap(), stored);
    let again = Assistant::appoint(app.clone(), &secret).await.unwrap();
    assert_eq!(read(&app, &again, room).await, ["hello"]);
}

#[rstest]
#[tokio::test]
async fn it_has_the_keys_that_people_give_it(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (app, assistant) = (&server.app, &server.state.assistant);
    let ann = person(app, "ann").await;
    let missing = async |room| assistant.keys(room).await.unwrap().missing();
    let bare = make(app, &ann, "Without a key").await;
    assert_eq!(missing(bare).await, Some(Missing::NoKeyYet));
    let (room, _) = room(server.database(), app, &ann).await;
    assert_eq!(missing(room).await, None);
    write(app, assistant, room, "under the first").await;
    give(app, &ann, room, 2, None).await;
    assert_eq!(missing(room).await, Some(Missing::NotGiven));
    assert_eq!(read(app, assistant, room).await, ["under the first"]);
    give(app, &ann, room, 3, Some(&RoomKey::generate().unwrap())).await;
    assert_eq!(missing(room).await, None);
    write(app, assistant, room, "under the third").await;
    let off = ChatroomEdit { auto_summary_enabled: Some(false), ..ChatroomEdit::default() };
    app.edit_chatroom(&ann, room, off).await.unwrap();
    assert_eq!(missing(room).await, Some(Missing::NotThere));
    assert!(matches!(assistant.keys(RoomId::fresh()).await, Err(errand_core::Error::NotFound(_))));
}

/// Puts 10,000 more of the message with the highest number into a room, each later than the one before.
async fn multiply_the_last(database: &Database) {
    const COLUMNS: &str =
        "INSERT INTO chat_messages (id, room_id, seq, sender_id, encrypted_data, iv, key_version, kind, created_at)";
    const LAST: &str = "FROM chat_messages WHERE seq = (SELECT MAX(seq) FROM chat_messages)";
    if database.url.starts_with("sqlite:") {
        let sql = format!(
            "{COLUMNS} WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000),
                last AS (SELECT * {LAST})
            SELECT randomblob(16), room_id, seq + i, sender_id, encrypted_data, iv, key_version, kind,
                printf('2999-01-01T%02d:%02d:%02d+00:00', i / 3600, i / 60 % 60, i % 60) FROM last, n"
        );
        let mut conn = SqliteConnection::connect(&database.url).await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut conn).await.unwrap();
    } else {
        let sql = format!(
            "{COLUMNS} SELECT gen_random_uuid(), room_id, seq + i, sender_id, encrypted_data, iv, key_version, kind,
                created_at + i * INTERVAL '1 second' FROM (SELECT * {LAST}) AS last, generate_series(1, 10000) AS i"
        );
        let mut conn = PgConnection::connect(&database.url).await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut conn).await.unwrap();
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_reads_ten_thousand_messages_and_says_that_there_are_more(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (app, assistant) = (&server.app, &server.state.assistant);
    let ann = person(app, "ann").await;
    let (room, _) = room(server.database(), app, &ann).await;
    for said in ["the oldest canary", "a boat"] {
        write(app, assistant, room, said).await;
    }
    let search = async |word: &str, wanted: Wanted| match assistant
        .search(&ann, room, Query::parse(word).unwrap(), wanted, 20)
        .await
        .unwrap()
    {
        Searched::Here(results) => results,
        Searched::Elsewhere(why) => panic!("{why:?}"),
    };
    let before = search("canary", Wanted::default()).await;
    assert_eq!((before.total, before.read, before.cut), (1, 2, false));
    multiply_the_last(server.database()).await;
    let after = search("canary", Wanted::default()).await;
    assert_eq!((after.total, after.read, after.cut), (0, SCAN_MAX, true));
    let boats = search("boat", Wanted::default()).await;
    assert_eq!((boats.total, boats.hits.len(), boats.cut), (SCAN_MAX, 20, true));
    assert!(boats.hits.windows(2).all(|pair| pair[0].message.seq > pair[1].message.seq), "the newest first");
    let to = Some(before.hits[0].message.created_at);
    let oldest = search("canary", Wanted { to, ..Wanted::default() }).await;
    assert_eq!((oldest.total, oldest.read, oldest.cut), (1, 1, false));
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_browsers_and_the_assistant_read_each_other(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/crypto/webcrypto.mjs");
    let mut node = Command::new("node");
    node.args([script, "room", &server.base]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut node = match node.spawn() {
        Ok(node) => node,
        Err(error) => {
            let required = std::env::var("ERRAND_TEST_REQUIRE_SERVICES").is_ok_and(|value| value == "1");
            assert!(!required, "node is required and cannot be run: {error}");
            return skipped(&format!("no node ({error})"));
        }
    };
    let (mut to_node, from_node) = (node.stdin.take().unwrap(), node.stdout.take().unwrap());
    let lines = Arc::new(std::sync::Mutex::new(BufReader::new(from_node).lines()));
    let answer = async || -> Value {
        let lines = lines.clone();
        let line = tokio::task::spawn_blocking(move || lines.lock().unwrap().next());
        serde_json::from_str(&line.await.unwrap().expect("an answer of node").unwrap()).unwrap()
    };
    let room: RoomId = answer().await["room"].as_str().unwrap().parse().unwrap();
    let (app, assistant) = (&server.app, &server.state.assistant);
    let said = ["I do: Grüße 👋🏽", "Who books the hall for Friday?"];
    assert_eq!(read(app, assistant, room).await, said);
    write(app, assistant, room, "Hecho: 再见").await;
    writeln!(to_node, "read").unwrap();
    let everything = json!([said[1], said[0], "Hecho: 再见"]);
    assert_eq!(answer().await, json!({"ann": everything, "bob": everything}));
    drop(to_node);
    assert!(node.wait().unwrap().success());
}
