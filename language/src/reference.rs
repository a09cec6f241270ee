//! Words that point at what was shown or touched: "it", "the second one", "both", `t_12`.
//!
//! One more: a branch in [`pointer`] and, if it is new, a variant of [`Reference`]; what it means is in [`crate::act`].

use crate::numbers::{number, ordinal};
use crate::pattern::{leading, longest, whole};
use crate::words::Token;

/// A pointer to something that was shown or touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reference {
    It,
    /// All that were shown.
    Them,
    Both,
    /// From one; negative from the end.
    Nth(i32),
    First(usize),
    Last(usize),
    /// The one of two that was not taken.
    Other,
    Id(String),
}

/// Marks and collects what points at something shown.
pub(crate) fn references(tokens: &[&Token], found: &mut Vec<Reference>, taken: &mut [bool]) {
    let mut i = 0;
    while i < tokens.len() {
        let rest = &tokens[i..];
        let n = match pointer(rest, tokens, i, found.iter().any(|r| matches!(r, Reference::Nth(_)))) {
            Some((reference, n)) => {
                found.push(reference);
                n
            }
            None => 0,
        };
        taken[i..i + n].iter_mut().for_each(|t| *t = true);
        i += n.max(1);
    }
}

const ONE: &str = "one|task|item|entry|reminder|event|ones|option|todo|alarm|of";

fn pointer(rest: &[&Token], all: &[&Token], i: usize, counted: bool) -> Option<(Reference, usize)> {
    let first = rest.first().filter(|t| !t.quoted)?;
    if first.text.starts_with("t_") && first.text[2..].bytes().all(|b| b.is_ascii_digit()) && first.text.len() > 2 {
        return Some((Reference::Id(first.text.clone()), 1));
    }
    let named = first.text == "both"
        && rest.iter().skip(2).any(|t| t.text == "and")
        && leading(rest, "both of|them|these|those|and").is_none();
    if let Some(n) = longest(rest, &["both [of] [them|these|those]", "the two of them", "the two [ones|tasks|items]"])
        .filter(|n| leading(rest, "the two").is_none() || *n > 2 || rest.get(2).is_none_or(|t| !is_noun_after(t)))
        .filter(|_| !named)
    {
        return Some((Reference::Both, n));
    }
    if let Some(n) = longest(
        rest,
        &[
            "all [of] them|these|those",
            "them all",
            "all of [the] [above|them|these|those]",
            "them|these|those|they",
            "all [the] [of] [two|three|four|five] [of] them",
            "every one [of] [them]",
            "each [of] them",
        ],
    )
    .filter(|_| rest.get(1).is_none_or(|t| !is_noun_after(t)) || !matches!(first.text.as_str(), "these" | "those"))
    {
        return Some((Reference::Them, n));
    }
    if whole(all, &["all", "all of it", "every one", "all three|four|five|two"]) {
        return Some((Reference::Them, all.len()));
    }
    if let Some(n) = longest(rest, &["the other one", "the other [task|item|reminder|meeting|alarm]", "the others"]) {
        return Some((Reference::Other, n));
    }
    if let Some(n) = leading(rest, "the|my first|last two|three|four|five|2|3|4|5 [ones|tasks|items|reminders]")
        .or_else(|| leading(rest, "first|last two|three|four|five|2|3|4|5 [ones|tasks|items]"))
    {
        let at = usize::from(matches!(first.text.as_str(), "the" | "my"));
        let (count, _) = number(rest, at + 1)?;
        let count = usize::try_from(count).ok()?;
        let reference = if rest[at].text == "first" { Reference::First(count) } else { Reference::Last(count) };
        return Some((reference, n));
    }
    if let Some(n) = leading(rest, "number|no|option|task|item|nr")
        && let Some((k, m)) = number(rest, n)
    {
        return i32::try_from(k).ok().filter(|k| (1..=100).contains(k)).map(|k| (Reference::Nth(k), n + m));
    }
    if first.text == "#"
        && let Some((k, m)) = number(rest, 1)
    {
        return i32::try_from(k).ok().map(|k| (Reference::Nth(k), 1 + m));
    }
    if let Some(found) = nth(rest, all, i, counted) {
        return Some(found);
    }
    if let Some(n) = longest(rest, &["that|this one", "that|this task|item|reminder|event|alarm|thing", "it", "its"]) {
        return Some((Reference::It, n));
    }
    let alone = rest.get(1).is_none_or(|t| !is_noun_after(t));
    (alone && matches!(first.text.as_str(), "that" | "this")).then_some((Reference::It, 1))
}

