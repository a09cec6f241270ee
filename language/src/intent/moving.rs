//! Changes of when a task is due: to another time, by a length of time, or to no time at all; and corrections of the last change.
//!
//! One more verb: [`MOVES`].

use super::adding::hint;
use super::changing::{change, changing, edit};
use super::naming::last;
use super::rating::LEVELS;
use super::{Action, Edit, Intent, Shift, without};
use crate::lexicon::topic;
use crate::numbers::number;
use crate::pattern::{find, has, leading, longest, whole};
use crate::reference::Reference;
use crate::when::{Lead, Mention, When, mentions, whole_clock};
use crate::words::{Sentence, Token};

const MOVES: &[&str] = &[
    "move|reschedule|postpone|delay|shift|push|snooze|defer|bump|bring|change|put|set|make|update|edit|extend|advance|pull|switch|adjust|have|modify|schedule [back|off|forward|up|out|forwards]",
];

/// `move X to friday`, `push it back a day`, `make that friday`, `an hour later`
pub(crate) fn moved(tokens: &[&Token]) -> Option<Intent> {
    if let Some(said) = stated(tokens) {
        return Some(said);
    }
    let verb = longest(tokens, MOVES);
    if let Some((minutes, from, to)) = shift(tokens) {
        let start = verb.unwrap_or(0);
        let object = if to <= start {
            tokens[start..].to_vec()
        } else {
            without(&tokens[start..], from.max(start) - start, to - start)
        };
        let object: Vec<&Token> = object
            .into_iter()
            .filter(|t| {
                t.quoted
                    || !matches!(
                        t.text.as_str(),
                        "back"
                            | "by"
                            | "forward"
                            | "up"
                            | "off"
                            | "later"
                            | "earlier"
                            | "out"
                            | "for"
                            | "another"
                            | "ahead"
                            | "forwards"
                            | "sooner"
                    )
            })
            .collect();
        let due = Edit { due: Some(minutes), ..Edit::default() };
        return Some(if object.iter().any(|t| t.is_word()) { edit(due, &object) } else { Intent::Amend(due) });
    }
    // "update my shopping list with eggs"
    if leading(tokens, "update my|the [shopping|grocery|todo] list with").is_some() {
        return None;
    }
    let n = verb?;
    let sure =
        leading(tokens, "move|reschedule|postpone|delay|shift|push|snooze|defer|bump|bring|extend|advance|pull|adjust")
            .is_some();
    let due_word = has(tokens, &["due date|time", "the|its deadline", "deadline of|for|to", "time|date of|for|to"]);
    let rest = &tokens[n..];
    let all = mentions(rest);
    let (value, split) = new_time(rest, &all);
    let pronoun = leading(rest, "it|that|this|them|these|those|both|all [one|task|all|both]").is_some_and(|k| k == rest.len() || !rest[k].is_word() || has(&rest[k..=k], &["to|for|on|at|by|due|until|is|tomorrow|today|tonight|in|friday|monday|tuesday|wednesday|thursday|saturday|sunday|next|from|not|an|a"]) || mentions(&rest[k..]).first().is_some_and(|m| m.span.start == 0) || whole_clock(&rest[k..]).is_some());
    let to_time = all.last().is_some_and(|m| m.lead == Lead::To);
    let moves = sure
        || due_word
        || tokens.last().is_some_and(|t| t.text == "instead") && !is_a(rest)
        || (leading(tokens, "make|set|put|schedule|have|update|edit|modify|switch").is_some() && pronoun)
        || (leading(tokens, "change|update|edit|modify|switch").is_some() && (to_time || pronoun || value.is_none()));
    if !moves
        || topic(rest).is_some() && !sure
        || (leading(tokens, "set|make|put|schedule").is_some() && is_a(rest) && !pronoun)
    {
        return None;
    }
    let object: Vec<&Token> = rest
        .iter()
        .enumerate()
        .filter(|(i, t)| {
            !split.contains(i)
                && (t.quoted || !matches!(t.text.as_str(), "due" | "deadline" | "to" | "until" | "instead"))
        })
        .map(|(_, t)| *t)
        .collect();
    let object = drop_meta(&object);
    let Some(value) = value else {
        if !sure && !due_word && leading(tokens, "change|edit|update|modify").is_none()
            || leading(tokens, "move|push|bring|bump|pull|shift").is_some() && topic(tokens).is_some()
        {
            return None;
        }
        return Some(change(Action::Edit(Edit::default()), &object));
    };
    let due = Edit { due: Some(Shift::To(value, hint(&object))), ..Edit::default() };
    if object.iter().any(|t| t.is_word()) { Some(edit(due, &object)) } else { Some(Intent::Amend(due)) }
}

