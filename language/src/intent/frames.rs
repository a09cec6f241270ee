//! The command words around what is added: "remind me to …", "set an alarm for …", "put … on my calendar".
//!
//! One more: a pattern in [`REMIND`] (asks for a reminder), [`VERBS`] (a verb that needs an object) or [`TRAILERS`].

use crate::lexicon::is_event;
use crate::pattern::{find, leading, longest};
use crate::words::Token;

/// How sure a frame makes it that something shall be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    /// "make …", "i want to …": the object decides.
    Weak,
    /// "add …", "schedule …": unless it is about something else.
    Medium,
    /// A reminder, an alarm, a calendar or a list was named.
    Strong,
}

/// A frame and where the content starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) strength: Strength,
    pub(crate) end: usize,
    /// What rings: its name goes into the title.
    pub(crate) bell: Option<&'static str>,
    /// Said as a wish or fact about the user: "i have to …", "i want to …".
    pub(crate) statement: bool,
    /// What the thing is called if nothing else is said.
    pub(crate) noun: &'static str,
}

const REMIND: &[&str] = &[
    "remind|remember [me|us] [again] [later]",
    "reminder",
    "don't forget [to] [remind] [me|us]",
    "don't let me forget",
    "do not forget|let [to|me] [remind|forget] [me]",
    "do not let me forget [to|about]",
    "make|be sure [to] [that] [remind] [me] [i] [remember]",
    "make a note [of|that|to]",
    "notify|alert|ping|nudge|warn|buzz|prompt|inform me|us",
    "i|we need|want|have|should|must to be reminded|notified|alerted",
    "i'd|would like to be reminded",
    "i would like to be reminded",
    "i|we want|need to remember",
    "send|give|get me a|an [quick] @carrier",
    "i|we want|need|have|would|require [like] a|an @carrier",
    "i'd like a|an @carrier",
    "wake me [up]",
    "give|send me a wake up call",
    "note to self",
    "remind my self",
    "keep in mind",
    "help me remember",
    "bring to my attention",
    "mark my calendar|schedule|diary",
    "todo",
    "new @carrier",
    "let me know when|to|about|of",
    "let me know when it's|it [is] [is] time [for|to|of]",
    "[my] [shopping|grocery|todo|chores] list add|put|include|write",
    "put|make|leave|add a|an [quick] note|reminder on|in my|the calendar|schedule|diary|planner [that|to|about|for|saying|:]",
    "update my|the [shopping|grocery|todo] list with",
    "my|the [shopping|grocery|todo] list needs",
    "make it so [that] i|we [can] remember [to]",
    "give|send|get me|us a|an [quick] heads-up|heads [up] [to|about|that|for|on]",
    "make|ensure sure [that] i|we remember|don't [forget] [to|about]",
    "tell me to",
    "i need you to remind me",
    "block [out|off] [my] [calendar|time|schedule]",
    "could use a reminder",
    "write|jot|note|take|put down [that|to|this|:] [note]",
    "make|take a note [of|that|to|about|:]",
];

/// Verbs that need an object; those of the first list say "add" whatever it is.
const MEDIUM: &str = "add|schedule|create|insert|include|append|note|jot|pencil|log|input|calendar";
const WEAK: &str = "set|setup|make|put|book|new|enter|save|record|plan|arrange|organize|write|mark|place|register|start|get|fix|reserve|do|turn|program|establish|keep|have|post|open|initiate|activate|give|send|upload|list|throw|update|prepare";

const HEADS: &[&str] = &[
    "[a|an|the|my|new|another|and|one|some|in|me|this|that|us] [a|an|new|quick|recurring|repeating|daily|weekly|monthly|calendar|special|urgent|important|high|low|priority|medium|top|yearly|annual] [priority|new|recurring|repeat|repeating|calendar|event] @carrier [@carrier|todo]",
];

const BELLS: &[&str] = &[
    "[a|an|the|my|new|another|one|me|some|on] [new|a|an|the|my|another|wake|morning|early|daily|weekly|kitchen|repeating|recurring|quick|cooking|egg] [up|new] @bell",
];

/// Connectives between the head and the content.
const LINKS: &[&str] = &[
    "[that] says|saying [that]",
    "for|to|about|of|that|on|with|regarding|called|named|titled|labelled|label|because|when|as|in|at|is|which|concerning|and|starting|if|:|-|it|by",
    "for me|us [to|that]",
    "me|us to|about|of|that",
    "for us|me",
    "to remind|alert|notify|tell|inform|let me|us|know [to|about|of|that|for] [i] [have|need] [to]",
    "with|under the|a name|title|label|subject|description [of|that|saying]",
    "in order to",
    "to say",
    "titled as",
    "called as",
    "so that|i [i] [can|don't] [forget] [to]",
    "it to|as",
    "to wake [me] up [to|for]",
    "remind me to|about|of|that|for",
    "saying that",
    "for the|a event|task|reminder of|that|called|to",
    "for my event|task|reminder of|that|called|to",
    "down that|the|a|for",
    "in that",
];

