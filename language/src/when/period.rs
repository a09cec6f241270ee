//! Readings of stretches of days, of days with a name, and of dates in digits.

use super::day::{at, base, month_name, text, unit, valid, weekday_name};
use super::{Day, Period};
use crate::numbers::{number, ordinal};
use crate::words::Token;
use chrono::{Datelike, NaiveDate, Weekday};

pub(super) fn period(tokens: &[&Token], i: usize) -> Option<(Day, usize)> {
    const ENDS: [(&str, Period); 19] = [
        ("the end of the month", Period::Month(0)),
        ("end of the month", Period::Month(0)),
        ("end of month", Period::Month(0)),
        ("the end of this month", Period::Month(0)),
        ("end of this month", Period::Month(0)),
        ("month end", Period::Month(0)),
        ("eom", Period::Month(0)),
        ("the end of next month", Period::Month(1)),
        ("end of next month", Period::Month(1)),
        ("the end of the week", Period::Week(0)),
        ("end of the week", Period::Week(0)),
        ("end of week", Period::Week(0)),
        ("end of this week", Period::Week(0)),
        ("eow", Period::Week(0)),
        ("the end of next week", Period::Week(1)),
        ("end of next week", Period::Week(1)),
        ("the end of the year", Period::Year(0)),
        ("end of the year", Period::Year(0)),
        ("end of year", Period::Year(0)),
    ];
    const STRETCHES: [(&str, Period); 30] = [
        ("this week", Period::Week(0)),
        ("the week", Period::Week(0)),
        ("next week", Period::Week(1)),
        ("the next week", Period::Week(1)),
        ("the coming week", Period::Week(1)),
        ("coming week", Period::Week(1)),
        ("following week", Period::Week(1)),
        ("last week", Period::Week(-1)),
        ("the week after next", Period::Week(2)),
        ("week after next", Period::Week(2)),
        ("later this week", Period::Week(0)),
        ("sometime next week", Period::Week(1)),
        ("the beginning of next week", Period::Week(1)),
        ("beginning of next week", Period::Week(1)),
        ("early next week", Period::Week(1)),
        ("this weekend", Period::Weekend(0)),
        ("the weekend", Period::Weekend(0)),
        ("coming weekend", Period::Weekend(0)),
        ("weekend", Period::Weekend(0)),
        ("next weekend", Period::Weekend(1)),
        ("this month", Period::Month(0)),
        ("the month", Period::Month(0)),
        ("next month", Period::Month(1)),
        ("the next month", Period::Month(1)),
        ("last month", Period::Month(-1)),
        ("the beginning of next month", Period::Month(1)),
        ("beginning of next month", Period::Month(1)),
        ("this year", Period::Year(0)),
        ("next year", Period::Year(1)),
        ("the start of next month", Period::Month(1)),
    ];
    let longest = |phrases: &[(&str, Period)]| {
        phrases.iter().filter_map(|&(p, d)| at(tokens, i, p).map(|n| (d, n))).max_by_key(|&(_, n)| n)
    };
    if let Some((p, n)) = longest(&ENDS) {
        return Some((Day::EndOf(p), n));
    }
    if let Some(part) = part_of_month(tokens, i) {
        return Some(part);
    }
    let before = if i == 0 { "" } else { text(tokens, i - 1) };
    if let Some((p, n)) = longest(&STRETCHES) {
        // "the week" and "a weekend" only count after a preposition.
        let bare =
            matches!(text(tokens, i), "the" | "weekend") && n <= 2 && !matches!(text(tokens, i + 1), "next" | "coming");
        return (!bare || matches!(before, "on" | "for" | "in" | "over" | "during" | "at" | "by" | "the" | "this"))
            .then_some((Day::Period(p), n));
    }
    if text(tokens, i) == "the" && text(tokens, i + 1) == "next" || text(tokens, i) == "next" {
        let j = i + 1 + usize::from(text(tokens, i) == "the");
        let (n, taken) = number(tokens, j)?;
        let (days, months) = unit(text(tokens, j + taken))?;
        return Some((Day::Period(Period::Days(i64::from(n) * (days + 30 * i64::from(months)))), j + taken + 1 - i));
    }
    let month = month_name(base(tokens, i))
        .filter(|_| matches!(before, "in" | "by" | "this" | "next" | "during" | "until" | "for" | "of"))?;
    (text(tokens, i) != "may" || before != "of").then_some((Day::Period(Period::Named(month)), 1))
}

