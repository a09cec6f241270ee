//! The SQL of messages that mention the assistant.

use chrono::{DateTime, Utc};

use super::messages::{self, SealedRow, sealed_message};
use crate::{
    chatroom::{Envelope, Mention, SealedMessage, mention::TURNS_KEPT},
    error::Result,
    id::{InstanceId, RoomId, TurnId, UserId},
    store::{Conn, Tx, on, tx::Writing, writing},
};

macro_rules! mention {
    () => {
        "SELECT turn_id, room_id, user_id, seq, written_at FROM mentions "
    };
}

/// Rooms in which others wrote what the assistant has not heard.
pub(crate) async fn rooms(conn: &mut Conn, assistant: UserId) -> Result<Vec<RoomId>> {
    const SQL: &str = "SELECT room_id FROM members WHERE user_id = $1 AND EXISTS
        (SELECT 1 FROM chat_messages WHERE chat_messages.room_id = members.room_id AND seq > read_seq
            AND sender_id <> $1 AND deleted_at IS NULL)";
    Ok(on!(conn, c => sqlx::query_scalar(SQL).bind(assistant).fetch_all(c).await?))
}

/// How far somebody has read; none when they are not there.
pub(crate) async fn mark(conn: &mut Conn, room: RoomId, user: UserId) -> Result<Option<i64>> {
    const SQL: &str = "SELECT read_seq FROM members WHERE room_id = $1 AND user_id = $2";
    Ok(on!(conn, c => sqlx::query_scalar(SQL).bind(room).bind(user).fetch_optional(c).await?))
}

/// What others wrote after this number, the oldest first.
pub(crate) async fn after(
    conn: &mut Conn,
    room: RoomId,
    (assistant, seq): (UserId, i64),
    limit: i64,
) -> Result<Vec<SealedMessage>> {
    const SQL: &str = concat!(
        sealed_message!(),
        "WHERE room_id = $1 AND seq > $2 AND sender_id <> $3 AND deleted_at IS NULL ORDER BY seq LIMIT $4 + 0"
    );
    let rows: Vec<SealedRow> =
        on!(conn, c => sqlx::query_as(SQL).bind(room).bind(seq).bind(assistant).bind(limit).fetch_all(c).await?);
    Ok(rows.into_iter().map(SealedMessage::from).collect())
}

/// Moves somebody's mark; false when it is not where it was any more.
pub(crate) async fn move_mark(
    tx: &mut Tx,
    room: RoomId,
    user: UserId,
    (from, to): (i64, i64),
    now: DateTime<Utc>,
) -> Result<bool> {
    const SQL: Writing = writing!(
        "UPDATE members SET read_seq = $4, last_read_at = $5 WHERE room_id = $1 AND user_id = $2 AND read_seq = $3
        RETURNING read_seq"
    );
    let sql = tx.sql(&SQL);
    let moved: Option<i64> = on!(tx.conn, c => sqlx::query_scalar(sql).bind(room).bind(user).bind(from).bind(to)
        .bind(now).fetch_optional(c).await?);
    Ok(moved.is_some())
}

/// Takes a mention down that `instance` is to answer.
pub(crate) async fn add(tx: &mut Tx, mention: &Mention, instance: InstanceId) -> Result<()> {
    const SQL: Writing = writing!(
        "INSERT INTO mentions (turn_id, room_id, user_id, seq, written_at, instance) VALUES ($1, $2, $3, $4, $5, $6)"
    );
    let Mention { turn, room, user, seq, written_at } = mention;
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(turn).bind(room).bind(user).bind(seq).bind(written_at).bind(instance)
        .execute(c).await.map(|_| ())?);
    Ok(())
}

/// Whether it has no answer yet.
pub(crate) async fn is_open(conn: &mut Conn, turn: TurnId) -> Result<bool> {
    const SQL: &str = "SELECT seq FROM mentions WHERE turn_id = $1 AND answer_seq IS NULL";
    let found: Option<i64> = on!(conn, c => sqlx::query_scalar(SQL).bind(turn).fetch_optional(c).await?);
    Ok(found.is_some())
}

