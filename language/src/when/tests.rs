//! Dates in words, case by case and by property: what is generated in a surface form is read back, in any zone, never in the past.

use super::{Due, Hint, due, mentions};
use crate::words::Sentence;
use chrono::{DateTime, Datelike, Days, NaiveDate, TimeZone, Timelike};
use chrono_tz::Tz;
use proptest::prelude::*;
use rstest::rstest;

/// Wednesday, 10 o'clock.
fn wednesday() -> DateTime<Tz> {
    chrono_tz::Europe::Madrid.with_ymd_and_hms(2026, 3, 4, 10, 0, 0).single().expect("a moment that exists once")
}

fn read(text: &str, now: DateTime<Tz>) -> Option<Due> {
    let sentence = Sentence::new(text);
    let found = mentions(&sentence.all());
    let when = found.iter().fold(super::When::default(), |all, m| all.merged(m.when).unwrap_or(all));
    due(&when, now, Hint::None)
}

fn shown(text: &str, now: DateTime<Tz>) -> String {
    match read(text, now) {
        None => String::new(),
        Some(Due::Day(date)) => date.to_string(),
        Some(Due::At(at)) => at.format("%Y-%m-%dT%H:%M").to_string(),
    }
}

#[rstest]
#[case("tomorrow at 9", "2026-03-05T09:00")]
#[case("the 3rd at noon", "2026-04-03T12:00")]
#[case("on the fifteenth", "2026-03-15")]
#[case("by end of month", "2026-03-31")]
#[case("in two weeks", "2026-03-18")]
#[case("a week from today at five", "2026-03-11T17:00")]
#[case("twenty second of january", "2027-01-22")]
#[case("on march twenty first at ten", "2026-03-21T10:00")]
#[case("at half past six tomorrow morning", "2026-03-05T06:30")]
#[case("tomorrow at quarter to nine", "2026-03-05T08:45")]
#[case("friday 17:30", "2026-03-06T17:30")]
#[case("at twenty past four", "2026-03-04T16:20")]
#[case("3/14", "2026-03-14")]
#[case("on 2027-03-01", "2027-03-01")]
#[case("2026-06-01T08:15", "2026-06-01T08:15")]
#[case("in an hour and a half", "2026-03-04T11:30")]
#[case("tomorrow evening by seven", "2026-03-05T19:00")]
#[case("friday next week at eleven", "2026-03-13T11:00")]
#[case("this weekend", "2026-03-07")]
#[case("at eight a m on saturday", "2026-03-07T08:00")]
#[case("twelve o clock on saturday", "2026-03-07T12:00")]
#[case("at midnight", "2026-03-05T00:00")]
#[case("today at eight", "2026-03-04T20:00")]
#[case("from two to four pm tomorrow", "2026-03-05T14:00")]
#[case("on twelveth july", "2026-07-12")]
#[case("may fifth two thousand and twenty seven", "2027-05-05")]
#[case("the day after tomorrow", "2026-03-06")]
#[case("two days after tomorrow", "2026-03-07")]
#[case("on the fifth of next month at ten am", "2026-04-05T10:00")]
#[case("by end of march", "2026-03-31")]
#[case("in about twenty minutes", "2026-03-04T10:20")]
#[case("an alarm for ten to seven am", "2026-03-05T06:50")]
#[case("on monday between one and three", "2026-03-09T13:00")]
#[case("the first week of may", "2026-05-01")]
#[case("the third monday of next month", "2026-04-20")]
#[case("the last friday of may", "2026-05-29")]
#[case("the seven thirty alarm", "2026-03-04T19:30")]
#[case("next weekend", "2026-03-14")]
#[case("the evening meeting", "")]
#[case("dinner for two", "")]
#[case("may i", "")]
#[case("the second one", "")]
#[case("february thirtieth", "")]
fn reads(#[case] text: &str, #[case] want: &str) {
    assert_eq!(shown(text, wednesday()), want, "{text}");
}

#[rstest]
#[case::gap_is_skipped("march 29 at 2:30 am", "2026-03-29T03:30")]
#[case::of_two_the_first("october 25 at 2:30 am", "2026-10-25T02:30")]
fn clocks_that_change(#[case] text: &str, #[case] want: &str) {
    assert_eq!(shown(text, wednesday()), want);
    if let Some(Due::At(at)) = read("october 25 at 2:30 am", wednesday()) {
        assert_eq!(at.to_rfc3339(), "2026-10-25T02:30:00+02:00");
    }
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const ORDINALS: [&str; 20] = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
];
const HOURS: [&str; 12] =
    ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