/// `the report is due on friday`, `the dentist was moved to monday`
fn stated(tokens: &[&Token]) -> Option<Intent> {
    let (from, to) = find(tokens, "is|are [now] due")
        .or_else(|| find(tokens, "is|are|was|were|got|has|have [been|now] moved|rescheduled|postponed|pushed"))
        .filter(|&(from, _)| from > 0)?;
    let all = mentions(&tokens[to..]);
    let covered: usize = all.iter().map(|m| m.span.len()).sum();
    let words = tokens[to..].iter().filter(|t| t.is_word()).count();
    let pointed = leading(tokens, "the|it|that|this|both|they").is_some();
    if !pointed
        || all.is_empty()
        || covered < words
        || has(tokens, &["remind|add|put|set|that|when|what|which|note"]) && leading(tokens, "that").is_none()
        || topic(tokens).is_some()
    {
        return None;
    }
    let when = all.iter().fold(When::default(), |w, m| w.merged(m.when).unwrap_or(w));
    Some(edit(Edit { due: Some(Shift::To(when, hint(tokens))), ..Edit::default() }, &tokens[..from]))
}

fn is_a(rest: &[&Token]) -> bool {
    leading(rest, "a|an|another|new|up|reminder|alarm").is_some()
}

fn drop_meta<'a>(object: &[&'a Token]) -> Vec<&'a Token> {
    let n = longest(
        object,
        &["the|my|its [start|starting] date|time|day|due|deadline [date|time] [of|for|on]", "date|time|day of|for"],
    )
    .unwrap_or(0);
    object[n..].to_vec()
}

/// The time to move to, and the tokens it takes: after "to" or "until", or the last one said.
fn new_time(rest: &[&Token], all: &[Mention]) -> (Option<When>, Vec<usize>) {
    let to = all.iter().position(|m| m.lead == Lead::To);
    let plain = all.iter().rposition(|m| !m.possessive && m.lead != Lead::From);
    let Some(first) = to.or(plain) else {
        return bare_hour(rest);
    };
    let mut when = all[first].when;
    let mut taken: Vec<usize> = all[first].span.clone().collect();
    for mention in &all[first + 1..] {
        if let Some(merged) = when.merged(mention.when) {
            when = merged;
            taken.extend(mention.span.clone());
        }
    }
    if to.is_none() {
        // "move the meeting on friday at five": a time and a date that stand together are both new.
        for mention in all[..first].iter().filter(|m| !m.possessive && m.span.end == all[first].span.start) {
            if let Some(merged) = when.merged(mention.when) {
                when = merged;
                taken.extend(mention.span.clone());
            }
        }
    }
    (Some(when), taken)
}

/// `to 5`, `to five thirty` at the end, or nothing but that.
fn bare_hour(rest: &[&Token]) -> (Option<When>, Vec<usize>) {
    let at = |clock| Some(When { clock: Some(clock), ..When::default() });
    if let Some(clock) = whole_clock(rest) {
        return (at(clock), (0..rest.len()).collect());
    }
    let lead =
        last(rest, "to|until|till|for|it|that").or_else(|| leading(rest, "to|until|till|for|it|that").map(|n| (0, n)));
    let Some((from, to)) = lead else { return (None, Vec::new()) };
    match whole_clock(&rest[to..]) {
        Some(clock) => (
            at(clock),
            (if matches!(rest[from].text.as_str(), "it" | "that") { to } else { from }..rest.len()).collect(),
        ),
        None => (None, Vec::new()),
    }
}

