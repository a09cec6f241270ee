//! Readings of days. Each takes the tokens and a position and gives the meaning and how many tokens it took.
//!
//! One more: a function of this shape in [`DAYS`]. The longest reading at a place wins.

use super::period::{holiday, numeric, period};
use super::{Day, Which};

use crate::numbers::{number, ordinal, year};
use crate::words::Token;

use chrono::{NaiveDate, Weekday};

type Reading = fn(&[&Token], usize) -> Option<(Day, usize)>;

const DAYS: [Reading; 9] = [relative, weekday, day_month, month_day, of_month, numeric, in_units, period, holiday];

/// The longest reading of a day at `i`.
pub(super) fn day(tokens: &[&Token], i: usize) -> Option<(Day, usize)> {
    DAYS.iter().filter_map(|read| read(tokens, i)).max_by_key(|&(_, n)| n)
}

pub(super) fn text<'a>(tokens: &[&'a Token], i: usize) -> &'a str {
    tokens.get(i).filter(|t| !t.quoted).map_or("", |t| t.text.as_str())
}

pub(super) fn base<'a>(tokens: &[&'a Token], i: usize) -> &'a str {
    tokens.get(i).filter(|t| !t.quoted).map_or("", |t| t.base())
}

/// Whether the words stand at `i`; a possessive ending on the last one is fine.
pub(super) fn at(tokens: &[&Token], i: usize, words: &str) -> Option<usize> {
    let words: Vec<&str> = words.split(' ').collect();
    words.iter().enumerate().all(|(k, w)| base(tokens, i + k) == *w).then_some(words.len())
}

fn relative(tokens: &[&Token], i: usize) -> Option<(Day, usize)> {
    const PHRASES: [(&str, i64); 9] = [
        ("the day after tomorrow", 2),
        ("day after tomorrow", 2),
        ("overmorrow", 2),
        ("tomorrow", 1),
        ("today", 0),
        ("this day", 0),
        ("the next day", 1),
        ("yesterday", -1),
        ("later today", 0),
    ];
    let (phrase, ahead) = PHRASES.iter().find_map(|&(p, d)| at(tokens, i, p).map(|n| (n, d)))?;
    if ahead == 1 && base(tokens, i + phrase) == "week" {
        return Some((Day::Ahead(8), phrase + 1));
    }
    Some((Day::Ahead(ahead), phrase))
}

pub(super) fn weekday_name(word: &str) -> Option<Weekday> {
    let word = if word.len() > 6 { word.strip_suffix('s').unwrap_or(word) } else { word };
    Some(match word {
        "monday" | "mondays" | "mon" => Weekday::Mon,
        "tuesday" | "tue" | "tues" => Weekday::Tue,
        "wednesday" | "wed" | "weds" => Weekday::Wed,
        "thursday" | "thu" | "thur" | "thurs" => Weekday::Thu,
        "friday" | "fridays" | "fri" => Weekday::Fri,
        "saturday" | "sat" => Weekday::Sat,
        "sunday" | "sundays" | "sun" => Weekday::Sun,
        _ => return None,
    })
}

/// `sat`, `sun` and `wed` are words of their own: they need company to be days.
fn stands_alone(tokens: &[&Token], i: usize) -> bool {
    let before = if i == 0 { "" } else { text(tokens, i - 1) };
    !matches!(text(tokens, i), "sat" | "sun" | "wed")
        || matches!(before, "on" | "this" | "next" | "by" | "for" | "every" | "until" | "to" | "coming")
}

fn weekday(tokens: &[&Token], i: usize) -> Option<(Day, usize)> {
    let mut j = i;
    let mut which = Which::Coming;
    let mut weeks = 0;
    if text(tokens, j) == "the" {
        j += 1;
    }
    loop {
        which = match text(tokens, j) {
            "next" if which == Which::Next => {
                weeks += 1;
                which
            }
            "next" => Which::Next,
            "this" => Which::This,
            "coming" | "upcoming" | "following" => which,
            "last" | "past" => Which::Last,
            _ => break,
        };
        j += 1;
    }
    let day = weekday_name(base(tokens, j)).filter(|_| stands_alone(tokens, j))?;
    j += 1;
    if at(tokens, j, "week").is_some() {
        (weeks, j) = (weeks + 1, j + 1);
    } else if let Some(n) = at(tokens, j, "after next") {
        (weeks, j) = (weeks + 1, j + n);
    } else if let Some(n) =
        at(tokens, j, "next week").or_else(|| at(tokens, j, "of next week")).or_else(|| at(tokens, j, "in next week"))
    {
        (which, j) = (Which::NextWeek, j + n);
    } else if let Some(n) = at(tokens, j, "this week").or_else(|| at(tokens, j, "of this week")) {
        (which, j) = (Which::This, j + n);
    }
    if which == Which::Coming
        && let Some((full, n)) =
            month_day(tokens, j).or_else(|| day_month(tokens, j)).or_else(|| after_weekday(tokens, j))
    {
        return Some((full, j + n - i));
    }
    Some((Day::Weekday { day, which, weeks, days: 0 }, j - i))
}

