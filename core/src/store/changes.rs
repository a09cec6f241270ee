//! The SQL of the journal, and of the answers that are kept for idempotency keys.

use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{QueryBuilder, types::Json};

use super::{Conn, Tx, on, tx::Writing, writing};
use crate::{
    account::{Call, Caller, Origin, Source},
    change::{Change, ChangeCall, Item, Verb},
    error::Result,
    id::{ChangeId, TurnId, UserId},
};

/// The most lines in a statement, twelve values each; both databases take more than 30,000 values.
const ROWS: usize = 500;

#[derive(sqlx::FromRow)]
struct Row {
    id: ChangeId,
    verb: Verb,
    source: Source,
    call_id: Option<String>,
    tool: Option<String>,
    arguments: Option<Json<serde_json::Value>>,
    items: Json<Vec<Item>>,
    created_at: DateTime<Utc>,
}

impl From<Row> for Change {
    fn from(row: Row) -> Self {
        let call = match (row.call_id, row.tool) {
            (Some(id), Some(tool)) => {
                Some(ChangeCall { id, tool, arguments: row.arguments.map(|Json(value)| value).unwrap_or_default() })
            }
            (_, _) => None,
        };
        Self { id: row.id, verb: row.verb, source: row.source, call, items: row.items.0, created_at: row.created_at }
    }
}

/// A line of the journal that is not stored yet: the jobs of a group share the trip to the database.
pub(super) struct Line {
    id: ChangeId,
    user: UserId,
    verb: Verb,
    origin: Origin,
    call: Option<Call>,
    items: Vec<Item>,
    at: DateTime<Utc>,
}

/// Writes down what a call changed; it is stored before the commit.
pub(crate) fn add(tx: &mut Tx, caller: &Caller, verb: Verb, items: Vec<Item>, at: DateTime<Utc>) {
    let (origin, call) = (Origin::from(&caller.door), caller.door.call().cloned());
    tx.journal.add(Line { id: ChangeId::fresh(), user: caller.user, verb, origin, call, items, at });
}

/// Stores lines of the journal, in their order.
pub(super) async fn store(conn: &mut Conn, lines: &[Line]) -> Result<()> {
    const STORE: &str =
        "INSERT INTO changes (id, user_id, verb, source, client, turn_id, call_id, tool, arguments, items,
        created_at, undone_at) ";
    for lines in lines.chunks(ROWS) {
        on!(conn, c => {
            let mut insert = QueryBuilder::new(STORE);
            insert.push_values(lines, |mut row, line| {
                let call = line.call.as_ref();
                row.push_bind(line.id).push_bind(line.user).push_bind(line.verb).push_bind(line.origin.source);
                row.push_bind(line.origin.client.as_deref()).push_bind(call.map(|call| call.turn));
                row.push_bind(call.map(|call| &call.id)).push_bind(call.map(|call| &call.tool));
                row.push_bind(call.map(|call| Json(&call.arguments))).push_bind(Json(&line.items)).push_bind(line.at);
                // An undo is never undone: it is written down as already taken back.
                row.push_bind((line.verb == Verb::Undone).then_some(line.at));
            });
            insert.build().persistent(lines.len() == 1).execute(c).await.map(|_| ())?;
        });
    }
    Ok(())
}

/// The user's last change that was not taken back.
pub(crate) async fn last(tx: &mut Tx, user: UserId) -> Result<Option<Change>> {
    const SQL: &str = "SELECT id, verb, source, call_id, tool, arguments, items, created_at FROM changes
        WHERE user_id = $1 AND undone_at IS NULL ORDER BY number DESC LIMIT 1";
    tx.store_journal().await?;
    let row: Option<Row> = on!(tx.conn, c => sqlx::query_as(SQL).bind(user).fetch_optional(c).await?);
    Ok(row.map(Change::from))
}

/// What the calls of a turn changed, in order.
pub(crate) async fn of_turn(conn: &mut Conn, turn: TurnId) -> Result<Vec<Change>> {
    const SQL: &str = "SELECT id, verb, source, call_id, tool, arguments, items, created_at FROM changes
        WHERE turn_id = $1 ORDER BY number";
    let rows: Vec<Row> = on!(conn, c => sqlx::query_as(SQL).bind(turn).fetch_all(c).await?);
    Ok(rows.into_iter().map(Change::from).collect())
}

/// Marks a change as taken back.
pub(crate) async fn mark_undone(tx: &mut Tx, change: ChangeId, now: DateTime<Utc>) -> Result<()> {
    const SQL: Writing = writing!("UPDATE changes SET undone_at = $2 WHERE id = $1");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(change).bind(now).execute(c).await.map(|_| ())?);
    Ok(())
}

/// What a call with this key was answered, and the fingerprint of what it asked for.
pub(crate) async fn answer<T: DeserializeOwned + Send + Unpin + 'static>(
    conn: &mut Conn,
    user: UserId,
    key: &str,
) -> Result<Option<(String, T)>> {
    const SQL: &str = "SELECT fingerprint, answer FROM answers WHERE user_id = $1 AND key = $2";
    let row: Option<(String, Json<serde_json::Value>)> =
        on!(conn, c => sqlx::query_as(SQL).bind(user).bind(key).fetch_optional(c).await?);
    row.map(|(fingerprint, Json(answer))| {
        serde_json::from_value(answer)
            .map(|answer| (fingerprint, answer))
            .map_err(|error| crate::Error::Internal(format!("a kept answer cannot be read: {error}")))
    })
    .transpose()
}

/// Keeps what a call with this key was answered.
pub(crate) async fn keep_answer<T: Serialize>(
    tx: &mut Tx,
    user: UserId,
    key: &str,
    fingerprint: &str,
    answer: &T,
    now: DateTime<Utc>,
) -> Result<()> {
    const SQL: Writing =
        writing!("INSERT INTO answers (user_id, key, fingerprint, answer, created_at) VALUES ($1, $2, $3, $4, $5)");
    let answer = serde_json::to_value(answer)
        .map_err(|error| crate::Error::Internal(format!("an answer cannot be kept: {error}")))?;
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(user).bind(key).bind(fingerprint).bind(Json(answer)).bind(now)
        .execute(c).await.map(|_| ())?);
    Ok(())
}

/// Forgets what calls with a key were answered until `before`; how many they were.
pub(crate) async fn forget_answers(tx: &mut Tx, before: DateTime<Utc>) -> Result<usize> {
    const SQL: Writing = writing!("DELETE FROM answers WHERE created_at <= $1 RETURNING key");
    let sql = tx.sql(&SQL);
    let forgotten: Vec<String> = on!(tx.conn, c => sqlx::query_scalar(sql).bind(before).fetch_all(c).await?);
    Ok(forgotten.len())
}
