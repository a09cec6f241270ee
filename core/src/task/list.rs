//! Lists of tasks: which are wanted, in which order, and what a page of them is.

use chrono::{DateTime, NaiveDate, Utc};

use super::{Due, Priority, Status, Task};
use crate::error::Problem;

/// Which tasks are wanted, for lists.
#[derive(Clone, Debug, Default)]
pub struct TaskFilter {
    /// Only these; empty for all.
    pub statuses: Vec<Status>,
    /// Only this priority.
    pub priority: Option<Priority>,
    /// Each word must occur in title or description; case does not matter. At most [`QUERY_WORDS`](super::QUERY_WORDS).
    pub query: Option<String>,
    /// Due on this day of the caller's zone or later.
    pub due_from: Option<NaiveDate>,
    /// Due on this day of the caller's zone or earlier.
    pub due_to: Option<NaiveDate>,
    /// Only what is past.
    pub overdue: bool,
    /// In which order.
    pub order: TaskOrder,
}

impl TaskFilter {
    /// The set that it asks for, when it asks by status only.
    pub(crate) fn set(&self) -> Option<TaskSet> {
        let Self { statuses, priority: None, query: None, due_from: None, due_to: None, overdue: false, order: _ } =
            self
        else {
            return None;
        };
        match statuses.as_slice() {
            [] => Some(TaskSet::All),
            [Status::Pending, Status::InProgress] | [Status::InProgress, Status::Pending] => Some(TaskSet::Open),
            [Status::Completed] => Some(TaskSet::Completed),
            [Status::Archived] => Some(TaskSet::Archived),
            _ => None,
        }
    }
}

/// In which order a list comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TaskOrder {
    /// What is due first comes first, what is never due last.
    #[default]
    Due,
    /// The newest first.
    Newest,
    /// The most important first, then by due date.
    Priority,
}

/// Which tasks a list by age has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskSet {
    /// All of them.
    All,
    /// Those with something left to do: pending or in progress.
    Open,
    /// Those that are done.
    Completed,
    /// Those that are put away.
    Archived,
}

/// What a list shows of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskLine {
    /// As [`Task::number`].
    pub number: i64,
    /// As [`Task::title`].
    pub title: String,
    /// As [`Task::status`].
    pub status: Status,
    /// As [`Task::priority`].
    pub priority: Priority,
    /// As [`Task::due`].
    pub due: Option<Due>,
}

impl From<&Task> for TaskLine {
    fn from(task: &Task) -> Self {
        let Task { number, ref title, status, priority, due, .. } = *task;
        Self { number, title: title.clone(), status, priority, due }
    }
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct TaskPage<T = Task> {
    /// The tasks of this page.
    pub tasks: Vec<T>,
    /// How many match in all.
    pub total: i64,
    /// Where the next page begins, when there is one.
    pub next: Option<Cursor>,
}

impl<T> TaskPage<T> {
    /// The same page with each task told in another way.
    #[must_use]
    pub fn map<U>(self, tell: impl FnMut(T) -> U) -> TaskPage<U> {
        let Self { tasks, total, next } = self;
        TaskPage { tasks: tasks.into_iter().map(tell).collect(), total, next }
    }
}

/// A place in a list: after this task. Stays right while rows come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The last task's place by due date.
    pub due: DateTime<Utc>,
    /// Its priority.
    pub priority: Priority,
    /// Its number.
    pub number: i64,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.due.timestamp_micros(), self.priority as i16, self.number)
    }
}

impl std::str::FromStr for Cursor {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        let wrong = || Problem::new("cursor", "must be a next_cursor from an earlier page");
        let mut parts = text.split('.');
        let mut part = || parts.next().and_then(|part| part.parse::<i64>().ok()).ok_or_else(wrong);
        let (due, priority, number) = (part()?, part()?, part()?);
        let priority = match priority {
            1 => Priority::Low,
            2 => Priority::Medium,
            3 => Priority::High,
            4 => Priority::Urgent,
            _ => return Err(wrong()),
        };
        Ok(Self { due: DateTime::from_timestamp_micros(due).ok_or_else(wrong)?, priority, number })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_round_trip_and_nonsense_is_refused() {
        let cursor = Cursor {
            due: DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap(),
            priority: Priority::High,
            number: 12,
        };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for nonsense in ["", "1.2", "1.9.1", "a.b.c", "99999999999999999999.1.1"] {
            assert!(nonsense.parse::<Cursor>().is_err(), "{nonsense}");
        }
    }
}