/// `friday the 13th`, `monday, march 3`: the date is what counts.
fn after_weekday(tokens: &[&Token], i: usize) -> Option<(Day, usize)> {
    if text(tokens, i) == "," {
        return month_day(tokens, i + 1).or_else(|| day_month(tokens, i + 1)).map(|(d, n)| (d, n + 1));
    }
    if text(tokens, i) == "the" { of_month(tokens, i) } else { None }
}

pub(super) fn month_name(word: &str) -> Option<u32> {
    Some(match word {
        "january" | "jan" => 1,
        "february" | "feb" => 2,
        "march" | "mar" => 3,
        "april" | "apr" => 4,
        "may" => 5,
        "june" | "jun" => 6,
        "july" | "jul" => 7,
        "august" | "aug" => 8,
        "september" | "sep" | "sept" => 9,
        "october" | "oct" => 10,
        "november" | "nov" => 11,
        "december" | "dec" => 12,
        _ => return None,
    })
}

/// A day's number, as an ordinal or not.
fn day_number(tokens: &[&Token], i: usize) -> Option<(u32, usize)> {
    ordinal(tokens, i).or_else(|| number(tokens, i)).filter(|&(n, _)| (1..=31).contains(&n))
}

fn with_year(tokens: &[&Token], i: usize) -> (Option<i32>, usize) {
    let comma = usize::from(text(tokens, i) == ",");
    year(tokens, i + comma).map_or((None, 0), |(y, n)| (Some(y), n + comma))
}

pub(super) fn valid(month: u32, day: u32, year: Option<i32>) -> bool {
    NaiveDate::from_ymd_opt(year.unwrap_or(2028), month, day).is_some()
}

fn next_year(tokens: &[&Token], i: usize) -> usize {
    at(tokens, i, "this year").or_else(|| at(tokens, i, "of this year")).unwrap_or(0)
}

/// `3rd of march`, `the third of march 2027`, `ten march`
fn day_month(tokens: &[&Token], i: usize) -> Option<(Day, usize)> {
    let the = usize::from(text(tokens, i) == "the");
    let (day, n) = day_number(tokens, i + the)?;
    let mut j = i + the + n;
    let of = usize::from(matches!(text(tokens, j), "of" | "in"));
    let month = month_name(base(tokens, j + of))?;
    j += of + 1;
    let (year, n) = with_year(tokens, j);
    let n = n + next_year(tokens, j + n);
    valid(month, day, year).then_some((Day::OfYear { month, day, year }, j + n - i))
}

/// `march 3rd`, `march the third, 2027`
fn month_day(tokens: &[&Token], i: usize) -> Option<(Day, usize)> {
    let month = month_name(text(tokens, i))?;
    let mut j = i + 1;
    j += usize::from(text(tokens, j) == "the");
    let (day, n) = day_number(tokens, j)?;
    j += n;
    // "may 5 pm" and "march 10:30" tell the time.
    if matches!(text(tokens, j), "am" | "pm" | "o'clock") {
        return None;
    }
    let (year, n) = with_year(tokens, j);
    let n = n + next_year(tokens, j + n);
    valid(month, day, year).then_some((Day::OfYear { month, day, year }, j + n - i))
}

