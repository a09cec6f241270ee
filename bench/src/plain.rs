//! What the servers stand on that ours is compared with: axum and a pool of eight `SQLite` connections, durable as ours is.

use std::{net::SocketAddr, path::Path, time::Duration};

use axum::{Router, serve::ListenerExt};
use sqlx::{
    ConnectOptions, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::net::TcpListener;

use crate::Broken;

/// A fresh database in `file`, with `tables`.
///
/// # Errors
/// When it cannot be made.
pub async fn database(file: &Path, tables: &'static str) -> Result<SqlitePool, Broken> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(30))
        .disable_statement_logging();
    let pool = SqlitePoolOptions::new().min_connections(8).max_connections(8).connect_with(options).await?;
    sqlx::raw_sql(tables).execute(&pool).await?;
    Ok(pool)
}

/// Serves `router`; where it is.
///
/// # Errors
/// When there is no port left.
pub async fn serve(router: Router) -> Result<SocketAddr, Broken> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            eprintln!("Nagle's algorithm stays on, this measures nothing: {error}");
        }
    });
    tokio::spawn(axum::serve(listener, router).into_future());
    Ok(address)
}