/// Openings of a subordinate clause that add nothing.
const OPENERS: &[&str] = &[
    "that i|we|i'm|i've|he|she have|need|should|must|ought|am|are|got|going|will|has|want [to|a|an|my|going|supposed|having] [to]",
    "i|we have|need|should|must|got|want|ought|will|to [to|a|an]",
    "i'm|we're supposed|going|having|meeting|doing|attending [to|a|an]",
    "that there is|are|will|'s [be] [a|an|the|my]",
    "there is|are|will [be] [a|an|the|my]",
    "there's [a|an|the|my]",
    "that there's [a|an]",
    "i've got|to [to|a|an]",
    "i have a|an|my|the",
    "i|we am|are having|going|meeting|attending [to] [a|an]",
    "that we are|have|need having|to|a",
    "that i|we|i'm|we're [am|are] having|going|meeting|supposed|attending [to] [a|an]",
    "it's|it [is|has] [a|an|my|to|that|called]",
    "that it's|it [is|has] [a|an|my|to]",
    "is",
    "that my",
    "that",
    "i can",
    "i don't forget [to|about|my]",
    "i will|can|could be|have [at|to|a]",
    "needs|need to be marked|added|set|scheduled|noted [as|in|on]",
    "needs|need marked|added [as]",
    "as|on having",
    "i am",
    "we're|i'm having",
];

/// Statements that are wishes or facts.
const STATEMENTS: &[&str] = &[
    "i|we need|have|want|must|should|ought|wish|plan|hope|intend to [remember] [to]",
    "i'd|we'd like|love|better to",
    "i'd better",
    "i would|really|also|just like|love|need|have|want|should to",
    "i must|should|will|gotta|shall|wanna",
    "i'll",
    "i've|we've got to",
    "i've|we've got [a|an|my|the|some]",
    "i got [a|an|my|to]",
    "i'm|we're going|planning|supposed|hoping|meant to",
    "i|we am|are going|planning|supposed|hoping|meant to",
    "i'm|we're [having|meeting|attending|seeing|going|doing]",
    "i|we am|are having|meeting|attending|seeing",
    "i|we [will|do|also] have|need|want|book [a|an|my|the|another|some]",
    "i'd like [a|an|my|the|another|some]",
    "i would like [a|an|my|the|another|some]",
    "there's|there [is|are|will] [be] [a|an|my|the]",
    "i|we will|'ll be having|have|attend|meet|meeting [a|an|my|the]",
    "it is|it's [my]",
    "it's time to",
    "let's|lets",
    "gotta|wanna",
    "need|have|got to",
    "needs|need to be marked|added|set|scheduled|noted [as|in|on]",
    "i cannot|can't forget [to|about]",
    "i mustn't forget [to|about]",
    "i shouldn't forget [to|about]",
];

/// What may follow the content: "… remind me", "… and add it to my calendar".
const TRAILERS: &[&str] = &[
    "[and|so|then|,] [please|can|could] [you] [please] remind me [of|about] [it|this|that|to|please|then|again] [on|at|by|before|about] [it]",
    "[and|so|,|then] [please] set|create|make|add|need [up] a|an|the|me [reminder|alarm|notification|event] [reminder|alarm] [for|on|at|about|of] [it|this|that|me|then]",
    "[and|,|so|then] [please] add|put|save|note|mark|schedule|enter it|that|this|them [down|in|to|on|for|into] [my|the] [calendar|list|schedule] [list]",
    "[and|,] [please] set reminder|alarm|event [for|on|at|about] [it|this]",
    "[and|,] notify|alert me [about|of] [it]",
    "[and|,] don't let me forget [it|that]",
    "[and|,] don't forget [it]",
    "on|in|to|into|for my|the calendar|schedule|agenda|planner|diary|list|todo",
    "as a|an [new] @carrier",
    "[and] mark it [on|in] [my] [calendar]",
    "[and] repeat [it] [every] [year|week|month|day|daily|weekly|monthly|yearly|annually]",
    "please",
    "repeating|recurring",
    "[and] let me know",
    "to|as|for [a|my] reminder|alarm|event",
    "set [a] reminder|alarm",
];

