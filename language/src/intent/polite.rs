//! Names, politeness and hesitation around the sentence.
//!
//! One more: a pattern in [`BEFORE`] or [`AFTER`].

use crate::pattern::{leading, longest};
use crate::words::Token;

const BEFORE: &[&str] = &[
    "olly|siri|alexa|google|computer|errand|jarvis|cortana|assistant|bixby",
    "hey|hi|hello|okay|yo|hay|ola|holly [olly|siri|alexa|google|computer|errand|jarvis|cortana|assistant|there|bixby]",
    "completely|totally|immediately|please|kindly|just|so|also|and|oh|um|uh|well|then|now|actually|ah|hmm|alright|plus|quickly|simply|maybe|but",
    "can|could|would|will you|u [please|kindly|just|also|maybe]",
    "would you mind",
    "can|could i get|have|ask you to [please]",
    "i need|want|would you to",
    "want|need|like|got you to",
    "i'd|would like|love you to",
    "i would like|love you to",
    "do me a favor [and]",
    "go ahead and",
    "i was wondering if you could",
    "is it possible to|for [you] [to]",
    "be a dear and",
    "you should|must|need [to]",
    "help me [to]",
    "try to",
    ", ",
    "thanks",
    "thank you",
    "good|great|perfect|cool|nice|fine|awesome ,",
    "good morning|evening|afternoon",
    "- ",
    ": ",
];

/// What stands before a command of its own ("I want to add …") and is dropped only then.
const BEFORE_COMMAND: &[&str] = &[
    "i want|need|have|wish to",
    "i'd like|love|want to",
    "i would like|love|want to",
    "let's|lets",
    "can|could|may|shall we|i",
    "let me",
    "i wanna|gotta",
    "i am trying to",
    "i'm trying to",
    "i'm looking to",
    "we need|want to",
    "you to",
    "how do|can|about i|we",
];

const COMMANDS: &str = "add|set|create|make|put|schedule|book|delete|remove|cancel|clear|erase|move|reschedule|rename|change|mark|list|show|see|check|complete|undo|push|postpone|wipe|edit|update|view|know|take|enter|insert|save|hear|reopen|archive|get|start|plan|arrange|note|have|new|organize|drop|record|setup|be|find|look|review|turn|include|tick|cross|read|remind";

const AFTER: &[&str] = &[
    "please",
    "thanks",
    "thank you",
    "olly",
    "okay",
    "for me",
    "thank you very much",
    "thanks a lot",
    "if you can",
    "if possible",
    "will you",
    "would you",
    "right now",
    "siri",
    "alexa",
    "google",
    "computer",
    "cheers",
];

/// The sentence without them.
pub(crate) fn stripped<'s, 'a>(tokens: &'s [&'a Token]) -> &'s [&'a Token] {
    let mut rest = tokens;
    loop {
        let before = longest(rest, BEFORE).filter(|n| *n < rest.len()).or_else(|| command(rest));
        let punctuation = usize::from(
            rest.first().is_some_and(|t| !t.quoted && matches!(t.text.as_str(), "," | "." | "!" | "\n" | ":" | "…")),
        );
        match before.unwrap_or(0).max(if rest.len() > punctuation { punctuation } else { 0 }) {
            0 => break,
            n => rest = &rest[n..],
        }
    }
    loop {
        let cut = AFTER.iter().find_map(|p| {
            let n = p.split(' ').count();
            (rest.len() > n && leading(&rest[rest.len() - n..], p) == Some(n)).then_some(n)
        });
        let punctuation = usize::from(
            rest.last().is_some_and(|t| !t.quoted && matches!(t.text.as_str(), "," | "." | "!" | "\n" | ";")),
        );
        match cut.unwrap_or(0).max(if rest.len() > punctuation { punctuation } else { 0 }) {
            0 => return rest,
            n => rest = &rest[..rest.len() - n],
        }
    }
}

fn command(tokens: &[&Token]) -> Option<usize> {
    let n = longest(tokens, BEFORE_COMMAND)?;
    let more = longest(&tokens[n..], &["please|just|also|quickly"]).unwrap_or(0);
    let rest = &tokens[n + more..];
    leading(rest, COMMANDS)?;
    // "I have to see the doctor", "I want to be there": no commands.
    let needs = leading(
        rest,
        "see|hear|have|be|get|find|look|take|start|make|review|read|book|drop|know|turn|check|view|plan|move|change|complete",
    );
    let about_tasks =
        crate::pattern::has(rest, &["@carrier", "@bell", "@tool", "reminded", "appointments|meetings", "to remind"]);
    (needs.is_none() || about_tasks).then_some(n + more)
}
