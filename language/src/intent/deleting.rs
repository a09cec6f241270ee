//! Orders to delete: "delete the dentist", "take milk off my list", "turn off the six am alarm", "clear my calendar".
//!
//! One more verb: a pattern in [`VERBS`].

use super::{Action, Intent};
use crate::intent::listing::foreign_list;
use crate::lexicon::topic;
use crate::pattern::{find, has, leading, longest};
use crate::reference::Reference;
use crate::target::Target;
use crate::when::{Day, Part, Period, When, mentions};
use crate::words::Token;

const VERBS: &[&str] = &[
    "delete",
    "remove",
    "erase",
    "cancel",
    "clear [out|off|up]",
    "wipe [out|clean|off]",
    "get rid of",
    "cross out|off",
    "scratch [off|out]",
    "strike [off|out]",
    "drop",
    "discard",
    "eliminate",
    "trash",
    "throw away|out",
    "dismiss",
    "forget [about]",
    "unschedule",
    "empty [out]",
    "kill",
    "ditch",
    "dump",
    "scrap",
    "purge",
    "unset",
    "destroy",
    "nuke",
    "abort",
    "call off",
    "disregard",
    "delete out",
    "rid",
    "deleting|removing|cancelling|canceling",
    "clean [up|out] [my|the] calendar|list|schedule|todo",
    "exclude",
    "subtract",
    "void",
];

/// Verbs that delete only alarms and the like; for other things they are not our business.
const SWITCHES: &[&str] =
    &["turn|switch|shut off", "turn down", "disable", "stop", "deactivate", "silence", "end", "quit", "disarm", "kill"];

const NOT_NEEDED: &[&str] = &[
    "i|we don't|dont|no need|want|longer [need|want|have|longer] [to] [have]",
    "i|we no longer need|want|have",
    "don't remind me [of|about|to]",
    "stop reminding me [of|about|to]",
    "no need for|to|of [remind] [me] [about|of]",
    "i won't need",
    "do not remind me [of|about|to]",
    "i do not need|want",
    "never remind me [of|about|to]",
];

/// An order to delete something.
pub(crate) fn deleting(tokens: &[&Token]) -> Option<Intent> {
    // "remove the due date of …" changes a task.
    if has(
        tokens,
        &[
            "due date|time",
            "deadline|description|note|notes from|of|for|on",
            "its deadline|description|note|notes",
            "remove|clear|delete|drop|erase the deadline|description|note|notes",
        ],
    ) {
        return None;
    }
    let object = object(tokens)?;
    let foreign = (topic(&object).is_some() || foreign_list(&object))
        && !has(
            &object,
            &[
                "@carrier",
                "@bell",
                "calendar|schedule|agenda|planner|diary|todo",
                "meeting|meetings|appointment|appointments",
                "grocery|shopping|my|the list",
                "list",
            ],
        )
        || foreign_list(&object)
        || has(
            &object,
            &[
                "emails|email|contacts|contact|song|songs|playlist|order|light|lights|message|messages|picture|photos|photo|podcast|account|subscription|facebook|twitter|tweet",
            ],
        ) && !has(&object, &["@carrier", "@bell", "@tool"]);
    if foreign {
        return None;
    }
    let mut target = Target::read(&object);
    if target.references == [Reference::It] && !target.is_described() {
        target = antecedent(tokens).unwrap_or(target);
    }
    if let Some(n) = longest(&object, &["my|the [whole|entire] morning|afternoon|evening|night|day|week|weekend|month"])
    {
        let dated = mentions(&object[n..]).iter().map(|m| m.span.len()).sum::<usize>() == object.len() - n;
        if dated {
            target = Target { everything: true, group: true, ..slot(object[n - 1].text.as_str(), target) };
        }
    }
    if whole_container(&object) {
        target = Target { everything: true, group: true, when: target.when, said: target.said, ..Target::default() };
    }
    Some(Intent::Change(Action::Delete, target))
}