/// Whether a word after "that" makes it an article: "that meeting".
fn is_noun_after(token: &Token) -> bool {
    token.is_word()
        && !matches!(
            token.text.as_str(),
            "to" | "as"
                | "from"
                | "off"
                | "for"
                | "on"
                | "by"
                | "at"
                | "back"
                | "is"
                | "until"
                | "done"
                | "and"
                | "one"
                | "please"
                | "now"
                | "again"
                | "today"
                | "tomorrow"
                | "with"
                | "in"
                | "urgent"
                | "forward"
                | "friday"
                | "monday"
                | "tuesday"
                | "wednesday"
                | "thursday"
                | "saturday"
                | "sunday"
                | "high"
                | "low"
                | "instead"
                | "out"
                | "next"
                | "down"
                | "up"
                | "later"
                | "earlier"
                | "an"
                | "a"
                | "tonight"
                | "off,"
                | "undone"
                | "should"
                | "too"
                | "also"
                | "completed"
                | "finished"
                | "complete"
                | "one's"
        )
}

/// `the second one`, `the third`, `the last one`, and the `third` of "the first and third".
fn nth(rest: &[&Token], all: &[&Token], i: usize, counted: bool) -> Option<(Reference, usize)> {
    let the = usize::from(leading(rest, "the|my").is_some());
    let (place, n) = match rest.get(the).filter(|t| !t.quoted)?.text.as_str() {
        "last" | "bottom" | "final" | "latest" => (-1, 1),
        "top" => (1, 1),
        _ => {
            let (k, n) = ordinal(rest, the).or_else(|| bare_number(rest, all, i, the, counted))?;
            (i32::try_from(k).ok()?, n)
        }
    };
    let after = the + n;
    if let Some(m) = leading(&rest[after..], ONE) {
        let place_words = leading(&rest[after + m..], "on|from|in|of [the|my|that] list|those|them").unwrap_or(0);
        return Some((Reference::Nth(place), after + m + place_words));
    }
    let ends = rest.get(after).is_none_or(|t| {
        !t.is_word()
            || matches!(
                t.text.as_str(),
                "and"
                    | "to"
                    | "as"
                    | "off"
                    | "from"
                    | "please"
                    | "on"
                    | "is"
                    | "by"
                    | "for"
                    | "back"
                    | "until"
                    | "done"
                    | "too"
                    | "tomorrow"
                    | "today"
                    | "or"
            )
    });
    let before = if i == 0 { "" } else { all[i - 1].text.as_str() };
    let dated = matches!(before, "on" | "for" | "by" | "until" | "before" | "to") && place > 0;
    let last = place == -1 && the == 0;
    (ends && !dated && !last && (the == 1 || counted || i == 0)).then_some((Reference::Nth(place), after))
}

/// A bare number points at a line when it is the whole answer or follows another: "2", "1 and 3".
fn bare_number(rest: &[&Token], all: &[&Token], i: usize, the: usize, counted: bool) -> Option<(u32, usize)> {
    let (k, n) = number(rest, the).filter(|(k, _)| (1..=50).contains(k))?;
    let numbers_only = all.iter().all(|t| {
        !t.is_word()
            || matches!(t.text.as_str(), "and" | "the" | "please" | "number" | "delete" | "just" | "option")
            || number(&[t], 0).is_some()
    });
    (numbers_only || (counted && i > 0 && matches!(all[i - 1].text.as_str(), "and" | "," | "&") && rest.len() == n))
        .then_some((k, n))
}
