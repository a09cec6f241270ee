//! `PostgreSQL`: a pool, and a transaction for each write.

use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use sqlx::{
    ConnectOptions, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tracing::Instrument as _;

use super::{Inner, Tx, migrate};
use crate::{
    error::{Error, Result},
    feed::Feed,
    measure::{self, OneMore},
};

/// Opens the pool and brings the tables up to date.
pub(super) async fn open(url: &str, connections: u32) -> Result<PgPool> {
    let options: PgConnectOptions = url.parse()?;
    let options = options.application_name("errand").statement_cache_capacity(256).disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(connections.max(2))
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options)
        .await?;
    migrate::postgres(&pool).await?;
    Ok(pool)
}

/// Runs `job` in a transaction of its own. In a task of its own too: a caller that goes away between the commit and the
/// telling must not keep the subscribers from hearing of it.
pub(super) async fn write<T, J>(pool: &PgPool, feed: &Feed, job: J) -> Result<T>
where
    T: Send + 'static,
    J: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T>> + Send + 'static,
{
    let (pool, feed, waits) = (pool.clone(), feed.clone(), OneMore::waiting());
    let write = async move {
        #[expect(clippy::disallowed_methods, reason = "this is Store::write")]
        let transaction = Box::pin(pool.begin()).await?; // to begin may be to connect, which would make this future large
        drop(waits);
        let mut tx = Tx::new(Inner::Transaction(transaction));
        let answer = job(&mut tx).await?; // dropping the transaction rolls it back
        let told = tx.store_rest().await?;
        let Inner::Transaction(transaction) = tx.conn.0 else {
            return Err(Error::Internal("a write lost its transaction".into()));
        };
        let began = Instant::now();
        transaction.commit().await?;
        measure::committed(1, began.elapsed());
        feed.publish(told.into_iter());
        Ok(answer)
    };
    let written = tokio::spawn(write.in_current_span());
    written.await.map_err(|error| Error::Internal(format!("a write panicked: {error}")))?
}
