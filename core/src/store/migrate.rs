//! Bringing the tables up to date at start, one process at a time.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io,
    path::Path,
};

use sqlx::{ConnectOptions, Connection, PgPool, sqlite::SqliteConnectOptions};

use crate::error::{Error, Result};

/// `SQLite` has no lock for this; a file beside the database does it.
pub(super) async fn sqlite(path: &Path, options: SqliteConnectOptions) -> Result<()> {
    let failed = |error: io::Error| Error::Internal(format!("{}: {error}", path.display()));
    private(path).map_err(failed)?;
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

/// Makes the folder and the file, if they are not there, for their owner only: what people write is in them.
fn private(path: &Path) -> io::Result<()> {
    let (mut folder, mut file) = (DirBuilder::new(), OpenOptions::new());
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        folder.mode(0o700);
        file.mode(0o600);
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        folder.recursive(true).create(parent)?;
    }
    file.create(true).append(true).open(path).map(|_| ())
}

/// sqlx takes an advisory lock for this.
pub(super) async fn postgres(pool: &PgPool) -> Result<()> {
    sqlx::migrate!("../migrations/postgres").run(pool).await?;
    Ok(())
}
