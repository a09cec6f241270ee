//! Of what people have written nothing is left outside of their envelopes.

use errand::agent::Builtin;
use rstest::rstest;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::{Hall, TALK, automatic, start, summary};
use crate::{
    harness::{Backend, Server},
    requests::Log,
    script::Script,
};

/// A word that nobody else uses.
const CANARY: &str = "quokkazebrafinch";

/// Whether the database has these bytes anywhere, in a row, an index or what is left of one.
async fn has(server: &Server, backend: Backend, word: &str) -> bool {
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
    let hex: String = word.bytes().map(|byte| format!("{byte:02x}")).collect();
    for table in tables {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {table} AS r WHERE r::text LIKE $1 OR r::text LIKE $2)");
        let query = sqlx::query_scalar(AssertSqlSafe(sql)).bind(format!("%{word}%")).bind(format!("%{hex}%"));
        if query.fetch_one(&mut conn).await.unwrap() {
            return true;
        }
    }
    false
}

#[rstest]
#[case::by_a_model(true)]
#[case::of_its_own_sentences(false)]
#[tokio::test]
async fn get_summary_leaves_no_word_on_the_disk_or_in_the_log(
    #[case] by_model: bool,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let log = Log::start();
    let server = if by_model {
        start(backend, Script::by(|_| crate::script::Act::Say("They speak of quokkazebrafinch."))).await
    } else {
        start(backend, Builtin).await
    };
    let Some(server) = server else { return };
    let hall = Hall::new(&server, json!({"name": "The hall", "summary_threshold": 4})).await;
    hall.talk(&TALK[..3]).await;
    hall.say(&hall.ann, &format!("The {CANARY} comes to the party in the community hall.")).await;
    let made = summary(&hall.make(json!({"custom_prompt": format!("about {CANARY}")})).await, 201);
    assert!(made.to_string().contains(CANARY), "{made}");
    automatic::soon(&hall).await;
    assert!(summary(&hall.newest(&[]).await, 200).to_string().contains(CANARY));
    assert!(has(&server, backend, &hall.room).await || has(&server, backend, "The hall").await, "it looks");
    assert!(!has(&server, backend, CANARY).await);
    let log = log.text();
    assert!(log.contains("service.opened") && !log.contains(CANARY), "{log}");
}
