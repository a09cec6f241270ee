//! Time expressions in a sentence: an optional preposition, then days, times and parts of the day in any order.

use super::clock::{Company, clock};
use super::day::{day, text};
use super::length::{ahead, length};
use super::{Clock, Half, Lead, Mention, Part, When};
use crate::numbers::number;
use crate::words::Token;

/// All time expressions of the sentence, from left to right.
pub(crate) fn mentions(tokens: &[&Token]) -> Vec<Mention> {
    let rings = tokens.iter().any(|t| matches!(t.text.as_str(), "alarm" | "timer" | "alarms" | "timers" | "snooze"));
    let mut found: Vec<Mention> = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        let after_date = found.last().is_some_and(|m| m.span.end == i);
        match mention(tokens, i, rings, after_date) {
            Some(m) => {
                i = m.span.end;
                found.push(m);
            }
            None => i += 1,
        }
    }
    found
}

/// Words that lead a time in; how many tokens, and what they say.
fn led_in(tokens: &[&Token], i: usize) -> (Lead, usize) {
    let (first, second) = (text(tokens, i), text(tokens, i + 1));
    let inner = |l: Lead| {
        let more = matches!(second, "the" | "around" | "about" | "at" | "on" | "like" | "my" | "this");
        // "the" belongs to the date itself.
        (l, if more && second != "the" && second != "this" { 2 } else { 1 })
    };
    match first {
        "on" | "at" | "for" | "in" | "of" | "around" | "about" | "approximately" | "during" | "over" | "@" => {
            inner(Lead::On)
        }
        "due" | "starting" | "beginning" | "starts" | "scheduled"
            if matches!(second, "at" | "on" | "by" | "for" | "from" | "in") =>
        {
            (Lead::On, 2)
        }
        "by" => inner(Lead::Before),
        "between" => (Lead::From, 1),
        "until" | "till" | "to" | "into" => inner(Lead::To),
        "from" | "since" => inner(Lead::From),
        "before" => (Lead::Before, 1),
        "after" | "past" => (Lead::After, 1),
        "due" | "starting" | "every" | "each" => (Lead::On, 1),
        "sometime" | "later" | "first" if matches!(second, "in" | "on" | "next" | "this" | "thing") => {
            (Lead::On, if second == "thing" { 2 } else { 1 })
        }
        _ => (Lead::None, 0),
    }
}

/// "for ten thirty" is a time where "for ten" may count something.
fn has_minutes(tokens: &[&Token], i: usize) -> bool {
    clock(tokens, i, Company::Near).is_some_and(|(clock, _)| clock.minute > 0)
}

fn part_word(word: &str) -> Option<Part> {
    Some(match word {
        "morning" | "mornings" => Part::Morning,
        "afternoon" => Part::Afternoon,
        "evening" => Part::Evening,
        "night" | "nights" => Part::Night,
        _ => return None,
    })
}

fn is_time_lead(word: &str) -> bool {
    matches!(
        word,
        "at" | "by" | "around" | "about" | "before" | "after" | "until" | "till" | "past" | "@" | "approximately"
    )
}

