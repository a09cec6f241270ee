//! From a meaning to dates and moments in the user's zone.

use super::{Clock, Day, Half, Part, Period, When, Which};
use chrono::{
    DateTime, Datelike, Days, LocalResult, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Timelike,
    Weekday,
};
use chrono_tz::Tz;

/// When a task is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// All day.
    Day(NaiveDate),
    At(DateTime<Tz>),
}

/// What the rest of the sentence says about a time without am or pm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Hint {
    #[default]
    None,
    /// Getting up: early hours are meant.
    Wake,
    /// An alarm: any hour, the next one.
    Ring,
    /// Breakfast.
    Morning,
    /// Dinner, a party.
    Evening,
}

fn plus(date: NaiveDate, days: i64) -> NaiveDate {
    date.checked_add_signed(TimeDelta::days(days)).unwrap_or(date)
}

fn months_after(date: NaiveDate, months: u32) -> NaiveDate {
    date.checked_add_months(Months::new(months)).unwrap_or(date)
}

fn first_of_month(date: NaiveDate) -> NaiveDate {
    date.with_day(1).unwrap_or(date)
}

fn last_of_month(date: NaiveDate) -> NaiveDate {
    plus(months_after(first_of_month(date), 1), -1)
}

fn monday(date: NaiveDate) -> NaiveDate {
    plus(date, -i64::from(date.weekday().num_days_from_monday()))
}

/// The dates that may be meant, the likeliest first; never empty.
pub(crate) fn dates(day: Day, today: NaiveDate) -> Vec<NaiveDate> {
    match day {
        Day::Ahead(n) => vec![plus(today, n)],
        Day::Fixed(date) => vec![date],
        Day::MonthsAhead(n) => vec![months_after(today, n)],
        Day::Weekday { day, which, weeks, days } => {
            weekday(day, which, today).into_iter().map(|d| plus(d, 7 * weeks + days)).collect()
        }
        Day::OfYear { month, day, year: Some(year) } => {
            vec![NaiveDate::from_ymd_opt(year, month, day).unwrap_or(today)]
        }
        Day::OfYear { month, day, year: None } => {
            let coming =
                (0..9).filter_map(|n| NaiveDate::from_ymd_opt(today.year() + n, month, day)).filter(|d| *d >= today);
            let dates: Vec<_> = coming.take(2).collect();
            if dates.first() == Some(&today) { dates } else { dates.into_iter().take(1).collect() }
        }
        Day::OfMonth { day, months: Some(n) } => {
            let month = months_after(first_of_month(today), n);
            vec![month.with_day(day).unwrap_or_else(|| last_of_month(month))]
        }
        Day::OfMonth { day, months: None } => {
            let coming =
                (0..4).filter_map(|n| months_after(first_of_month(today), n).with_day(day)).filter(|d| *d >= today);
            coming.take(1).collect()
        }
        Day::Period(_) => vec![start_of(day, today)],
        Day::EndOf(Period::Week(n)) => {
            let friday = plus(monday(today), 4 + 7 * n);
            vec![if friday < today { plus(friday, 2) } else { friday }]
        }
        Day::EndOf(_) => vec![range(day, today).1],
        Day::WeekOf { .. } => vec![range(day, today).0.max(today)],
        Day::WeekdayOf { day, nth, month } => {
            let (first, last) = stretch(month, today);
            let ahead = i64::from((7 + day.num_days_from_monday() - first.weekday().num_days_from_monday()) % 7);
            let wanted = plus(first, ahead + 7 * i64::from(nth - 1));
            vec![if wanted > last { plus(wanted, -7) } else { wanted }]
        }
    }
}

fn weekday(day: Weekday, which: Which, today: NaiveDate) -> Vec<NaiveDate> {
    let ahead = i64::from((7 + day.num_days_from_monday() - today.weekday().num_days_from_monday()) % 7);
    let next_week = plus(monday(today), 7 + i64::from(day.num_days_from_monday()));
    match which {
        Which::Coming | Which::This if ahead == 0 => vec![today, plus(today, 7)],
        Which::Coming | Which::This => vec![plus(today, ahead)],
        Which::Next if ahead == 0 => vec![plus(today, 7)],
        Which::Next if plus(today, ahead) == next_week => vec![next_week],
        Which::Next => vec![plus(today, ahead), next_week],
        Which::NextWeek => vec![next_week],
        Which::Last => vec![plus(today, if ahead == 0 { -7 } else { ahead - 7 })],
    }
}

