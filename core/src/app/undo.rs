//! Taking back the caller's last change, whichever door or tool made it.

use chrono::{DateTime, Utc};

use super::{App, work::events};
use crate::{
    account::Caller,
    change::{Item, Now, Undone, Verb},
    error::{Error, Result},
    event::Topic,
    scope::Scope,
    store::{Tx, changes, tasks},
    task::Task,
};

impl App {
    /// Takes back the caller's last change that was not taken back yet. Once more goes one further back.
    ///
    /// # Errors
    /// [`Error::NothingToUndo`].
    pub async fn undo(&self, caller: &Caller) -> Result<Undone> {
        caller.may(Scope::TasksWrite)?;
        let (caller, now) = (caller.clone(), self.clock.now());
        self.store.write(move |tx| Box::pin(undo(tx, caller, now))).await
    }
}

async fn undo(tx: &mut Tx, caller: Caller, now: DateTime<Utc>) -> Result<Undone> {
    tx.serialize(Topic::User(caller.user)).await?;
    let change = changes::last(tx, caller.user).await?.ok_or(Error::NothingToUndo)?;
    let mut reverted = Vec::with_capacity(change.items.len());
    let mut told = Vec::with_capacity(change.items.len());
    // The last item first: one call may have changed a task twice.
    for item in change.items.iter().rev() {
        let Some((inverse, now_is)) = revert(tx, item, now).await? else { continue };
        if let Some(task) = inverse.after.clone().or_else(|| inverse.before.clone()) {
            told.push((task, now_is));
        }
        reverted.push(inverse);
    }
    told.reverse();
    changes::mark_undone(tx, change.id, now).await?;
    let events = reverted.iter().flat_map(|item| events(&caller, item)).collect();
    changes::add(tx, &caller, Verb::Undone, reverted, now);
    tx.tell(Topic::User(caller.user), now, events);
    Ok(Undone { verb: change.verb, tasks: told })
}

/// Makes one task what it was before; the version still goes up, for it did change.
async fn revert(tx: &mut Tx, item: &Item, now: DateTime<Utc>) -> Result<Option<(Item, Now)>> {
    let Some(id) = item.after.as_ref().or(item.before.as_ref()).map(|task| task.id) else { return Ok(None) };
    let Some(version) = tasks::version(&mut tx.conn, id).await? else { return Ok(None) };
    let as_before = |task: &Task| Task { version: version + 1, updated_at: now, ..task.clone() };
    Ok(Some(match (&item.before, &item.after) {
        (None, None) => return Ok(None),
        (None, Some(made)) => {
            tasks::delete(tx, made.id, now).await?;
            (Item { before: Some(made.clone()), after: None }, Now::Removed)
        }
        (Some(deleted), None) => {
            let task = as_before(deleted);
            tasks::replace(tx, &task).await?;
            (Item { before: None, after: Some(task) }, Now::Restored)
        }
        (Some(before), Some(after)) => {
            let task = as_before(before);
            tasks::replace(tx, &task).await?;
            (Item { before: Some(after.clone()), after: Some(task) }, Now::ChangedBack)
        }
    }))
}
