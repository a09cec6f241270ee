//! A task as the tools show it.

use crate::lexicon::stem;
use crate::when::{Due, at_local};
use crate::words::Sentence;
use chrono::{DateTime, NaiveDate};
use chrono_tz::Tz;
use serde_json::Value;

/// What the assistant reads of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Task {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) status: String,
    pub(crate) priority: String,
    pub(crate) due: Option<Due>,
}

impl Task {
    /// `None` if the value has no id and title: then it is no task.
    pub(crate) fn read(value: &Value, zone: Tz) -> Option<Self> {
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        Some(Self {
            id: text("id")?.to_owned(),
            title: text("title")?.to_owned(),
            status: text("status").unwrap_or("pending").to_owned(),
            priority: text("priority").unwrap_or("medium").to_owned(),
            due: text("due").and_then(|d| read_due(d, zone)),
        })
    }

    /// The tasks under `key` of a tool's outcome.
    pub(crate) fn list(content: &Value, key: &str, zone: Tz) -> Vec<Self> {
        let rows = content.get(key).and_then(Value::as_array);
        rows.map_or_else(Vec::new, |rows| rows.iter().filter_map(|v| Self::read(v, zone)).collect())
    }

    pub(crate) fn is_open(&self) -> bool {
        matches!(self.status.as_str(), "pending" | "in_progress")
    }

    pub(crate) fn date(&self) -> Option<NaiveDate> {
        match self.due? {
            Due::Day(date) => Some(date),
            Due::At(at) => Some(at.date_naive()),
        }
    }

    pub(crate) fn moment(&self) -> Option<DateTime<Tz>> {
        match self.due? {
            Due::Day(_) => None,
            Due::At(at) => Some(at),
        }
    }

    pub(crate) fn is_overdue(&self, now: DateTime<Tz>) -> bool {
        self.is_open()
            && match self.due {
                Some(Due::Day(date)) => date < now.date_naive(),
                Some(Due::At(at)) => at < now,
                None => false,
            }
    }

    /// For sorting by due time; all-day tasks count as the end of their day, tasks without a due date come last.
    pub(crate) fn order(&self, zone: Tz) -> i64 {
        match self.due {
            Some(Due::At(at)) => at.timestamp(),
            Some(Due::Day(date)) => date.and_hms_opt(23, 59, 59).map_or(i64::MAX, |t| at_local(t, zone).timestamp()),
            None => i64::MAX,
        }
    }

    /// The stems of the title's words.
    pub(crate) fn stems(&self) -> Vec<String> {
        let words = Sentence::new(&self.title);
        let parts =
            words.tokens.iter().filter(|t| t.is_word()).flat_map(|t| t.base().split('-').map(stem).collect::<Vec<_>>());
        parts.collect()
    }
}

fn read_due(text: &str, zone: Tz) -> Option<Due> {
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Some(Due::Day(date));
    }
    DateTime::parse_from_rfc3339(text).ok().map(|t| Due::At(t.with_timezone(&zone)))
}

/// A due date as the tools take it.
pub(crate) fn write_due(due: Due) -> String {
    match due {
        Due::Day(date) => date.format("%Y-%m-%d").to_string(),
        Due::At(at) => at.to_rfc3339_opts(chrono::SecondsFormat::Secs, false),
    }
}