fn mention(tokens: &[&Token], i: usize, rings: bool, after_date: bool) -> Option<Mention> {
    let (lead, skip) = led_in(tokens, i);
    let word = text(tokens, i + skip.saturating_sub(1));
    let company = if skip > 0 && (is_time_lead(word) || is_time_lead(text(tokens, i))) {
        Company::Led
    } else if after_date
        || (word == "for" && (rings || has_minutes(tokens, i + skip)))
        || matches!(lead, Lead::To | Lead::From)
    {
        Company::Near
    } else {
        Company::Alone
    };
    let mut when = When { repeats: repeats(tokens, i), ..When::default() };
    let mut j = i + skip;
    if let Some(m) = timer(tokens, i, rings) {
        return Some(m);
    }
    let mut possessive = false;
    let mut company = company;
    let mut content = false;
    while let Some((next, n, owned)) = atom(tokens, j, company, skip > 0 || content, &when) {
        let Some(merged) = when.merged(next) else { break };
        (when, content, possessive, j) = (merged, true, owned, j + n);
        company = Company::Near;
        let glue = glue(tokens, j);
        if glue > 0
            && atom(
                tokens,
                j + glue,
                if is_time_lead(text(tokens, j + glue - 1)) { Company::Led } else { Company::Near },
                true,
                &when,
            )
            .is_some_and(|(next, ..)| when.merged(next).is_some())
        {
            company = if is_time_lead(text(tokens, j + glue - 1)) { Company::Led } else { Company::Near };
            j += glue;
        }
        if owned {
            break;
        }
    }
    if !content {
        return None;
    }
    j += ending(tokens, j, &mut when);
    when.bound = matches!(lead, Lead::Before | Lead::After).then_some(lead);
    Some(Mention { span: i..j, when, lead, possessive })
}

/// `every friday`, `the fifteenth of every month`, `each morning`, `daily at ten`
fn repeats(tokens: &[&Token], i: usize) -> bool {
    matches!(text(tokens, i), "every" | "each")
}

/// Connecting words between a date and a time.
fn glue(tokens: &[&Token], j: usize) -> usize {
    match (text(tokens, j), text(tokens, j + 1)) {
        ("," | "", "at" | "on" | "around" | "by") | ("starting" | "beginning", "at" | "from") => 2,
        ("at" | "on" | "in", "around" | "about" | "the") if text(tokens, j + 1) != "the" => 2,
        ("in", "the") if part_word(text(tokens, j + 2)).is_some() => 1,
        (
            "at" | "on" | "around" | "by" | "from" | "," | "for" | "before" | "after" | "in" | "of" | "@" | "starting"
            | "-",
            _,
        ) => 1,
        _ => 0,
    }
}

/// What may trail a time and belongs to it: `sharp`, `every month`, the end of a stretch.
fn ending(tokens: &[&Token], j: usize, when: &mut When) -> usize {
    if matches!(text(tokens, j), "sharp" | "exactly" | "onwards") {
        return 1;
    }
    if when.clock.is_some()
        && (matches!(text(tokens, j), "to" | "until" | "till" | "-")
            || text(tokens, j) == "and" && text(tokens, j.saturating_sub(2)) == "between"
            || text(tokens, j) == "and" && text(tokens, j.saturating_sub(3)) == "between")
        && let Some((end, n)) = clock(tokens, j + 1, Company::Near)
    {
        if let Some(start) = &mut when.clock
            && start.half.is_none()
            && !start.sure
        {
            // "from two to four pm": both are afternoon; "from eleven to one pm" is not.
            start.half = match end.half {
                Some(Half::Pm) if start.hour % 12 > end.hour % 12 => Some(Half::Am),
                other => other,
            };
        }
        when.until = Some(end);
        return n + 1;
    }
    if matches!(text(tokens, j), "of") && matches!(text(tokens, j + 1), "every" | "each") {
        when.repeats = true;
        return 3;
    }
    0
}