fn index(n: u32) -> usize {
    usize::try_from(n).expect("small")
}

fn ordinal_words(day: u32) -> String {
    match day {
        1..=20 => ORDINALS[index(day - 1)].to_owned(),
        21..=29 => format!("twenty {}", ORDINALS[index(day - 21)]),
        30 => "thirtieth".to_owned(),
        _ => format!("thirty {}", ORDINALS[index(day - 31)]),
    }
}

/// The date in one of the forms that people use.
fn date_words(date: NaiveDate, form: usize) -> String {
    let (month, day) = (MONTHS[index(date.month0())], ordinal_words(date.day()));
    match form % 6 {
        0 => format!("on {month} {day}"),
        1 => format!("on the {day} of {month}"),
        2 => format!("{month} {} {}", date.day(), date.year()),
        3 => date.to_string(),
        4 => format!("{}/{}/{}", date.month(), date.day(), date.year()),
        _ => format!("on {day} {month}"),
    }
}

fn time_words(hour: u32, minute: u32, form: usize) -> String {
    let (twelve, half) = (if hour.is_multiple_of(12) { 12 } else { hour % 12 }, if hour < 12 { "am" } else { "pm" });
    match form % 4 {
        0 => format!("at {hour:02}:{minute:02}"),
        1 => format!("at {twelve}:{minute:02} {half}"),
        2 => format!("at {} {half}", HOURS[index(twelve - 1)]),
        _ => format!("at {twelve}{half}"),
    }
}

fn zone() -> impl Strategy<Value = Tz> {
    proptest::sample::select(vec![
        chrono_tz::Europe::Madrid,
        chrono_tz::America::New_York,
        chrono_tz::Asia::Kolkata,
        chrono_tz::Pacific::Auckland,
        chrono_tz::Pacific::Pago_Pago,
        chrono_tz::Australia::Lord_Howe,
        chrono_tz::UTC,
    ])
}

fn moment() -> impl Strategy<Value = DateTime<Tz>> {
    (zone(), 1_700_000_000i64..1_900_000_000)
        .prop_map(|(zone, at)| zone.timestamp_opt(at, 0).single().expect("every second exists once in UTC"))
}

proptest! {
    #[test]
    fn a_date_and_time_in_words_are_read_back(now in moment(), ahead in 1u64..300, hour in 0u32..24, minute in 0u32..60, forms in (0usize..6, 0usize..4)) {
        let date = now.date_naive() + Days::new(ahead);
        let minute = if forms.1 % 4 >= 2 { 0 } else { minute };
        let text = format!("call jo {} {}", date_words(date, forms.0), time_words(hour, minute, forms.1));
        let want = super::at_local(date.and_hms_opt(hour, minute, 0).expect("a time of day"), now.timezone());
        prop_assert_eq!(read(&text, now), Some(Due::At(want)), "{}", text);
    }

    #[test]
    fn future_phrases_are_never_past(now in moment(), phrase in proptest::sample::select(vec!["tomorrow", "on friday", "next monday at nine", "at five", "by seven", "in two weeks", "tonight", "this evening at eight", "at half past six", "on the third", "by end of month", "this weekend", "next month", "today at four", "at midnight", "tomorrow morning", "in an hour", "monday at noon", "on march 3rd"])) {
        match read(phrase, now) {
            Some(Due::Day(date)) => prop_assert!(date >= now.date_naive(), "{} {}", phrase, date),
            Some(Due::At(at)) => prop_assert!(at > now, "{} {}", phrase, at),
            None => prop_assert!(false, "{} was not read", phrase),
        }
    }

    #[test]
    fn lengths_from_now_are_exact(now in moment(), minutes in 1i64..90) {
        let Some(Due::At(at)) = read(&format!("in {minutes} minutes"), now) else { panic!("not read") };
        prop_assert_eq!((at - now).num_minutes(), minutes);
        prop_assert_eq!(at.nanosecond(), 0);
    }

    #[test]
    fn any_text_is_survived(now in moment(), text in "\\PC{0,60}|(([0-9]{1,5}[:./-]?|at|on|the|in|a|of|to|may|first|twenty|half|past|am|next|week|every|from|minutes) ?){0,14}") {
        let _ = read(&text, now);
    }
}
