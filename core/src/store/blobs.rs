//! The SQL of what is in the store of files, and of who has it: files in chatrooms, and pictures of people.
//!
//! Each change of a blob's row takes the row first, so that whoever comes to have it and whoever finds that nobody has it wait for each
//! other: the one who comes second sees what the first has done.

use chrono::{DateTime, Utc};

use super::{Conn, Tx, on, tx::Writing, writing};
use crate::{chatroom::file::Blob, error::Result};

/// Says that somebody is about to have it; that is looked at again at `check_at`. False while it is being taken out of the store.
pub(crate) async fn expect(tx: &mut Tx, blob: &Blob, check_at: DateTime<Utc>) -> Result<bool> {
    const SQL: Writing = writing!(
        "INSERT INTO blobs (name, size, check_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE
        SET check_at = CASE WHEN blobs.is_going THEN blobs.check_at ELSE $3 END RETURNING is_going"
    );
    let sql = tx.sql(&SQL);
    let is_going: bool = on!(tx.conn, c => sqlx::query_scalar(sql).bind(&blob.name).bind(blob.size).bind(check_at)
        .fetch_one(c).await?);
    Ok(!is_going)
}

/// Says that somebody comes to have it in this transaction; false when it is not there, or is going.
pub(crate) async fn hold(tx: &mut Tx, name: &str) -> Result<bool> {
    const SQL: Writing = writing!("UPDATE blobs SET check_at = NULL WHERE name = $1 AND NOT is_going RETURNING name");
    let sql = tx.sql(&SQL);
    let held: Option<String> = on!(tx.conn, c => sqlx::query_scalar(sql).bind(name).fetch_optional(c).await?);
    Ok(held.is_some())
}

/// Says that somebody does not have it any more.
pub(crate) async fn loosen(tx: &mut Tx, name: &str, now: DateTime<Utc>) -> Result<()> {
    const SQL: Writing = writing!("UPDATE blobs SET check_at = COALESCE(check_at, $2) WHERE name = $1");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(name).bind(now).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Some that have to be looked at.
pub(crate) async fn to_check(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<String>> {
    const SQL: &str = "SELECT name FROM blobs WHERE check_at <= $1 ORDER BY check_at LIMIT 100";
    Ok(on!(conn, c => sqlx::query_scalar(SQL).bind(now).fetch_all(c).await?))
}

/// Has it go if nobody has it; whether the caller is to take it out of the store. If they do not, somebody else will at `again`.
pub(crate) async fn release(tx: &mut Tx, name: &str, now: DateTime<Utc>, again: DateTime<Utc>) -> Result<bool> {
    const TAKE: Writing = writing!("UPDATE blobs SET check_at = $3 WHERE name = $1 AND check_at <= $2 RETURNING name");
    const IS_HAD: &str = "SELECT EXISTS (SELECT 1 FROM files WHERE blob = $1)
        OR EXISTS (SELECT 1 FROM files WHERE thumbnail = $1) OR EXISTS (SELECT 1 FROM accounts WHERE avatar = '/' || $1)";
    const STAYS: Writing = writing!("UPDATE blobs SET check_at = NULL WHERE name = $1");
    const GOES: Writing = writing!("UPDATE blobs SET is_going = TRUE WHERE name = $1");
    let sql = tx.sql(&TAKE);
    let taken: Option<String> =
        on!(tx.conn, c => sqlx::query_scalar(sql).bind(name).bind(now).bind(again).fetch_optional(c).await?);
    if taken.is_none() {
        return Ok(false);
    }
    // A statement of its own: only what comes after the row was taken sees what the one before has done.
    let is_had: bool = on!(tx.conn, c => sqlx::query_scalar(IS_HAD).bind(name).fetch_one(c).await?);
    let sql = tx.sql(if is_had { &STAYS } else { &GOES });
    on!(tx.conn, c => sqlx::query(sql).bind(name).execute(c).await.map(|_| ())?);
    Ok(!is_had)
}

/// Forgets one that is no longer in the store.
pub(crate) async fn forget(tx: &mut Tx, name: &str) -> Result<()> {
    const SQL: Writing = writing!("DELETE FROM blobs WHERE name = $1 AND is_going");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(name).execute(c).await.map(|_| ())?);
    Ok(())
}
