//! What shall be added: frames, statements, bare orders and bare events, and several of them in one sentence.

use super::frames::{Frame, Strength, frame, trailer};
use super::parts::{Parts, parts};
use super::pieces::{drafts, line_draft, lines, pieces, several_lines};
use super::wanted::{is_elsewhere, is_wanted};
use super::{Draft, Intent, Missing};
use crate::lexicon::is_event;
use crate::numbers::number;
use crate::pattern::{find, has, leading, whole};
use crate::when::{Hint, When, mentions};
use crate::words::{Sentence, Token};

/// Something to add, or a question for what is missing.
pub(crate) fn adding(sentence: &Sentence, tokens: &[&Token]) -> Option<Intent> {
    const QUESTIONS: &str = "do|does|did|will|is|are|am|was|were|has|have|can|could|would|should|shall i|we|you|they|he|she|it|there|anyone|anything|the|my|not";
    if leading(tokens, QUESTIONS)
        .is_some_and(|_| leading(tokens, "have the|my").is_none() && leading(tokens, "do not let|forget").is_none())
        || leading(tokens, "don't").is_some_and(|_| leading(tokens, "don't forget|let").is_none())
    {
        return None;
    }
    if leading(tokens, "at|on|for|in what|which|whom|whose").is_some()
        || leading(tokens, "undo").is_some()
        || is_sum(tokens)
    {
        return None;
    }
    let lines = lines(tokens);
    if lines.len() > 1 {
        return several_lines(sentence, &lines);
    }
    if let Some(several) = enumerated(sentence, tokens) {
        return Some(several);
    }
    let parts = parts(sentence, tokens);
    let listed = parts.listed;
    let kept = parts.kept();
    let frame = frame(&kept, listed);
    let dated = parts.mentions.iter().any(|m| !m.when.is_empty());
    let content = frame.map_or(&kept[..], |f| &kept[f.end.min(kept.len())..]);
    let (content, after) = content.split_at(trailer_end(content));
    if whole(
        &kept,
        &[
            "[another|a] new list|reminder|task|event|alarm",
            "create|make|start|begin|open|set [up] [me] [a|an|another|my|the] [new] list|lists",
        ],
    ) {
        return Some(Intent::Ask(Missing::Title(parts.when())));
    }
    if is_elsewhere(&kept, &parts) {
        return None;
    }
    let asked =
        has(after, &["remind|add|put|note|save|set|notify|schedule|calendar|forget|reminder|event|notification|alarm"])
            && !content.is_empty();
    if !asked && !is_wanted(&kept, &parts, frame, content, dated) {
        return None;
    }
    let content = restored(&kept, frame, content);
    if is_vague(content)
        || (!dated && frame.is_some_and(|f| !f.statement) && whole(content, &["[a|an|the|my|new] appointment|meeting"]))
    {
        return Some(vague(&parts, frame, tokens));
    }
    let pieces = pieces(&parts, content, listed && frame.is_some_and(|f| f.strength == Strength::Strong));
    let drafts = drafts(sentence, tokens, &parts, frame, &pieces);
    if drafts.is_empty() {
        return Some(vague(&parts, frame, tokens));
    }
    Some(Intent::Add(drafts))
}

/// `add three tasks: buy stamps, send the parcel and call the bank`
fn enumerated(sentence: &Sentence, tokens: &[&Token]) -> Option<Intent> {
    let (from, to) = find(tokens, ":").filter(|&(from, to)| from > 0 && to < tokens.len())?;
    let head = &tokens[..from];
    let plural = has(head, &["tasks|todos|reminders|items|things|events|errands"]);
    if !plural || leading(head, "add|create|make|new|put|set|schedule|i|my|todo|tasks|remind|the").is_none() {
        return None;
    }
    let parts = tokens[to..].split(|t| !t.quoted && matches!(t.text.as_str(), "," | ";" | "and" | "\n"));
    let parts = parts.filter(|part| part.iter().any(|t| t.is_word() || t.quoted));
    let drafts: Vec<Draft> = parts.take(50).filter_map(|part| line_draft(sentence, part)).collect();
    (drafts.len() > 1).then_some(Intent::Add(drafts))
}

/// "add five and seven": arithmetic.
fn is_sum(tokens: &[&Token]) -> bool {
    let operands = |rest: &[&Token]| {
        rest.iter().filter(|t| t.is_word()).count() > 1
            && rest.iter().enumerate().all(|(i, t)| {
                matches!(t.text.as_str(), "and" | "to" | "with" | "plus" | "together" | "+" | "from" | "hundred")
                    || number(rest, i).is_some()
            })
    };
    leading(tokens, "add|sum|plus").is_some_and(|n| operands(&tokens[n..]))
}

