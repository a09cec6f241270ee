//! The SQL of invitations.

use chrono::{DateTime, Utc};

use crate::{
    chatroom::Invite,
    error::Result,
    grant::Hash,
    id::{RoomId, UserId},
    store::{Conn, Tx, on, tx::Writing, writing},
};

/// Adds an invitation that nobody has used yet.
pub(crate) async fn add(tx: &mut Tx, invite: &Invite, made_by: UserId) -> Result<()> {
    const SQL: Writing = writing!(
        "INSERT INTO invites (id, room_id, made_by, code_hash, max_uses, uses, expires_at, created_at)
        VALUES ($1, $2, $3, $4, $5, 0, $6, $7)"
    );
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(invite.id).bind(invite.room).bind(made_by).bind(invite.code.hash().bytes())
        .bind(invite.max_uses).bind(invite.expires_at).bind(invite.created_at).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Deletes those of a room that ended before `since`.
pub(crate) async fn forget_ended(tx: &mut Tx, room: RoomId, since: DateTime<Utc>) -> Result<()> {
    const SQL: Writing = writing!("DELETE FROM invites WHERE room_id = $1 AND expires_at < $2");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(room).bind(since).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Where a code leads, whether or not it is still good.
pub(crate) async fn room(conn: &mut Conn, code: Hash) -> Result<Option<RoomId>> {
    const SQL: &str = "SELECT room_id FROM invites WHERE code_hash = $1";
    Ok(on!(conn, c => sqlx::query_scalar(SQL).bind(code.bytes()).fetch_optional(c).await?))
}

/// Uses a code once more; false when it has ended or was used as often as it may be. Two who use the last use at once wait for
/// each other here, and one of them is told so.
pub(crate) async fn spend(tx: &mut Tx, code: Hash, now: DateTime<Utc>) -> Result<bool> {
    const SQL: Writing = writing!(
        "UPDATE invites SET uses = uses + 1 WHERE code_hash = $1 AND uses < max_uses AND expires_at > $2 RETURNING uses"
    );
    let sql = tx.sql(&SQL);
    let uses: Option<i64> =
        on!(tx.conn, c => sqlx::query_scalar(sql).bind(code.bytes()).bind(now).fetch_optional(c).await?);
    Ok(uses.is_some())
}
