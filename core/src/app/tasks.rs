//! Adding, changing, deleting and finding tasks.
//!
//! All changes run through [`Work`]: several items in one transaction, each with a result of its own, one row in the journal,
//! and the events that tell of them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::App;
use crate::{
    account::Caller,
    change::{Item, Verb},
    error::{Error, Noun, Problem, Result},
    event::{Event, Topic},
    id::TaskId,
    store::{Conn, Tx, changes, tasks},
    task::{BATCH_MAX, Cursor, NewTask, QUERY_WORDS, Task, TaskEdit, TaskFilter, TaskPage, TaskRef},
};

/// A change to some tasks; each item succeeds or fails by itself.
#[derive(Clone, Debug)]
pub enum Work {
    /// Make these.
    Add(Vec<NewTask>),
    /// Change these.
    Edit(Vec<(TaskRef, TaskEdit)>),
    /// Take these away. `undo` brings them back.
    Delete(Vec<TaskRef>),
}

/// A caller's promise that a request with this key is the same request.
#[derive(Clone, Debug)]
pub struct Idempotency {
    /// The caller's key, 1-128 characters.
    pub key: String,
    /// What tells one request from another.
    pub fingerprint: String,
}

/// Why one item of a batch was refused, in a form that can be kept and told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// For programs.
    pub code: RefusalCode,
    /// For people and models: what to do about it.
    pub message: String,
    /// Tasks that may have been meant: number and title.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<(i64, String)>,
}

/// The kinds of [`Refusal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// There is no such task, or it is somebody else's, which is not told apart.
    NotFound,
    /// A title that does not name exactly one task.
    Ambiguous,
    /// The task has changed since.
    Conflict,
    /// A rule is broken.
    Invalid,
}

impl Refusal {
    /// The refusal for an error about one item; the error itself when it is about more than that.
    fn of(error: Error) -> Result<Self> {
        let message = error.to_string();
        let (code, candidates) = match error {
            Error::Invalid(_) => (RefusalCode::Invalid, Vec::new()),
            Error::Forbidden(_) | Error::NotFound(_) => {
                let message = "no such task; call list_tasks for the ids".to_owned();
                return Ok(Self { code: RefusalCode::NotFound, message, candidates: Vec::new() });
            }
            Error::Unclear { candidates, .. } => (RefusalCode::Ambiguous, candidates),
            Error::Stale { .. } => (RefusalCode::Conflict, Vec::new()),
            error @ (Error::Credentials
            | Error::Unauthenticated
            | Error::AlreadyRegistered
            | Error::NothingToUndo
            | Error::KeyReused
            | Error::TurnRunning
            | Error::Database(_)
            | Error::Migration(_)
            | Error::Internal(_)) => return Err(error),
        };
        Ok(Self { code, message, candidates })
    }
}

impl App {
    /// Does `work`; each item has its own result. With a key, the same request again is answered what it was answered before,
    /// and does nothing.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an empty batch or one of more than 50; [`Error::KeyReused`].
    pub async fn change_tasks(
        &self,
        caller: &Caller,
        work: Work,
        once: Option<Idempotency>,
    ) -> Result<Vec<Result<Task, Refusal>>> {
        if let Some(once) = &once {
            crate::text::length("idempotency_key", &once.key, 1, 128)?;
        }
        let (caller, now) = (caller.clone(), self.clock.now());
        self.store.write(move |tx| Box::pin(change_once(tx, caller, now, work, once))).await
    }

