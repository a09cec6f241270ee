//! The SQL of how people react to messages, and of how far they have read.

use chrono::{DateTime, Utc};

use crate::{
    error::Result,
    id::{RoomId, RoomMessageId, UserId},
    store::{Conn, Tx, on, tx::Writing, writing},
};

/// Adds a reaction; false when there is that one already.
pub(crate) async fn add(
    tx: &mut Tx,
    message: RoomMessageId,
    user: UserId,
    emoji: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    const SQL: Writing = writing!(
        "INSERT INTO chat_reactions (message_id, user_id, emoji, created_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT DO NOTHING RETURNING number"
    );
    let sql = tx.sql(&SQL);
    let added: Option<i64> = on!(tx.conn, c => sqlx::query_scalar(sql).bind(message).bind(user).bind(emoji).bind(now)
        .fetch_optional(c).await?);
    Ok(added.is_some())
}

/// Takes a reaction away; false when there is none.
pub(crate) async fn remove(tx: &mut Tx, message: RoomMessageId, user: UserId, emoji: &str) -> Result<bool> {
    const SQL: Writing =
        writing!("DELETE FROM chat_reactions WHERE message_id = $1 AND user_id = $2 AND emoji = $3 RETURNING number");
    let sql = tx.sql(&SQL);
    let removed: Option<i64> =
        on!(tx.conn, c => sqlx::query_scalar(sql).bind(message).bind(user).bind(emoji).fetch_optional(c).await?);
    Ok(removed.is_some())
}

/// How many reactions somebody has to a message.
pub(crate) async fn count(conn: &mut Conn, message: RoomMessageId, user: UserId) -> Result<i64> {
    const SQL: &str = "SELECT COUNT(*) FROM chat_reactions WHERE message_id = $1 AND user_id = $2";
    Ok(on!(conn, c => sqlx::query_scalar(SQL).bind(message).bind(user).fetch_one(c).await?))
}

/// Moves on how far somebody has read; false when they had read as far already.
pub(crate) async fn mark_read(tx: &mut Tx, room: RoomId, user: UserId, seq: i64, now: DateTime<Utc>) -> Result<bool> {
    const SQL: Writing = writing!(
        "UPDATE members SET read_seq = $3, last_read_at = $4 WHERE room_id = $1 AND user_id = $2 AND read_seq < $3
        RETURNING number"
    );
    let sql = tx.sql(&SQL);
    let moved: Option<i64> = on!(tx.conn, c => sqlx::query_scalar(sql).bind(room).bind(user).bind(seq).bind(now)
        .fetch_optional(c).await?);
    Ok(moved.is_some())
}
