//! Dates and times in words: from tokens to a meaning ([`grammar`]), from a meaning to a moment in the user's zone ([`resolve`]).
//!
//! One more way to name a day: a reading in `day.rs` (one function, listed in `DAYS`) and, if the meaning is new, a variant of
//! [`Day`] with its dates in `resolve.rs`. One more way to tell the time: `clock.rs`; a length of time: `length.rs`.

mod clock;
mod day;
mod grammar;
mod length;
mod period;
mod resolve;
#[cfg(test)]
mod tests;

pub(crate) use clock::whole_clock;
pub(crate) use grammar::mentions;
pub(crate) use resolve::{Due, Hint, at_local, dates, due, range};

use chrono::{NaiveDate, Weekday};
use std::ops::Range;

/// What names a day, or several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Day {
    /// Days from today.
    Ahead(i64),
    /// A weekday, and whole weeks after it (`a week from friday`).
    Weekday {
        day: Weekday,
        which: Which,
        weeks: i64,
        days: i64,
    },
    /// `march 3rd`; without a year the next one.
    OfYear {
        month: u32,
        day: u32,
        year: Option<i32>,
    },
    /// `the 3rd`, of the month so many months ahead (none: the coming one).
    OfMonth {
        day: u32,
        months: Option<u32>,
    },
    Fixed(NaiveDate),
    MonthsAhead(u32),
    /// A stretch of days.
    Period(Period),
    /// The last day of a stretch.
    EndOf(Period),
    /// `the first week of may`; the fifth is the last.
    WeekOf {
        nth: u32,
        month: Period,
    },
    /// `the third monday of next month`; the fifth is the last.
    WeekdayOf {
        day: Weekday,
        nth: u32,
        month: Period,
    },
}

/// How a weekday was qualified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    Coming,
    This,
    Next,
    /// `friday next week`
    NextWeek,
    Last,
}

/// Stretches of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Period {
    /// Weeks from this one.
    Week(i64),
    Weekend(i64),
    /// Months from this one.
    Month(i64),
    /// A month by its number.
    Named(u32),
    Year(i32),
    /// So many days from today on.
    Days(i64),
}

/// Before or after noon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Half {
    Am,
    Pm,
}

/// A time of day. Without `half`, and not `sure`, either half of the day may be meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Clock {
    pub(crate) hour: u32,
    pub(crate) minute: u32,
    pub(crate) half: Option<Half>,
    pub(crate) sure: bool,
}

/// A part of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Morning,
    Afternoon,
    Evening,
    Night,
}

impl Part {
    /// The hours (first, last included) that belong to it when tasks are looked for.
    pub(crate) fn hours(self) -> (u32, u32) {
        match self {
            Self::Morning => (4, 11),
            Self::Afternoon => (12, 17),
            Self::Evening | Self::Night => (17, 23),
        }
    }
}

/// The word that leads a date in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lead {
    None,
    On,
    From,
    To,
    Before,
    After,
}

/// What was said about the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct When {
    pub(crate) day: Option<Day>,
    pub(crate) clock: Option<Clock>,
    pub(crate) part: Option<Part>,
    /// Minutes from now.
    pub(crate) ahead: Option<i64>,
    /// `every friday`
    pub(crate) repeats: bool,
    /// The end of a stretch: `between nine and twelve`
    pub(crate) until: Option<Clock>,
    /// `before five`, `after noon`, for looking tasks up
    pub(crate) bound: Option<Lead>,
}

impl When {
    pub(crate) fn is_empty(&self) -> bool {
        self.day.is_none() && self.clock.is_none() && self.part.is_none() && self.ahead.is_none()
    }

    /// Both, when they don't say two things about one matter.
    pub(crate) fn merged(self, other: Self) -> Option<Self> {
        let clash = (self.day.is_some() && other.day.is_some())
            || (self.clock.is_some() && other.clock.is_some())
            || (self.part.is_some() && other.part.is_some() && self.part != other.part)
            || (self.ahead.is_some() && (other.ahead.is_some() || other.clock.is_some()))
            || (other.ahead.is_some() && self.clock.is_some());
        (!clash).then(|| Self {
            day: self.day.or(other.day),
            clock: self.clock.or(other.clock),
            part: self.part.or(other.part),
            ahead: self.ahead.or(other.ahead),
            repeats: self.repeats || other.repeats,
            until: self.until.or(other.until),
            bound: self.bound.or(other.bound),
        })
    }
}

/// A time expression and the tokens it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mention {
    pub(crate) span: Range<usize>,
    pub(crate) when: When,
    pub(crate) lead: Lead,
    /// `tomorrow's meeting`: says which meeting rather than when to be reminded.
    pub(crate) possessive: bool,
}
