//! What is said in a room is found by search, and is nowhere that outlives the request: not in the database, in its files, or in the log.

use std::{fs, path::Path, process::Stdio};

use errand::crypto::{PublicKey, RoomKey};
use rstest::rstest;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};

use crate::{
    crash::Process,
    harness::{Backend, Database, answer},
};

const CANARY: &str = "quetzalfinch";

/// Asks a service as ann, who is logged in after the first request.
pub(crate) struct Ann<'a> {
    base: &'a str,
    http: reqwest::Client,
    pub(crate) token: String,
}

impl<'a> Ann<'a> {
    /// The same person, logged in already, at another process.
    pub(crate) fn at(base: &'a str, token: String) -> Self {
        Self { base, http: reqwest::Client::new(), token }
    }

    pub(crate) async fn ask(&self, method: reqwest::Method, path: &str, body: Value) -> Value {
        let request = self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token).json(&body);
        let answer = answer(request).await;
        assert!(answer.status < 300, "{path} {answer:?}");
        answer.body["data"].clone()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        self.ask(reqwest::Method::POST, path, body).await
    }
}

/// Somebody with an encrypted room, to which the assistant has the key as well: who, its path, and the key.
pub(crate) async fn furnished(base: &str) -> (Ann<'_>, String, RoomKey) {
    let mut ann = Ann { base, http: reqwest::Client::new(), token: String::new() };
    let registered = ann
        .post(
            "/auth/register",
            json!({"username": "ann", "email": "ann@example.com", "password": "correct horse", "display_name": "Ann",
                "public_key": include_str!("contracts/rooms/key.pem")}),
        )
        .await;
    ann.token = registered["access_token"].as_str().unwrap().to_owned();
    let room = ann.post("/chatrooms", json!({"name": "The hall", "is_private": true})).await;
    let room = format!("/chatrooms/{}", room["chatroom"]["id"].as_str().unwrap());
    let key = RoomKey::generate().unwrap();
    let members = ann.ask(reqwest::Method::GET, &format!("{room}/keys"), json!({})).await["members"].clone();
    let keys: Vec<Value> = members
        .as_array()
        .unwrap()
        .iter()
        .map(|member| {
            let public_key = PublicKey::from_pem(member["public_key"].as_str().unwrap()).unwrap();
            json!({"user_id": member["user_id"], "wrapped_key": public_key.wrap(&key).unwrap()})
        })
        .collect();
    let put = ann.ask(reqwest::Method::PUT, &format!("{room}/keys/1"), json!({"keys": keys})).await;
    assert!(put.is_null());
    (ann, room, key)
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_found_is_nowhere_on_disk(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let log = fs::File::create(database.folder.path().join("the log")).unwrap();
    let variables = [("ERRAND_FILES__URL", "file:files"), ("ERRAND_LOG", "trace")];
    let mut process = Process::start_logging(&database, &variables, Stdio::from(log)).await;
    let (ann, room, key) = furnished(&process.base).await;
    for said in [format!("The {CANARY} sings"), format!("No {} here", "sparrow")] {
        let sealed = key.seal(&said).unwrap();
        let content = json!({"encrypted_data": sealed.encrypted_data(), "iv": sealed.iv(), "key_version": 1});
        ann.post(&format!("{room}/messages"), json!({"content": content})).await;
    }
    let found = ann.post(&format!("{room}/search"), json!({"query": CANARY})).await;
    assert_eq!((&found["search_mode"], &found["total_results"]), (&json!("server"), &json!(1)));
    assert_eq!(found["results"][0]["context"], json!({"before": "The ", "match": CANARY, "after": " sings"}));
    let sealed = key.seal(&format!("@errand what have I to do about the {CANARY}?")).unwrap();
    let content = json!({"encrypted_data": sealed.encrypted_data(), "iv": sealed.iv(), "key_version": 1});
    ann.post(&format!("{room}/messages"), json!({"content": content})).await;
    let mut messages = json!([]);
    for _ in 0..200 {
        messages = ann.ask(reqwest::Method::GET, &format!("{room}/messages"), json!({})).await["messages"].clone();
        if messages[3].is_object() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!((&messages[3]["username"], &messages[3]["reply_to"]), (&json!("errand"), &messages[2]["id"]));
    process.kill(); // as it is, without what a graceful end would tidy up
    let log = fs::read_to_string(database.folder.path().join("the log")).unwrap();
    assert!(log.contains("service.opened"), "there is a log: {log}");
    let looked = files(database.folder.path());
    assert!(looked >= if backend == Backend::Sqlite { 3 } else { 2 }, "the database, its secret, the log: {looked}");
    if backend == Backend::Postgres {
        tables(&database.url).await;
    }
}

/// That it is in no file; how many were looked at.
fn files(folder: &Path) -> usize {
    let looks = fs::read_dir(folder).unwrap().map(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return files(&path);
        }
        let bytes = fs::read(&path).unwrap();
        let here = bytes.windows(CANARY.len()).any(|part| part.eq_ignore_ascii_case(CANARY.as_bytes()));
        assert!(!here, "it is in {}", path.display());
        1
    });
    looks.sum()
}

/// That it is in no column of any table, as text or as bytes.
async fn tables(url: &str) {
    let mut conn = PgConnection::connect(url).await.unwrap();
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'")
            .fetch_all(&mut conn)
            .await
            .unwrap();
    assert!(tables.iter().any(|table| table == "chat_messages") && tables.iter().any(|table| table == "events"));
    let hexadecimal = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    for table in tables {
        let rows = format!("SELECT row_to_json(\"{table}\")::text FROM \"{table}\"");
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(rows)).fetch_all(&mut conn).await.unwrap();
        for row in rows {
            let row = row.to_lowercase();
            assert!(!row.contains(CANARY) && !row.contains(&hexadecimal), "it is in {table}: {row}");
        }
    }
}
