//! A transaction that is being written, and what is put off until just before its commit.
//!
//! Each trip to a database costs more than what is done there. What a job adds to the journal and to the log of events therefore
//! waits here, and is stored once for all the jobs of a group; their savepoints travel with their first write.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Conn, Driver, Inner, changes, events, writing};
use crate::{
    error::Result,
    event::{Event, Topic},
    feed::Delivered,
};

/// A transaction that is being written: the connection, and what has to be stored with it and told after it.
pub struct Tx {
    pub(crate) conn: Conn,
    pub(super) journal: Journal,
    log: Vec<events::Entry>,
    savepoint: Savepoint,
}

/// The lines of the journal that jobs have added, and how many of them the database has.
#[derive(Default)]
pub(super) struct Journal {
    lines: Vec<changes::Line>,
    stored: usize,
}

impl Journal {
    pub(super) fn add(&mut self, line: changes::Line) {
        self.lines.push(line);
    }
}

/// A statement that changes rows; made by the `writing!` macro.
pub(crate) struct Writing {
    /// As it is.
    pub(crate) alone: &'static str,
    /// After a new savepoint, which replaces the `odd` one.
    pub(crate) even: &'static str,
    /// After a new savepoint, which replaces the `even` one.
    pub(crate) odd: &'static str,
}

/// What a job of a group is rolled back to when it fails. There are two names in turn: were a statement not run after all, going
/// back to a savepoint that is not there ends the whole group, and never undoes what an earlier job has done.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Savepoint {
    /// The transaction is the job's own.
    None,
    /// Nothing was written since it was made.
    Clean(Side),
    /// The job that runs has written since.
    Used(Side),
    /// A job before the one that runs has written since, and that stays.
    Past(Side),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Even,
    Odd,
}

/// How far the jobs of a group have come, to go back to when the next one fails.
pub(super) struct Mark {
    lines: usize,
    stored: usize,
    entries: usize,
}

impl Tx {
    pub(super) fn new(conn: Inner) -> Self {
        Self { conn: Conn(conn), journal: Journal::default(), log: Vec::new(), savepoint: Savepoint::None }
    }

    /// The text for a statement that changes rows, to be run next. A job's first one makes the job's savepoint: on a trip of its
    /// own that would cost as much as the change.
    ///
    /// Do not ask such a statement how many rows it changed: `SQLite` counts those of the job before. Have it `RETURNING` something.
    pub(crate) fn sql(&mut self, writing: &Writing) -> &'static str {
        let (sql, savepoint) = match self.savepoint {
            Savepoint::None => (writing.alone, Savepoint::None),
            Savepoint::Clean(side) | Savepoint::Used(side) => (writing.alone, Savepoint::Used(side)),
            Savepoint::Past(Side::Odd) => (writing.even, Savepoint::Used(Side::Even)),
            Savepoint::Past(Side::Even) => (writing.odd, Savepoint::Used(Side::Odd)),
        };
        self.savepoint = savepoint;
        sql
    }

    /// Begins a group of jobs.
    pub(super) async fn begin(&mut self) -> Result<()> {
        self.savepoint = Savepoint::Clean(Side::Even);
        self.run("BEGIN IMMEDIATE; SAVEPOINT even").await
    }

    /// How far the jobs have come.
    pub(super) fn mark(&self) -> Mark {
        Mark { lines: self.journal.lines.len(), stored: self.journal.stored, entries: self.log.len() }
    }

    /// Keeps what the job that ran has done.
    pub(super) fn keep(&mut self) {
        if let Savepoint::Used(side) = self.savepoint {
            self.savepoint = Savepoint::Past(side);
        }
    }

    /// Undoes what the job that ran has done.
    pub(super) async fn go_back(&mut self, mark: Mark) -> Result<()> {
        self.journal.lines.truncate(mark.lines);
        self.journal.stored = mark.stored;
        self.log.truncate(mark.entries);
        let (sql, side) = match self.savepoint {
            Savepoint::None | Savepoint::Clean(_) | Savepoint::Past(_) => return Ok(()),
            Savepoint::Used(Side::Even) => ("ROLLBACK TO even", Side::Even),
            Savepoint::Used(Side::Odd) => ("ROLLBACK TO odd", Side::Odd),
        };
        self.savepoint = Savepoint::Clean(side);
        self.run(sql).await
    }

    /// Ends the transaction that failed; there may be none any more.
    pub(super) async fn abandon(&mut self) {
        self.journal = Journal::default();
        self.log.clear();
        if let Err(error) = self.run("ROLLBACK").await {
            tracing::debug!(%error, "store.nothing_to_roll_back");
        }
    }

    /// Runs a statement that has no parameters.
    pub(super) async fn run(&mut self, sql: &'static str) -> Result<()> {
        super::on!(self.conn, conn => sqlx::query(sql).execute(conn).await.map(|_| ())?);
        Ok(())
    }

    /// Lets one transaction at a time write for `topic`, so that rows are always taken in the same order.
    /// `SQLite` has one writer anyway.
    pub(crate) async fn serialize(&mut self, topic: Topic) -> Result<()> {
        if let Driver::Postgres(conn) = self.conn.driver() {
            events::lock(conn, topic).await?;
        }
        Ok(())
    }

    /// The number that the next event on `topic` gets. Nobody else may take it meanwhile: see [`Tx::serialize`].
    pub(crate) async fn upcoming(&mut self, topic: Topic) -> Result<i64> {
        let stored = events::newest(&mut self.conn, topic).await?;
        let waits = |entry: &&events::Entry| matches!(entry, events::Entry::Tell(told, ..) if *told == topic);
        let waiting = i64::try_from(self.log.iter().filter(waits).count()).unwrap_or(i64::MAX);
        Ok(stored + waiting + 1)
    }

    /// Has `events` stored with the topic's next numbers before the commit, and told after it.
    pub(crate) fn tell(&mut self, topic: Topic, now: DateTime<Utc>, events: Vec<Event>) {
        self.log.extend(events.into_iter().map(|event| events::Entry::Tell(topic, now, event)));
    }

    /// Has what was told about a row that is gone rewritten before the commit, so that nothing of it stays in the log of events.
    pub(crate) fn retell(&mut self, topic: Topic, about: Uuid, event: Event) {
        self.log.push(events::Entry::Rewrite(topic, about, event));
    }

    /// Has all that was told on a topic forgotten before the commit, because what it told of is gone. Its numbers go on.
    pub(crate) fn forget(&mut self, topic: Topic) {
        self.log.push(events::Entry::Forget(topic));
    }

    /// Stores the journal's lines so far, for a job that is about to read it.
    pub(crate) async fn store_journal(&mut self) -> Result<()> {
        const NOTHING: Writing = writing!("");
        if self.journal.stored == self.journal.lines.len() {
            return Ok(());
        }
        let savepoint = self.sql(&NOTHING); // or lines that stay would be taken for lines that were undone
        if !savepoint.is_empty() {
            self.run(savepoint).await?;
        }
        self.store_lines().await
    }

    async fn store_lines(&mut self) -> Result<()> {
        changes::store(&mut self.conn, &self.journal.lines[self.journal.stored..]).await?;
        self.journal.stored = self.journal.lines.len();
        Ok(())
    }

    /// Stores all that was put off. Answers what has to be told when the commit has succeeded.
    pub(super) async fn store_rest(&mut self) -> Result<Vec<Arc<Delivered>>> {
        self.store_lines().await?;
        self.journal = Journal::default();
        events::store(&mut self.conn, self.log.drain(..)).await
    }
}
