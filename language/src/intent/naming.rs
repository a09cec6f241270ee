//! Changes of what a task says: its title and its note.

use super::changing::edit;
use super::{Edit, Intent};
use crate::lexicon::{is_other_command, is_task_verb};
use crate::numbers::number;
use crate::pattern::{find, has, leading, longest, whole};
use crate::title::{DESCRIPTION_MAX, capital, fitted, shortened, spelled, title};
use crate::when::mentions;
use crate::words::{Sentence, Token};

/// `rename X to Y`, `call it Y`, `change the title of X to Y`, `change X to Y`
pub(crate) fn renamed(sentence: &Sentence, tokens: &[&Token]) -> Option<Intent> {
    let rename = |object: &[&Token], name: &[&Token]| {
        let name = match longest(name, &["be called"]) {
            Some(n) => &name[n..],
            None => name,
        };
        let name =
            if whole(&name[name.len().saturating_sub(1)..], &["instead"]) { &name[..name.len() - 1] } else { name };
        let (title, _) = fitted(&capital(&spelled(sentence, name)));
        (!title.is_empty()).then(|| edit(Edit { title: Some(title), ..Edit::default() }, object))
    };
    if let Some(n) = longest(
        tokens,
        &[
            "rename|retitle|relabel",
            "change|edit|update|set [the] title|name|text|wording of|for|from",
            "change|edit|update [the] title|name",
        ],
    ) {
        let (from, to) = last(&tokens[n..], "to|as|into|:")?;
        return rename(&tokens[n..n + from], &tokens[n + to..]);
    }
    if let Some(n) = longest(
        tokens,
        &[
            "call|name|title it|that|this [task|one|reminder]",
            "it|that|this should be called|named|titled",
            "it|that|this should say|read",
            "make it say|read",
        ],
    ) {
        return rename(&[it(tokens)?], &tokens[n..]).filter(|_| n < tokens.len());
    }
    if let Some((from, to)) = find(tokens, "should be called|named|titled").filter(|(from, _)| *from > 0) {
        return rename(&tokens[..from], &tokens[to..]);
    }
    if let Some(n) = leading(tokens, "replace|swap") {
        let (from, to) = find(&tokens[n..], "with|for|by")?;
        return rename(&tokens[n..n + from], &tokens[n + to..]);
    }
    let n = longest(tokens, &["change|edit|correct|fix"])?;
    let (from, to) = last(&tokens[n..], "to|into")?;
    let name = &tokens[n + to..];
    let timed = mentions(&tokens[n + from..]).iter().any(|m| m.span.start <= 1);
    let quality = has(
        name,
        &[
            "high|low|medium|urgent|normal|important|priority",
            "done|complete|completed|finished|pending|in progress|archived",
            "status",
        ],
    ) && name.len() <= 3;
    let number_only = number(name, 0).is_some_and(|(_, n)| n == name.len());
    if timed
        || quality
        || number_only
        || from == 0
        || name.is_empty()
        || has(
            &tokens[..n + from],
            &["color|colour|volume|channel|light|lights|station|song|music|temperature|language"],
        )
    {
        return None;
    }
    rename(&tokens[n..n + from], name)
}

fn it<'a>(tokens: &[&'a Token]) -> Option<&'a Token> {
    tokens.iter().find(|t| matches!(t.text.as_str(), "it" | "that" | "this")).copied()
}

/// Where the pattern stands for the last time.
pub(crate) fn last(tokens: &[&Token], pattern: &str) -> Option<(usize, usize)> {
    (1..tokens.len()).rev().find_map(|i| leading(&tokens[i..], pattern).map(|n| (i, i + n)))
}

/// `add a note to X: Y`, `note for X: Y`, `describe …`
pub(crate) fn described(sentence: &Sentence, tokens: &[&Token]) -> Option<Intent> {
    let n = longest(
        tokens,
        &[
            "add|attach|put|write [a|the|this] note|description|comment|details|memo to|for|on|in",
            "set|change|update [the] note|description|notes|details of|for|on",
            "note|description for|on|of|to",
        ],
    );
    if let Some(n) = n.filter(|n| leading(&tokens[*n..], "my|the [shopping|grocery|todo] @tool").is_none()) {
        let (from, to) = find(&tokens[n..], ":|saying|that|to [says|:|that]")?;
        let text = capital(&spelled(sentence, &tokens[n + to..]));
        let edit_note = Edit { description: Some(shortened(&text, DESCRIPTION_MAX)), ..Edit::default() };
        return (!text.is_empty()).then(|| edit(edit_note, &tokens[n..n + from]));
    }
    let n = longest(
        tokens,
        &[
            "add [a|the] note|description|comment :|saying|that",
            "note :",
            "description :",
            "set|change|update the|its note|notes|description|details to|: [:]",
        ],
    )?;
    let text = capital(&spelled(sentence, &tokens[n..]));
    (!text.is_empty())
        .then(|| Intent::Amend(Edit { description: Some(shortened(&text, DESCRIPTION_MAX)), ..Edit::default() }))
}

/// A title for "it's about …", the answer to a reminder without a name.
pub(crate) fn naming(sentence: &Sentence, tokens: &[&Token]) -> Option<String> {
    let n = longest(tokens, &["it's|it [is|that's] about|for|to", "about|called|named", "to"])?;
    let first = tokens.get(n)?;
    let verb_after_to = leading(tokens, "to").is_none() || is_task_verb(first);
    let ordered = leading(tokens, "to").is_some() && is_task_verb(first);
    (verb_after_to && (ordered || !is_other_command(first)))
        .then(|| title(sentence, &tokens[n..]))
        .filter(|t| !t.is_empty())
}
