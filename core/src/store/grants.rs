//! The SQL of grants, and of the secrets that were given away for them.

use chrono::{DateTime, Utc};

use super::{Conn, Tx, on, tx::Writing, writing};
use crate::{
    error::Result,
    grant::{Bearer, Grant, Hash, Kind},
    id::{GrantId, UserId},
    scope::Scopes,
};

/// A grant that is made.
pub(crate) struct New<'a> {
    pub(crate) user: UserId,
    pub(crate) client: Option<&'a str>,
    pub(crate) name: &'a str,
    pub(crate) scopes: Scopes,
    pub(crate) resource: Option<&'a str>,
}

/// A secret that is given away.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a> {
    pub(crate) kind: Kind,
    pub(crate) hash: Hash,
    pub(crate) scopes: Scopes,
    pub(crate) expires_at: Option<DateTime<Utc>>,
    /// Of a code: where it is sent to, and the challenge.
    pub(crate) bound: Option<(&'a str, &'a str)>,
}

/// A grant that nobody else changes before the commit.
#[derive(sqlx::FromRow)]
pub(crate) struct Held {
    pub(crate) id: GrantId,
    pub(crate) client_id: Option<String>,
    pub(crate) resource: Option<String>,
}

/// A secret as it is kept.
#[derive(sqlx::FromRow)]
pub(crate) struct Kept {
    #[sqlx(try_from = "String")]
    pub(crate) scopes: Stored,
    pub(crate) redirect_uri: Option<String>,
    pub(crate) challenge: Option<String>,
    pub(crate) expires_at: Option<DateTime<Utc>>,
    pub(crate) spent_at: Option<DateTime<Utc>>,
}

/// Scopes as they are stored: their names.
pub(crate) struct Stored(pub(crate) Scopes);

impl From<String> for Stored {
    fn from(text: String) -> Self {
        let Ok(scopes) = text.parse();
        Self(scopes)
    }
}

/// Adds a grant.
pub(crate) async fn add(tx: &mut Tx, new: New<'_>, now: DateTime<Utc>) -> Result<GrantId> {
    const SQL: Writing = writing!(
        "INSERT INTO grants (id, user_id, client_id, name, scopes, resource, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)"
    );
    let id = GrantId::fresh();
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(id).bind(new.user).bind(new.client).bind(new.name)
        .bind(new.scopes.to_string()).bind(new.resource).bind(now).execute(c).await.map(|_| ())?);
    Ok(id)
}

/// Keeps a secret that is given away for a grant.
pub(crate) async fn give(tx: &mut Tx, grant: GrantId, given: Given<'_>) -> Result<()> {
    const SQL: Writing = writing!(
        "INSERT INTO tokens (hash, grant_id, kind, scopes, redirect_uri, challenge, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)"
    );
    let (redirect_uri, challenge) = given.bound.unzip();
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(given.hash.bytes()).bind(grant).bind(given.kind)
        .bind(given.scopes.to_string()).bind(redirect_uri).bind(challenge).bind(given.expires_at)
        .execute(c).await.map(|_| ())?);
    Ok(())
}

/// The grant for which a secret was given away. Two who show the same secret at once get here one after the other.
pub(crate) async fn hold(tx: &mut Tx, kind: Kind, hash: Hash) -> Result<Option<Held>> {
    const SQL: Writing = writing!(
        "UPDATE grants SET last_used_at = last_used_at
        WHERE id = (SELECT grant_id FROM tokens WHERE hash = $1 AND kind = $2) RETURNING id, client_id, resource"
    );
    let sql = tx.sql(&SQL);
    Ok(on!(tx.conn, c => sqlx::query_as(sql).bind(hash.bytes()).bind(kind).fetch_optional(c).await?))
}

/// A secret, with what it is bound to.
pub(crate) async fn kept(conn: &mut Conn, hash: Hash) -> Result<Option<Kept>> {
    const SQL: &str = "SELECT scopes, redirect_uri, challenge, expires_at, spent_at FROM tokens WHERE hash = $1";
    Ok(on!(conn, c => sqlx::query_as(SQL).bind(hash.bytes()).fetch_optional(c).await?))
}

