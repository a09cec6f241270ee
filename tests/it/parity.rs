//! The two sets of migrations give the same tables. Read from the databases' own catalogs, after all migrations have run.
//!
//! What differs by nature is mapped: `PostgreSQL`'s types to those that `SQLite` stores them as.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use sqlx::{Connection, Executor, PgConnection, Row, SqliteConnection};

use crate::harness::{Backend, Database};

/// All tables, by name.
type Tables = BTreeMap<String, Table>;

#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    columns: BTreeMap<String, Column>,
    primary_key: Vec<String>,
    /// The columns of each `UNIQUE` constraint: only one database names these.
    unique: BTreeSet<Vec<String>>,
    indexes: BTreeMap<String, Index>,
    foreign_keys: BTreeSet<ForeignKey>,
    /// How many `CHECK` constraints: their texts are only kept by one database.
    checks: usize,
}

#[derive(Debug, PartialEq, Eq)]
struct Column {
    kind: String,
    nullable: bool,
    default: Option<String>,
    /// Counts by itself, and never takes a number twice.
    counts: bool,
}

#[derive(Debug, PartialEq, Eq)]
struct Index {
    unique: bool,
    /// In order, with ` DESC` where it runs down.
    columns: Vec<String>,
    /// The rows that are in it; none for all.
    only: Option<String>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ForeignKey {
    columns: Vec<String>,
    table: String,
    its_columns: Vec<String>,
    on_update: String,
    on_delete: String,
}

/// One way to write a default.
fn plain(sql: &str) -> String {
    sql.split("::").next().unwrap_or_default().to_lowercase()
}

fn with_direction(column: String, descending: bool) -> String {
    if descending { format!("{column} DESC") } else { column }
}

mod sqlite {
    use super::*;

    pub(super) async fn tables(conn: &mut SqliteConnection) -> Tables {
        let rows = sqlx::query(
            "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_sqlx%'",
        )
        .fetch_all(&mut *conn)
        .await
        .unwrap();
        let mut tables = Tables::new();
        for row in rows {
            let (name, sql): (String, String) = (row.get(0), row.get(1));
            let table = table(conn, &name, &sql).await;
            tables.insert(name, table);
        }
        tables
    }

    async fn table(conn: &mut SqliteConnection, name: &str, sql: &str) -> Table {
        let mut table = Table { checks: sql.to_uppercase().matches("CHECK (").count(), ..Table::default() };
        let rows = sqlx::query("SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info($1)").bind(name);
        let mut key = Vec::new();
        for row in rows.fetch_all(&mut *conn).await.unwrap() {
            let (column, declared, place): (String, String, i64) = (row.get(0), row.get(1), row.get(4));
            let is_rowid = place == 1 && declared == "INTEGER";
            let properties = Column {
                kind: if is_rowid { "BIGINT".into() } else { declared },
                nullable: !row.get::<bool, _>(2) && !is_rowid,
                default: row.get::<Option<String>, _>(3).map(|default| plain(&default)),
                counts: is_rowid && sql.contains("AUTOINCREMENT"),
            };
            if place > 0 {
                key.push((place, column.clone()));
            }
            table.columns.insert(column, properties);
        }
        key.sort();
        table.primary_key = key.into_iter().map(|(_, column)| column).collect();
        indexes(conn, name, &mut table).await;
        table.foreign_keys = foreign_keys(conn, name).await;
        table
    }

    async fn indexes(conn: &mut SqliteConnection, name: &str, table: &mut Table) {
        const LIST: &str =
            "SELECT list.name, list.\"unique\", list.origin, master.sql FROM pragma_index_list($1) AS list
            LEFT JOIN sqlite_master AS master ON master.type = 'index' AND master.name = list.name";
        for row in sqlx::query(LIST).bind(name).fetch_all(&mut *conn).await.unwrap() {
            let (index, origin): (String, String) = (row.get(0), row.get(2));
            let columns = sqlx::query("SELECT name, \"desc\" FROM pragma_index_xinfo($1) WHERE key = 1 ORDER BY seqno")
                .bind(&index)
                .fetch_all(&mut *conn)
                .await
                .unwrap();
            let columns = columns.iter().map(|row| with_direction(row.get(0), row.get(1))).collect();
            match origin.as_str() {
                "pk" => {}
                "u" => assert!(table.unique.insert(columns), "{name} has a constraint twice"),
                "c" => {
                    let sql: String = row.get(3);
                    let only = sql.split_once(" WHERE ").map(|(_, condition)| condition.to_owned());
                    table.indexes.insert(index, Index { unique: row.get(1), columns, only });
                }
                other => panic!("{name} has an index of the origin {other}"),
            }
        }
    }

