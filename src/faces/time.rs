//! Times that clients send: RFC 3339, with an offset.

use chrono::{DateTime, NaiveDateTime, Utc};
use errand_core::{Problem, clock::micros, task::Due};

/// Reads an instant.
///
/// # Errors
/// A problem with `field` that says what is missing.
pub(crate) fn instant(field: &'static str, text: &str) -> Result<DateTime<Utc>, Problem> {
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(micros(at.with_timezone(&Utc)));
    }
    let naive = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
    let message = if naive.iter().any(|format| NaiveDateTime::parse_from_str(text, format).is_ok()) {
        "needs an offset from UTC, for example 2026-03-04T09:00:00+01:00 or 2026-03-04T08:00:00Z"
    } else {
        "must be an ISO 8601 date and time with an offset, for example 2026-03-04T08:00:00Z"
    };
    Err(Problem::new(field, message))
}

/// Reads an instant where one was sent.
///
/// # Errors
/// As [`instant`].
pub(crate) fn optional(field: &'static str, text: Option<&str>) -> Result<Option<DateTime<Utc>>, Problem> {
    text.map(|text| instant(field, text)).transpose()
}

/// Reads a due date; `all_day` is our addition to the contracts: only the date counts, read in the offset that was sent.
///
/// # Errors
/// As [`instant`].
pub(crate) fn due(field: &'static str, text: &str, all_day: bool) -> Result<Due, Problem> {
    let at = instant(field, text)?;
    let day = DateTime::parse_from_rfc3339(text.trim()).ok().map(|at| at.date_naive()).filter(|_| all_day);
    Ok(Due { at, day })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_needed() {
        assert_eq!(instant("due_date", "2026-03-04T09:00:00+01:00").unwrap().to_rfc3339(), "2026-03-04T08:00:00+00:00");
        assert!(instant("due_date", "2026-03-04T09:00:00").unwrap_err().message.contains("offset"));
        assert!(instant("due_date", "tomorrow").unwrap_err().message.contains("ISO 8601"));
    }
}