    /// Makes one task.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub async fn add_task(&self, caller: &Caller, task: NewTask) -> Result<Task> {
        self.change_task(caller, Work::Add(vec![task])).await
    }

    /// Changes one task.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::NotFound`], [`Error::Forbidden`], [`Error::Stale`].
    pub async fn edit_task(&self, caller: &Caller, task: TaskRef, edit: TaskEdit) -> Result<Task> {
        self.change_task(caller, Work::Edit(vec![(task, edit)])).await
    }

    /// Takes one task away.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn delete_task(&self, caller: &Caller, task: TaskRef) -> Result<Task> {
        self.change_task(caller, Work::Delete(vec![task])).await
    }

    async fn change_task(&self, caller: &Caller, work: Work) -> Result<Task> {
        let (caller, now) = (caller.clone(), self.clock.now());
        self.store.write(move |tx| Box::pin(change_one(tx, caller, now, work))).await
    }

    /// A page of the caller's tasks.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a limit outside 1-100 or a reversed range of dates.
    pub async fn tasks(
        &self,
        caller: &Caller,
        filter: &TaskFilter,
        limit: i64,
        cursor: Option<Cursor>,
    ) -> Result<TaskPage> {
        if !(1..=100).contains(&limit) {
            return Err(Problem::new("limit", "must lie between 1 and 100").into());
        }
        if let (Some(from), Some(to)) = (filter.due_from, filter.due_to)
            && from > to
        {
            return Err(Problem::new("due_from", "must not lie after due_to").into());
        }
        check_query(filter)?;
        let when = (caller.zone, self.clock.now());
        let mut conn = self.store.read().await?;
        let total = tasks::count(&mut conn, caller.user, when, filter).await?;
        let mut page = tasks::list(&mut conn, caller.user, when, filter, limit + 1, cursor).await?;
        let more = i64::try_from(page.len()).is_ok_and(|length| length > limit);
        page.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = page.last().filter(|_| more).map(tasks::cursor);
        Ok(TaskPage { tasks: page, total, next })
    }

    /// How many of the caller's tasks match.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn count_tasks(&self, caller: &Caller, filter: &TaskFilter) -> Result<i64> {
        check_query(filter)?;
        let mut conn = self.store.read().await?;
        tasks::count(&mut conn, caller.user, (caller.zone, self.clock.now()), filter).await
    }

    /// All of the caller's tasks that are not archived, the oldest first.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn board(&self, caller: &Caller) -> Result<Vec<Task>> {
        tasks::board(&mut self.store.read().await?, caller.user).await
    }

    /// One task.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Unclear`].
    pub async fn task(&self, caller: &Caller, task: &TaskRef) -> Result<Task> {
        find(&mut self.store.read().await?, caller, task).await
    }

    /// Several tasks, each found or not.
    ///
    /// # Errors
    /// [`Error::Invalid`] for none or more than 50.
    pub async fn find_tasks(&self, caller: &Caller, wanted: &[TaskRef]) -> Result<Vec<Result<Task, Refusal>>> {
        batch_size("ids", wanted.len())?;
        let mut conn = self.store.read().await?;
        let mut found = Vec::with_capacity(wanted.len());
        for task in wanted {
            found.push(
                find(&mut conn, caller, task)
                    .await
                    .map_or_else(|error| Refusal::of(error).map(Err), |task| Ok(Ok(task)))?,
            );
        }
        Ok(found)
    }
}

fn check_query(filter: &TaskFilter) -> Result<()> {
    let words = filter.query.as_deref().map_or(0, |query| query.split_whitespace().count());
    if words <= QUERY_WORDS {
        return Ok(());
    }
    Err(Problem::new("query", format!("must have at most {QUERY_WORDS} words, this has {words}")).into())
}

fn batch_size(field: &'static str, size: usize) -> Result<()> {
    if (1..=BATCH_MAX).contains(&size) {
        return Ok(());
    }
    Err(Problem::new(field, format!("must have from 1 to {BATCH_MAX} items, this has {size}")).into())
}

async fn change_one(tx: &mut Tx, caller: Caller, now: DateTime<Utc>, work: Work) -> Result<Task> {
    let results = run(tx, &caller, now, work).await?;
    results.into_iter().next().ok_or_else(|| Error::Internal("a change of one task had no result".into()))?
}

async fn change_once(
    tx: &mut Tx,
    caller: Caller,
    now: DateTime<Utc>,
    work: Work,
    once: Option<Idempotency>,
) -> Result<Vec<Result<Task, Refusal>>> {
    if let Some(once) = &once {
        tx.serialize(Topic::User(caller.user)).await?; // two at once with one key: the second sees the first's answer
        if let Some((fingerprint, answer)) = changes::answer(&mut tx.conn, caller.user, &once.key).await? {
            return if fingerprint == once.fingerprint { Ok(answer) } else { Err(Error::KeyReused) };
        }
    }
    let results = run(tx, &caller, now, work).await?;
    let results: Vec<Result<Task, Refusal>> = results
        .into_iter()
        .map(|result| result.map_or_else(|error| Refusal::of(error).map(Err), |task| Ok(Ok(task))))
        .collect::<Result<_>>()?;
    if let Some(once) = &once {
        changes::keep_answer(tx, caller.user, &once.key, &once.fingerprint, &results, now).await?;
    }
    Ok(results)
}

/// Does the work in one transaction: rows, journal, events.
async fn run(tx: &mut Tx, caller: &Caller, now: DateTime<Utc>, work: Work) -> Result<Vec<Result<Task>>> {
    tx.serialize(Topic::User(caller.user)).await?;
    let mut done = Done::default();
    let verb = match work {
        Work::Add(new) => {
            batch_size("tasks", new.len())?;
            for task in new {
                let result = add(tx, caller, now, task).await;
                done.note(result)?;
            }
            Verb::Created
        }
        Work::Edit(edits) => {
            batch_size("updates", edits.len())?;
            for (task, edit) in edits {
                let result = change(tx, caller, now, &task, edit).await;
                done.note(result)?;
            }
            Verb::Changed
        }
        Work::Delete(gone) => {
            batch_size("ids", gone.len())?;
            for task in gone {
                let result = take_away(tx, caller, now, &task).await;
                done.note(result)?;
            }
            Verb::Deleted
        }
    };
    if !done.items.is_empty() {
        changes::add(tx, caller, verb, &done.items, now).await?;
        let events = done.items.iter().flat_map(|item| events(caller, item)).collect();
        tx.tell(Topic::User(caller.user), now, events).await?;
    }
    Ok(done.results)
}

