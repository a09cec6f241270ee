//! The SQL of files in chatrooms.

use chrono::{DateTime, Utc};

use crate::{
    chatroom::File,
    error::Result,
    id::{FileId, RoomId, RoomMessageId, UserId},
    store::{Conn, Tx, on, tx::Writing, writing},
};

/// Adds a file, attached to nothing; its blobs are [held](crate::store::blobs::hold).
pub(crate) async fn add(tx: &mut Tx, file: &File) -> Result<()> {
    const SQL: Writing = writing!(
        "INSERT INTO files (id, room_id, user_id, filename, file_type, file_size, blob, thumbnail, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    );
    let File { shown, room, uploader, blob, thumbnail } = file;
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(shown.id).bind(room).bind(uploader).bind(&shown.filename)
        .bind(&shown.file_type).bind(shown.file_size).bind(blob).bind(thumbnail).bind(shown.created_at)
        .execute(c).await.map(|_| ())?);
    Ok(())
}

/// The file with this id.
pub(crate) async fn by_id(conn: &mut Conn, id: FileId) -> Result<Option<File>> {
    const SQL: &str = "SELECT id, filename, file_type, file_size, thumbnail IS NOT NULL AS has_thumbnail, created_at,
        room_id, user_id, blob, thumbnail FROM files WHERE id = $1";
    Ok(on!(conn, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await?))
}

/// Attaches a file of the sender's to a message, at this place; false when there is none in the room that is not attached yet.
pub(crate) async fn attach(
    tx: &mut Tx,
    room: RoomId,
    (message, place): (RoomMessageId, i64),
    (file, sender): (FileId, UserId),
) -> Result<bool> {
    const SQL: Writing = writing!(
        "UPDATE files SET message_id = $1, place = $2 WHERE id = $3 AND room_id = $4 AND user_id = $5
            AND message_id IS NULL RETURNING id"
    );
    let sql = tx.sql(&SQL);
    let attached: Option<FileId> = on!(tx.conn, c => sqlx::query_scalar(sql).bind(message).bind(place).bind(file)
        .bind(room).bind(sender).fetch_optional(c).await?);
    Ok(attached.is_some())
}

/// Deletes the files of a message.
pub(crate) async fn delete_of_message(tx: &mut Tx, message: RoomMessageId, now: DateTime<Utc>) -> Result<()> {
    const LOOSEN: Writing = writing!(
        "UPDATE blobs SET check_at = COALESCE(check_at, $2) WHERE name IN (
            SELECT blob FROM files WHERE message_id = $1 UNION SELECT thumbnail FROM files WHERE message_id = $1)"
    );
    const DELETE: Writing = writing!("DELETE FROM files WHERE message_id = $1");
    let sql = tx.sql(&LOOSEN);
    on!(tx.conn, c => sqlx::query(sql).bind(message).bind(now).execute(c).await.map(|_| ())?);
    let sql = tx.sql(&DELETE);
    on!(tx.conn, c => sqlx::query(sql).bind(message).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Deletes the files of a room.
pub(crate) async fn delete_of_room(tx: &mut Tx, room: RoomId, now: DateTime<Utc>) -> Result<()> {
    const LOOSEN: Writing = writing!(
        "UPDATE blobs SET check_at = COALESCE(check_at, $2) WHERE name IN (
            SELECT blob FROM files WHERE room_id = $1 UNION SELECT thumbnail FROM files WHERE room_id = $1)"
    );
    const DELETE: Writing = writing!("DELETE FROM files WHERE room_id = $1");
    let sql = tx.sql(&LOOSEN);
    on!(tx.conn, c => sqlx::query(sql).bind(room).bind(now).execute(c).await.map(|_| ())?);
    let sql = tx.sql(&DELETE);
    on!(tx.conn, c => sqlx::query(sql).bind(room).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Deletes what was uploaded before `since` and is attached to nothing.
pub(crate) async fn delete_unattached(tx: &mut Tx, since: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
    const LOOSEN: Writing = writing!(
        "UPDATE blobs SET check_at = COALESCE(check_at, $2) WHERE name IN (
            SELECT blob FROM files WHERE message_id IS NULL AND created_at < $1
            UNION SELECT thumbnail FROM files WHERE message_id IS NULL AND created_at < $1)"
    );
    const DELETE: Writing = writing!("DELETE FROM files WHERE message_id IS NULL AND created_at < $1");
    let sql = tx.sql(&LOOSEN);
    on!(tx.conn, c => sqlx::query(sql).bind(since).bind(now).execute(c).await.map(|_| ())?);
    let sql = tx.sql(&DELETE);
    on!(tx.conn, c => sqlx::query(sql).bind(since).execute(c).await.map(|_| ())?);
    Ok(())
}
