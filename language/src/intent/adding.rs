//! What shall be added: frames, statements, bare orders and bare events, and several of them in one sentence.

use super::frames::{Frame, Strength, frame, has_event, trailer};
use super::parts::{Parts, parts};
use super::pieces::{drafts, line_draft, lines, pieces, several_lines};

use super::{Draft, Intent, Missing};

use crate::intent::listing::foreign_list;

use crate::lexicon::{is_event, is_generic, is_other_command, is_past, is_plain_task_verb, is_task_verb, topic};

use crate::pattern::{find, has, leading, whole};

use crate::when::{Hint, When, mentions};

use crate::words::{Sentence, Token, number};

/// Something to add, or a question for what is missing.
pub(crate) fn adding(sentence: &Sentence, tokens: &[&Token]) -> Option<Intent> {
    const QUESTIONS: &str = "do|does|did|will|is|are|am|was|were|has|have|can|could|would|should|shall i|we|you|they|he|she|it|there|anyone|anything|the|my|not";
    if leading(tokens, QUESTIONS).is_some_and(|_| leading(tokens, "have the|my").is_none())
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
    if whole(&kept, &["create|make|start|begin|open|set [up] [me] [a|an|another|my|the] [new] list|lists"]) {
        return Some(Intent::Ask(Missing::Title(parts.when())));
    }
    let asked = has(after, &["remind|add|put|note|save|set|notify|schedule|calendar|forget"]) && !content.is_empty();
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

/// Whether the sentence asks for something to be added, rather than being about something else.
fn is_wanted(all: &[&Token], parts: &Parts<'_>, frame: Option<Frame>, content: &[&Token], dated: bool) -> bool {
    let social = has(content, &["coffee|pizza|sushi|burgers|curry with"]);
    let about_else = topic(content).is_some() && !social || foreign_list(all);
    let past = content.iter().take(6).any(|t| is_past(t)) || all.first().is_some_and(|t| is_past(t));
    let rings = leading(all, "remind|remember|alarm|reminder").is_some();
    if all.is_empty()
        || foreign_list(all)
        || (all.last().is_some_and(|t| t.text == "?") && frame.is_none_or(|f| f.strength < Strength::Medium))
    {
        return false;
    }
    // "make a packing list": a list is a task here.
    if leading(all, "start|create|make|begin|add").is_some()
        && has(content, &["list of|for|with|named|called"])
        && !about_else
        || content.len() > 1
            && leading(all, "start|create|make|begin").is_some()
            && content.last().is_some_and(|t| t.text == "list")
            && !is_vague(content)
    {
        return true;
    }
    match frame {
        Some(_)
            if has(all, &["on|to facebook|twitter|instagram|reddit|linkedin"]) && leading(all, "remind").is_none() =>
        {
            false
        }
        // "alert me when there is news" waits for the world, not for a time.
        Some(_)
            if leading(all, "notify|alert|inform|warn|ping|prompt|let").is_some()
                && (about_else || !dated && !has_event(content) && !has(all, &["to"])) =>
        {
            !about_else && content.is_empty()
        }
        Some(f) if f.strength == Strength::Strong => {
            content.first().is_none_or(|t| !is_past(t))
                && (all[0].text != "remember" || remembered(all, content, dated))
        }
        Some(f) if f.strength == Strength::Medium => {
            leading(content, "more|extra").is_none() && !about_else
                || has_event(content) && topic(&content[..content.len().min(2)]).is_none()
        }
        Some(f) if f.statement => !past && is_wish(all, content, (dated, parts.when().clock.is_some()), about_else),
        Some(_) => !past && is_object(all, content, dated, about_else),
        None => !past && (bare_order(content, dated, about_else) || bare_event(content, parts, about_else) || rings),
    }
}

/// "remember dinner on thursday" is a task; "remember i like this song" is not.
fn remembered(all: &[&Token], content: &[&Token], dated: bool) -> bool {
    !has(all, &["song|music|artist|like|love|hate|prefer|when"])
        && (dated || content.first().is_some_and(|t| is_task_verb(t)) || has_event(content) || has(all, &["to"]))
}

/// "i want to meet sara tomorrow", "i have a flight on friday", "i need to buy milk".
fn is_wish(all: &[&Token], content: &[&Token], (dated, clocked): (bool, bool), about_else: bool) -> bool {
    let Some(first) = content.first() else { return false };
    let event = has_event(content) && topic(&content[..content.len().min(3)]).is_none();
    let must = has(&all[..all.len().min(4)], &["need|have|must|should|gotta|ought|got to", "gotta|must|should"]);
    if is_other_command(first) && first.text != "make" && first.text != "prepare"
        || leading(
            content,
            "know|hear|listen|watch|eat|be|see if|talk|say|find|ask you|thank|tell you|go to sleep|sleep",
        )
        .is_some()
            && !event
            && !dated
    {
        return false;
    }
    if about_else && !event {
        return false;
    }
    if is_task_verb(first) && (dated || (must && is_plain_task_verb(first))) {
        return true;
    }
    (event
        && (dated
            || has(all, &["need|want|like|schedule a|an|to"])
                && has(content, &["meeting|appointment|session|reservation|call with"])))
        || (dated
            && !about_else
            && !has(content, &["headache|question|problem|idea|feeling|pizza|joke"])
            && (has(all, &["to"]) || clocked))
}

fn is_event_head(content: &[&Token]) -> bool {
    content.iter().take(4).any(|t| is_event(t))
}

/// "book a meeting", "make dinner reservations for friday": the object decides.
fn is_object(all: &[&Token], content: &[&Token], dated: bool, about_else: bool) -> bool {
    if leading(all, "get|do|give|send|start|keep|open|turn|place|post|list|throw|update|have|fix|prepare|program|initiate|activate|make|put|save|record|write|register").is_some() {
        let event = is_event_head(content) && topic(&content[..content.len().min(4)]).is_none();
        let order = dated && !about_else && is_task_verb(all[0]) && content.len() > 1 && leading(all, "get|do|start|make|have|fix|prepare|write|register").is_some();
        return (event && (dated || leading(all, "make|put|have|record|register|write|save").is_some())) || order;
    }
    let travels = has(all, &["flight|flights|hotel|trip|tickets|room|table|tour|vacation"])
        && leading(all, "book|reserve|plan|arrange|organize").is_some();
    if travels && !((dated || has(all, &["for"])) && leading(all, "plan|arrange|organize").is_some())
        || leading(all, "plan").is_some() && !dated && !has(all, &["meeting|party|appointment"])
    {
        return false;
    }
    !about_else
        && (has_event(content) || dated && leading(all, "set|plan|arrange|organize|new|mark|enter|setup").is_some())
        && !has(all, &["to|the low|high|max|maximum|minimum|percent|degrees"])
}

/// "buy milk tomorrow"
fn bare_order(content: &[&Token], dated: bool, about_else: bool) -> bool {
    let Some(first) = content.first() else { return false };
    let next_is_content = content.len() > 1;
    // "tell me the high for tomorrow", "find us a table": said to a helper, not noted for oneself.
    let for_me = leading(
        content,
        "tell|show|give|find|get|read|bring|make|send|order|book|call|text|ask|sell|help|buy me|us|you",
    )
    .is_some();
    !about_else
        && !for_me
        && next_is_content
        && is_task_verb(first)
        && (is_plain_task_verb(first) || (dated && !is_other_command(first)) || first.quoted)
}

/// "meeting with bob tomorrow at three", "mom's birthday is on may third"
fn bare_event(content: &[&Token], parts: &Parts<'_>, about_else: bool) -> bool {
    let when = parts.when();
    let question =
        leading(content, "what|when|where|who|which|how|is|are|do|does|did|can|will|any|why|show|am").is_some();
    let plural = content.first().is_some_and(|t| is_generic(t.base()) && t.base().ends_with('s'));
    let marked = has(content, &["needs|need to be marked|added|set|scheduled", "needs marked"]);
    let timed = when.day.is_some() || when.clock.is_some() || when.ahead.is_some();
    let short = has_event(content) && content.len() <= 16;
    timed
        && !question
        && !plural
        && (marked
            || (!about_else
                && (short
                    || when.clock.is_some()
                        && when.day.is_some()
                        && content.len() <= 8
                        && !has(content, &["is|are|was|you|it"])
                        && !content.is_empty()
                        && !content.first().is_some_and(|t| is_other_command(t)))))
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
    "more|another|additional [items|item|things]",
];

/// Nothing is left that says what.
fn is_vague(content: &[&Token]) -> bool {
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
        () if has(tokens, &["wake|waking|wakeup|wake-up", "get up"]) => Hint::Wake,
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
