//! Changes of how urgent a task is: "make it urgent", "set the priority of the report to high", "it's not that important".
//!
//! One more way to say how urgent: a row in [`LEVELS`].

use super::changing::edit;
use super::{Edit, Intent, without};
use crate::lexicon::topic;
use crate::pattern::{find, has, leading, longest, whole};
use crate::words::Token;

/// Ways to say how urgent, and the priority that they mean.
pub(crate) const LEVELS: [(&str, &str); 12] = [
    ("[as|to|a] [the] high|higher [priority|prio]", "high"),
    ("[as|to|a] [the] low|lower [priority|prio]", "low"),
    ("[as|to|a] [the] medium|normal [priority|prio]", "medium"),
    ("[as|to|a] [the] urgent|critical [priority]", "urgent"),
    ("[as|to] [the] top|highest priority", "urgent"),
    ("[as|to] [very] important", "high"),
    ("asap", "urgent"),
    ("not [that|so|very] urgent|important", "low"),
    ("less urgent|important", "low"),
    ("more urgent", "urgent"),
    ("more important", "high"),
    ("no longer urgent|important", "medium"),
];

/// `make it urgent`, `set the priority of X to high`, `mark X as urgent`, `it's not urgent`
pub(super) fn prioritized(tokens: &[&Token]) -> Option<Intent> {
    const ASIDES: [&str; 7] = ["anymore", "any more", "now", "though", "after all", "actually", "any longer"];
    let aside = ASIDES.iter().find_map(|p| (0..tokens.len()).find(|i| whole(&tokens[*i..], &[p])));
    let tokens = &tokens[..aside.unwrap_or(tokens.len())];
    if let Some(n) = leading(tokens, "prioritize") {
        return Some(edit(Edit { priority: Some("high"), ..Edit::default() }, &tokens[n..]));
    }
    if let Some(n) = leading(tokens, "deprioritize") {
        return Some(edit(Edit { priority: Some("low"), ..Edit::default() }, &tokens[n..]));
    }
    let level = |rest: &[&Token]| {
        LEVELS
            .iter()
            .rev()
            .filter_map(|(p, name)| find(rest, p).map(|(from, to)| (from, to, *name)))
            .max_by_key(|&(from, to, _)| to - from)
    };
    if let Some(n) =
        longest(tokens, &["[it's|that's|it|that|this] [is|isn't] [actually|really|very] [not] [that|so|too|all] [a]"])
            .filter(|n| *n > 0)
    {
        let negated = has(&tokens[..n], &["not|isn't"]);
        let rest = &tokens[n..];
        if let Some((0, to, name)) = level(rest)
            && to == rest.len()
        {
            return Some(Intent::Amend(Edit { priority: Some(if negated { "low" } else { name }), ..Edit::default() }));
        }
    }
    // "the report is urgent"
    if let Some((from, to)) = find(tokens, "is|are [now|very|really]").filter(|&(from, _)| (1..=6).contains(&from))
        && let Some((0, end, name)) = level(&tokens[to..])
        && to + end == tokens.len()
        && leading(
            tokens,
            "remind|add|set|create|schedule|put|note|make|there|what|which|who|anything|how|nothing|this|that|it|i|and",
        )
        .is_none()
        && leading(&tokens[from - 1..from], "this|that|it|,|there").is_none()
        && topic(tokens).is_none()
    {
        return Some(edit(Edit { priority: Some(name), ..Edit::default() }, &tokens[..from]));
    }
    let n = longest(
        tokens,
        &[
            "set|make|mark|change|raise|lower|give|update|bump|increase|decrease|put|flag|turn|move|drop [up] [the] [priority] [of|for]",
        ],
    )?;
    let rest = &tokens[n..];
    let pronoun = leading(tokens, "turn").is_none() && leading(rest, "it|that|this|them up|down|to").is_some();
    let (from, to, name) = level(rest).or_else(|| {
        let up = has(&tokens[..n], &["raise|increase|bump"]) && has(tokens, &["priority"]);
        let down = has(&tokens[..n], &["lower|decrease|drop"]) && has(tokens, &["priority"]);
        (up || down).then_some((rest.len(), rest.len(), if up { "high" } else { "low" }))
    })?;
    let mut object = without(rest, from, to);
    object.retain(|t| !matches!(t.text.as_str(), "priority" | "priority's" | "to" | "as") || t.quoted);
    if pronoun {
        object.retain(|t| !matches!(t.text.as_str(), "up" | "down"));
    }
    let existing = pronoun
        || has(tokens, &["priority", "mark|flag", "make it|that|this|them|the"])
        || leading(tokens, "make|mark|flag").is_some();
    let adds = has(&object, &["reminder|event|appointment|alarm|task"]) && leading(tokens, "set|make a|an").is_some();
    if object.is_empty() && existing {
        return Some(Intent::Amend(Edit { priority: Some(name), ..Edit::default() }));
    }
    let plain = to == rest.len() || from == 0 || has(&rest[to..], &["priority|please|and"]);
    let foreign = has(&object, &["volume|light|lights|brightness|temperature|heat|music|heating|speaker|thermostat"]);
    (existing && !adds && plain && !foreign && !is_new(tokens))
        .then(|| edit(Edit { priority: Some(name), ..Edit::default() }, &object))
}

/// "make a …": about something new.
fn is_new(tokens: &[&Token]) -> bool {
    leading(tokens, "make|set|put a|an").is_some()
}