/// It was answered by the message with this number; of its sender's in that room, the last [`TURNS_KEPT`] are kept.
pub(crate) async fn close(tx: &mut Tx, mention: &Mention, answer_seq: i64, kept: Option<&Envelope>) -> Result<()> {
    const CLOSE: Writing = writing!(
        "UPDATE mentions SET answer_seq = $2, encrypted_data = $3, iv = $4, key_version = $5, instance = NULL
        WHERE turn_id = $1"
    );
    const FORGET: Writing = writing!(
        "DELETE FROM mentions WHERE room_id = $1 AND user_id = $2 AND answer_seq IS NOT NULL AND seq <=
            (SELECT seq FROM mentions AS kept WHERE kept.room_id = $1 AND kept.user_id = $2 AND kept.answer_seq IS NOT NULL
            ORDER BY seq DESC LIMIT 1 OFFSET $3 + 0)"
    );
    let sql = tx.sql(&CLOSE);
    on!(tx.conn, c => sqlx::query(sql).bind(mention.turn).bind(answer_seq)
        .bind(kept.map(|kept| &kept.encrypted_data)).bind(kept.map(|kept| &kept.iv)).bind(kept.map(|kept| kept.key_version))
        .execute(c).await.map(|_| ())?);
    let sql = tx.sql(&FORGET);
    on!(tx.conn, c => sqlx::query(sql).bind(mention.room).bind(mention.user).bind(TURNS_KEPT)
        .execute(c).await.map(|_| ())?);
    Ok(())
}

/// Whoever can may answer it.
pub(crate) async fn release(tx: &mut Tx, turn: TurnId) -> Result<()> {
    const SQL: Writing = writing!("UPDATE mentions SET instance = NULL WHERE turn_id = $1 AND answer_seq IS NULL");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(turn).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Those without an answer that nobody is about to give: their instance was last seen before `seen_before`, and is not this one.
pub(crate) async fn left(conn: &mut Conn, instance: InstanceId, seen_before: DateTime<Utc>) -> Result<Vec<Mention>> {
    const SQL: &str = concat!(
        mention!(),
        "WHERE answer_seq IS NULL AND (instance IS NULL OR (instance <> $1 AND NOT EXISTS
            (SELECT 1 FROM instances WHERE instances.id = instance AND seen_at >= $2))) ORDER BY seq"
    );
    Ok(on!(conn, c => sqlx::query_as(SQL).bind(instance).bind(seen_before).fetch_all(c).await?))
}

/// What is kept of somebody's last turns in a room, the oldest first.
pub(crate) async fn kept(conn: &mut Conn, room: RoomId, user: UserId) -> Result<Vec<Envelope>> {
    const SQL: &str = "SELECT encrypted_data, iv, key_version FROM mentions
        WHERE room_id = $1 AND user_id = $2 AND answer_seq IS NOT NULL ORDER BY seq";
    type Row = (Option<String>, Option<String>, Option<i64>);
    let rows: Vec<Row> = on!(conn, c => sqlx::query_as(SQL).bind(room).bind(user).fetch_all(c).await?);
    Ok(rows.into_iter().filter_map(|(data, iv, version)| messages::envelope(data, iv, version)).collect())
}

/// Forgets what was said in or about this message.
pub(crate) async fn remove_about(tx: &mut Tx, room: RoomId, seq: i64) -> Result<()> {
    const SQL: Writing = writing!("DELETE FROM mentions WHERE room_id = $1 AND (seq = $2 OR answer_seq = $2)");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(room).bind(seq).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Forgets a mention that nobody can answer.
pub(crate) async fn remove(tx: &mut Tx, turn: TurnId) -> Result<()> {
    const SQL: Writing = writing!("DELETE FROM mentions WHERE turn_id = $1 AND answer_seq IS NULL");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(turn).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Forgets all of a room.
pub(crate) async fn remove_all(tx: &mut Tx, room: RoomId) -> Result<()> {
    const SQL: Writing = writing!("DELETE FROM mentions WHERE room_id = $1");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(room).execute(c).await.map(|_| ())?);
    Ok(())
}