/// `the 3rd`, `the fifteenth of next month`; "the second one" is no date.
fn of_month(tokens: &[&Token], i: usize) -> Option<(Day, usize)> {
    const TAILS: [(&str, u32); 8] = [
        ("of next month", 1),
        ("next month", 1),
        ("of this month", 0),
        ("this month", 0),
        ("of the month", 99),
        ("of every month", 99),
        ("of each month", 99),
        ("of the next month", 1),
    ];
    let the = usize::from(text(tokens, i) == "the");
    let (day, n) = ordinal(tokens, i + the).filter(|&(d, _)| (1..=31).contains(&d))?;
    let j = i + the + n;
    if let Some((taken, months)) = TAILS.iter().find_map(|&(p, m)| at(tokens, j, p).map(|n| (n, m))) {
        let months = (months != 99).then_some(months);
        return Some((Day::OfMonth { day, months }, j + taken - i));
    }
    let before = if i == 0 { "" } else { text(tokens, i - 1) };
    let led = matches!(
        before,
        "on" | "for"
            | "by"
            | "until"
            | "till"
            | "before"
            | "of"
            | "from"
            | "since"
            | "to"
            | "after"
            | "due"
            | "starting"
            | "save"
            | "reserve"
            | "keep"
            | "block"
            | "hold"
    );
    let next = text(tokens, j);
    let ends = next.is_empty()
        || !next.chars().all(char::is_alphanumeric)
        || matches!(
            next,
            "at" | "for"
                | "to"
                | "in"
                | "and"
                | "from"
                | "by"
                | "please"
                | "that"
                | "about"
                | "with"
                | "around"
                | "morning"
                | "afternoon"
                | "evening"
                | "night"
                | "i"
                | "which"
                | "remind"
                | "set"
                | "is"
                | "instead"
                | "noon"
                | "as"
                | "called"
                | "when"
                | "or"
                | "so"
                | "because"
        )
        || number(tokens, j).is_some();
    let timed = text(tokens, j) == "at" || matches!(text(tokens, j), "noon" | "midnight");
    ((the == 1 && (led && ends || timed))
        || (led && ends && text(tokens, i).ends_with(|c: char| c.is_alphabetic()) && day > 3 && before == "on"))
        .then_some((Day::OfMonth { day, months: None }, the + n))
}

/// How many: `two`, `a couple of`, `a few`, `a`
pub(super) fn count(tokens: &[&Token], i: usize) -> Option<(i64, usize)> {
    const VAGUE: [(&str, i64); 8] = [
        ("a couple of", 2),
        ("couple of", 2),
        ("a couple", 2),
        ("a few", 3),
        ("several", 3),
        ("a", 1),
        ("an", 1),
        ("another", 1),
    ];
    if let Some((n, k)) = number(tokens, i) {
        return Some((i64::from(n), k));
    }
    VAGUE.iter().find_map(|&(p, c)| at(tokens, i, p).map(|n| (c, n)))
}

/// Days in a `day` or `week`, months in a `month` or `year`.
pub(super) fn unit(word: &str) -> Option<(i64, u32)> {
    Some(match word {
        "day" | "days" => (1, 0),
        "week" | "weeks" => (7, 0),
        "fortnight" => (14, 0),
        "month" | "months" => (0, 1),
        "year" | "years" => (0, 12),
        _ => return None,
    })
}

/// `in two weeks`, `three days from now`, `a week from friday`, `two days after tomorrow`, `within a month`
fn in_units(tokens: &[&Token], i: usize) -> Option<(Day, usize)> {
    let led = matches!(text(tokens, i), "in" | "within" | "after");
    let start = i + usize::from(led);
    let (n, taken) = count(tokens, start)?;
    let mut j = start + taken;
    let (days, months) = unit(base(tokens, j))?;
    j += 1;
    let days = n.checked_mul(days).filter(|d| *d < 40_000)?;
    let months = u32::try_from(n).ok()?.checked_mul(months).filter(|m| *m < 1_200)?;
    let plain = if months > 0 { Day::MonthsAhead(months) } else { Day::Ahead(days) };
    if let Some(tail) =
        ["from now", "from today", "from this day", "hence", "later from now"].iter().find_map(|p| at(tokens, j, p))
    {
        return Some((plain, j + tail - i));
    }
    if matches!(text(tokens, j), "from" | "after") && months == 0 {
        let anchored = match weekday(tokens, j + 1).or_else(|| relative(tokens, j + 1)) {
            Some((Day::Ahead(d), n)) => Some((Day::Ahead(d + days), n)),
            Some((Day::Weekday { day, which, weeks, .. }, n)) if days % 7 == 0 => {
                Some((Day::Weekday { day, which, weeks: weeks + days / 7, days: 0 }, n))
            }
            Some((Day::Weekday { day, which, weeks, .. }, n)) => Some((Day::Weekday { day, which, weeks, days }, n)),
            _ => None,
        };
        if let Some((day, n)) = anchored {
            return Some((day, j + 1 + n - i));
        }
    }
    let time = at(tokens, j, "time").unwrap_or(0);
    // "in two days" is a date; "two days" alone is a length.
    (led && (text(tokens, i) != "after" || n > 0)).then_some((plain, j + time - i))
}
