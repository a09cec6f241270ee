//! The SQL of clients that registered themselves.

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use super::{Conn, Tx, on, tx::Writing, writing};
use crate::{error::Result, grant::Client};

/// Adds a client.
pub(crate) async fn add(tx: &mut Tx, client: &Client, now: DateTime<Utc>) -> Result<()> {
    const SQL: Writing = writing!("INSERT INTO clients (id, name, redirect_uris, created_at) VALUES ($1, $2, $3, $4)");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(&client.id).bind(&client.name).bind(Json(&client.redirect_uris)).bind(now)
        .execute(c).await.map(|_| ())?);
    Ok(())
}

/// Forgets those that were made before `then` and never allowed anything.
pub(crate) async fn forget_unused(tx: &mut Tx, then: DateTime<Utc>) -> Result<()> {
    const SQL: Writing = writing!("DELETE FROM clients WHERE allowed_at IS NULL AND created_at < $1");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(then).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Remembers that somebody allowed it something.
pub(crate) async fn allowed(tx: &mut Tx, id: &str, now: DateTime<Utc>) -> Result<()> {
    const SQL: Writing = writing!("UPDATE clients SET allowed_at = $2 WHERE id = $1");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(id).bind(now).execute(c).await.map(|_| ())?);
    Ok(())
}

/// The client with this id.
pub(crate) async fn by_id(conn: &mut Conn, id: &str) -> Result<Option<Client>> {
    const SQL: &str = "SELECT id, name, redirect_uris FROM clients WHERE id = $1";
    #[derive(sqlx::FromRow)]
    struct Row {
        id: String,
        name: String,
        redirect_uris: Json<Vec<String>>,
    }
    let row: Option<Row> = on!(conn, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await?);
    Ok(row.map(|Row { id, name, redirect_uris: Json(redirect_uris) }| Client { id, name, redirect_uris }))
}
