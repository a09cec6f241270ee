//! The SQL of the rooms' keys.

use chrono::{DateTime, Utc};

use crate::{
    chatroom::{HeldKey, KeyHolder, WrappedKey},
    error::Result,
    id::{RoomId, UserId},
    store::{Conn, Tx, on, tx::Writing, writing},
};

/// Adds the version after the newest one.
pub(crate) async fn add(
    tx: &mut Tx,
    room: RoomId,
    (version, by): (i64, UserId),
    keys: &[WrappedKey],
    now: DateTime<Utc>,
) -> Result<()> {
    const VERSION: Writing = writing!("UPDATE chatrooms SET key_version = $2 WHERE room_id = $1");
    const KEY: Writing = writing!(
        "INSERT INTO room_keys (room_id, version, user_id, wrapped_key, wrapped_by, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)"
    );
    let sql = tx.sql(&VERSION);
    on!(tx.conn, c => sqlx::query(sql).bind(room).bind(version).execute(c).await.map(|_| ())?);
    for WrappedKey { user, wrapped_key } in keys {
        let sql = tx.sql(&KEY);
        on!(tx.conn, c => sqlx::query(sql).bind(room).bind(version).bind(user).bind(wrapped_key).bind(by).bind(now)
            .execute(c).await.map(|_| ())?);
    }
    Ok(())
}

/// Takes away what somebody was given of a room's keys.
pub(crate) async fn take(tx: &mut Tx, room: RoomId, user: UserId) -> Result<()> {
    const SQL: Writing = writing!("DELETE FROM room_keys WHERE room_id = $1 AND user_id = $2");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(room).bind(user).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Everybody in a room with their public key, whoever came first at first.
pub(crate) async fn holders(conn: &mut Conn, room: RoomId) -> Result<Vec<KeyHolder>> {
    const SQL: &str = "SELECT user_id, username, display_name, avatar, public_key, is_assistant FROM members
        JOIN accounts ON accounts.id = user_id WHERE room_id = $1 ORDER BY members.number";
    Ok(on!(conn, c => sqlx::query_as(SQL).bind(room).fetch_all(c).await?))
}

/// The versions that somebody was given, the oldest first.
pub(crate) async fn held(conn: &mut Conn, room: RoomId, user: UserId) -> Result<Vec<HeldKey>> {
    const SQL: &str = "SELECT version, wrapped_key, wrapped_by FROM room_keys WHERE room_id = $1 AND user_id = $2
        ORDER BY version";
    Ok(on!(conn, c => sqlx::query_as(SQL).bind(room).bind(user).fetch_all(c).await?))
}