/// The frame at the start of the sentence, dates already taken out. `listed`: a calendar or list was named.
pub(crate) fn frame(tokens: &[&Token], listed: bool) -> Option<Frame> {
    let plain = |strength, end| Frame { strength, end, bell: None, statement: false, noun: "Reminder" };
    if let Some(n) = longest(tokens, REMIND) {
        let wakes = leading(tokens, "wake|give|send me [up|a] [wake]").is_some() && tokens[0].text == "wake";
        let end = linked(tokens, n);
        let noun = if wakes { "Wake up" } else { "Reminder" };
        return Some(Frame { noun, ..plain(Strength::Strong, end) });
    }
    if let Some(n) = verb(tokens) {
        if let Some(b) = longest(&tokens[n..], BELLS) {
            let bell = if tokens[n + b - 1].text.starts_with("timer") { "Timer" } else { "Alarm" };
            let more = longest(&tokens[n + b..], &["reminder|clock|reminders"]).unwrap_or(0);
            return Some(Frame {
                bell: Some(bell),
                noun: bell,
                ..plain(Strength::Strong, linked(tokens, n + b + more))
            });
        }
        if let Some(h) = longest(&tokens[n..], HEADS) {
            let noun = if tokens[n..n + h].iter().any(|t| t.text.starts_with("event")) {
                "Event"
            } else if tokens[n..n + h].iter().any(|t| t.text.starts_with("task")) {
                "Task"
            } else {
                "Reminder"
            };
            return Some(Frame { noun, ..plain(Strength::Strong, linked(tokens, n + h)) });
        }
        let medium = leading(tokens, MEDIUM).is_some();
        let strength = if listed {
            Strength::Strong
        } else if medium {
            Strength::Medium
        } else {
            Strength::Weak
        };
        let more = longest(&tokens[n..], &["that|for|:|of|to|me|us|it|about|down|in"])
            .filter(|_| listed || leading(&tokens[n..], ":|that|me|for|about").is_some())
            .map_or(0, |_| linked(tokens, n) - n);
        let article = longest(&tokens[n + more..], &["a|an|the|my|another"]).unwrap_or(0);
        return Some(plain(strength, n + more + article));
    }
    if let Some(b) = longest(tokens, BELLS).filter(|b| *b <= 3) {
        let bell = if tokens[b - 1].text.starts_with("timer") { "Timer" } else { "Alarm" };
        return Some(Frame { bell: Some(bell), noun: bell, ..plain(Strength::Strong, linked(tokens, b)) });
    }
    longest(tokens, STATEMENTS)
        .map(|n| Frame { statement: true, ..plain(if listed { Strength::Strong } else { Strength::Weak }, n) })
}

fn verb(tokens: &[&Token]) -> Option<usize> {
    // "book club on thursday": the book is no order.
    if leading(tokens, "book club|fair|report|launch|signing|group|reading").is_some() {
        return None;
    }
    let medium = leading(tokens, MEDIUM);
    let n = medium.or_else(|| leading(tokens, WEAK))?;
    let particle = leading(&tokens[n..], "up|down|in|on|out")
        .filter(|_| n < tokens.len() && !matches!(tokens[0].text.as_str(), "get" | "have" | "do"))
        .unwrap_or(0);
    Some(n + particle)
}

/// Past the connectives after a head.
fn linked(tokens: &[&Token], from: usize) -> usize {
    let mut at = from;
    for _ in 0..3 {
        let rest = &tokens[at..];
        let n = longest(rest, LINKS).or_else(|| longest(rest, OPENERS)).unwrap_or(0);
        // "to call", "to buy": what follows "to" is the task.
        if n == 0 {
            break;
        }
        let to = tokens[at + n - 1].text == "to";
        at += n;
        if to && leading(&tokens[at..], "remind|to").is_none() {
            return at;
        }
    }
    let opener = longest(&tokens[at..], OPENERS).unwrap_or(0);
    at + opener
}

/// Where the trailing command words start.
pub(crate) fn trailer(tokens: &[&Token]) -> usize {
    let mut end = tokens.len();
    loop {
        let cut = (1..end).find(|i| TRAILERS.iter().any(|p| leading(&tokens[*i..end], p) == Some(end - i)));
        match cut {
            Some(i) => end = i,
            None => return end,
        }
    }
}

/// The calendar or list that was named, as a span: "to my grocery list", "on the calendar".
pub(crate) fn container(tokens: &[&Token]) -> Option<(usize, usize)> {
    for i in 0..tokens.len() {
        let n = leading(&tokens[i..], "to|on|onto|in|into|from|under|at|for|of [to]").unwrap_or(0);
        if n == 0 {
            continue;
        }
        let article = leading(&tokens[i + n..], "my|the|a|our|this|that|your|mine").unwrap_or(0);
        let start = i + n + article;
        let Some(k) = tokens[start..].iter().take(4).position(|t| leading(&[*t], "@tool").is_some()) else { continue };
        let between = &tokens[start..start + k];
        let for_only = matches!(tokens[i].text.as_str(), "for" | "of" | "at") && article == 0;
        let broken = between.iter().any(|t| {
            !t.is_word()
                || t.quoted
                || leading(&[*t], "to|on|for|at|with|and|of|in|the|a|my|i|that|from").is_some() && t.text != "to"
        });
        if broken || for_only || (article == 0 && k > 1) {
            continue;
        }
        let end = start
            + k
            + 1
            + leading(&tokens[start + k + 1..], "list|lists|items|item|events|event|tasks|reminders").unwrap_or(0);
        // "schedule" and "calendar" as verbs or parts of a name stay.
        return Some((i, end));
    }
    find(tokens, "my|the calendar|todo [list]").filter(|(from, _)| *from == 0)
}

/// Whether one of the first words names something that stands in a calendar.
pub(crate) fn has_event(tokens: &[&Token]) -> bool {
    tokens.iter().take(12).any(|t| is_event(t))
}
