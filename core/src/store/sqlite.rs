//! `SQLite`: several readers and one writer with group commit.
//!
//! A commit waits for the disk. The writer therefore takes all jobs that queued up while the last commit ran (at most 64; it never
//! waits for more), runs each so that it can be undone by itself inside one `BEGIN IMMEDIATE`, commits once, and then answers all of them:
//! durable for everyone, fast for many, no slower for one alone.

use std::{
    panic::AssertUnwindSafe,
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use futures::{FutureExt, future::BoxFuture};
use sqlx::{
    ConnectOptions, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
};

use super::{Inner, Tx, migrate};
use crate::{
    error::{Error, Result},
    feed::{Delivered, Feed},
    measure::{self, OneMore},
};

/// The most jobs in one commit.
const GROUP: usize = 64;
/// How many jobs may wait before callers have to.
const QUEUE: usize = 1024;

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .statement_cache_capacity(256)
        .optimize_on_close(true, None)
        .disable_statement_logging()
}

/// Opens the readers, after making the file and bringing its tables up to date.
pub(super) async fn open(path: &Path, connections: u32) -> Result<SqlitePool> {
    migrate::sqlite(path, options(path)).await?;
    Ok(SqlitePoolOptions::new()
        .min_connections(1)
        .max_connections(connections.max(1))
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire(false)
        .connect_with(options(path).read_only(true).create_if_missing(false))
        .await?)
}

/// Hands jobs to the one connection that writes.
#[derive(Clone)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
}

/// A job, with the answer to its caller inside.
type Job = Box<dyn for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Verdict> + Send>;

/// What became of a job before the commit.
struct Verdict {
    keep: bool,
    answer: Reply,
}

/// Answers a job's caller, once it is known whether the commit succeeded.
type Reply = Box<dyn FnOnce(Committed<'_>) + Send>;

/// Whether the commit succeeded; the error is told to all jobs of the group.
type Committed<'a> = std::result::Result<(), &'a str>;

impl Writer {
    pub(super) async fn start(path: &Path, feed: Feed) -> Result<Self> {
        let conn = options(path).connect().await?;
        let (jobs, queue) = mpsc::channel(QUEUE);
        let runtime = Handle::current();
        // A thread of its own: after each statement a task would wait for its turn among the requests.
        thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || runtime.block_on(run(conn, queue, feed)))
            .map_err(|error| Error::Internal(format!("the store's writer cannot be started: {error}")))?;
        Ok(Self { jobs })
    }

    pub(super) async fn write<T, J>(&self, job: J) -> Result<T>
    where
        T: Send + 'static,
        J: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let waits = OneMore::waiting();
        let job: Job = Box::new(move |tx| {
            drop(waits);
            Box::pin(async move {
                let result = AssertUnwindSafe(job(tx)).catch_unwind().await;
                let result = result.unwrap_or_else(|_| Err(Error::Internal("a write panicked".into())));
                let keep = result.is_ok();
                let answer = move |committed: Committed<'_>| {
                    let result = match committed {
                        Ok(()) => result,
                        Err(why) => Err(Error::Internal(format!("the commit failed: {why}"))),
                    };
                    let _ = answer.send(result); // nobody waits any more: the work is done all the same
                };
                Verdict { keep, answer: Box::new(answer) }
            })
        });
        self.jobs.send(job).await.map_err(|_| Error::Internal("the store is closed".into()))?;
        answered.await.map_err(|_| Error::Internal("the write was not begun".into()))?
    }
}

async fn run(conn: SqliteConnection, mut queue: mpsc::Receiver<Job>, feed: Feed) {
    let mut tx = Tx::new(Inner::Writer(conn));
    let mut jobs = Vec::with_capacity(GROUP);
    while queue.recv_many(&mut jobs, GROUP).await > 0 {
        let mut answers = Vec::with_capacity(jobs.len());
        let committed = group(&mut tx, jobs.drain(..), &mut answers).await;
        if let Err(error) = &committed {
            tracing::error!(%error, jobs = answers.len(), "store.commit_failed");
            tx.abandon().await;
        }
        let committed = committed.map(|told| feed.publish(told.into_iter())).map_err(|error| error.to_string());
        for answer in answers {
            answer(committed.as_ref().copied().map_err(String::as_str));
        }
    }
}

/// Runs the jobs and commits; `answers` gets one entry for each job that was run. A statement that fails ends the group at once:
/// the transaction may be gone, and what came after would be committed by itself. The callers of jobs that are dropped hear so.
async fn group(tx: &mut Tx, jobs: impl Iterator<Item = Job>, answers: &mut Vec<Reply>) -> Result<Vec<Arc<Delivered>>> {
    tx.begin().await?;
    for job in jobs {
        let mark = tx.mark();
        let Verdict { keep, answer } = job(tx).await;
        answers.push(answer);
        if keep {
            tx.keep();
        } else {
            tx.go_back(mark).await?;
        }
    }
    let told = tx.store_rest().await?;
    let began = Instant::now();
    tx.run("COMMIT").await?;
    measure::committed(answers.len(), began.elapsed());
    Ok(told)
}

#[cfg(test)]
mod tests;
