//! A change to some tasks: several items in one transaction, each with a result of its own, one row in the journal, and the events
//! that tell of them.
//!
//! To add a kind of change: a variant of [`Work`], its verb in [`run`], and a function that makes an [`Item`] of it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::tasks::find;
use crate::{
    account::Caller,
    change::{Item, Verb},
    error::{Error, Problem, Result},
    event::{Event, Topic},
    id::TaskId,
    store::{Tx, changes, tasks},
    task::{BATCH_MAX, NewTask, Task, TaskEdit, TaskRef},
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
    pub(super) fn of(error: Error) -> Result<Self> {
        let Some(code) = RefusalCode::of(&error) else { return Err(error) };
        let message = match code {
            RefusalCode::NotFound => "no such task; call list_tasks for the ids".to_owned(),
            RefusalCode::Ambiguous | RefusalCode::Conflict | RefusalCode::Invalid => error.to_string(),
        };
        let candidates = if let Error::Unclear { candidates, .. } = error { candidates } else { Vec::new() };
        Ok(Self { code, message, candidates })
    }
}

impl RefusalCode {
    /// The code for an error about one item; none when it is about more than that.
    fn of(error: &Error) -> Option<Self> {
        match error {
            Error::Invalid(_) => Some(Self::Invalid),
            Error::Forbidden(_) | Error::NotFound(_) => Some(Self::NotFound),
            Error::Unclear { .. } => Some(Self::Ambiguous),
            Error::Stale { .. } => Some(Self::Conflict),
            Error::Credentials
            | Error::Unauthenticated
            | Error::AlreadyRegistered
            | Error::NothingToUndo
            | Error::KeyReused
            | Error::TurnRunning
            | Error::Database(_)
            | Error::Migration(_)
            | Error::Internal(_) => None,
        }
    }
}

pub(super) fn batch_size(field: &'static str, size: usize) -> Result<()> {
    if (1..=BATCH_MAX).contains(&size) {
        return Ok(());
    }
    Err(Problem::new(field, format!("must have from 1 to {BATCH_MAX} items, this has {size}")).into())
}

pub(super) async fn change_one(tx: &mut Tx, caller: Caller, now: DateTime<Utc>, work: Work) -> Result<Task> {
    let results = run(tx, &caller, now, work).await?;
    results.into_iter().next().ok_or_else(|| Error::Internal("a change of one task had no result".into()))?
}

pub(super) async fn change_once(
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
        let events = done.items.iter().flat_map(|item| events(caller, item)).collect();
        changes::add(tx, caller, verb, done.items, now);
        tx.tell(Topic::User(caller.user), now, events);
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
            Err(error) if RefusalCode::of(&error).is_some() => self.results.push(Err(error)),
            Err(error) => return Err(error),
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