fn trailer_end(content: &[&Token]) -> usize {
    if content.is_empty() { 0 } else { trailer(content) }
}

/// "make dinner reservations": the verb of a weak frame belongs to the title unless the object is an event.
fn restored<'s, 'a>(kept: &'s [&'a Token], frame: Option<Frame>, content: &'s [&'a Token]) -> &'s [&'a Token] {
    let Some(f) = frame.filter(|f| f.strength == Strength::Weak && !f.statement) else { return content };
    let keeps_verb = leading(kept, "get|do|start|make|fix|prepare|write|have|give|send|register|keep|place|post")
        .is_some()
        && !(leading(kept, "make|have").is_some() && is_event_next(content));
    let end = content.len() + f.end.min(kept.len());
    if keeps_verb { &kept[..end] } else { content }
}

fn is_event_next(content: &[&Token]) -> bool {
    content.iter().take(2).any(|t| is_event(t)) && !has(content, &["reservation|reservations"])
}

const PRO_FORMS: &[&str] = &[
    "this|that|it|these|those|them [down|in|on|please]",
    "one more [thing|item|task]",
    "something|anything|things|stuff|one|someone",
    "[a|an|the|my|some|this|that|another|new|one] item|items|thing|things|task|tasks|reminder|reminders|event|events|entry|something|todo|note|list|lists|notification|alert|calendar|stuff",
    "[a|an] new|another one|item|list|thing",
    "me",
    "[a|an|the] new|another",
    "[this|that] one",
    "i|you|we",
    "to do",
    "[a|my] [new] todo|to [do] list",
    "this [information|date|day|here]",
    "some of this|that",
    "it for me",
    "my|the|a",
    "new",
    "the following [items|item|things]",
    "event|reminder [event|reminder]",
    "for|about|of|to [this|that|it|something|me]",
    "[about] what i said|told",
    "up",
    "please",
    "a few|couple things|items",
    "do something|this|that|it",
    "something|anything|stuff|things to add|do|remember|schedule|note|save|put [in|on]",
    "more|another|additional [items|item|things]",
];

/// Nothing is left that says what.
pub(super) fn is_vague(content: &[&Token]) -> bool {
    let words: Vec<&Token> = content
        .iter()
        .filter(|t| t.is_word() || t.quoted || t.text.starts_with(|c: char| !c.is_ascii()))
        .copied()
        .collect();
    words.is_empty() || whole(&words, PRO_FORMS)
}

fn vague(parts: &Parts<'_>, frame: Option<Frame>, tokens: &[&Token]) -> Intent {
    let when = parts.when();
    let pointed = has(tokens, &["this|that|it|something|anything"])
        && !has(tokens, &["it is"])
        && !has(
            tokens,
            &[
                "this|that morning|evening|afternoon|week|weekend|month|friday|monday|tuesday|wednesday|thursday|saturday|sunday|year|night",
            ],
        );
    let bell = frame.and_then(|f| f.bell);
    let wakes = frame.is_some_and(|f| f.noun == "Wake up");
    if when.is_empty() && (bell.is_some() || wakes) {
        return Intent::Ask(Missing::Time);
    }
    if when.is_empty() || (pointed && bell.is_none()) {
        return Intent::Ask(Missing::Title(when));
    }
    let noun = frame.map_or("Reminder", |f| f.noun);
    Intent::Add(vec![Draft {
        title: noun.to_owned(),
        when: When { repeats: parts.repeats, ..when },
        hint: hint(tokens),
        priority: parts.priority,
        description: parts.note.clone(),
    }])
}

/// What the sentence says about a time without am or pm.
pub(crate) fn hint(tokens: &[&Token]) -> Hint {
    match () {
        () if has(tokens, &["wake|waking|wakeup|wake-up|woken|awake", "get up"]) => Hint::Wake,
        () if has(tokens, &["breakfast|sunrise|jog|commute"]) => Hint::Morning,
        () if has(
            tokens,
            &[
                "dinner|supper|party|movie|drinks|concert|bedtime|evening|night|nightly|bar|pub|theater|theatre|show|game|bed",
            ],
        ) =>
        {
            Hint::Evening
        }
        () if has(tokens, &["alarm|alarms|timer"]) => Hint::Ring,
        () => Hint::None,
    }
}

/// The time that a sentence names.
pub(crate) fn when_of(tokens: &[&Token]) -> When {
    mentions(tokens).iter().fold(When::default(), |all, m| all.merged(m.when).unwrap_or(all))
}
