//! Changes of tasks that exist: done, reopened, started, archived, moved, renamed, more or less urgent, described.
//!
//! One more change: a function in the list of [`changing`].

use super::moving::{cleared, moved};
use super::naming::{described, renamed};
use super::rating::prioritized;

use super::{Action, Edit, Intent};

use crate::lexicon::{same_word, stem, topic};

use crate::pattern::{find, has, leading, longest};

use crate::reference::Reference;
use crate::target::Target;

use crate::when::{Lead, When, mentions};

use crate::words::{Sentence, Token};

/// A change of tasks that exist.
pub(crate) fn changing(sentence: &Sentence, tokens: &[&Token]) -> Option<Intent> {
    renamed(sentence, tokens)
        .or_else(|| described(sentence, tokens))
        .or_else(|| reopened(tokens))
        .or_else(|| started(tokens))
        .or_else(|| archived(tokens))
        .or_else(|| completed(tokens))
        .or_else(|| prioritized(tokens))
        .or_else(|| cleared(tokens))
        .or_else(|| moved(tokens))
        .or_else(|| reported(tokens))
}

pub(crate) fn change(action: Action, object: &[&Token]) -> Intent {
    Intent::Change(action, Target::read(object))
}

pub(crate) fn edit(edit: Edit, object: &[&Token]) -> Intent {
    change(Action::Edit(edit), object)
}

fn reopened(tokens: &[&Token]) -> Option<Intent> {
    if let Some(n) = longest(
        tokens,
        &[
            "reopen|re-open|unmark|uncheck|uncomplete|untick|unarchive",
            "mark|set|put [it] [as] not done|finished|complete",
            "un-complete|un-check",
        ],
    ) {
        return Some(change(Action::Reopen, &tokens[n..]));
    }
    if leading(tokens, "mark|set|change|put|make|move").is_some()
        && let Some((from, _)) = find(tokens, "[as|to|back] [as|to] not|un [yet] done|finished|complete|completed")
            .or_else(|| {
                find(
                    tokens,
                    "[as|to|back] [as|to] undone|incomplete|unfinished|open|pending|todo|uncompleted|active [again]",
                )
            })
            .filter(|(from, _)| *from > 1)
    {
        return Some(change(Action::Reopen, &tokens[1..from]));
    }
    if let Some((from, _)) = find(
        tokens,
        "is|isn't|are|was|wasn't|aren't not|n't|actually [yet] [actually] done|finished|complete|completed",
    )
    .or_else(|| find(tokens, "isn't|aren't|wasn't [actually] [yet] done|finished|complete|completed"))
    .filter(|(from, _)| *from > 0)
        && has(tokens, &["not|isn't|aren't|wasn't"])
    {
        return Some(change(Action::Reopen, &tokens[..from]));
    }
    if let Some(n) = longest(tokens, &["it's|that's not [actually|yet] done|finished|complete|completed [yet]"]) {
        return (n == tokens.len()).then(|| {
            let target = Target { references: vec![Reference::It], said: "it".to_owned(), ..Target::default() };
            Intent::Change(Action::Reopen, target)
        });
    }
    let n = longest(
        tokens,
        &[
            "i haven't|didn't|never [actually|yet] [actually] finished|finish|done|do|completed|complete [with]",
            "i have|did not [actually|yet] finished|finish|done|do|completed|complete [with]",
            "i'm|i [am] not done|finished with",
        ],
    )?;
    (n < tokens.len()).then(|| change(Action::Reopen, &tokens[n..]))
}

fn started(tokens: &[&Token]) -> Option<Intent> {
    let start = || Action::Edit(Edit { status: Some("in_progress"), ..Edit::default() });
    if let Some((from, _)) = find(tokens, "[as] in progress|in-progress|process")
        .or_else(|| find(tokens, "[as|to] in-progress|started|ongoing|begun"))
        .filter(|_| leading(tokens, "mark|set|move|change|put").is_some())
        && from > 1
    {
        let object = &tokens[1..from];
        let object = if object.last().is_some_and(|t| matches!(t.text.as_str(), "as" | "to")) {
            &object[..object.len() - 1]
        } else {
            object
        };
        return Some(change(start(), object));
    }
    let n = longest(
        tokens,
        &[
            "start|begin [working] [on] [with]",
            "i'm|am|i [am|have] [now] [just|already] [started|starting|begun|working] on|with|working|starting|started [on|with]",
            "i've|i [have] [just] started|begun [on|with|working] [on]",
            "work|working on",
        ],
    )?;
    let object = &tokens[n..];
    let adds = has(
        object,
        &[
            "list|alarm|timer|email|music|song|vacuum|cleaning|playing|game|video|radio|podcast|audiobook|car|coffee|countdown",
        ],
    ) || topic(object).is_some()
        || !mentions(object).is_empty();
    (!object.is_empty() && !adds).then(|| change(start(), object))
}

fn archived(tokens: &[&Token]) -> Option<Intent> {
    let archive = || Action::Edit(Edit { status: Some("archived"), ..Edit::default() });
    if let Some(n) = longest(tokens, &["archive", "put|file away"]) {
        return (n < tokens.len() && topic(tokens).is_none()).then(|| change(archive(), &tokens[n..]));
    }
    let (from, _) = find(tokens, "to the archive|archives").or_else(|| find(tokens, "as|to archived"))?;
    (from > 1 && leading(tokens, "move|mark|put|send|set").is_some()).then(|| change(archive(), &tokens[1..from]))
}