    async fn foreign_keys(conn: &mut SqliteConnection, name: &str) -> BTreeSet<ForeignKey> {
        const LIST: &str =
            "SELECT id, \"table\", \"from\", \"to\", on_update, on_delete FROM pragma_foreign_key_list($1)
            ORDER BY id, seq";
        let mut keys = BTreeMap::<i64, ForeignKey>::new();
        for row in sqlx::query(LIST).bind(name).fetch_all(conn).await.unwrap() {
            let key = keys.entry(row.get(0)).or_insert_with(|| ForeignKey {
                columns: Vec::new(),
                table: row.get(1),
                its_columns: Vec::new(),
                on_update: row.get(4),
                on_delete: row.get(5),
            });
            key.columns.push(row.get(2));
            key.its_columns.push(row.get(3));
        }
        keys.into_values().collect()
    }
}

mod postgres {
    use super::*;

    pub(super) async fn tables(conn: &mut PgConnection) -> Tables {
        const CHECKS: &str = "SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'c'
            AND connamespace = 'public'::regnamespace";
        let mut tables = Tables::new();
        columns(conn, &mut tables).await;
        indexes(conn, &mut tables).await;
        foreign_keys(conn, &mut tables).await;
        for table in sqlx::query_scalar::<_, String>(CHECKS).fetch_all(conn).await.unwrap() {
            tables.get_mut(&table).unwrap().checks += 1;
        }
        tables
    }

    async fn columns(conn: &mut PgConnection, tables: &mut Tables) {
        const LIST: &str = "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES',
                column_default::text, is_identity = 'YES'
            FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%'";
        for row in sqlx::query(LIST).fetch_all(conn).await.unwrap() {
            let column = Column {
                kind: stored_as(row.get(2)).into(),
                nullable: row.get(3),
                default: row.get::<Option<String>, _>(4).map(|default| plain(&default)),
                counts: row.get(5),
            };
            tables.entry(row.get(0)).or_default().columns.insert(row.get(1), column);
        }
    }

    /// What `SQLite` declares for a type.
    fn stored_as(kind: &str) -> &'static str {
        match kind {
            "uuid" | "bytea" => "BLOB",
            "text" | "jsonb" | "timestamp with time zone" => "TEXT",
            "bigint" => "BIGINT",
            "integer" => "INTEGER",
            "smallint" => "SMALLINT",
            "boolean" => "BOOLEAN",
            "date" => "DATE",
            "double precision" => "REAL",
            other => panic!("nobody has said how SQLite stores {other}"),
        }
    }

    async fn indexes(conn: &mut PgConnection, tables: &mut Tables) {
        const LIST: &str = "SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, i.indisunique, i.indisprimary,
                EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype = 'u'),
                ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, true) || CASE WHEN i.indoption[k - 1] & 1 = 1 THEN ' DESC' ELSE '' END
                    FROM generate_series(1, i.indnkeyatts) AS k ORDER BY k),
                pg_get_expr(i.indpred, i.indrelid)
            FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
            WHERE t.relnamespace = 'public'::regnamespace AND t.relname NOT LIKE '\\_sqlx%'";
        for row in sqlx::query(LIST).fetch_all(conn).await.unwrap() {
            let (name, columns): (String, Vec<String>) = (row.get(0), row.get(5));
            let table = tables.get_mut(&name).unwrap();
            match (row.get(3), row.get(4)) {
                (true, _) => table.primary_key = columns,
                (false, true) => assert!(table.unique.insert(columns), "{name} has a constraint twice"),
                (false, false) => {
                    table.indexes.insert(row.get(1), Index { unique: row.get(2), columns, only: row.get(6) });
                }
            }
        }
    }

    async fn foreign_keys(conn: &mut PgConnection, tables: &mut Tables) {
        const LIST: &str =
            "SELECT c.conrelid::regclass::text, c.confrelid::regclass::text, c.confupdtype::text, c.confdeltype::text,
                ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY AS k (number, place)
                    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number ORDER BY k.place),
                ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY AS k (number, place)
                    JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number ORDER BY k.place)
            FROM pg_constraint c WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace";
        for row in sqlx::query(LIST).fetch_all(conn).await.unwrap() {
            let key = ForeignKey {
                columns: row.get(4),
                table: row.get(1),
                its_columns: row.get(5),
                on_update: action(row.get(2)).into(),
                on_delete: action(row.get(3)).into(),
            };
            assert!(tables.get_mut(row.get::<&str, _>(0)).unwrap().foreign_keys.insert(key));
        }
    }

    /// Has this database write the conditions of the other one's indexes, as it writes its own: there are many ways to say the same.
    pub(super) async fn rewrite_conditions(conn: &mut PgConnection, sqlite: &mut Tables, known: &Tables) {
        const READ: &str = "SELECT pg_get_expr(indpred, indrelid) FROM pg_index WHERE indexrelid = 'probe'::regclass";
        for (name, table) in sqlite.iter_mut().filter(|(name, _)| known.contains_key(*name)) {
            let column = table.columns.keys().next().unwrap().clone();
            for condition in table.indexes.values_mut().filter_map(|index| index.only.as_mut()) {
                let mut probing = conn.begin().await.unwrap();
                let probe = format!("CREATE INDEX probe ON {name} ({column}) WHERE {condition}");
                probing.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(probe))).await.unwrap();
                *condition = sqlx::query_scalar(READ).fetch_one(&mut *probing).await.unwrap();
                probing.rollback().await.unwrap();
            }
        }
    }

    fn action(letter: &str) -> &'static str {
        match letter {
            "a" => "NO ACTION",
            "r" => "RESTRICT",
            "c" => "CASCADE",
            "n" => "SET NULL",
            "d" => "SET DEFAULT",
            other => panic!("PostgreSQL knows an action {other}"),
        }
    }
}

