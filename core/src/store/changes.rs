//! The SQL of the journal, and of the answers that are kept for idempotency keys.

use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::types::Json;

use super::{Conn, Tx, on};
use crate::{
    account::{Caller, Door, Source},
    change::{Change, ChangeCall, Item, Verb},
    error::Result,
    id::{ChangeId, TurnId, UserId},
};

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

/// Writes down what a call changed.
pub(crate) async fn add(tx: &mut Tx, caller: &Caller, verb: Verb, items: &[Item], now: DateTime<Utc>) -> Result<()> {
    const SQL: &str =
        "INSERT INTO changes (id, user_id, verb, source, client, turn_id, call_id, tool, arguments, items,
            created_at, undone_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let call = caller.door.call();
    let client = match &caller.door {
        Door::Mcp { client } => Some(client.as_str()),
        Door::Chat(_) | Door::Rest | Door::System => None,
    };
    // An undo is never undone: it is written down as already taken back.
    let undone_at = (verb == Verb::Undone).then_some(now);
    on!(tx.conn, c => sqlx::query(SQL)
        .bind(ChangeId::fresh()).bind(caller.user).bind(verb).bind(caller.door.source()).bind(client)
        .bind(call.map(|call| call.turn)).bind(call.map(|call| &call.id)).bind(call.map(|call| &call.tool))
        .bind(call.map(|call| Json(&call.arguments))).bind(Json(items)).bind(now).bind(undone_at)
        .execute(c).await.map(|_| ())?);
    Ok(())
}

/// The user's last change that was not taken back.
pub(crate) async fn last(conn: &mut Conn, user: UserId) -> Result<Option<Change>> {
    const SQL: &str = "SELECT id, verb, source, call_id, tool, arguments, items, created_at FROM changes
        WHERE user_id = $1 AND undone_at IS NULL ORDER BY number DESC LIMIT 1";
    let row: Option<Row> = on!(conn, c => sqlx::query_as(SQL).bind(user).fetch_optional(c).await?);
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
    const SQL: &str = "UPDATE changes SET undone_at = $2 WHERE id = $1";
    on!(tx.conn, c => sqlx::query(SQL).bind(change).bind(now).execute(c).await.map(|_| ())?);
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
    const SQL: &str = "INSERT INTO answers (user_id, key, fingerprint, answer, created_at) VALUES ($1, $2, $3, $4, $5)";
    let answer = serde_json::to_value(answer)
        .map_err(|error| crate::Error::Internal(format!("an answer cannot be kept: {error}")))?;
    on!(tx.conn, c => sqlx::query(SQL).bind(user).bind(key).bind(fingerprint).bind(Json(answer)).bind(now)
        .execute(c).await.map(|_| ())?);
    Ok(())
}
