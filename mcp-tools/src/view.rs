//! How tasks are told to agents: compact, with words for status and priority, times in the user's zone.

use chrono_tz::Tz;
use errand_core::task::{self, Task, TaskLine};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{due, id, size};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Pending,
    InProgress,
    Completed,
    Archived,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Priority {
    Low,
    Medium,
    High,
    Urgent,
}

/// A task as it is told. What is absent is not there, or was not asked for.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct TaskView {
    id: String,
    title: String,
    status: Status,
    priority: Priority,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
}

/// A task with its times, and the chatroom in which it was asked for.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct DatedView {
    #[serde(flatten)]
    task: TaskView,
    created_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    room: Option<String>,
}

impl TaskView {
    /// What a list needs.
    pub(crate) fn concise(task: TaskLine, zone: Tz) -> Self {
        Self {
            id: id::show(task.number),
            title: task.title,
            status: task.status.into(),
            priority: task.priority.into(),
            due: task.due.map(|due| due::show(&due, zone)),
            description: None,
            version: None,
        }
    }

    /// A bound of the bytes that it has as it goes out, without writing it.
    pub(crate) fn bytes_at_most(&self) -> usize {
        /// More than all names and the longest id, words, due date and version have, both times.
        const REST: usize = 500;
        let texts = [Some(&self.title), self.description.as_ref()];
        REST + texts.into_iter().flatten().map(|text| size::weigh(text)).sum::<usize>()
    }

    /// With what is needed to change it.
    pub(crate) fn full(task: &Task, zone: Tz) -> Self {
        let description = Some(task.description.clone()).filter(|text| !text.is_empty());
        Self { description, version: Some(task.version), ..Self::concise(task.into(), zone) }
    }
}

impl DatedView {
    /// With everything.
    pub(crate) fn of(task: &Task, zone: Tz) -> Self {
        Self {
            task: TaskView::full(task, zone),
            created_at: due::instant(task.created_at, zone),
            updated_at: due::instant(task.updated_at, zone),
            room: task.room.map(|room| room.to_string()),
        }
    }
}

/// A task by name only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct TaskName {
    pub(crate) id: String,
    pub(crate) title: String,
}

impl From<&Task> for TaskName {
    fn from(task: &Task) -> Self {
        Self { id: id::of(task), title: task.title.clone() }
    }
}

impl From<task::Status> for Status {
    fn from(status: task::Status) -> Self {
        match status {
            task::Status::Pending => Self::Pending,
            task::Status::InProgress => Self::InProgress,
            task::Status::Completed => Self::Completed,
            task::Status::Archived => Self::Archived,
        }
    }
}

impl From<Status> for task::Status {
    fn from(status: Status) -> Self {
        match status {
            Status::Pending => Self::Pending,
            Status::InProgress => Self::InProgress,
            Status::Completed => Self::Completed,
            Status::Archived => Self::Archived,
        }
    }
}

impl From<task::Priority> for Priority {
    fn from(priority: task::Priority) -> Self {
        match priority {
            task::Priority::Low => Self::Low,
            task::Priority::Medium => Self::Medium,
            task::Priority::High => Self::High,
            task::Priority::Urgent => Self::Urgent,
        }
    }
}

impl From<Priority> for task::Priority {
    fn from(priority: Priority) -> Self {
        match priority {
            Priority::Low => Self::Low,
            Priority::Medium => Self::Medium,
            Priority::High => Self::High,
            Priority::Urgent => Self::Urgent,
        }
    }
}

#[cfg(test)]
mod tests {
    use errand_core::task::Due;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(None)]
    #[case(Some("0198a3b1-7c3e-7d35-9f0a-2a6a4be1c0de"))]
    fn a_task_tells_in_which_room_it_was_asked_for(#[case] room: Option<&str>) {
        let id = "0198a3b1-7c3e-7d35-9f0a-2a6a4be1c0df";
        let mut task = serde_json::json!({
            "id": id, "number": 1, "user": id, "title": "Book the hall", "description": "", "status": "pending",
            "priority": "medium", "due": null, "version": 1, "created_at": "2026-11-21T09:00:00Z",
            "updated_at": "2026-11-21T09:00:00Z",
        });
        if let Some(room) = room {
            task["room"] = room.into();
        }
        let task: Task = serde_json::from_value(task).unwrap(); // one from before there were rooms can be read, too
        let told = serde_json::to_value(DatedView::of(&task, Tz::UTC)).unwrap();
        assert_eq!(told.get("room").and_then(|room| room.as_str()), room);
    }

    #[rstest]
    fn no_task_has_more_bytes_than_its_bound(
        #[values("x", "🦷", "\"", "\\", "\n", "\u{1}")] filling: &str,
        #[values(None, Some(""), Some("\"\"\"\""))] description: Option<&str>,
    ) {
        let due = Due::at("9999-12-31T23:59:59.999999Z".parse().unwrap());
        let status = task::Status::InProgress;
        let priority = task::Priority::Medium;
        let line = TaskLine { number: i64::MAX, title: filling.repeat(200), status, priority, due: Some(due) };
        let task = TaskView {
            description: description.map(str::to_owned),
            version: Some(i64::MIN),
            ..TaskView::concise(line, Tz::Asia__Kathmandu)
        };
        let (exact, bound) = (size::of(&task), task.bytes_at_most());
        assert!(exact <= bound && bound < exact + 300, "{exact} bytes, the bound is {bound}");
    }
}
