//! The SQL of logins and their refresh tokens.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{Conn, Tx, on, tx::Writing, writing};
use crate::{
    error::Result,
    grant::Hash,
    id::{LoginId, UserId},
    login::{Entrance, Login},
};

/// A login that nobody else changes before the commit.
#[derive(sqlx::FromRow)]
pub(crate) struct Held {
    pub(crate) id: LoginId,
    pub(crate) user_id: UserId,
    pub(crate) seed: Vec<u8>,
    pub(crate) generation: i64,
}

/// A refresh token as it is kept.
#[derive(sqlx::FromRow)]
pub(crate) struct Kept {
    pub(crate) generation: i64,
    pub(crate) expires_at: DateTime<Utc>,
}

/// What a request needs to know of its login.
#[derive(sqlx::FromRow)]
pub(crate) struct Found {
    pub(crate) user_id: UserId,
    pub(crate) generation: i64,
    pub(crate) used_at: DateTime<Utc>,
}

/// Begins a login.
pub(crate) async fn add(
    tx: &mut Tx,
    user: UserId,
    entrance: &Entrance,
    seed: &str,
    (now, expires_at): (DateTime<Utc>, DateTime<Utc>),
) -> Result<LoginId> {
    const SQL: Writing = writing!(
        "INSERT INTO logins (id, user_id, agent, address, seed, generation, created_at, used_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, 0, $6, $6, $7)"
    );
    let id = LoginId::fresh();
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(id).bind(user).bind(&entrance.agent).bind(&entrance.address)
        .bind(seed.as_bytes()).bind(now).bind(expires_at).execute(c).await.map(|_| ())?);
    Ok(id)
}

/// Keeps a refresh token; the same one given again is good for longer.
pub(crate) async fn give(
    tx: &mut Tx,
    login: LoginId,
    hash: Hash,
    generation: i64,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    const SQL: Writing = writing!(
        "INSERT INTO refresh_tokens (hash, login_id, generation, expires_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (hash) DO UPDATE SET expires_at = $4"
    );
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(hash.bytes()).bind(login).bind(generation).bind(expires_at)
        .execute(c).await.map(|_| ())?);
    Ok(())
}

/// The login of a refresh token. Two who show tokens of one login at once get here one after the other.
pub(crate) async fn hold(tx: &mut Tx, hash: Hash) -> Result<Option<Held>> {
    const SQL: Writing = writing!(
        "UPDATE logins SET used_at = used_at WHERE id = (SELECT login_id FROM refresh_tokens WHERE hash = $1)
        RETURNING id, user_id, seed, generation"
    );
    let sql = tx.sql(&SQL);
    Ok(on!(tx.conn, c => sqlx::query_as(sql).bind(hash.bytes()).fetch_optional(c).await?))
}

/// A refresh token.
pub(crate) async fn kept(conn: &mut Conn, hash: Hash) -> Result<Option<Kept>> {
    const SQL: &str = "SELECT generation, expires_at FROM refresh_tokens WHERE hash = $1";
    Ok(on!(conn, c => sqlx::query_as(SQL).bind(hash.bytes()).fetch_optional(c).await?))
}

/// Notes that a login was used, with tokens of this generation.
pub(crate) async fn used(tx: &mut Tx, login: LoginId, generation: i64, now: DateTime<Utc>) -> Result<()> {
    const SQL: Writing = writing!(
        "UPDATE logins SET used_at = $2, generation = CASE WHEN generation < $3 THEN $3 ELSE generation END WHERE id = $1"
    );
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(login).bind(now).bind(generation).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Has a login end later.
pub(crate) async fn prolong(tx: &mut Tx, login: LoginId, expires_at: DateTime<Utc>) -> Result<()> {
    const SQL: Writing = writing!("UPDATE logins SET expires_at = $2 WHERE id = $1 AND expires_at < $2");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(login).bind(expires_at).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Forgets a user's logins that have ended, and the refresh tokens that have, of those that have not.
pub(crate) async fn forget_ended(tx: &mut Tx, user: UserId, now: DateTime<Utc>) -> Result<()> {
    const LOGINS: Writing = writing!("DELETE FROM logins WHERE user_id = $1 AND expires_at <= $2");
    const TOKENS: Writing = writing!(
        "DELETE FROM refresh_tokens WHERE login_id IN (SELECT id FROM logins WHERE user_id = $1) AND expires_at <= $2"
    );
    for sql in [LOGINS, TOKENS] {
        let sql = tx.sql(&sql);
        on!(tx.conn, c => sqlx::query(sql).bind(user).bind(now).execute(c).await.map(|_| ())?);
    }
    Ok(())
}

/// Ends a login; whose it was, if there was one.
pub(crate) async fn end(tx: &mut Tx, login: LoginId) -> Result<Option<UserId>> {
    const SQL: Writing = writing!("DELETE FROM logins WHERE id = $1 RETURNING user_id");
    let sql = tx.sql(&SQL);
    Ok(on!(tx.conn, c => sqlx::query_scalar(sql).bind(login).fetch_optional(c).await?))
}

/// Ends all logins of a user; which they were.
pub(crate) async fn end_all(tx: &mut Tx, user: UserId) -> Result<Vec<LoginId>> {
    const SQL: Writing = writing!("DELETE FROM logins WHERE user_id = $1 RETURNING id");
    let sql = tx.sql(&SQL);
    Ok(on!(tx.conn, c => sqlx::query_scalar(sql).bind(user).fetch_all(c).await?))
}

/// What a request needs to know of its login, if there is one.
pub(crate) async fn find(conn: &mut Conn, login: LoginId) -> Result<Option<Found>> {
    const SQL: &str = "SELECT user_id, generation, used_at FROM logins WHERE id = $1";
    Ok(on!(conn, c => sqlx::query_as(SQL).bind(login).fetch_optional(c).await?))
}

/// A user's logins that have not ended, the newest first.
pub(crate) async fn all(conn: &mut Conn, user: UserId, now: DateTime<Utc>) -> Result<Vec<Login>> {
    const SQL: &str = "SELECT id, agent, address, created_at, used_at, expires_at FROM logins
        WHERE user_id = $1 AND expires_at > $2 ORDER BY id DESC";
    Ok(on!(conn, c => sqlx::query_as(SQL).bind(user).bind(now).fetch_all(c).await?))
}

/// Whether a user has a login that was begun at this address.
pub(crate) async fn is_known(conn: &mut Conn, user: UserId, address: &str) -> Result<bool> {
    const SQL: &str = "SELECT id FROM logins WHERE user_id = $1 AND address = $2 LIMIT 1";
    let found: Option<LoginId> =
        on!(conn, c => sqlx::query_scalar(SQL).bind(user).bind(address).fetch_optional(c).await?);
    Ok(found.is_some())
}

/// Which of `logins` there still are.
pub(crate) async fn living(conn: &mut PgConnection, logins: &[LoginId]) -> Result<Vec<LoginId>> {
    const SQL: &str = "SELECT id FROM logins WHERE id = ANY($1)";
    let ids: Vec<uuid::Uuid> = logins.iter().map(|login| login.0).collect();
    Ok(sqlx::query_scalar(SQL).bind(ids).fetch_all(conn).await?)
}