/// `back a day`, `by two hours`, `an hour later`, `a week earlier`, `for ten minutes`
fn shift(tokens: &[&Token]) -> Option<(Shift, usize, usize)> {
    let verb = leading(
        tokens,
        "move|push|postpone|delay|shift|snooze|defer|bump|bring|extend|reschedule|make|put|advance|pull|set|change",
    )
    .is_some();
    let relative = has(tokens, &["later|earlier|sooner|back|forward|forwards|by|up|off|out|ahead|another|more"])
        || leading(tokens, "postpone|delay|snooze|defer|extend|push|bump|advance").is_some();
    if !relative || has(tokens, &["remind|add|create"]) {
        return None;
    }
    for i in 0..tokens.len() {
        let by = usize::from(matches!(tokens[i].text.as_str(), "by" | "for" | "another") && !tokens[i].quoted);
        let Some((amount, n)) = amount(&tokens[i + by..]) else { continue };
        let end = i + by + n;
        let after =
            leading(&tokens[end..], "later|earlier|sooner|back|forward|ahead|more|forwards|up|out").unwrap_or(0);
        let said = after > 0
            || by > 0
            || leading(tokens, "postpone|delay|snooze|defer|extend|push|bump|advance|bring|move|pull").is_some()
                && has(tokens, &["back|forward|up|off|out|forwards|ahead"])
            || leading(tokens, "postpone|delay|snooze|defer|extend|push|bump|advance").is_some();
        let whole_sentence = i == 0 && end + after == tokens.len() && after > 0;
        if !(verb && said || whole_sentence || leading(tokens, "actually|no|it|that").is_some() && after > 0) {
            continue;
        }
        let earlier = has(tokens, &["earlier|sooner|forward|forwards|up|ahead"]) && !has(tokens, &["later|back"])
            || leading(tokens, "bring|advance").is_some() && !has(tokens, &["back|later"]);
        let signed = if earlier { negative(amount) } else { amount };
        return Some((signed, i, end + after));
    }
    None
}

fn amount(tokens: &[&Token]) -> Option<(Shift, usize)> {
    let half = longest(tokens, &["half an hour", "half hour", "a half hour", "an hour and a half"]);
    if let Some(n) = half {
        return Some((Shift::Minutes(if n == 5 { 90 } else { 30 }), n));
    }
    let (count, n) = if let Some((count, n)) = number(tokens, 0) {
        (i32::try_from(count).ok()?, n)
    } else {
        const VAGUE: [(&str, i32); 3] = [("a|an|another|one", 1), ("a couple of", 2), ("a few", 3)];
        let found = VAGUE.iter().filter_map(|(p, c)| leading(tokens, p).map(|n| (*c, n)));
        found.max_by_key(|&(_, n)| n)?
    };
    let count64 = i64::from(count);
    let shift = match tokens.get(n)?.text.as_str() {
        "minute" | "minutes" | "min" | "mins" => Shift::Minutes(count64),
        "hour" | "hours" | "hr" | "hrs" => Shift::Minutes(60 * count64),
        "day" | "days" => Shift::Days(count64),
        "week" | "weeks" => Shift::Days(7 * count64),
        "month" | "months" => Shift::Months(count),
        "year" | "years" => Shift::Months(count.saturating_mul(12)),
        _ => return None,
    };
    Some((shift, n + 1))
}

fn negative(shift: Shift) -> Shift {
    match shift {
        Shift::Minutes(n) => Shift::Minutes(-n),
        Shift::Days(n) => Shift::Days(-n),
        Shift::Months(n) => Shift::Months(-n),
        Shift::To(..) | Shift::Clear => shift,
    }
}

