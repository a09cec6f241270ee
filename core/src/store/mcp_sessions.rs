//! The SQL of agents' sessions.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::Json;

use super::{Conn, Tx, on, tx::Writing, writing};
use crate::{
    error::Result,
    id::{McpSessionId, UserId},
};

/// Adds a session.
pub(crate) async fn add(tx: &mut Tx, id: McpSessionId, user: UserId, state: &Value, now: DateTime<Utc>) -> Result<()> {
    const SQL: Writing =
        writing!("INSERT INTO mcp_sessions (id, user_id, state, created_at, seen_at) VALUES ($1, $2, $3, $4, $4)");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(id).bind(user).bind(Json(state)).bind(now).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Ends those of a user's sessions that were seen longest ago, so that at most `most` stay.
pub(crate) async fn end_surplus(tx: &mut Tx, user: UserId, most: i64) -> Result<Vec<McpSessionId>> {
    const SQL: Writing = writing!(
        "DELETE FROM mcp_sessions WHERE user_id = $1 AND id NOT IN
        (SELECT id FROM mcp_sessions WHERE user_id = $1 ORDER BY seen_at DESC, created_at DESC, id LIMIT $2 + 0)
        RETURNING id"
    );
    let sql = tx.sql(&SQL);
    Ok(on!(tx.conn, c => sqlx::query_scalar(sql).bind(user).bind(most).fetch_all(c).await?))
}

/// What was kept of a session that was seen after `since`.
pub(crate) async fn state(
    conn: &mut Conn,
    id: McpSessionId,
    user: UserId,
    since: DateTime<Utc>,
) -> Result<Option<Value>> {
    const SQL: &str = "SELECT state FROM mcp_sessions WHERE id = $1 AND user_id = $2 AND seen_at > $3";
    let row: Option<Json<Value>> =
        on!(conn, c => sqlx::query_scalar(SQL).bind(id).bind(user).bind(since).fetch_optional(c).await?);
    Ok(row.map(|Json(state)| state))
}

/// Keeps what a session has subscribed to.
pub(crate) async fn subscribe(tx: &mut Tx, id: McpSessionId, user: UserId, uris: &[String]) -> Result<()> {
    const SQL: Writing = writing!("UPDATE mcp_sessions SET subscriptions = $3 WHERE id = $1 AND user_id = $2");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(id).bind(user).bind(Json(uris)).execute(c).await.map(|_| ())?);
    Ok(())
}

/// What a session has subscribed to.
pub(crate) async fn subscriptions(conn: &mut Conn, id: McpSessionId, user: UserId) -> Result<Vec<String>> {
    const SQL: &str = "SELECT subscriptions FROM mcp_sessions WHERE id = $1 AND user_id = $2";
    let row: Option<Json<Vec<String>>> =
        on!(conn, c => sqlx::query_scalar(SQL).bind(id).bind(user).fetch_optional(c).await?);
    Ok(row.map(|Json(uris)| uris).unwrap_or_default())
}

/// Notes that a session was seen; `false` when there is none that was seen after `since`.
pub(crate) async fn touch(
    tx: &mut Tx,
    id: McpSessionId,
    user: UserId,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool> {
    const SQL: Writing =
        writing!("UPDATE mcp_sessions SET seen_at = $4 WHERE id = $1 AND user_id = $2 AND seen_at > $3 RETURNING id");
    let sql = tx.sql(&SQL);
    let touched: Option<McpSessionId> =
        on!(tx.conn, c => sqlx::query_scalar(sql).bind(id).bind(user).bind(since).bind(now).fetch_optional(c).await?);
    Ok(touched.is_some())
}

/// Ends a session.
pub(crate) async fn end(tx: &mut Tx, id: McpSessionId, user: UserId) -> Result<()> {
    const SQL: Writing = writing!("DELETE FROM mcp_sessions WHERE id = $1 AND user_id = $2");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(id).bind(user).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Ends all sessions that were not seen after `since`.
pub(crate) async fn end_idle(tx: &mut Tx, since: DateTime<Utc>) -> Result<usize> {
    const SQL: Writing = writing!("DELETE FROM mcp_sessions WHERE seen_at <= $1 RETURNING id");
    let sql = tx.sql(&SQL);
    let ended: Vec<McpSessionId> = on!(tx.conn, c => sqlx::query_scalar(sql).bind(since).fetch_all(c).await?);
    Ok(ended.len())
}