/// "my afternoon tomorrow": all that stands in it.
fn slot(name: &str, target: Target) -> Target {
    let (part, day) = match name {
        "morning" => (Some(Part::Morning), Day::Ahead(0)),
        "afternoon" => (Some(Part::Afternoon), Day::Ahead(0)),
        "evening" => (Some(Part::Evening), Day::Ahead(0)),
        "night" => (Some(Part::Night), Day::Ahead(0)),
        "week" => (None, Day::Period(Period::Week(0))),
        "weekend" => (None, Day::Period(Period::Weekend(0))),
        "month" => (None, Day::Period(Period::Month(0))),
        _ => (None, Day::Ahead(0)),
    };
    let when = When { part: part.or(target.when.part), day: target.when.day.or(Some(day)), ..target.when };
    Target { when, said: target.said, ..Target::default() }
}

/// "i can't make it to brunch so remove it": what the reason speaks of.
fn antecedent(tokens: &[&Token]) -> Option<Target> {
    let (from, _) =
        find(tokens, "so|,|and|then|please|remove|delete|cancel|take|erase|drop").filter(|&(from, _)| from > 1)?;
    let off =
        find(&tokens[..from], "is|was|got|has|isn't|are [been] off|cancelled|canceled|over|postponed|happening|not");
    let reason = &tokens[..off.map_or(from, |(end, _)| end)];
    if off.is_some() && leading(reason, "the|my|our").is_some() {
        let target = Target::read(reason);
        return (!target.words.is_empty() && target.references.is_empty()).then_some(target);
    }
    let n = longest(
        reason,
        &[
            "i|we can't|cannot|won't|couldn't make|go|attend|do|come [it] [to]",
            "i|we don't|do|no not|want|need|longer [want|need] [to] [go|do|have] [to]",
            "i|we [have|already|just] bought|got|did|finished|found|have|don't [already] [need|want]",
            "i'm|we're not going|attending|doing [to]",
            "i'm|we're [not|all|already] done [with]",
            "i|we|i've|we've [have] already|just",
            "nevermind",
            "never|forget mind|about",
            "we're|i'm out of",
        ],
    )?;
    let target = Target::read(&reason[n..]);
    (!target.words.is_empty() && target.references.is_empty()).then_some(target)
}

/// What shall go: the words after the verb, without the list it is on.
fn object<'a>(tokens: &[&'a Token]) -> Option<Vec<&'a Token>> {
    if let Some(found) = take_off(tokens) {
        return Some(found);
    }
    if let Some(n) = longest(tokens, NOT_NEEDED) {
        let object = &tokens[n..];
        let task = has(object, &["@carrier", "@bell", "@tool", "meeting|appointment", "anymore", "any more|longer"])
            || leading(tokens, "don't|stop|do|never").is_some();
        return (task && n < tokens.len()).then(|| off_the_list(object));
    }
    if let Some(n) = longest(tokens, SWITCHES)
        .filter(|_| has(tokens, &["@bell", "reminder|reminders|notification|notifications|event|appointment|meeting"]))
    {
        return Some(off_the_list(&tokens[n..]));
    }
    let clause = clause(tokens);
    let n = longest(clause, VERBS)?;
    let clause_object = off_the_list(&clause[n..]);
    // "cancel my membership tomorrow" is something to do, but asking about it is safer than adding it.
    Some(clause_object)
}

