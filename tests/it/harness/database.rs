//! The databases that tests run on.

use errand_core::{App, Clock, Store, store::Options};
use sqlx::{Connection, Executor, PgConnection};

use super::skipped;

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
}

/// A database of its own for one test; gone at its end.
pub(crate) struct Database {
    pub(crate) url: String,
    pub(crate) folder: tempfile::TempDir,
    postgres: Option<String>,
}

fn admin_url() -> String {
    std::env::var("ERRAND_TEST_POSTGRES_URL").unwrap_or_else(|_| "postgres://root@127.0.0.1:5432/test".into())
}

impl Database {
    /// None, with a printed line, where the service is missing.
    pub(crate) async fn new(backend: Backend) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        if backend == Backend::Sqlite {
            let url = format!("sqlite:{}", folder.path().join("errand.db").display());
            return Some(Self { url, folder, postgres: None });
        }
        let mut admin = match PgConnection::connect(&admin_url()).await {
            Ok(admin) => admin,
            Err(error) => {
                let required = std::env::var("ERRAND_TEST_REQUIRE_SERVICES").is_ok_and(|value| value == "1");
                assert!(!required, "PostgreSQL is required and cannot be reached: {error}");
                skipped(&format!("PostgreSQL cannot be reached ({error}); set ERRAND_TEST_POSTGRES_URL"));
                return None;
            }
        };
        let name = format!("errand_test_{}", errand_core::id::fresh().simple());
        admin.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        // What a test checks survives our process, not PostgreSQL's: its commits need not wait for the disk.
        let quick = format!("ALTER DATABASE {name} SET synchronous_commit TO off");
        admin.execute(sqlx::AssertSqlSafe(quick)).await.unwrap();
        let url = admin_url();
        let url = format!("{}/{name}", url.rsplit_once('/').unwrap().0);
        Some(Self { url, folder, postgres: Some(name) })
    }

    pub(crate) async fn store(&self) -> Store {
        Store::open(&Options { url: self.url.clone(), connections: 4, replay: 1000 }).await.unwrap()
    }

    pub(crate) async fn app(&self) -> App {
        App::new(self.store().await, Clock::System)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some(name) = self.postgres.take() else { return };
        // Drop cannot wait on this thread's runtime.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut admin = PgConnection::connect(&admin_url()).await.unwrap();
                let sql = format!("DROP DATABASE {name} WITH (FORCE)");
                admin.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
            });
        });
        dropped.join().unwrap();
    }
}
