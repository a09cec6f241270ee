//! How it is kept: `SQLite` in the binary, or `PostgreSQL`, from one text of SQL.
//!
//! - [`Store::read`] lends a connection for reading;
//! - [`Store::write`] runs a job in a transaction and is the only way to write. The rows and the events that tell of them
//!   commit together; after the commit, and only then, the [feed](crate::feed) tells the subscribers.
//!
//! Each noun has its file of SQL: functions that take a [`Conn`] (or the [`Tx`] of a write, where they change something).
//! The `on!` macro expands one body for both drivers; placeholders are `$1`, and what only one database has is not used.
//! A statement that changes rows is a `writing!` and goes through `Tx::sql`, so that it is undone with its job.
//!
//! `SQLite` plans a statement anew each time it runs when what a parameter is might change the plan, which takes several times as long
//! as to run it: in `LIMIT $1` and in `LIKE $1`. So neither is ever a parameter alone: `LIMIT $1 + 0`, `LIKE '%' || $1`.
//!
//! To add a noun: a table in both folders of `migrations/` (same number, same name), a file here, its verbs in [`crate::app`].

pub(crate) mod accounts;
pub(crate) mod assistant;
pub(crate) mod blobs;
pub(crate) mod changes;
pub(crate) mod chatrooms;
pub(crate) mod clients;
pub(crate) mod conversations;
pub(crate) mod events;
pub(crate) mod grants;
pub(crate) mod logins;
pub(crate) mod mcp_sessions;
mod migrate;
pub(crate) mod names;
pub(crate) mod pages;
mod postgres;
pub(crate) mod rooms;
mod sqlite;
pub(crate) mod tasks;
pub(crate) mod turns;
mod tx;

use std::{path::Path, time::Duration};

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use sqlx::{PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction, pool::PoolConnection};

pub use self::tx::Tx;
use crate::{error::Result, feed::Feed};

/// One body for both drivers: `on!(conn, c => sqlx::query("…").execute(c).await)`.
macro_rules! on {
    ($conn:expr, $c:ident => $body:expr) => {
        match $conn.driver() {
            $crate::store::Driver::Sqlite($c) => $body,
            $crate::store::Driver::Postgres($c) => $body,
        }
    };
}
pub(crate) use on;

/// The text of a statement that changes rows, for [`Tx::sql`]: `const SQL: Writing = writing!("UPDATE …");`.
macro_rules! writing {
    ($sql:expr) => {
        $crate::store::tx::Writing {
            alone: $sql,
            even: concat!("RELEASE odd; SAVEPOINT even; ", $sql),
            odd: concat!("RELEASE even; SAVEPOINT odd; ", $sql),
        }
    };
}
pub(crate) use writing;

/// Stands for "never" where rows are sorted by a time, because `NULL` sorts first in one database and last in the other.
const NEVER: DateTime<Utc> = match DateTime::from_timestamp(253_370_764_800, 0) {
    Some(at) => at, // 9999-01-01
    None => DateTime::<Utc>::MAX_UTC,
};

/// The database, and the feed that tells of what is written to it. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    backend: Backend,
    pub(crate) feed: Feed,
}

#[derive(Clone)]
enum Backend {
    Sqlite { writer: sqlite::Writer, readers: SqlitePool },
    Postgres(PgPool),
}

/// How to open a store.
#[derive(Clone, Debug)]
pub struct Options {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: String,
    /// The most connections at once: readers of `SQLite`, all of `PostgreSQL`.
    pub connections: u32,
    /// How many events of a topic can be asked for again.
    pub replay: i64,
}