/// What a piece of work has done so far.
#[derive(Default)]
struct Done {
    results: Vec<Result<Task>>,
    items: Vec<Item>,
}

impl Done {
    /// Takes down an item's result; an error that is not about the item ends the work.
    fn note(&mut self, result: Result<Item>) -> Result<()> {
        match result {
            Ok(item) => {
                let task = item.after.clone().or_else(|| item.before.clone());
                self.results.push(task.ok_or_else(|| Error::Internal("a change without a task".into())));
                if item.before != item.after {
                    self.items.push(item);
                }
            }
            Err(
                error @ (Error::Invalid(_)
                | Error::Forbidden(_)
                | Error::NotFound(_)
                | Error::Unclear { .. }
                | Error::Stale { .. }),
            ) => self.results.push(Err(error)),
            Err(
                error @ (Error::Credentials
                | Error::Unauthenticated
                | Error::AlreadyRegistered
                | Error::NothingToUndo
                | Error::KeyReused
                | Error::TurnRunning
                | Error::Database(_)
                | Error::Migration(_)
                | Error::Internal(_)),
            ) => return Err(error),
        }
        Ok(())
    }
}

async fn add(tx: &mut Tx, caller: &Caller, now: DateTime<Utc>, new: NewTask) -> Result<Item> {
    let new = new.checked()?;
    let task = Task {
        id: TaskId::fresh(),
        number: 0,
        user: caller.user,
        title: new.title,
        description: new.description,
        status: new.status,
        priority: new.priority,
        due: new.due,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    Ok(Item { before: None, after: Some(tasks::add(tx, task).await?) })
}

async fn change(tx: &mut Tx, caller: &Caller, now: DateTime<Utc>, task: &TaskRef, edit: TaskEdit) -> Result<Item> {
    let before = find(&mut tx.conn, caller, task).await?;
    let edit = edit.checked()?;
    if edit.if_version.is_some_and(|version| version != before.version) {
        return Err(Error::Stale { current: before.version });
    }
    let mut after = edit.applied(&before);
    if after != before {
        after.version += 1;
        after.updated_at = now;
        tasks::replace(tx, &after).await?;
    }
    Ok(Item { before: Some(before), after: Some(after) })
}

async fn take_away(tx: &mut Tx, caller: &Caller, now: DateTime<Utc>, task: &TaskRef) -> Result<Item> {
    let before = find(&mut tx.conn, caller, task).await?;
    tasks::delete(tx, before.id, now).await?;
    Ok(Item { before: Some(before), after: None })
}

/// The task that is meant, if it is the caller's.
async fn find(conn: &mut Conn, caller: &Caller, task: &TaskRef) -> Result<Task> {
    let found = match task {
        TaskRef::Id(id) => tasks::by_id(conn, *id).await?,
        TaskRef::Number(number) => tasks::by_number(conn, *number).await?,
        TaskRef::Title(title) => return titled(conn, caller, title).await,
    };
    let found = found.ok_or(Error::NotFound(Noun::Task))?;
    if found.user == caller.user { Ok(found) } else { Err(Error::Forbidden(Noun::Task)) }
}

/// The one task with exactly this title; an open one goes before those that are done.
async fn titled(conn: &mut Conn, caller: &Caller, title: &str) -> Result<Task> {
    let mut found = tasks::titled(conn, caller.user, title.trim()).await?;
    if found.iter().any(Task::is_open) {
        found.retain(Task::is_open);
    }
    if found.len() == 1 {
        return Ok(found.remove(0));
    }
    if found.is_empty() {
        found = tasks::alike(conn, caller.user, title.trim()).await?;
    }
    let candidates = found.into_iter().take(5).map(|task| (task.number, task.title)).collect();
    Err(Error::Unclear { title: title.to_owned(), candidates })
}

/// What others are told of a change.
pub(super) fn events(caller: &Caller, item: &Item) -> Vec<Event> {
    let source = caller.door.source();
    match (&item.before, &item.after) {
        (None, None) => Vec::new(),
        (None, Some(task)) => vec![Event::TaskCreated { task: task.clone(), source }],
        (Some(task), None) => {
            vec![Event::TaskDeleted { task_id: task.id, number: task.number, user: task.user, source }]
        }
        (Some(before), Some(task)) => {
            let mut events = Vec::new();
            if before.status != task.status {
                events.push(Event::TaskStatusChanged { task: task.clone(), before: before.status, source });
            }
            let status_only =
                Task { status: task.status, version: task.version, updated_at: task.updated_at, ..before.clone() };
            if status_only != *task {
                events.push(Event::TaskUpdated { task: task.clone(), source });
            }
            events
        }
    }
}
