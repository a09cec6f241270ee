//! Readings of times of day.
//!
//! One more: a branch in [`clock`].

use super::day::text;
use super::{Clock, Half};
use crate::numbers::{cardinal, number};
use crate::words::Token;

/// What may stand around a time: decides whether a bare number is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Company {
    /// After "at", "by", "around": a bare number is a time.
    Led,
    /// After "for" or "to", or next to a date: only when nothing follows that it could count.
    Near,
    /// Alone: needs am, pm, a colon, o'clock.
    Alone,
}

/// The time that these tokens are as a whole, a bare number included: the answer to "At what time?".
pub(crate) fn whole_clock(tokens: &[&Token]) -> Option<Clock> {
    clock(tokens, 0, Company::Led).filter(|&(_, n)| n == tokens.len()).map(|(c, _)| c)
}

fn sure(hour: u32, minute: u32) -> Clock {
    Clock { hour, minute, half: None, sure: true }
}

/// The time at `i` and how many tokens it took.
pub(super) fn clock(tokens: &[&Token], i: usize, company: Company) -> Option<(Clock, usize)> {
    if let Some(named) = named(tokens, i) {
        return Some(named);
    }
    if let Some(past) = minutes_past(tokens, i, company) {
        return Some(past);
    }
    let (mut clock, mut n, plain) = digits(tokens, i).or_else(|| spoken(tokens, i))?;
    let explicit = if let Some((half, k)) = half(tokens, i + n) {
        clock.half = clock.half.or(Some(half));
        n += k;
        true
    } else {
        clock.half.is_some() || clock.sure || !plain
    };
    if clock.hour > 12 || clock.hour == 0 {
        (clock.half, clock.sure) = (None, true);
    }
    let fits = clock.hour < 24 && clock.minute < 60 && (explicit || bare_fits(tokens, i, n, company, clock));
    fits.then_some((clock, n))
}

fn named(tokens: &[&Token], i: usize) -> Option<(Clock, usize)> {
    let the = usize::from(
        text(tokens, i) == "the" || (text(tokens, i) == "twelve" && matches!(text(tokens, i + 1), "noon" | "midnight")),
    );
    Some(match text(tokens, i + the) {
        "noon" | "midday" | "noontime" | "lunchtime" => (sure(12, 0), 1 + the),
        "midnight" => (sure(0, 0), 1 + the),
        "12" if matches!(text(tokens, i + 1), "noon") => (sure(12, 0), 2),
        "12" if matches!(text(tokens, i + 1), "midnight") => (sure(0, 0), 2),
        _ => return None,
    })
}

/// `am`, `p m`, `o'clock`, `in the morning`, `at night`: what follows an hour.
fn half(tokens: &[&Token], i: usize) -> Option<(Half, usize)> {
    let clock = match (text(tokens, i), text(tokens, i + 1)) {
        ("o'clock", _) => 1,
        ("o", "clock") => 2,
        _ => 0,
    };
    let j = i + clock;
    let found = match (text(tokens, j), text(tokens, j + 1), text(tokens, j + 2)) {
        ("am", ..) => Some((Half::Am, 1)),
        ("pm", ..) => Some((Half::Pm, 1)),
        ("a", "m", _) => Some((Half::Am, 2)),
        ("in", "the", "morning") => Some((Half::Am, 3)),
        ("in", "the", "afternoon" | "evening") => Some((Half::Pm, 3)),
        ("p", "m", _) | ("at", "night", _) => Some((Half::Pm, 2)),
        _ => None,
    }?;
    Some((found.0, found.1 + clock))
}

/// `17:30`, `9am`, `5.30pm`, `1730 hours`, the time of an ISO date.
fn digits(tokens: &[&Token], i: usize) -> Option<(Clock, usize, bool)> {
    let word = text(tokens, i);
    if word.get(10..11) == Some("t") {
        let (hour, minute) = word.get(11..16)?.split_once(':')?;
        return Some((sure(hour.parse().ok()?, minute.parse().ok()?), 1, false));
    }
    let (body, half) = match word.strip_suffix("am") {
        Some(body) => (body, Some(Half::Am)),
        None => word.strip_suffix("pm").map_or((word, None), |body| (body, Some(Half::Pm))),
    };
    if let Some((h, m)) = body.split_once([':', '.', 'h']) {
        let minutes = m.get(..2).filter(|_| m.len() == 2 || (m.len() == 5 && m.as_bytes()[2] == b':'))?;
        let dotted = body.contains('.');
        let clock = Clock {
            hour: h.parse().ok()?,
            minute: minutes.parse().ok()?,
            half,
            sure: h.len() == 2 && h.starts_with('0') && half.is_none(),
        };
        return (h.len() <= 2).then_some((clock, 1, dotted));
    }
    let value: u32 = body.parse().ok()?;
    match body.len() {
        4 if half.is_some() || matches!(text(tokens, i + 1), "hours" | "hrs") || body.starts_with('0') => {
            let taken = 1 + usize::from(matches!(text(tokens, i + 1), "hours" | "hrs"));
            Some((Clock { hour: value / 100, minute: value % 100, half, sure: half.is_none() }, taken, false))
        }
        3 if half.is_some() => Some((Clock { hour: value / 100, minute: value % 100, half, sure: false }, 1, false)),
        1 | 2 => {
            Some(with_clock_word(tokens, i, Clock { hour: value, minute: 0, half, sure: false }, 1, half.is_none()))
        }
        _ => None,
    }
}