/// One piece: a day, a time, a part of the day, a length from now. Gives whether it was possessive.
fn atom(tokens: &[&Token], j: usize, company: Company, led: bool, so_far: &When) -> Option<(When, usize, bool)> {
    let none = When::default();
    let before = if j == 0 { "" } else { text(tokens, j - 1) };
    let owned = |n: usize| tokens.get(j + n - 1).is_some_and(|t| t.is_possessive());
    if matches!(tokens.get(j).map(|t| t.base()), Some("tonight")) {
        return Some((When { day: Some(super::Day::Ahead(0)), part: Some(Part::Night), ..none }, 1, owned(1)));
    }
    if let ("last", "night") = (text(tokens, j), text(tokens, j + 1)) {
        return Some((When { day: Some(super::Day::Ahead(-1)), part: Some(Part::Night), ..none }, 2, false));
    }
    if text(tokens, j) == "this"
        && let Some(part) = tokens.get(j + 1).and_then(|t| part_word(t.base()))
    {
        return Some((When { day: Some(super::Day::Ahead(0)), part: Some(part), ..none }, 2, owned(2)));
    }
    // "in the evening", "tomorrow morning", "friday night"; "evening meeting" is no time
    let the = usize::from(text(tokens, j) == "the");
    let dated = so_far.day.is_some() || so_far.clock.is_some();
    if let Some(part) = tokens.get(j + the).and_then(|t| part_word(t.base()))
        && (dated
            || (the == 1 && matches!(before, "in" | "during" | "for" | "until" | "to" | "at"))
            || matches!(before, "every" | "each" | "at" | "by" | "in" | "late" | "early"))
    {
        return Some((When { part: Some(part), ..none }, 1 + the, owned(1 + the)));
    }
    // The words "in", "within" stand before the piece as its lead; both readings look from the word itself.
    let hedged = usize::from(led && j > 1 && matches!(before, "about" | "around" | "like" | "approximately"));
    let opening = if j > hedged { text(tokens, j - 1 - hedged) } else { "" };
    if hedged > 0
        && matches!(opening, "in" | "within")
        && let Some((minutes, n)) = length(tokens, j)
    {
        return Some((When { ahead: Some(minutes), ..none }, n, false));
    }
    let from = if j > 0 && led && matches!(before, "in" | "within" | "after") { j - 1 } else { j };
    if let Some((minutes, n)) = ahead(tokens, from) {
        return Some((When { ahead: Some(minutes), ..none }, n - (j - from), false));
    }
    let dated_as = day(tokens, j)
        .or_else(|| if from < j { day(tokens, from).filter(|&(_, n)| n > 1).map(|(d, n)| (d, n - 1)) } else { None });
    let timed = clock(tokens, j, company).or_else(|| after_day(tokens, j, so_far));
    match (dated_as, timed) {
        // An ISO date with a time is both in one token.
        (Some((d, 1)), Some((c, 1))) if matches!(d, super::Day::Fixed(_)) && c.sure => {
            Some((When { day: Some(d), clock: Some(c), ..none }, 1, false))
        }
        (Some((d, n)), Some((_, m))) if n >= m => Some((When { day: Some(d), ..none }, n, owned(n))),
        (Some((d, n)), None) => Some((When { day: Some(d), ..none }, n, owned(n))),
        (_, Some((c, n))) => Some((When { clock: Some(c), ..none }, n, owned(n))),
        (None, None) => None,
    }
}

/// `tomorrow nine`: right after a day a bare number that ends the phrase is a time.
fn after_day(tokens: &[&Token], j: usize, so_far: &When) -> Option<(Clock, usize)> {
    if so_far.day.is_none() || so_far.clock.is_some() {
        return None;
    }
    clock(tokens, j, Company::Near)
}

/// `a five minute timer`, `timer for ten minutes`, `snooze for five minutes`: lengths that ring when they are over.
fn timer(tokens: &[&Token], i: usize, rings: bool) -> Option<Mention> {
    let led = usize::from(text(tokens, i) == "for");
    if !rings || number(tokens, i + led).is_none() && !matches!(text(tokens, i + led), "an" | "a" | "half" | "one") {
        return None;
    }
    let (minutes, n) = length(tokens, i + led)?;
    let j = i + led + n;
    let named = i > 0 && matches!(text(tokens, i - 1), "timer" | "alarm");
    let rung = led == 1 || named || matches!(text(tokens, j), "timer" | "alarm");
    rung.then(|| Mention {
        span: i..j,
        when: When { ahead: Some(minutes), ..When::default() },
        lead: Lead::On,
        possessive: false,
    })
}
