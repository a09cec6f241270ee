//! The journal: each call that changed tasks leaves one row, written in the transaction of the change.
//! `undo` reads it backwards, and after a crash it tells what a broken turn had done.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{account::Source, id::ChangeId, task::Task};

/// One call that changed tasks.
#[derive(Clone, Debug)]
pub struct Change {
    /// The row's id.
    pub id: ChangeId,
    /// What kind of change it was.
    pub verb: Verb,
    /// Where it came from.
    pub source: Source,
    /// The assistant's call, when it was one.
    pub call: Option<ChangeCall>,
    /// Each task before and after.
    pub items: Vec<Item>,
    /// When.
    pub created_at: DateTime<Utc>,
}

impl Change {
    /// What it did, in words: `created "Buy milk" and "Call Ann"`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let verb = match self.verb {
            Verb::Created => "created",
            Verb::Changed => "changed",
            Verb::Deleted => "deleted",
            Verb::Undone => "took back a change to",
        };
        let titles: Vec<_> =
            self.items.iter().filter_map(Item::task).map(|task| format!("\"{}\"", task.title)).collect();
        format!("{verb} {}", titles.join(" and "))
    }
}

/// The assistant's call in which a change was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeCall {
    /// The call's id.
    pub id: String,
    /// The tool.
    pub tool: String,
    /// Its arguments.
    pub arguments: serde_json::Value,
}

/// What happened to the tasks of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Verb {
    /// They were made.
    Created,
    /// They were changed.
    Changed,
    /// They were deleted.
    Deleted,
    /// An earlier change was taken back.
    Undone,
}

/// One task before and after a change; `None` where it was not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// As it was.
    pub before: Option<Task>,
    /// As it became.
    pub after: Option<Task>,
}

impl Item {
    /// The task as it became, or as it was when it is gone.
    #[must_use]
    pub fn task(&self) -> Option<&Task> {
        self.after.as_ref().or(self.before.as_ref())
    }
}

/// What an undo did.
#[derive(Clone, Debug)]
pub struct Undone {
    /// The kind of change that was taken back.
    pub verb: Verb,
    /// The tasks, each with what became of it.
    pub tasks: Vec<(Task, Now)>,
}

/// What became of a task by an undo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Now {
    /// It had been deleted and is there again.
    Restored,
    /// It had been made and is gone again.
    Removed,
    /// It is as it was before.
    ChangedBack,
}