/// `remove the due date of X`, `X has no deadline`
pub(crate) fn cleared(tokens: &[&Token]) -> Option<Intent> {
    let due = Edit { due: Some(Shift::Clear), ..Edit::default() };
    if let Some((from, to)) = find(tokens, "the|its|any [due] date|deadline|time [from|of|for|on]")
        .filter(|_| leading(tokens, "remove|clear|delete|drop|erase|unset|take|cancel").is_some())
    {
        let object = without(&tokens[1..], from.saturating_sub(1), to - 1);
        return Some(if object.iter().any(|t| t.is_word()) { edit(due, &object) } else { Intent::Amend(due) });
    }
    if let Some((from, _)) = find(tokens, "has|have|needs|should no|not [a|have] [due|deadline] [date]")
        .filter(|(from, _)| *from > 0 && has(tokens, &["due|deadline"]))
    {
        return Some(edit(due, &tokens[..from]));
    }
    let (from, to) = find(tokens, "description|note|notes [from|of|for|on]")
        .filter(|_| leading(tokens, "remove|clear|delete|drop|erase").is_some())?;
    let object = without(&tokens[1..], from.saturating_sub(1), to - 1);
    let bare = object.iter().all(|t| matches!(t.text.as_str(), "the" | "its" | "that" | "my" | "this"));
    let cleared = Edit { clear_description: true, ..Edit::default() };
    Some(if bare { Intent::Amend(cleared) } else { edit(cleared, &object) })
}

/// What a correction right after a change says: "make that friday", "at 5 instead", "i meant tuesday", "call it X".
pub(crate) fn amendment(sentence: &Sentence, tokens: &[&Token]) -> Option<Edit> {
    let n = longest(
        tokens,
        &[
            "i meant|mean [to] [say]",
            "it's|it [is|that's|that] is|should be",
            "make|set|change that|it|this [to|be|for|on|at]",
            "make that",
            "it|that|this should be",
            "on|for|at|to|by|rather",
            "[make] [it] due [on|at|by]",
            "let's say|make [it|that]",
            "better [make] [it]",
        ],
    )
    .unwrap_or(0);
    let rest = &tokens[n..];
    let rest = if rest
        .last()
        .is_some_and(|t| matches!(t.text.as_str(), "instead" | "please" | "though" | "actually" | "rather"))
    {
        &rest[..rest.len() - 1]
    } else {
        rest
    };
    let from = if n > 0 && leading(&tokens[n - 1..], "on|for|at|to|by").is_some() { n - 1 } else { n };
    let timed: &[&Token] = &tokens[from..n + rest.len()];
    let all = mentions(timed);
    let covered: usize = all.iter().map(|m| m.span.len()).sum();
    if covered > 0
        && covered + timed.iter().filter(|t| matches!(t.text.as_str(), "no" | "not" | "but")).count()
            >= timed.iter().filter(|t| t.is_word()).count()
    {
        // "not saturday, sunday", "friday, not saturday": what is not denied counts, the last of it first.
        let denied = |m: &&Mention| m.span.start > 0 && timed[m.span.start - 1].text == "not";
        let said = all.iter().rev().filter(|m| !denied(m));
        let when = said.fold(When::default(), |w, m| w.merged(m.when).unwrap_or(w));
        return Some(Edit { due: Some(Shift::To(when, hint(tokens))), ..Edit::default() });
    }
    if let (Some(when), taken) = bare_hour(timed)
        && (taken.len() == timed.len() || n > 0 && whole_clock(rest).is_some())
    {
        return Some(Edit { due: Some(Shift::To(when, hint(tokens))), ..Edit::default() });
    }
    match changing(sentence, tokens) {
        Some(Intent::Amend(edit)) => return Some(edit),
        Some(Intent::Change(Action::Edit(edit), target))
            if target.references == [Reference::It] && !target.is_described() =>
        {
            return Some(edit);
        }
        _ => {}
    }
    let level = LEVELS.iter().find(|(p, _)| whole(rest, &[p])).map(|(_, name)| *name)?;
    Some(Edit { priority: Some(level), ..Edit::default() })
}