/// `five`, `five thirty`, `five oh five`, `five o'clock`, `nine fifteen`
fn spoken(tokens: &[&Token], i: usize) -> Option<(Clock, usize, bool)> {
    let hour = cardinal(text(tokens, i)).filter(|h| (1..=12).contains(h) || (13..=20).contains(h))?;
    let clock = |minute| Clock { hour, minute, half: None, sure: false };
    let minute = match (text(tokens, i + 1), cardinal(text(tokens, i + 2))) {
        ("oh" | "o", Some(m @ 1..=9)) => Some((m, 2)),
        _ => number(tokens, i + 1).filter(|&(m, _)| (10..60).contains(&m)),
    };
    match minute {
        // "ten march", "twenty five": no minutes of an hour; "five thirty" is.
        Some((m, n)) if hour < 20 => Some((clock(m), 1 + n, true)),
        _ => Some(with_clock_word(tokens, i, clock(0), 1, true)),
    }
}

fn with_clock_word(tokens: &[&Token], i: usize, clock: Clock, n: usize, plain: bool) -> (Clock, usize, bool) {
    if half(tokens, i + n).is_some() {
        return (clock, n, plain);
    }
    match (text(tokens, i + n), text(tokens, i + n + 1)) {
        ("o'clock", _) => (clock, n + 1, false),
        ("o", "clock") => (clock, n + 2, false),
        ("noon", _) if clock.hour == 12 => (clock, n + 1, false),
        _ => (clock, n, plain),
    }
}

/// `half past six`, `quarter to nine`, `ten (minutes) past five`
fn minutes_past(tokens: &[&Token], i: usize, company: Company) -> Option<(Clock, usize)> {
    let mut j = i + usize::from(text(tokens, i) == "a");
    let (minutes, named) = match text(tokens, j) {
        "half" => (30, true),
        "quarter" => (15, true),
        _ => {
            let (m, n) = number(tokens, j).filter(|&(m, _)| m < 60)?;
            j += n - 1;
            (m, false)
        }
    };
    j += 1;
    let unit = matches!(text(tokens, j), "minutes" | "minute" | "mins");
    j += usize::from(unit);
    let direction = text(tokens, j);
    let before = match direction {
        "past" | "after" => false,
        "to" | "till" | "of" | "before" => true,
        _ if minutes == 30 && named && cardinal(direction).is_some() && company != Company::Alone => {
            let (hour, n) = number(tokens, j)?;
            return finish(tokens, i, j + n, hour, 30);
        }
        _ => return None,
    };
    // "from five to six" is a stretch; "at five to six" a moment.
    let stretch = i > 0 && matches!(text(tokens, i - 1), "from" | "between");
    let halved = company != Company::Alone
        && !stretch
        && number(tokens, j + 1).is_some_and(|(_, n)| half(tokens, j + 1 + n).is_some());
    if !(named || unit || matches!(minutes, 5 | 10 | 20 | 25) && (company == Company::Led || halved)) {
        return None;
    }
    if before && (minutes == 30 || direction == "of" && !named || direction == "before" && !named) {
        return None;
    }
    let (hour, n) = number(tokens, j + 1).filter(|&(h, _)| (1..=12).contains(&h))?;
    let (hour, minute) = if before { (if hour == 1 { 12 } else { hour - 1 }, 60 - minutes) } else { (hour, minutes) };
    finish(tokens, i, j + 1 + n, hour, minute)
}

fn finish(tokens: &[&Token], start: usize, end: usize, hour: u32, minute: u32) -> Option<(Clock, usize)> {
    let half = half(tokens, end);
    let clock = Clock { hour, minute, half: half.map(|h| h.0), sure: false };
    (hour < 24 && minute < 60).then_some((clock, end + half.map_or(0, |h| h.1) - start))
}

/// Whether a bare number may be a time: not when it counts what follows ("at five stores").
fn bare_fits(tokens: &[&Token], i: usize, n: usize, company: Company, clock: Clock) -> bool {
    let next = text(tokens, i + n);
    let counted = matches!(
        next,
        "minutes"
            | "minute"
            | "hours"
            | "hour"
            | "days"
            | "day"
            | "weeks"
            | "week"
            | "months"
            | "month"
            | "years"
            | "percent"
            | "%"
            | "people"
            | "dollars"
            | "euros"
            | "times"
            | "street"
            | "avenue"
            | "road"
            | "st"
            | "guys"
            | "friends"
            | "of"
            | "kids"
            | "degrees"
            | "$"
            | "/"
            | "items"
            | "tasks"
    );
    let ends = next.is_empty()
        || !next.chars().all(|c| c.is_alphanumeric() || c == '\'')
        || matches!(
            next,
            "on" | "to"
                | "for"
                | "in"
                | "at"
                | "and"
                | "today"
                | "tomorrow"
                | "tonight"
                | "this"
                | "next"
                | "please"
                | "with"
                | "about"
                | "that"
                | "instead"
                | "sharp"
                | "every"
                | "each"
                | "by"
                | "o'clock"
                | "until"
                | "from"
                | "the"
                | "not"
                | "exactly"
                | "or"
                | "which"
                | "because"
                | "labelled"
                | "called"
                | "named"
        )
        || super::day::day(tokens, i + n).is_some();
    match company {
        Company::Led => !counted && (clock.hour <= 12 || clock.minute > 0 || ends),
        Company::Near => !counted && ends,
        // "the seven thirty alarm", "my two o'clock meeting"
        Company::Alone => {
            i > 0
                && matches!(text(tokens, i - 1), "the" | "my" | "a" | "an" | "this" | "that")
                && (clock.minute > 0
                    && i + n > i + 1
                    && matches!(text(tokens, i - 1), "my" | "the")
                    && (next.is_empty() || super::day::day(tokens, i + n).is_some())
                    || matches!(
                        next,
                        "alarm" | "timer" | "meeting" | "appointment" | "call" | "class" | "slot" | "session" | "wake"
                    ))
        }
    }
}