/// Says which table differs in what, one line each.
fn differences(sqlite: &Tables, postgres: &Tables) -> Vec<String> {
    let names: BTreeSet<_> = sqlite.keys().chain(postgres.keys()).collect();
    let mut found = Vec::new();
    for name in names {
        match (sqlite.get(name), postgres.get(name)) {
            (Some(one), Some(other)) => {
                compare(&mut found, name, "columns", &one.columns, &other.columns);
                compare(&mut found, name, "primary key", &one.primary_key, &other.primary_key);
                compare(&mut found, name, "unique", &one.unique, &other.unique);
                compare(&mut found, name, "indexes", &one.indexes, &other.indexes);
                compare(&mut found, name, "foreign keys", &one.foreign_keys, &other.foreign_keys);
                compare(&mut found, name, "checks", &one.checks, &other.checks);
            }
            (Some(_), None) => found.push(format!("{name} is only in SQLite")),
            (None, _) => found.push(format!("{name} is only in PostgreSQL")),
        }
    }
    found
}

fn compare<T: PartialEq + std::fmt::Debug>(found: &mut Vec<String>, table: &str, what: &str, sqlite: &T, postgres: &T) {
    if sqlite != postgres {
        found.push(format!("{table}, {what}:\n  SQLite     {sqlite:?}\n  PostgreSQL {postgres:?}"));
    }
}

#[tokio::test]
async fn both_databases_have_the_same_tables() {
    let (Some(file), Some(server)) = (Database::new(Backend::Sqlite).await, Database::new(Backend::Postgres).await)
    else {
        return;
    };
    file.store().await.close().await;
    server.store().await.close().await;
    let mut sqlite_conn = SqliteConnection::connect(&file.url).await.unwrap();
    let mut postgres_conn = PgConnection::connect(&server.url).await.unwrap();
    let (mut sqlite, postgres) = (sqlite::tables(&mut sqlite_conn).await, postgres::tables(&mut postgres_conn).await);
    postgres::rewrite_conditions(&mut postgres_conn, &mut sqlite, &postgres).await;
    assert!(
        sqlite.len() > 8 && sqlite["tasks"].indexes["tasks_by_priority"].columns[1] == "priority DESC",
        "{sqlite:?}"
    );
    let found = differences(&sqlite, &postgres);
    assert!(found.is_empty(), "{}", found.join("\n"));
    // The comparison sees what it is for.
    for (sql, what) in [
        ("ALTER TABLE tasks ALTER COLUMN due_at SET NOT NULL", "tasks, columns"),
        ("ALTER TABLE tasks ALTER COLUMN version TYPE integer", "tasks, columns"),
        ("ALTER TABLE accounts ADD UNIQUE (time_zone)", "accounts, unique"),
        ("DROP INDEX changes_to_undo; CREATE INDEX changes_to_undo ON changes (user_id, number)", "changes, indexes"),
        ("ALTER TABLE turns DROP CONSTRAINT turns_user_id_fkey", "turns, foreign keys"),
        ("ALTER TABLE events DROP CONSTRAINT events_pkey", "events, primary key"),
        ("ALTER TABLE topics ADD CHECK (seq >= 0)", "topics, checks"),
        ("CREATE TABLE more (id BIGINT)", "more is only in PostgreSQL"),
    ] {
        postgres_conn.execute(sqlx::raw_sql(sql)).await.unwrap();
        let found = differences(&sqlite, &postgres::tables(&mut postgres_conn).await);
        assert!(found.iter().any(|difference| difference.starts_with(what)), "{sql}: {found:?}");
    }
    sqlite_conn.close().await.unwrap();
}

#[test]
fn both_sets_of_migrations_have_the_same_files() {
    let files = |folder: &str| -> BTreeSet<_> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name()).collect()
    };
    let (sqlite, postgres) = (files("sqlite"), files("postgres"));
    assert!(!sqlite.is_empty());
    assert_eq!(sqlite, postgres);
    let number = |file: &std::ffi::OsString| file.to_string_lossy().split('_').next().unwrap().to_owned();
    assert_eq!(sqlite.iter().map(number).collect::<BTreeSet<_>>().len(), sqlite.len(), "a number is used twice");
}
