//! The SQL of accounts.

use chrono::{DateTime, Utc};

use super::{Conn, Tx, on, tx::Writing, writing};
use crate::{
    account::Account,
    error::{Error, Result},
    id::UserId,
    identity::Subject,
    profile::Profile,
};

/// An account with the hash of its password, for logging in.
#[derive(sqlx::FromRow)]
pub(crate) struct WithPassword {
    #[sqlx(flatten)]
    pub(crate) account: Account,
    pub(crate) password_hash: String,
}

/// Adds an account.
///
/// # Errors
/// [`Error::AlreadyRegistered`] when name or address are taken, without regard to case.
pub(crate) async fn add(tx: &mut Tx, profile: Profile, password_hash: &str) -> Result<Profile> {
    const SQL: Writing = writing!(
        "INSERT INTO accounts (id, username, username_key, email, email_key, password_hash, created_at,
            display_name, avatar, public_key, is_verified, last_login)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING number"
    );
    let Profile { account, display_name, avatar, public_key, is_verified, last_login } = &profile;
    let sql = tx.sql(&SQL);
    let inserted: Result<i64, sqlx::Error> = on!(tx.conn, c => sqlx::query_scalar(sql)
        .bind(account.id).bind(&account.username).bind(account.username.to_lowercase())
        .bind(&account.email).bind(account.email.to_lowercase()).bind(password_hash).bind(account.created_at)
        .bind(display_name).bind(avatar).bind(public_key).bind(is_verified).bind(last_login).fetch_one(c).await);
    match inserted {
        Ok(number) => Ok(Profile { account: Account { number, ..profile.account }, ..profile }),
        Err(error) if super::is_duplicate(&error) => Err(Error::AlreadyRegistered),
        Err(error) => Err(error.into()),
    }
}

/// Adds an account of an outside identity, without a password: an empty hash is none. Nothing is added when the name, the address
/// or the identity has one already.
pub(crate) async fn admit(tx: &mut Tx, account: Account, subject: &Subject) -> Result<Option<Account>> {
    const SQL: Writing = writing!(
        "INSERT INTO accounts (id, username, username_key, email, email_key, password_hash, issuer, subject, created_at,
            display_name, last_login)
        VALUES ($1, $2, $3, $4, $5, '', $6, $7, $8, $2, $8) ON CONFLICT DO NOTHING RETURNING number"
    );
    let sql = tx.sql(&SQL);
    let number: Option<i64> = on!(tx.conn, c => sqlx::query_scalar(sql)
        .bind(account.id).bind(&account.username).bind(account.username.to_lowercase())
        .bind(&account.email).bind(account.email.to_lowercase())
        .bind(&subject.issuer).bind(&subject.subject).bind(account.created_at)
        .fetch_optional(c).await?);
    Ok(number.map(|number| Account { number, ..account }))
}

/// The account of an outside identity.
pub(crate) async fn by_subject(conn: &mut Conn, Subject { issuer, subject }: &Subject) -> Result<Option<Account>> {
    const SQL: &str = "SELECT id, number, username, email, time_zone, created_at FROM accounts
        WHERE issuer = $1 AND subject = $2";
    Ok(on!(conn, c => sqlx::query_as(SQL).bind(issuer).bind(subject).fetch_optional(c).await?))
}

/// The account with this id.
pub(crate) async fn by_id(conn: &mut Conn, id: UserId) -> Result<Option<Account>> {
    const SQL: &str = "SELECT id, number, username, email, time_zone, created_at FROM accounts WHERE id = $1";
    Ok(on!(conn, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await?))
}

/// The person's account with this name, without regard to case.
pub(crate) async fn by_name(conn: &mut Conn, name: &str) -> Result<Option<Account>> {
    const SQL: &str = "SELECT id, number, username, email, time_zone, created_at FROM accounts WHERE username_key = $1
        AND id NOT IN (SELECT user_id FROM assistant)";
    Ok(on!(conn, c => sqlx::query_as(SQL).bind(name.to_lowercase()).fetch_optional(c).await?))
}

/// The account with this name or this e-mail address, without regard to case. A name never has an `@`, an address always.
pub(crate) async fn by_login(conn: &mut Conn, login: &str) -> Result<Option<WithPassword>> {
    macro_rules! account {
        () => {
            "SELECT id, number, username, email, time_zone, created_at, password_hash FROM accounts WHERE "
        };
    }
    // Not both in one statement: each has an index of its own.
    let sql = if login.contains('@') {
        concat!(account!(), "email_key = $1")
    } else {
        concat!(account!(), "username_key = $1")
    };
    Ok(on!(conn, c => sqlx::query_as(sql).bind(login.to_lowercase()).fetch_optional(c).await?))
}

/// All people's accounts, the oldest first.
pub(crate) async fn all(conn: &mut Conn) -> Result<Vec<Account>> {
    const SQL: &str = "SELECT id, number, username, email, time_zone, created_at FROM accounts
        WHERE id NOT IN (SELECT user_id FROM assistant) ORDER BY number";
    Ok(on!(conn, c => sqlx::query_as(SQL).fetch_all(c).await?))
}

/// Remembers the zone that the user last sent.
pub(crate) async fn set_time_zone(tx: &mut Tx, user: UserId, zone: &str) -> Result<()> {
    const SQL: Writing = writing!("UPDATE accounts SET time_zone = $2 WHERE id = $1");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(user).bind(zone).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Replaces the password's hash.
pub(crate) async fn set_password(tx: &mut Tx, user: UserId, hash: &str) -> Result<()> {
    const SQL: Writing = writing!("UPDATE accounts SET password_hash = $2 WHERE id = $1");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(user).bind(hash).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Remembers when somebody last logged in.
pub(crate) async fn logged_in(tx: &mut Tx, user: UserId, now: DateTime<Utc>) -> Result<()> {
    const SQL: Writing = writing!("UPDATE accounts SET last_login = $2 WHERE id = $1");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(user).bind(now).execute(c).await.map(|_| ())?);
    Ok(())
}

/// An account with what its person shows of themselves.
pub(crate) async fn profile(conn: &mut Conn, user: UserId) -> Result<Option<Profile>> {
    const SQL: &str = "SELECT id, number, username, email, time_zone, created_at,
        display_name, avatar, public_key, is_verified, last_login FROM accounts WHERE id = $1";
    Ok(on!(conn, c => sqlx::query_as(SQL).bind(user).fetch_optional(c).await?))
}

/// The same, which nobody else changes before the commit.
pub(crate) async fn hold_profile(tx: &mut Tx, user: UserId) -> Result<Option<Profile>> {
    const SQL: Writing = writing!(
        "UPDATE accounts SET display_name = display_name WHERE id = $1 RETURNING id, number, username, email, time_zone,
            created_at, display_name, avatar, public_key, is_verified, last_login"
    );
    let sql = tx.sql(&SQL);
    Ok(on!(tx.conn, c => sqlx::query_as(sql).bind(user).fetch_optional(c).await?))
}

/// Stores what somebody shows of themselves.
pub(crate) async fn set_profile(tx: &mut Tx, profile: &Profile) -> Result<()> {
    const SQL: Writing = writing!("UPDATE accounts SET display_name = $2, avatar = $3, public_key = $4 WHERE id = $1");
    let Profile { account, display_name, avatar, public_key, .. } = profile;
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(account.id).bind(display_name).bind(avatar).bind(public_key)
        .execute(c).await.map(|_| ())?);
    Ok(())
}