/// The last clause when a reason stands in front: "we're out of paint so take …".
fn clause<'s, 'a>(tokens: &'s [&'a Token]) -> &'s [&'a Token] {
    if longest(tokens, VERBS).is_some() {
        return tokens;
    }
    let start = find(tokens, "so|,|and|then|.|please [please|then|just|can|you|could] [you] [please] delete|remove|cancel|erase|take|cross|get").map(|(from, _)| from);
    let dropped = longest(tokens, &["nevermind", "never mind"]).filter(|n| tokens.len() > n + 2);
    let pointed = || find(tokens, "remove|delete|cancel|erase|drop it|that|them|this").map(|(f, _)| f);
    let start = start
        .or_else(|| dropped.and_then(|n| find(&tokens[n..], "remove|delete|cancel it|that").map(|(f, _)| f + n)))
        .or_else(|| pointed().filter(|f| *f > 1));
    let reason = leading(tokens, "we're|we|i|i'm|it|it's|the|my|that|there's|since|because|as|meeting|nevermind|never")
        .is_some()
        && !has(tokens, &["remind", "remember", "set", "add"]);
    let Some(start) = start.filter(|_| reason) else { return tokens };
    let verb = (start..tokens.len()).find(|i| longest(&tokens[*i..], VERBS).is_some());
    verb.map_or(tokens, |v| &tokens[v..])
}

/// `take milk off (of) my list`, `take the meeting out of my calendar`, `cross bread off`
fn take_off<'a>(tokens: &[&'a Token]) -> Option<Vec<&'a Token>> {
    let start = tokens.iter().position(|t| {
        matches!(t.text.as_str(), "take" | "cross" | "strike" | "scratch" | "get" | "pull" | "knock") && !t.quoted
    })?;
    let told = leading(tokens, "i|we|i've|we've|my|the|it|it's").is_some()
        && leading(&tokens[start + 1..], "it|that|this|them").is_some();
    if start > 0 && !told && !has(&tokens[..start], &["so|,|and|then"]) {
        return None;
    }
    let rest = &tokens[start + 1..];
    let (from, to) = find(rest, "off|from|out [of|from] [my|the|our|this|that]")?;
    let crossed = tokens[start].text != "take" && tokens[start].text != "get" && tokens[start].text != "pull";
    let listed = has(&rest[from..], &["@tool"]);
    if from == 0 || !(listed || (crossed && to == rest.len())) {
        return None;
    }
    Some(rest[..from].to_vec())
}

/// Without "from my (adjective) list" and its like; dates inside it stay.
fn off_the_list<'a>(object: &[&'a Token]) -> Vec<&'a Token> {
    for (i, token) in object.iter().enumerate() {
        if token.quoted || !matches!(token.text.as_str(), "from" | "off" | "on" | "in" | "out" | "of") || i == 0 {
            continue;
        }
        let start = i + 1 + usize::from(leading(&object[i + 1..], "of|from").is_some());
        let shop = usize::from(leading(&object[start..], "my|the|our").is_some());
        if leading(&object[start + shop..], "grocery|shopping").is_some() && start + shop + 1 == object.len() {
            return object[..i].to_vec();
        }
        let tool = object[start..].iter().take(5).position(|t| crate::pattern::leading(&[*t], "@tool").is_some());
        if let Some(k) = tool {
            let inside = &object[start..start + k];
            if inside.iter().any(|t| matches!(t.text.as_str(), "from" | "off" | "on" | "in" | "at" | "for")) {
                continue;
            }
            let end = start + k + 1 + usize::from(leading(&object[start + k + 1..], "list|lists").is_some());
            let mut left: Vec<&Token> = object[..i].to_vec();
            let dated = crate::when::mentions(inside);
            left.extend(dated.iter().flat_map(|m| inside[m.span.clone()].iter().copied()));
            left.extend(&object[end..]);
            return left;
        }
    }
    object.to_vec()
}

/// `my schedule`, `the whole calendar`, `my to do list`: all of it, if nothing else is said.
fn whole_container(object: &[&Token]) -> bool {
    let n = longest(object, &["[all] [of] [my|the|our|this] [whole|entire|complete|full] [shopping|grocery|to|task|tasks|reminder] [do] @tool [list] [clean|completely|of] [all|everything|events]"]).unwrap_or(0);
    n > 0 && n == object.len()
}

/// Whether the references say which of the shown tasks shall go, one by one.
pub(crate) fn is_pointed(references: &[Reference]) -> bool {
    !references.is_empty() && !references.contains(&Reference::Them)
}
