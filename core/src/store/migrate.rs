//! Bringing the tables up to date at start, one process at a time.

use std::{fs::File, path::Path};

use sqlx::{ConnectOptions, Connection, PgPool, sqlite::SqliteConnectOptions};

use crate::error::{Error, Result};

/// `SQLite` has no lock for this; a file beside the database does it.
pub(super) async fn sqlite(path: &Path, options: SqliteConnectOptions) -> Result<()> {
    let failed = |error: std::io::Error| Error::Internal(format!("{}: {error}", path.display()));
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let file = path.with_extension("migrating");
    let lock = tokio::task::spawn_blocking(move || File::create(file).and_then(|file| file.lock().map(|()| file)))
        .await
        .map_err(|error| Error::Internal(error.to_string()))?
        .map_err(failed)?;
    let mut conn = options.connect().await?;
    sqlx::migrate!("../migrations/sqlite").run_direct(None, &mut conn, false).await?;
    conn.close().await?;
    drop(lock);
    Ok(())
}

/// sqlx takes an advisory lock for this.
pub(super) async fn postgres(pool: &PgPool) -> Result<()> {
    sqlx::migrate!("../migrations/postgres").run(pool).await?;
    Ok(())
}