/// `the end of march`, `the beginning of june`, `mid may`, `the first week of may`, `the third monday of next month`
fn part_of_month(tokens: &[&Token], i: usize) -> Option<(Day, usize)> {
    let the = usize::from(text(tokens, i) == "the");
    let j = i + the;
    let week = |n: usize| text(tokens, n) == "week";
    let (place, taken) = match text(tokens, j) {
        "end" | "late" => (Place::End, 1),
        "beginning" | "start" | "early" => (Place::Week(1), 1),
        "middle" | "mid" => (Place::Week(3), 1),
        "last" if week(j + 1) => (Place::Week(5), 2),
        "last" => (Place::Weekday(weekday_name(base(tokens, j + 1))?, 5), 2),
        _ => {
            let (n, taken) = ordinal(tokens, j).filter(|(n, _)| (1..=5).contains(n))?;
            match weekday_name(base(tokens, j + taken)) {
                Some(day) => (Place::Weekday(day, n), taken + 1),
                None if week(j + taken) => (Place::Week(n), taken + 1),
                None => return None,
            }
        }
    };
    let of = usize::from(matches!(text(tokens, j + taken), "of" | "in"));
    let k = j + taken + of;
    let bare = matches!(text(tokens, j), "early" | "mid" | "late");
    let (month, n) = match month_name(base(tokens, k)) {
        Some(month) if of == 1 || bare => (Period::Named(month), 1),
        Some(_) => return None,
        None => [
            ("next month", Period::Month(1)),
            ("the next month", Period::Month(1)),
            ("this month", Period::Month(0)),
            ("the month", Period::Month(0)),
        ]
        .iter()
        .find_map(|&(p, month)| at(tokens, k, p).map(|n| (month, n)))
        .filter(|_| of == 1 || bare)?,
    };
    let day = match place {
        Place::End => Day::EndOf(month),
        Place::Week(nth) => Day::WeekOf { nth, month },
        Place::Weekday(day, nth) => Day::WeekdayOf { day, nth, month },
    };
    Some((day, k + n - i))
}

/// Where in a month.
enum Place {
    End,
    Week(u32),
    Weekday(Weekday, u32),
}

/// Days that have a name; only after a preposition, so that "the christmas list" stays a list.
pub(super) fn holiday(tokens: &[&Token], i: usize) -> Option<(Day, usize)> {
    const NAMES: [(&str, u32, u32); 13] = [
        ("christmas eve", 12, 24),
        ("christmas day", 12, 25),
        ("christmas", 12, 25),
        ("new year's eve", 12, 31),
        ("new years eve", 12, 31),
        ("new year's day", 1, 1),
        ("new years day", 1, 1),
        ("new year", 1, 1),
        ("valentine's day", 2, 14),
        ("valentines day", 2, 14),
        ("halloween", 10, 31),
        ("boxing day", 12, 26),
        ("saint patrick's day", 3, 17),
    ];
    let before = if i == 0 { "" } else { text(tokens, i - 1) };
    if !matches!(before, "on" | "by" | "before" | "until" | "till") {
        return None;
    }
    let fits = |p: &str| p.split(' ').enumerate().all(|(k, w)| text(tokens, i + k) == w).then(|| p.split(' ').count());
    NAMES.iter().find_map(|&(p, month, day)| fits(p).map(|n| (Day::OfYear { month, day, year: None }, n)))
}

/// `2026-03-04`, `3/14`, `14/3/2027`, `14.03.2026`
pub(super) fn numeric(tokens: &[&Token], i: usize) -> Option<(Day, usize)> {
    let word = text(tokens, i);
    let date = word.get(..10).filter(|_| word.len() == 10 || word.as_bytes().get(10) == Some(&b't')).unwrap_or(word);
    if let Ok(d) = NaiveDate::parse_from_str(date, "%Y-%m-%d") {
        return (date.len() == 10 && d.year() >= 1900).then_some((Day::Fixed(d), 1));
    }
    let slash = word.contains('/');
    let parts: Vec<u32> = word.split(['/', '.']).map(str::parse).collect::<Result<_, _>>().ok()?;
    let (a, b, year) = match parts[..] {
        [a, b] if slash => (a, b, None),
        [a, b, y] => (a, b, i32::try_from(if y < 100 { 2000 + y } else { y }).ok()),
        _ => return None,
    };
    if slash && a == 24 && b == 7 {
        return None;
    }
    let (month, day) = if slash && a <= 12 { (a, b) } else { (b, a) };
    if year.is_some_and(|y| !(1900..2200).contains(&y)) {
        return None;
    }
    valid(month, day, year).then_some((Day::OfYear { month, day, year }, 1))
}
