//! A change to some tasks: several items in one transaction, each with a result of its own, one row in the journal, and the events
//! that tell of them.
//!
//! To add a kind of change: a variant of [`Work`], its verb in [`Work::steps`], a [`Step`] and a function that makes an
//! [`Item`] of it.

use std::ops::ControlFlow;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    refusal::{Refusal, RefusalCode},
    tasks::find,
};
use crate::{
    account::{Caller, Origin},
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

/// One item of a piece of work.
enum Step {
    Add(NewTask),
    Edit(TaskRef, TaskEdit),
    Delete(TaskRef),
}

impl Work {
    /// The items, the word for them in the journal, and the field that they came in.
    fn steps(self) -> (Vec<Step>, Verb, &'static str) {
        match self {
            Self::Add(new) => (new.into_iter().map(Step::Add).collect(), Verb::Created, "tasks"),
            Self::Edit(edits) => {
                (edits.into_iter().map(|(task, edit)| Step::Edit(task, edit)).collect(), Verb::Changed, "updates")
            }
            Self::Delete(gone) => (gone.into_iter().map(Step::Delete).collect(), Verb::Deleted, "ids"),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Add(new) => new.len(),
            Self::Edit(edits) => edits.len(),
            Self::Delete(gone) => gone.len(),
        }
    }
}

/// Asked before each item, with how many have had their turn: whether to go on. What was done until then stays, and one `undo`
/// takes it back; the rest is not begun.
pub type Between = Box<dyn FnMut(usize) -> ControlFlow<()> + Send>;

/// How long it is known what a request with a key was answered. A client that tries again does so within minutes; after this, the
/// same key may stand for another request.
pub const ANSWERS_KEPT: TimeDelta = TimeDelta::days(1);

/// A caller's promise that a request with this key is the same request, for as long as [`ANSWERS_KEPT`] says.
#[derive(Clone, Debug)]
pub struct Idempotency {
    /// The caller's key, 1-128 characters.
    pub key: String,
    /// What tells one request from another.
    pub fingerprint: String,
}

pub(super) fn batch_size(field: &'static str, size: usize) -> Result<()> {
    if (1..=BATCH_MAX).contains(&size) {
        return Ok(());
    }
    Err(Problem::new(field, format!("must have from 1 to {BATCH_MAX} items, this has {size}")).into())
}

pub(super) async fn change_one(tx: &mut Tx, caller: Caller, now: DateTime<Utc>, work: Work) -> Result<Task> {
    let results = run(tx, &caller, now, work, &mut straight_on()).await?;
    results.into_iter().next().ok_or_else(|| Error::Internal("a change of one task had no result".into()))?
}

/// For work that nobody watches.
pub(super) fn straight_on() -> Between {
    Box::new(|_| ControlFlow::Continue(()))
}

pub(super) async fn change_once(
    tx: &mut Tx,
    caller: Caller,
    now: DateTime<Utc>,
    (work, mut between): (Work, Between),
    once: Option<Idempotency>,
) -> Result<Vec<Result<Task, Refusal>>> {
    if let Some(once) = &once {
        tx.serialize(Topic::User(caller.user)).await?; // two at once with one key: the second sees the first's answer
        if let Some((fingerprint, answer)) = changes::answer(&mut tx.conn, caller.user, &once.key).await? {
            return if fingerprint == once.fingerprint { Ok(answer) } else { Err(Error::KeyReused) };
        }
    }
    let wanted = work.len();
    let results = run(tx, &caller, now, work, &mut between).await?;
    let mut results: Vec<Result<Task, Refusal>> = results
        .into_iter()
        .map(|result| result.map_or_else(|error| Refusal::of(error).map(Err), |task| Ok(Ok(task))))
        .collect::<Result<_>>()?;
    let begun = !results.is_empty();
    results.resize_with(wanted, || Err(Refusal::cancelled()));
    if let (Some(once), true) = (&once, begun) {
        changes::keep_answer(tx, caller.user, &once.key, &once.fingerprint, &results, now).await?;
    }
    Ok(results)
}

/// Does the work in one transaction: rows, journal, events. Answers what became of the items that were begun.
async fn run(
    tx: &mut Tx,
    caller: &Caller,
    now: DateTime<Utc>,
    work: Work,
    between: &mut Between,
) -> Result<Vec<Result<Task>>> {
    tx.serialize(Topic::User(caller.user)).await?;
    let (steps, verb, field) = work.steps();
    batch_size(field, steps.len())?;
    let mut done = Done::default();
    for step in steps {
        if between(done.results.len()).is_break() {
            break;
        }
        let result = match step {
            Step::Add(new) => add(tx, caller, now, new).await,
            Step::Edit(task, edit) => change(tx, caller, now, &task, edit).await,
            Step::Delete(task) => take_away(tx, caller, now, &task).await,
        };
        done.note(result)?;
    }
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
        room: caller.door.room(),
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
    let origin = || Origin::from(&caller.door);
    match (&item.before, &item.after) {
        (None, None) => Vec::new(),
        (None, Some(task)) => vec![Event::TaskCreated { task: task.clone(), origin: origin() }],
        (Some(task), None) => {
            vec![Event::TaskDeleted { task_id: task.id, number: task.number, user: task.user, origin: origin() }]
        }
        (Some(before), Some(task)) => {
            let mut events = Vec::new();
            if before.status != task.status {
                events.push(Event::TaskStatusChanged { task: task.clone(), before: before.status, origin: origin() });
            }
            let status_only =
                Task { status: task.status, version: task.version, updated_at: task.updated_at, ..before.clone() };
            if status_only != *task {
                events.push(Event::TaskUpdated { task: task.clone(), origin: origin() });
            }
            events
        }
    }
}