impl Store {
    /// Opens the database, makes it if there is none, and brings its tables up to date.
    ///
    /// # Errors
    /// [`crate::Error::Database`], [`crate::Error::Migration`], or [`crate::Error::Invalid`] for a URL of another kind.
    pub async fn open(options: &Options) -> Result<Self> {
        let feed = Feed::new(options.replay);
        let backend = match options.url.split_once(':') {
            Some(("sqlite", path)) => {
                let path = Path::new(path.trim_start_matches("//"));
                let readers = sqlite::open(path, options.connections).await?;
                Backend::Sqlite { writer: sqlite::Writer::start(path, feed.clone()).await?, readers }
            }
            Some(("postgres" | "postgresql", _)) => {
                Backend::Postgres(postgres::open(&options.url, options.connections).await?)
            }
            Some(_) | None => {
                return Err(crate::Problem::new("database.url", "must begin with sqlite: or postgres:").into());
            }
        };
        let store = Self { backend, feed };
        if let Backend::Postgres(_) = store.backend {
            crate::feed::poll::start(&store);
        }
        Ok(store)
    }

    /// A connection to read with.
    ///
    /// # Errors
    /// [`crate::Error::Database`] when there is none to be had.
    pub async fn read(&self) -> Result<Conn> {
        Ok(match &self.backend {
            // In boxes: to acquire may be to connect, and what that takes would be part of every future that reads, and be moved with it.
            Backend::Sqlite { readers, .. } => Conn(Inner::Reader(Box::pin(readers.acquire()).await?)),
            Backend::Postgres(pool) => Conn(Inner::Pooled(Box::pin(pool.acquire()).await?)),
        })
    }

    /// Asks the database for nothing, to see that it answers.
    ///
    /// # Errors
    /// [`crate::Error::Database`] when it does not, or not soon.
    pub async fn check(&self) -> Result<()> {
        const SOON: Duration = Duration::from_secs(2);
        let answer = async {
            let mut conn = self.read().await?;
            on!(conn, c => sqlx::query("SELECT 1").execute(c).await.map(|_| ())?);
            Ok(())
        };
        tokio::time::timeout(SOON, answer).await.unwrap_or_else(|_| Err(sqlx::Error::PoolTimedOut.into()))
    }

    /// Runs `job` in a transaction, commits, tells the feed, and answers what the job answered. When the job fails nothing of it stays.
    /// Goes on to its end even if the caller does not wait for it.
    ///
    /// # Errors
    /// The job's own, or [`crate::Error::Database`] when the commit fails.
    pub async fn write<T, J>(&self, job: J) -> Result<T>
    where
        T: Send + 'static,
        J: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T>> + Send + 'static,
    {
        match &self.backend {
            Backend::Sqlite { writer, .. } => writer.write(job).await,
            Backend::Postgres(pool) => postgres::write(pool, &self.feed, job).await,
        }
    }

    /// Whether several processes may serve from this database.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self.backend, Backend::Postgres(_))
    }

    /// Ends the connections; what was queued is written first.
    pub async fn close(&self) {
        match &self.backend {
            Backend::Sqlite { writer, readers } => {
                let last = writer.write(|_| Box::pin(async { Ok(()) })).await; // comes after all that was queued before it
                if let Err(error) = last {
                    tracing::error!(%error, "store.close_failed");
                }
                readers.close().await;
            }
            Backend::Postgres(pool) => pool.close().await,
        }
    }
}

/// A connection, for the functions of this module's files.
pub struct Conn(Inner);

enum Inner {
    Writer(SqliteConnection),
    Reader(PoolConnection<Sqlite>),
    Pooled(PoolConnection<Postgres>),
    Transaction(Transaction<'static, Postgres>),
}

/// A connection of one of the two drivers, for the `on!` macro.
pub(crate) enum Driver<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut PgConnection),
}

impl Conn {
    pub(crate) fn driver(&mut self) -> Driver<'_> {
        match &mut self.0 {
            Inner::Writer(conn) => Driver::Sqlite(conn),
            Inner::Reader(conn) => Driver::Sqlite(conn),
            Inner::Pooled(conn) => Driver::Postgres(conn),
            Inner::Transaction(conn) => Driver::Postgres(conn),
        }
    }
}

/// Whether the database refused a row because there is one already.
pub(crate) fn is_duplicate(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}
