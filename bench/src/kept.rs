//! Whether a server kept what it acknowledged.

use std::path::PathBuf;

use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};

use crate::Broken;

/// A server's file, and what must be in it for every task that was made.
pub struct Kept {
    /// The file.
    pub database: PathBuf,
    /// A name for each, and the SQL that counts it.
    pub counts: &'static [(&'static str, &'static str)],
}

impl Kept {
    /// What Errand keeps of every task.
    pub const OURS: &'static [(&'static str, &'static str)] = &[
        ("tasks", "SELECT COUNT(*) FROM tasks"),
        ("events", "SELECT COUNT(*) FROM events"),
        ("lines in the journal", "SELECT COUNT(*) FROM changes"),
    ];

    /// Says how much there is of it; whether that is enough for `acknowledged` tasks of the server called `name`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn has(&self, name: &str, acknowledged: u64) -> Result<bool, Broken> {
        let mut conn = SqliteConnectOptions::new().filename(&self.database).connect().await?;
        let mut complete = true;
        for &(what, sql) in self.counts {
            let rows = u64::try_from(sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut conn).await?)?;
            println!("{name:<8}{acknowledged} acknowledged, {rows} {what}");
            complete &= rows >= acknowledged;
        }
        if !complete {
            println!("{name:<8}acknowledged work is MISSING");
        }
        Ok(complete)
    }
}
