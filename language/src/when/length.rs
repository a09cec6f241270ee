//! Readings of lengths of time, and of minutes and hours from now.
//!
//! One more: a phrase in [`length`], or a lead or tail in [`ahead`].

use super::day::{count, text};
use crate::numbers::number;
use crate::words::Token;

/// Minutes in a length of time: `five minutes`, `half an hour`, `an hour and a half`, `two and a half hours`, `one hour thirty minutes`.
pub(super) fn length(tokens: &[&Token], i: usize) -> Option<(i64, usize)> {
    let unit = |j: usize| match text(tokens, j) {
        "minute" | "minutes" | "min" | "mins" => Some(1),
        "hour" | "hours" | "hr" | "hrs" => Some(60),
        _ => None,
    };
    for (phrase, minutes) in [
        ("half an hour", 30),
        ("half hour", 30),
        ("a half hour", 30),
        ("a half an hour", 30),
        ("quarter of an hour", 15),
        ("a quarter of an hour", 15),
        ("quarter hour", 15),
        ("an hour and a half", 90),
        ("one hour and a half", 90),
        ("three quarters of an hour", 45),
    ] {
        let words: Vec<&str> = phrase.split(' ').collect();
        if words.iter().enumerate().all(|(k, w)| text(tokens, i + k) == *w) {
            return Some((minutes, words.len()));
        }
    }
    let word = text(tokens, i);
    let glued = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    if !glued.is_empty() && glued.len() < word.len() && glued.len() <= 3 {
        let per = match &word[glued.len()..] {
            "min" | "mins" | "m" => 1,
            "h" | "hr" | "hrs" => 60,
            _ => return None,
        };
        return glued.parse::<i64>().ok().map(|n| (n * per, 1));
    }
    let (n, taken) = count(tokens, i)?;
    let mut j = i + taken;
    let and_half = text(tokens, j) == "and" && text(tokens, j + 1) == "a" && text(tokens, j + 2) == "half";
    j += if and_half { 3 } else { 0 };
    let per = unit(j)?;
    let mut minutes = n * per + if and_half { per / 2 } else { 0 };
    j += 1;
    let and = usize::from(text(tokens, j) == "and");
    if per == 60
        && let Some((m, k)) = number(tokens, j + and)
        && unit(j + and + k) == Some(1)
    {
        minutes += i64::from(m);
        j += and + k + 1;
    }
    Some((minutes, j - i))
}

/// Minutes from now: `in an hour`, `five minutes from now`, `within the hour`.
pub(super) fn ahead(tokens: &[&Token], i: usize) -> Option<(i64, usize)> {
    let led = matches!(text(tokens, i), "in" | "within" | "after");
    let start = i + usize::from(led);
    let (minutes, n) = length(tokens, start)?;
    let j = start + n;
    let tail = match (text(tokens, j), text(tokens, j + 1)) {
        ("from", "now") | ("or", "so") => 2,
        ("time" | "later" | "hence", _) => 1,
        _ => 0,
    };
    (led || tail > 0).then_some((minutes, j + tail - i))
}