/// Remembers that a secret which is good once was used.
pub(crate) async fn spend(tx: &mut Tx, hash: Hash, now: DateTime<Utc>) -> Result<()> {
    const SQL: Writing = writing!("UPDATE tokens SET spent_at = $2 WHERE hash = $1");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(hash.bytes()).bind(now).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Forgets what has ended of a grant. A code stays: that it comes again must be noticed as long as there is something to take back.
pub(crate) async fn forget_ended(tx: &mut Tx, grant: GrantId, now: DateTime<Utc>) -> Result<()> {
    const SQL: Writing = writing!("DELETE FROM tokens WHERE grant_id = $1 AND expires_at <= $2 AND kind <> $3");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(grant).bind(now).bind(Kind::Code).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Forgets a user's grants to clients for which nothing is good any more.
pub(crate) async fn forget_dead(tx: &mut Tx, user: UserId, now: DateTime<Utc>) -> Result<()> {
    const SQL: Writing = writing!(
        "DELETE FROM grants WHERE user_id = $1 AND client_id IS NOT NULL AND NOT EXISTS
        (SELECT 1 FROM tokens WHERE grant_id = grants.id AND spent_at IS NULL AND expires_at > $2)"
    );
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(user).bind(now).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Takes a grant back, with everything that was given away for it.
pub(crate) async fn revoke(tx: &mut Tx, grant: GrantId) -> Result<()> {
    const SQL: Writing = writing!("DELETE FROM grants WHERE id = $1");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(grant).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Takes a user's grant back; whether there was one. `personal`: one of their own tokens, or a client.
pub(crate) async fn revoke_of(tx: &mut Tx, user: UserId, grant: GrantId, personal: bool) -> Result<bool> {
    const SQL: Writing =
        writing!("DELETE FROM grants WHERE id = $1 AND user_id = $2 AND (client_id IS NULL) = $3 RETURNING id");
    let sql = tx.sql(&SQL);
    let gone: Option<GrantId> = on!(tx.conn, c => sqlx::query_scalar(sql)
        .bind(grant).bind(user).bind(personal).fetch_optional(c).await?);
    Ok(gone.is_some())
}

/// Takes one secret back.
pub(crate) async fn drop_token(tx: &mut Tx, hash: Hash) -> Result<()> {
    const SQL: Writing = writing!("DELETE FROM tokens WHERE hash = $1");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(hash.bytes()).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Remembers that a grant was used.
pub(crate) async fn used(tx: &mut Tx, grant: GrantId, now: DateTime<Utc>) -> Result<()> {
    const SQL: Writing = writing!("UPDATE grants SET last_used_at = $2 WHERE id = $1");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(grant).bind(now).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Who shows a token, with the grant and when that was last used. Whether it has ended is not looked at.
pub(crate) async fn bearer(
    conn: &mut Conn,
    hash: Hash,
    kind: Kind,
) -> Result<Option<(Bearer, GrantId, Option<DateTime<Utc>>)>> {
    const SQL: &str = "SELECT grants.id, user_id, client_id, name, resource, last_used_at, tokens.scopes, expires_at
        FROM tokens JOIN grants ON grants.id = grant_id WHERE hash = $1 AND kind = $2";
    #[derive(sqlx::FromRow)]
    struct Row {
        id: GrantId,
        user_id: UserId,
        client_id: Option<String>,
        name: String,
        resource: Option<String>,
        last_used_at: Option<DateTime<Utc>>,
        #[sqlx(try_from = "String")]
        scopes: Stored,
        expires_at: Option<DateTime<Utc>>,
    }
    let row: Option<Row> = on!(conn, c => sqlx::query_as(SQL).bind(hash.bytes()).bind(kind).fetch_optional(c).await?);
    Ok(row.map(|row| {
        let Stored(scopes) = row.scopes;
        let client = row.client_id.map(|_| row.name);
        let (user, resource, expires_at) = (row.user_id, row.resource, row.expires_at);
        (Bearer { user, scopes, client, resource, expires_at }, row.id, row.last_used_at)
    }))
}

#[derive(sqlx::FromRow)]
struct Row {
    id: GrantId,
    client_id: Option<String>,
    name: String,
    #[sqlx(try_from = "String")]
    scopes: Stored,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
}

impl From<Row> for Grant {
    fn from(row: Row) -> Self {
        let Row { id, client_id: client, name, scopes: Stored(scopes), created_at, expires_at, last_used_at } = row;
        Self { id, client, name, scopes, created_at, expires_at, last_used_at }
    }
}

/// A user's grants to clients that have something which is good; the newest first.
pub(crate) async fn to_clients(conn: &mut Conn, user: UserId, now: DateTime<Utc>) -> Result<Vec<Grant>> {
    const SQL: &str = "SELECT id, client_id, name, scopes, created_at, NULL AS expires_at, last_used_at FROM grants
        WHERE user_id = $1 AND client_id IS NOT NULL AND EXISTS (SELECT 1 FROM tokens WHERE grant_id = grants.id
            AND kind IN ('access', 'refresh') AND spent_at IS NULL AND expires_at > $2)
        ORDER BY id DESC";
    let rows: Vec<Row> = on!(conn, c => sqlx::query_as(SQL).bind(user).bind(now).fetch_all(c).await?);
    Ok(rows.into_iter().map(Grant::from).collect())
}

/// A user's own tokens, the newest first.
pub(crate) async fn personal(conn: &mut Conn, user: UserId) -> Result<Vec<Grant>> {
    const SQL: &str = "SELECT id, client_id, name, grants.scopes, created_at, expires_at, last_used_at FROM grants
        JOIN tokens ON grant_id = id WHERE user_id = $1 AND client_id IS NULL ORDER BY id DESC";
    let rows: Vec<Row> = on!(conn, c => sqlx::query_as(SQL).bind(user).fetch_all(c).await?);
    Ok(rows.into_iter().map(Grant::from).collect())
}
