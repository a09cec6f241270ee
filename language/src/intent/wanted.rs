//! Whether a sentence wants something added at all, or is about something else: when in doubt, nothing is added.
//!
//! One more way to be about something else: a line in [`is_elsewhere`] (any sentence) or [`is_for_helper`] (a bare order).

use super::adding::is_vague;
use super::frames::{Frame, Strength, has_event};
use super::listing::foreign_list;
use super::parts::Parts;
use crate::lexicon::{
    is_errand_verb, is_event, is_generic, is_other_command, is_past, is_plain_task_verb, is_task_verb, topic,
};
use crate::pattern::{has, leading};
use crate::when::{Day, Period};
use crate::words::Token;

/// Whether the sentence asks for something to be added, rather than being about something else.
pub(super) fn is_wanted(
    all: &[&Token],
    parts: &Parts<'_>,
    frame: Option<Frame>,
    content: &[&Token],
    dated: bool,
) -> bool {
    let social = has(content, &["coffee|pizza|sushi|burgers|curry with"]);
    // "feed the cat" is no social network; several orders with a time each are tasks, whatever one is about.
    let verb = usize::from(content.len() > 1 && is_plain_task_verb(content[0]));
    let about_else = topic(&content[verb..]).is_some() && !social && !is_agenda(content, parts) || foreign_list(all);
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
        // "remind me how to make pancakes" asks for an explanation.
        Some(f)
            if f.strength == Strength::Strong
                && !dated
                && leading(content, "how|why|who|what").is_some()
                && f.bell.is_none() =>
        {
            leading(all, "remind|tell").is_none()
        }
        Some(f) if f.strength == Strength::Strong => {
            content.first().is_none_or(|t| !is_past(t))
                && (all[0].text != "remember" || remembered(all, content, dated))
        }
        // "add these two numbers"
        Some(f)
            if f.strength == Strength::Medium
                && !dated
                && content.len() > 1
                && !is_vague(content)
                && leading(content, "these|those|this|that").is_some() =>
        {
            false
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

/// "add fries to my order", "you forgot to remind me": said to a shop or about somebody, whatever else it looks like.
pub(super) fn is_elsewhere(all: &[&Token], parts: &Parts<'_>) -> bool {
    const PLACES: &str = "order|cart|basket|post|posts|blog|playlist|contacts|favorites|favourites|queue|account|group|chat|library|profile|page|feed|wall|phone|document|spreadsheet|story|bill|tab|recipe|watchlist|bookmarks|dictionary|house|room|collection|conversation|library|station|stations";
    if leading(all, "remind|reminder|todo|alarm").is_some() || parts.listed {
        return false;
    }
    let told = leading(all, "tell|inform|ask").is_some()
        && leading(all, "tell|inform|ask me|us").is_none()
        && has(all, &["is|are|that|if|when|whether"]);
    told || leading(all, "you|your|you're|he|she|they|why|who|how").is_some()
        || leading(all, "write to").is_some() && has(all, &["that|saying|about"])
        || has(all, &["my|the|an|pickup|takeout|food|delivery order [from|of|for]", "order|pickup from"])
        || has(all, &["to|into favorites|favourites|playlist|contacts|cart|basket|queue|watchlist|bookmarks"])
        || has(
            all,
            &[&format!(
                "to|into|onto|in my|the|this|our|his|her [shopping|phone|photo|music|group|last|new|latest|recent] {PLACES}"
            )],
        ) && leading(all, "add|put|include|insert|save|append|upload|post").is_some()
}

/// "call anna tomorrow, email bob on friday and buy flowers on saturday"
fn is_agenda(content: &[&Token], parts: &Parts<'_>) -> bool {
    let mut orders = content.split(|t| !t.quoted && matches!(t.text.as_str(), "and" | "," | ";" | "then"));
    parts.mentions.len() > 1
        && content.iter().any(|t| matches!(t.text.as_str(), "and" | ","))
        && orders.all(|order| order.is_empty() || order.len() > 1 && is_task_verb(order[0]))
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

/// "make it warmer in here by six", "record the game tonight", "make a call to mom": said to a helper.
fn is_service(all: &[&Token], dated: bool) -> bool {
    (leading(all, "make|get|set|turn|keep|have|put|give|start it|me|us|him|her|them|that|this").is_some()
        && leading(all, "get me|us up").is_none())
        || leading(all, "record the|this|that|tonight's|my").is_some()
        || leading(all, "make|start|get the").is_some() && !has_event(all)
        || !dated && leading(all, "make|place|start a|the|my call").is_some()
}

/// "book a meeting", "make dinner reservations for friday": the object decides.
fn is_object(all: &[&Token], content: &[&Token], dated: bool, about_else: bool) -> bool {
    if is_service(all, dated) {
        return false;
    }
    if leading(all, "get|do|give|send|start|keep|open|turn|place|post|list|throw|update|have|fix|prepare|program|initiate|activate|make|put|save|record|write|register").is_some() {
        let event = is_event_head(content) && topic(&content[..content.len().min(4)]).is_none();
        let order = dated && !about_else && is_task_verb(all[0]) && content.len() > 1 && leading(all, "get|do|start|make|have|fix|prepare|write|register").is_some();
        // "make dinner" is no entry; "make a dentist appointment" is.
        let entry = has(content, &["appointment|appointments|meeting|reservation|reservations|date|event|reminder|session|booking|visit"]);
        return (event && (dated || entry && leading(all, "make|put|have|record|register|write|save").is_some())) || order;
    }
    let slot = leading(content, "[a|an|the|some] slot|spot|time|space|block [slot] for").is_some()
        || leading(all, "reserve|block|save|keep|hold for").is_some();
    if slot && dated && !about_else && leading(all, "book|reserve|block|save|keep|schedule").is_some() {
        return true;
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

/// "tell me the high for tomorrow", "find a flight", "see you on monday": said to a helper, not noted for oneself.
fn is_for_helper(content: &[&Token]) -> bool {
    leading(
        content,
        "tell|show|give|find|get|read|bring|make|send|order|book|call|text|ask|sell|help|buy me|us|you",
    )
    .is_some()
        || leading(content, "find|see|watch|discover|locate|tell|check|speak|talk|sleep|wake|eat|give|show a|an|the|some|any|out|for|me|to|up|if|about|into|with").is_some() && (content[0].text == "find" || !has_event(content))
        || leading(content, "thank|see god|goodness|you|heavens|the").is_some()
        || leading(content, "pick a|an|another|one|some|any").is_some()
        || leading(content, "pay with|using").is_some()
        || content.len() == 2 && matches!(content[1].text.as_str(), "it" | "them" | "up")
        || content.get(1).is_some_and(|t| matches!(t.text.as_str(), "this" | "these" | "that" | "those"))
        || content.get(1).is_some_and(|t| matches!(t.text.as_str(), "me" | "us"))
}

/// "buy milk tomorrow"
fn bare_order(content: &[&Token], dated: bool, about_else: bool) -> bool {
    let Some(first) = content.first() else { return false };
    let next_is_content = content.len() > 1;
    let for_me = is_for_helper(content);
    !about_else
        && !for_me
        && next_is_content
        && is_task_verb(first)
        && (is_errand_verb(first) || (dated && !is_other_command(first)) || first.quoted)
}

/// "meeting with bob tomorrow at three", "mom's birthday is on may third"
fn bare_event(content: &[&Token], parts: &Parts<'_>, about_else: bool) -> bool {
    let when = parts.when();
    let question =
        leading(content, "what|when|where|who|which|how|is|are|do|does|did|can|will|any|why|show|am").is_some();
    let plural = content.first().is_some_and(|t| is_generic(t.base()) && t.base().ends_with('s'));
    // "my birthday is tomorrow" only tells; with a clock or a date it is worth noting.
    let told = has(content, &["is|are|was|it's|today's"])
        && when.clock.is_none()
        && matches!(when.day, Some(Day::Ahead(_) | Day::Weekday { .. }));
    let marked = has(content, &["needs|need to be marked|added|set|scheduled", "needs marked"]);
    let timed = when.day.is_some() || when.clock.is_some() || when.ahead.is_some();
    let short = has_event(content) && content.len() <= 16;
    timed
        && !question
        && !plural
        && content.first().is_none_or(|t| !is_other_command(t) || is_task_verb(t) || t.text == "repeat")
        && content.first().is_none_or(|t| t.text != "find")
        && !has(
            content,
            &[
                "ideas|idea|etiquette|times|scores|score|songs|videos|tips|status|closings|history|meaning|definition|prices|price|cost|deals|reviews|recipes|results",
            ],
        )
        && !(content.len() < 2 && matches!(when.day, Some(Day::Period(Period::Named(_)))))
        && (!told || marked)
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
