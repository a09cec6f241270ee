//! An encrypted room with two people and the assistant in it.

use errand::crypto::{PublicKey, RoomKey};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::{KEY, Person, is_well, text};
use crate::harness::{Backend, Server};

/// A room of ann's with bob and the assistant in it.
pub(super) struct Hall<'a> {
    pub(super) ann: Person<'a>,
    pub(super) bob: Person<'a>,
    pub(super) room: String,
    pub(super) key: RoomKey,
    pub(super) version: i64,
}

impl<'a> Hall<'a> {
    /// With a key that everybody was given.
    pub(super) async fn new(server: &'a Server, settings: Value) -> Self {
        let mut hall = Self::without_key(server, settings).await;
        hall.next_key(true).await;
        hall
    }

    pub(super) async fn without_key(server: &'a Server, settings: Value) -> Self {
        let (ann, bob) = (Person::new(server, "ann").await, Person::new(server, "bob").await);
        let room = ann.room(&settings).await;
        ann.lets_in(&room, &bob).await;
        for person in [&ann, &bob] {
            is_well(&person.send(Method::PUT, "/users/me", json!({"public_key": KEY})).await, 200);
        }
        Self { ann, bob, room, key: RoomKey::generate().unwrap(), version: 0 }
    }

    /// Gives everybody the next key, as a client does.
    pub(super) async fn next_key(&mut self, with_assistant: bool) {
        self.key = RoomKey::generate().unwrap();
        self.version += 1;
        let path = format!("/chatrooms/{}/keys", self.room);
        let keys = self.ann.get(&path).await;
        let members = is_well(&keys, 200)["members"].as_array().unwrap();
        let members = members.iter().filter(|member| with_assistant || member["is_assistant"] == false);
        let wrap = |member: &Value| {
            let public_key = PublicKey::from_pem(member["public_key"].as_str().unwrap()).unwrap();
            json!({"user_id": member["user_id"], "wrapped_key": public_key.wrap(&self.key).unwrap()})
        };
        let keys = json!({"keys": members.map(wrap).collect::<Vec<_>>()});
        let written = self.ann.send(Method::PUT, &format!("{path}/{}", self.version), keys).await;
        assert_eq!(written.status, 200, "{written:?}");
    }

    /// Has somebody write this; when it was stored.
    pub(super) async fn say(&self, who: &Person<'_>, words: &str) -> String {
        self.write(who, words, "text").await
    }

    pub(super) async fn write(&self, who: &Person<'_>, words: &str, kind: &str) -> String {
        let sealed = self.key.seal(words).unwrap();
        let content =
            json!({"encrypted_data": sealed.encrypted_data(), "iv": sealed.iv(), "key_version": self.version});
        let body = json!({"content": content, "message_type": kind});
        let sent = who.send(Method::POST, &format!("/chatrooms/{}/messages", self.room), body).await;
        text(&is_well(&sent, 201)["message"]["created_at"])
    }

    /// Has ann and bob talk in turn; when they said what.
    pub(super) async fn talk(&self, words: &[&str]) -> Vec<String> {
        let mut times = Vec::new();
        for (place, words) in words.iter().enumerate() {
            times.push(self.say(if place % 2 == 0 { &self.ann } else { &self.bob }, words).await);
        }
        times
    }
}

/// Whether the database has these bytes anywhere, in a row, an index or what is left of one.
pub(super) async fn has(server: &Server, backend: Backend, word: &str) -> bool {
    if backend == Backend::Sqlite {
        let files = std::fs::read_dir(server.folder()).unwrap().map(|file| file.unwrap().path());
        let files: Vec<_> = files.filter(|file| file.is_file()).map(|file| std::fs::read(file).unwrap()).collect();
        assert!(files.len() > 1, "the database and its log");
        return files.iter().any(|bytes| bytes.windows(word.len()).any(|window| window == word.as_bytes()));
    }
    let mut conn = PgConnection::connect(server.database_url()).await.unwrap();
    let tables = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut conn).await.unwrap();
    assert!(tables.contains(&"summaries".to_owned()) && tables.contains(&"events".to_owned()));
    for table in tables {
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM {table} AS r WHERE r::text LIKE '%' || $1 || '%'
                OR r::text LIKE '%' || encode(convert_to($1, 'UTF8'), 'hex') || '%')"
        );
        let query = sqlx::query_scalar(AssertSqlSafe(sql)).bind(word);
        if query.fetch_one(&mut conn).await.unwrap() {
            return true;
        }
    }
    false
}
