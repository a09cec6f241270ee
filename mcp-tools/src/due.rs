//! How dates and times are said to agents and by them: `YYYY-MM-DD` for a whole day of the user's zone, else RFC 3339 with an offset.
//!
//! A time without an offset is refused, with the form that was probably meant: which instant it is would be a guess, and a due date
//! that is off by an hour or a day is worse than one more call.

use chrono::{DateTime, MappedLocalTime, NaiveDate, NaiveDateTime, SecondsFormat, TimeZone, Utc};
use chrono_tz::Tz;
use errand_core::task::Due;

/// What a due date is read from.
///
/// # Errors
/// A text that shows the right form in the user's zone.
pub(crate) fn read(text: &str, zone: Tz) -> Result<Due, String> {
    let text = text.trim();
    let due = if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        Due::at(at.with_timezone(&Utc))
    } else {
        Due::on(day("due", text).map_err(|_| unreadable(text, zone))?, zone)
    };
    due.checked().map_err(|_| format!("due \"{text}\" must lie between the years 1970 and 9000"))
}

/// A day of the user's zone, for the field `field`.
///
/// # Errors
/// A text that shows the right form.
pub(crate) fn day(field: &str, text: &str) -> Result<NaiveDate, String> {
    let exact = Some(text).filter(|text| text.len() == "YYYY-MM-DD".len());
    let day = exact.and_then(|text| text.parse().ok());
    day.ok_or_else(|| format!("{field} must be a day that exists, as YYYY-MM-DD, not \"{text}\""))
}

/// How a due date is said.
pub(crate) fn show(due: &Due, zone: Tz) -> String {
    due.day.map_or_else(|| instant(due.at, zone), |day| day.to_string())
}

/// How an instant is said: the local time with its offset, parts of a second only where there are some.
pub(crate) fn instant(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

fn unreadable(text: &str, zone: Tz) -> String {
    let form = |at: DateTime<Tz>| at.to_rfc3339_opts(SecondsFormat::AutoSi, false);
    let Some(local) = naive(text) else {
        let morning =
            NaiveDate::from_ymd_opt(2026, 11, 22).and_then(|day| day.and_hms_opt(9, 0, 0)).unwrap_or_default();
        let example = zone.from_local_datetime(&morning).earliest().map(|at| format!(", for example {}", form(at)));
        let example = example.unwrap_or_default();
        return format!(
            "due must be YYYY-MM-DD, or a time with the offset of the user's zone {zone}{example}; not \"{text}\""
        );
    };
    let advice = match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(at) => format!("write {}", form(at)),
        MappedLocalTime::Ambiguous(first, second) => {
            format!("that hour comes twice on that day: write {} or {}", form(first), form(second))
        }
        MappedLocalTime::None => {
            "that time does not exist there, the clock skips it on that day: choose another".into()
        }
    };
    format!("due \"{text}\" has no offset; the user's zone is {zone}: {advice}")
}

/// A date and time without an offset, in the forms that models write.
fn naive(text: &str) -> Option<NaiveDateTime> {
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const MADRID: Tz = Tz::Europe__Madrid;

    #[rstest]
    #[case::a_day("2026-11-22", "2026-11-22")]
    #[case::an_instant("2026-11-22T09:00:00+01:00", "2026-11-22T09:00:00+01:00")]
    #[case::in_utc("2026-11-22T08:00:00Z", "2026-11-22T09:00:00+01:00")]
    #[case::in_summer("2026-07-01T09:00:00+02:00", "2026-07-01T09:00:00+02:00")]
    #[case::elsewhere("2026-11-22T00:30:00+13:00", "2026-11-21T12:30:00+01:00")]
    #[case::with_parts_of_a_second(" 2026-11-22T09:00:00.250+01:00 ", "2026-11-22T09:00:00.250+01:00")]
    #[case::the_second_of_two_equal_hours("2026-10-25T02:30:00+01:00", "2026-10-25T02:30:00+01:00")]
    fn read_and_shown(#[case] text: &str, #[case] again: &str) {
        assert_eq!(show(&read(text, MADRID).unwrap(), MADRID), again);
    }

    #[test]
    fn a_day_stays_that_day_in_every_zone() {
        for zone in [MADRID, Tz::Pacific__Kiritimati, Tz::America__Los_Angeles, Tz::America__Santiago] {
            assert_eq!(show(&read("2026-09-06", zone).unwrap(), zone), "2026-09-06");
        }
    }

    #[rstest]
    #[case::winter("2026-11-22T09:00", "the user's zone is Europe/Madrid: write 2026-11-22T09:00:00+01:00")]
    #[case::summer("2026-07-01 09:00:30", "the user's zone is Europe/Madrid: write 2026-07-01T09:00:30+02:00")]
    #[case::twice("2026-10-25T02:30:00", "write 2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00")]
    #[case::never("2026-03-29T02:30:00", "that time does not exist there")]
    #[case::words(
        "tomorrow",
        "due must be YYYY-MM-DD, or a time with the offset of the user's zone Europe/Madrid, for example"
    )]
    #[case::no_such_day("2026-02-30", "due must be YYYY-MM-DD")]
    #[case::short("2026-1-2", "due must be YYYY-MM-DD")]
    #[case::empty("", "due must be YYYY-MM-DD")]
    #[case::too_early("1492-10-12", "must lie between the years 1970 and 9000")]
    #[case::too_late("9999-12-31", "must lie between the years 1970 and 9000")]
    fn refused(#[case] text: &str, #[case] why: &str) {
        let refusal = read(text, MADRID).unwrap_err();
        assert!(refusal.contains(why), "{refusal}");
    }
}
