//! The SQL of the assistant's account.

use super::{Conn, Tx, on, tx::Writing, writing};
use crate::{
    account::Account,
    assistant::{Assistant, DISPLAY_NAME, NewAssistant},
    error::Result,
    id::{RoomId, UserId},
};

/// The assistant; none before the first start.
pub(crate) async fn find(conn: &mut Conn) -> Result<Option<Assistant>> {
    const SQL: &str = "SELECT id, number, username, email, time_zone, accounts.created_at, public_key, sealed_key
        FROM assistant JOIN accounts ON accounts.id = user_id";
    Ok(on!(conn, c => sqlx::query_as(SQL).fetch_optional(c).await?))
}

/// Whose account it is.
pub(crate) async fn user(conn: &mut Conn) -> Result<Option<UserId>> {
    const SQL: &str = "SELECT user_id FROM assistant";
    Ok(on!(conn, c => sqlx::query_scalar(SQL).fetch_optional(c).await?))
}

/// Adds its account, without a password: an empty hash is none. Nothing is added when somebody has the name or the address.
pub(crate) async fn add(tx: &mut Tx, account: &Account, new: &NewAssistant) -> Result<bool> {
    const ACCOUNT: Writing = writing!(
        "INSERT INTO accounts (id, username, username_key, email, email_key, password_hash, created_at,
            display_name, public_key, last_login)
        VALUES ($1, $2, $2, $3, $3, '', $4, $5, $6, $4) ON CONFLICT DO NOTHING RETURNING number"
    );
    const ASSISTANT: Writing =
        writing!("INSERT INTO assistant (only_one, user_id, sealed_key, created_at) VALUES (1, $1, $2, $3)");
    let sql = tx.sql(&ACCOUNT);
    let number: Option<i64> = on!(tx.conn, c => sqlx::query_scalar(sql).bind(account.id).bind(&account.username)
        .bind(&account.email).bind(account.created_at).bind(DISPLAY_NAME).bind(&new.public_key)
        .fetch_optional(c).await?);
    if number.is_none() {
        return Ok(false);
    }
    let sql = tx.sql(&ASSISTANT);
    on!(tx.conn, c => sqlx::query(sql).bind(account.id).bind(&new.sealed_key).bind(account.created_at)
        .execute(c).await.map(|_| ())?);
    Ok(true)
}

/// Chatrooms where it is though they do not want it, or is not though they do.
pub(crate) async fn amiss(conn: &mut Conn) -> Result<Vec<RoomId>> {
    const SQL: &str = "SELECT room_id FROM chatrooms WHERE auto_summary_enabled <>
        EXISTS (SELECT 1 FROM members WHERE members.room_id = chatrooms.room_id AND is_assistant)";
    Ok(on!(conn, c => sqlx::query_scalar(SQL).fetch_all(c).await?))
}
