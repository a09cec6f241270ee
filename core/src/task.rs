//! Tasks and their rules.

mod list;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::list::{Cursor, TaskFilter, TaskLine, TaskOrder, TaskPage, TaskSet};
use crate::{
    clock::micros,
    error::{Error, Problem, Result},
    id::{RoomId, TaskId, UserId},
    text,
};

/// The longest title, in characters.
pub const TITLE_MAX: usize = 200;
/// The longest description, in characters.
pub const DESCRIPTION_MAX: usize = 1000;
/// The most items in one call.
pub const BATCH_MAX: usize = 50;

/// The most words in one query.
pub const QUERY_WORDS: usize = 8;

/// Something to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The id that travels.
    pub id: TaskId,
    /// The id for contracts with integers, and the `12` of a tool's `t_12`.
    pub number: i64,
    /// Whose it is.
    pub user: UserId,
    /// 1-200 characters.
    pub title: String,
    /// At most 1,000 characters; empty when there is none.
    pub description: String,
    /// How far it is.
    pub status: Status,
    /// How important it is.
    pub priority: Priority,
    /// When it is due.
    pub due: Option<Due>,
    /// The chatroom in which the assistant was asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomId>,
    /// Goes up by one with each change; the first is 1.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl Task {
    /// Whether there is still something to do.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.status.is_open()
    }
}

/// How far a task is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Status {
    /// Not begun.
    #[default]
    Pending,
    /// Begun.
    InProgress,
    /// Done.
    Completed,
    /// Put away.
    Archived,
}

impl Status {
    /// Pending or in progress.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::InProgress)
    }
}

/// How important a task is. Stored as a number, so that it sorts.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema, sqlx::Type,
)]
#[serde(rename_all = "snake_case")]
#[repr(i16)]
pub enum Priority {
    /// Can wait.
    Low = 1,
    /// As most are.
    #[default]
    Medium = 2,
    /// Before others.
    High = 3,
    /// Now.
    Urgent = 4,
}

/// When a task is due: at an instant, or on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The instant. For a whole day: the last second of that day in the zone it was said in, so that "past" is right without knowing more.
    pub at: DateTime<Utc>,
    /// The day, when no time of day was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<NaiveDate>,
}

impl Due {
    /// Due at an instant.
    #[must_use]
    pub fn at(at: DateTime<Utc>) -> Self {
        Self { at: micros(at), day: None }
    }

    /// Due on a day of `zone`.
    #[must_use]
    pub fn on(day: NaiveDate, zone: Tz) -> Self {
        let midnight = day.succ_opt().unwrap_or(day);
        Self { at: start_of(midnight, zone) - chrono::TimeDelta::seconds(1), day: Some(day) }
    }

    /// The date to show: the day itself, or the instant's day in `zone`.
    #[must_use]
    pub fn date(&self, zone: Tz) -> NaiveDate {
        self.day.unwrap_or_else(|| self.at.with_timezone(&zone).date_naive())
    }

    /// Checks that the year has four digits: what lies outside, many clients cannot read.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn checked(self) -> Result<Self> {
        self.problem().map_or(Ok(self), |problem| Err(problem.into()))
    }

    fn problem(&self) -> Option<Problem> {
        let year = chrono::Datelike::year(&self.at);
        let sensible = (1970..=9000).contains(&year);
        (!sensible).then(|| Problem::new("due_date", "must lie between the years 1970 and 9000"))
    }
}

/// The first instant of `day` in `zone`; where the clock skips midnight, the first one after it.
#[must_use]
pub fn start_of(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    (0..=4)
        .filter_map(|quarter| NaiveTime::from_hms_opt(quarter, 0, 0))
        .find_map(|time| zone.from_local_datetime(&day.and_time(time)).earliest())
        .map_or_else(|| day.and_time(NaiveTime::MIN).and_utc(), |at| at.with_timezone(&Utc))
}