/// The day to work with when a stretch is given for something to be done.
fn start_of(day: Day, today: NaiveDate) -> NaiveDate {
    let (from, to) = range(day, today);
    match day {
        Day::Period(Period::Week(0)) => {
            plus(monday(today), if today.weekday().num_days_from_monday() > 4 { 6 } else { 4 })
        }
        Day::Period(Period::Month(0) | Period::Year(0) | Period::Days(_)) => to,
        _ => from.max(today),
    }
}

/// First and last date of what was named; for looking tasks up.
pub(crate) fn range(day: Day, today: NaiveDate) -> (NaiveDate, NaiveDate) {
    match day {
        Day::Period(period) | Day::EndOf(period) => stretch(period, today),
        Day::WeekOf { nth, month } => {
            let (first, last) = stretch(month, today);
            let from = if nth > 4 { plus(last, -6) } else { plus(first, 7 * i64::from(nth - 1)) };
            (from, plus(from, 6).min(last))
        }
        _ => {
            let all = dates(day, today);
            let (first, last) = (all.iter().min(), all.iter().max());
            (first.copied().unwrap_or(today), last.copied().unwrap_or(today))
        }
    }
}

fn stretch(period: Period, today: NaiveDate) -> (NaiveDate, NaiveDate) {
    match period {
        Period::Week(n) => (plus(monday(today), 7 * n), plus(monday(today), 7 * n + 6)),
        Period::Weekend(n) => (plus(monday(today), 5 + 7 * n), plus(monday(today), 6 + 7 * n)),
        Period::Month(n) => {
            let first = first_of_month(today);
            let months = Months::new(u32::try_from(n.abs()).unwrap_or(0));
            let first = if n < 0 { first.checked_sub_months(months) } else { first.checked_add_months(months) }
                .unwrap_or(first);
            (first, last_of_month(first))
        }
        Period::Named(month) => {
            let this = today.with_day(1).and_then(|d| d.with_month(month)).unwrap_or(today);
            let first = if month < today.month() { months_after(this, 12) } else { this };
            (first, last_of_month(first))
        }
        Period::Year(n) => {
            let year = today.year() + n;
            (
                NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(today),
                NaiveDate::from_ymd_opt(year, 12, 31).unwrap_or(today),
            )
        }
        Period::Days(n) => (today, plus(today, n)),
    }
}

/// A wall-clock time as a moment: in a repeated hour the first, in a skipped hour as long after the gap's start as the clock says.
pub(crate) fn at_local(naive: NaiveDateTime, zone: Tz) -> DateTime<Tz> {
    match zone.from_local_datetime(&naive) {
        LocalResult::Single(t) | LocalResult::Ambiguous(t, _) => t,
        LocalResult::None => {
            let before = naive - TimeDelta::hours(24);
            let shift = naive - before;
            match zone.from_local_datetime(&before) {
                LocalResult::Single(t) | LocalResult::Ambiguous(t, _) => t + shift,
                LocalResult::None => zone.from_utc_datetime(&naive),
            }
        }
    }
}

/// The hours that a clock time may mean, the likeliest first.
fn hours(clock: Clock, part: Option<Part>, hint: Hint, dated: bool) -> Vec<u32> {
    let (am, pm) = (clock.hour % 12, clock.hour % 12 + 12);
    if clock.sure {
        return vec![clock.hour];
    }
    match (clock.half, part) {
        (Some(Half::Am), _) | (None, Some(Part::Morning)) => return vec![am],
        (Some(Half::Pm), _) | (None, Some(Part::Afternoon | Part::Evening)) => return vec![pm],
        // "twelve at night" is midnight, "two at night" is in the small hours.
        (None, Some(Part::Night)) => return vec![if matches!(clock.hour, 12 | 1..=4) { am } else { pm }],
        (None, None) => {}
    }
    match hint {
        _ if clock.hour == 12 => vec![12, 0],
        Hint::Wake | Hint::Morning if clock.hour >= 4 => vec![am],
        Hint::Ring if dated && clock.hour >= 4 => vec![am, pm],
        Hint::Ring => vec![pm, am],
        Hint::Evening if clock.hour >= 5 => vec![pm],
        _ if clock.hour <= 6 => vec![pm],
        _ => vec![am, pm],
    }
}

