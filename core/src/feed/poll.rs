//! Hearing of what other instances wrote: once a second, how far the topics have come that somebody listens to here.

use std::time::Duration;

use crate::store::{Driver, Store, events};

/// How long an event of another instance may take at most to be noticed.
const EVERY: Duration = Duration::from_secs(1);

/// Starts to look, until the store is closed.
pub(crate) fn start(store: &Store) {
    let store = store.clone();
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match look(&store).await {
                Ok(()) => {}
                Err(crate::Error::Database(sqlx::Error::PoolClosed)) => return,
                Err(error) => tracing::warn!(%error, "feed.poll_failed"),
            }
        }
    });
}

async fn look(store: &Store) -> crate::Result<()> {
    let topics = store.feed.topics();
    if topics.is_empty() {
        return Ok(());
    }
    let mut conn = store.read().await?;
    let Driver::Postgres(conn) = conn.driver() else { return Ok(()) }; // nobody else writes to our `SQLite` file
    for (topic, seq) in events::all_newest(conn, &topics).await? {
        store.feed.announce(topic, seq);
    }
    Ok(())
}