const DONE: &str = "[as|is|are] [now] done|complete|completed|finished|accomplished|closed";

fn completed(tokens: &[&Token]) -> Option<Intent> {
    let complete = |object: &[&Token]| Some(change(Action::Complete, object));
    if let Some(n) = longest(
        tokens,
        &[
            "tick|check|mark off",
            "[i'm|i|we're|am|we] [am|are] [all] [now] done with",
            "[i'm|i] [am] [all] finished with",
            "i've|i|we|we've [have] [just|already|now] finished|completed|accomplished [with]",
            "[just] finished|completed",
            "mark [as] done|complete|completed|finished",
            "close [out]",
            "done|finished [with|:]",
            "check",
        ],
    )
    .filter(|n| *n < tokens.len())
    {
        let object = &tokens[n..];
        if leading(tokens, "check|close|mark|done").is_some()
            && leading(tokens, "check|tick|mark off").is_none()
            && leading(tokens, "mark|done").is_none()
        {
            let off = find(object, "off");
            if leading(tokens, "check").is_some() && off.is_none() || topic(object).is_some() {
                return None;
            }
        }
        let tail = find(object, "off|out|from [of|from] [my|the] [list|calendar]")
            .filter(|(from, _)| *from > 0)
            .map_or(object.len(), |(from, _)| from);
        return complete(&object[..tail]);
    }
    if let Some(n) = leading(tokens, "check|tick|mark|set|move|put|change") {
        let object = &tokens[n..];
        if let Some((from, to)) = find(object, DONE)
            .filter(|(from, to)| *from > 0 && to > from)
            .or_else(|| find(object, "to|as [the] done|complete|completed").filter(|(from, _)| *from > 0))
        {
            return (to == object.len()
                || mentions(&object[to..]).len() == 1
                || has(&object[to..], &["please|now|today|yesterday"]))
            .then(|| change(Action::Complete, &object[..from]));
        }
        if leading(tokens, "check|tick").is_some()
            && let Some((from, _)) = find(object, "off").filter(|(from, _)| *from > 0)
        {
            return complete(&object[..from]);
        }
    }
    if let Some(n) = leading(tokens, "complete|finish") {
        let object = &tokens[n..];
        let by = mentions(object).iter().any(|m| !m.possessive && !matches!(m.lead, Lead::From));
        return (!object.is_empty() && !by).then(|| change(Action::Complete, object));
    }
    if let Some((last, head)) = tokens.split_last()
        && leading(&[*last], "done|finished|completed").is_some()
        && (1..5).contains(&head.len())
        && !has(head, &["is|are|not|what|which|when|how|who|isn't|it's|i|i'm|be|get|show|well"])
        && topic(head).is_none()
    {
        return Some(Intent::Report(Target::read(head)));
    }
    let (from, to) = find(tokens, "is|are|'s [now|all] done|complete|completed|finished")?;
    (from > 0 && to == tokens.len() && leading(tokens, "what|which|when|how|who").is_none())
        .then(|| change(Action::Complete, &tokens[..from]))
}

/// "I paid the rent": done, if there is such a task.
fn reported(tokens: &[&Token]) -> Option<Intent> {
    let n = longest(tokens, &["i've|i|we|we've [have] [just|already|now|also]"])?;
    let verb = tokens.get(n).filter(|t| t.is_word())?;
    let past = verb.text.ends_with("ed")
        || matches!(
            verb.text.as_str(),
            "bought"
                | "paid"
                | "sent"
                | "wrote"
                | "written"
                | "met"
                | "took"
                | "taken"
                | "got"
                | "did"
                | "brought"
                | "built"
                | "sold"
                | "made"
                | "done"
                | "swept"
                | "fed"
                | "ran"
                | "spoke"
                | "gave"
                | "told"
                | "read"
        );
    let wanting = matches!(
        verb.text.as_str(),
        "need"
            | "needed"
            | "wanted"
            | "booked"
            | "scheduled"
            | "liked"
            | "loved"
            | "missed"
            | "tried"
            | "changed"
            | "moved"
    );
    let object = if matches!(verb.text.as_str(), "did" | "done" | "got") { &tokens[n + 1..] } else { &tokens[n..] };
    // "i got an interview on friday, put that in my calendar" tells of what is to come.
    let to_come = has(tokens, &["@tool", "remind|remember|add|note"])
        || leading(&tokens[n..], "got a|an|another|to").is_some()
        || mentions(object).iter().any(|m| m.lead == Lead::On && m.when.clock.is_some());
    if !past || wanting || to_come || object.len() < 2 || topic(object).is_some() {
        return None;
    }
    let mut target = Target::read(object);
    // When it was done says nothing about when it was due.
    target.when = When::default();
    let own = stem(&verb.text);
    if object.len() == tokens.len() - n && !target.words.iter().any(|w| same_word(w, &own)) {
        target.words.push(own);
    }
    let plain = matches!(verb.text.as_str(), "did" | "done");
    (target.words.len() > 1 || target.references.len() == 1 || (!target.words.is_empty() && plain))
        .then_some(Intent::Report(target))
}