/// The hour that stands for a part of the day.
fn part_hour(part: Part) -> u32 {
    match part {
        Part::Morning => 9,
        Part::Afternoon => 15,
        Part::Evening => 19,
        Part::Night => 20,
    }
}

fn time(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or(NaiveTime::MIN)
}

/// When something said now is due; `None` if no time was named, or only a past day.
pub(crate) fn due(when: &When, now: DateTime<Tz>, hint: Hint) -> Option<Due> {
    let (zone, today) = (now.timezone(), now.date_naive());
    if when.is_empty() {
        return None;
    }
    if let Some(minutes) = when.ahead {
        let at = now.checked_add_signed(TimeDelta::try_minutes(minutes)?)?;
        return Some(Due::At(at.with_nanosecond(0).unwrap_or(at)));
    }
    let Some(clock) = when.clock else {
        return due_without_clock(when, now);
    };
    let moment = |date: NaiveDate, hour: u32| at_local(date.and_time(time(hour, clock.minute)), zone);
    let hours = hours(clock, when.part, hint, when.day.is_some_and(|d| d != Day::Ahead(0)));
    let Some(day) = when.day else {
        return next_time(&hours, hint, now, moment).map(Due::At);
    };
    let days = dates(day, today);
    if days.iter().all(|d| *d < today) {
        return None;
    }
    if matches!(days.first(), Some(first) if *first == today) {
        let small_hours = when.part == Some(Part::Night) && hours.first().is_some_and(|h| *h < 5);
        let first = if small_hours { plus(today, 1) } else { today };
        let later = hours.iter().map(|h| moment(first, *h)).filter(|t| *t > now).min();
        let next = hours.first().map(|h| moment(days.get(1).copied().unwrap_or(plus(today, 1)), *h));
        return later.or(next).map(Due::At);
    }
    days.first().zip(hours.first()).map(|(d, h)| Due::At(moment(*d, *h)))
}

/// The next time the clock shows one of the hours; small hours only when the sentence is about getting up.
fn next_time(
    hours: &[u32],
    hint: Hint,
    now: DateTime<Tz>,
    moment: impl Fn(NaiveDate, u32) -> DateTime<Tz>,
) -> Option<DateTime<Tz>> {
    let sensible = |h: &u32| hours.len() == 1 || hint == Hint::Ring || (7..=22).contains(h);
    let next = |h: &u32| {
        let today = moment(now.date_naive(), *h);
        if today > now { today } else { moment(plus(now.date_naive(), 1), *h) }
    };
    hours.iter().filter(|h| sensible(h)).map(next).min()
}

fn due_without_clock(when: &When, now: DateTime<Tz>) -> Option<Due> {
    let today = now.date_naive();
    let all = when.day.map(|d| dates(d, today));
    let coming = |d: &NaiveDate| {
        *d > today || (*d == today && !matches!(when.day, Some(Day::Weekday { which: Which::Coming, .. })))
    };
    let date = match &all {
        Some(all) => all.iter().find(|d| coming(d)).or_else(|| all.iter().find(|d| **d >= today)).copied()?,
        None => today,
    };
    let Some(part) = when.part else { return Some(Due::Day(date)) };
    let at = at_local(date.and_time(time(part_hour(part), 0)), now.timezone());
    if at > now {
        return Some(Due::At(at));
    }
    // Without a day the next such part is meant; "this evening" said late is still today.
    if all.is_some() {
        return Some(Due::Day(date));
    }
    let tomorrow = date.checked_add_days(Days::new(1))?;
    Some(Due::At(at_local(tomorrow.and_time(time(part_hour(part), 0)), now.timezone())))
}