/// A task to be made.
#[derive(Clone, Debug, Default)]
pub struct NewTask {
    /// 1-200 characters after trimming.
    pub title: String,
    /// At most 1,000 characters.
    pub description: String,
    /// How far it is already.
    pub status: Status,
    /// How important it is.
    pub priority: Priority,
    /// When it is due.
    pub due: Option<Due>,
}

impl NewTask {
    /// Checks the rules; title and description come out clean.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field that breaks a rule.
    pub fn checked(self) -> Result<Self> {
        let edit = TaskEdit {
            title: Some(self.title),
            description: Some(self.description),
            due: Some(self.due),
            ..TaskEdit::default()
        }
        .checked()?;
        Ok(Self {
            title: edit.title.unwrap_or_default(),
            description: edit.description.unwrap_or_default(),
            status: self.status,
            priority: self.priority,
            due: self.due,
        })
    }
}

/// What is to change; `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct TaskEdit {
    /// A new title.
    pub title: Option<String>,
    /// A new description; empty clears it.
    pub description: Option<String>,
    /// A new status.
    pub status: Option<Status>,
    /// A new priority.
    pub priority: Option<Priority>,
    /// A new due date; `Some(None)` clears it.
    pub due: Option<Option<Due>>,
    /// Change only when this is the stored version.
    pub if_version: Option<i64>,
}

impl TaskEdit {
    /// Checks the rules; title and description come out clean.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field that breaks a rule.
    pub fn checked(mut self) -> Result<Self> {
        self.title = self.title.map(|title| text::clean(&title, false));
        self.description = self.description.map(|description| text::clean(&description, true));
        let mut problems = Vec::new();
        if let Some(title) = &self.title {
            problems.extend(text::length("title", title, 1, TITLE_MAX).err());
        }
        if let Some(description) = &self.description {
            problems.extend(text::length("description", description, 0, DESCRIPTION_MAX).err());
        }
        if let Some(Some(due)) = self.due {
            problems.extend(due.problem());
        }
        if problems.is_empty() { Ok(self) } else { Err(Error::Invalid(problems)) }
    }

    /// `task` as it is after this edit; the same when nothing changes. The version and the time are not touched.
    #[must_use]
    pub fn applied(&self, task: &Task) -> Task {
        let mut task = task.clone();
        if let Some(title) = &self.title {
            task.title.clone_from(title);
        }
        if let Some(description) = &self.description {
            task.description.clone_from(description);
        }
        task.status = self.status.unwrap_or(task.status);
        task.priority = self.priority.unwrap_or(task.priority);
        task.due = self.due.unwrap_or(task.due);
        task
    }
}

/// Which task is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskRef {
    /// By the id that travels.
    Id(TaskId),
    /// By its number.
    Number(i64),
    /// By its exact title, which must be the title of one open task only: a title never matches by guess.
    Title(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_with_its_last_second_in_the_zone_it_was_said_in() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 29).unwrap(); // Madrid skips an hour on this day
        assert_eq!(Due::on(day, Tz::Europe__Madrid).at.to_rfc3339(), "2026-03-29T21:59:59+00:00");
        assert_eq!(Due::on(day, Tz::Europe__Madrid).date(Tz::Pacific__Auckland), day);
    }

    #[test]
    fn a_day_without_midnight_starts_at_its_first_hour() {
        let day = NaiveDate::from_ymd_opt(2026, 9, 6).unwrap(); // Santiago goes from 23:59:59 to 01:00
        assert_eq!(
            start_of(day, Tz::America__Santiago).with_timezone(&Tz::America__Santiago).to_rfc3339(),
            "2026-09-06T01:00:00-03:00"
        );
    }

    #[test]
    fn all_broken_rules_are_told_at_once() {
        let task = NewTask { title: " \u{7} ".into(), description: "x".repeat(1001), ..NewTask::default() };
        let Err(Error::Invalid(problems)) = task.checked() else { panic!("accepted") };
        assert_eq!(problems.iter().map(|problem| problem.field).collect::<Vec<_>>(), ["title", "description"]);
    }
}
