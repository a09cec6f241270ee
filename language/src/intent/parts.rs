//! The sentence of a new task taken apart: its own words, and what says when, how urgent, on which list, with which note.
//!
//! One more way to say how urgent: a row in [`PRIORITIES`]. One more mark of a note: [`note`].

use super::frames::container;
use super::listing::foreign_list;
use crate::pattern::{find, has};
use crate::title::{DESCRIPTION_MAX, capital, shortened, spelled};
use crate::when::{Day, Mention, When, mentions};
use crate::words::{Sentence, Token};

/// The sentence taken apart: its own words, and what says when, how urgent, on which list.
pub(crate) struct Parts<'a> {
    pub(crate) tokens: Vec<&'a Token>,
    taken: Vec<bool>,
    pub(crate) mentions: Vec<Mention>,
    pub(crate) priority: Option<&'static str>,
    pub(crate) note: Option<String>,
    pub(crate) listed: bool,
    pub(crate) repeats: bool,
}

impl<'a> Parts<'a> {
    pub(crate) fn kept(&self) -> Vec<&'a Token> {
        self.tokens.iter().zip(&self.taken).filter(|(_, t)| !**t).map(|(t, _)| *t).collect()
    }

    fn take(&mut self, from: usize, to: usize) {
        self.taken[from..to].iter_mut().for_each(|t| *t = true);
    }

    /// The one time of the sentence; a second one that contradicts stays in the title.
    pub(crate) fn when(&self) -> When {
        self.mentions.iter().fold(When::default(), |all, m| all.merged(m.when).unwrap_or(all))
    }
}

pub(crate) fn parts<'a>(sentence: &Sentence, tokens: &[&'a Token]) -> Parts<'a> {
    let (tokens, note) = note(sentence, tokens);
    let mut parts = Parts {
        taken: vec![false; tokens.len()],
        tokens,
        mentions: Vec::new(),
        priority: None,
        note,
        listed: false,
        repeats: false,
    };
    if let Some((from, to)) = container(&parts.tokens).filter(|_| !foreign_list(&parts.tokens)) {
        parts.listed = true;
        // A date may stand inside: "on my saturday schedule".
        parts.take(from, to);
    }
    for (pattern, name) in PRIORITIES {
        if let Some((from, to)) =
            find(&parts.tokens, pattern).filter(|&(from, to)| fits_priority(&parts.tokens, from, to))
        {
            parts.priority = parts.priority.or(Some(name));
            parts.take(from, to);
        }
    }
    for pattern in REPEATS {
        if let Some((from, to)) = find(&parts.tokens, pattern) {
            parts.repeats = true;
            parts.take(from, to);
        }
    }
    parts.repeats |= has(&parts.tokens, &["daily|weekly|monthly|yearly|annually|everyday|biweekly"]);
    let all = mentions(&parts.tokens);
    let chosen = chosen(&all);
    for mention in all.into_iter().enumerate().filter(|(i, _)| chosen.contains(i)).map(|(_, m)| m) {
        parts.repeats |= mention.when.repeats;
        let (from, to) = (mention.span.start, mention.span.end);
        parts.take(from, to);
        parts.mentions.push(mention);
    }
    parts
}

/// Which time expressions say when the task is due: "remind me tonight about tomorrow's meeting" is for tonight.
fn chosen(all: &[Mention]) -> Vec<usize> {
    let plain: Vec<usize> = (0..all.len()).filter(|i| !all[*i].possessive && !is_past_day(&all[*i])).collect();
    if plain.is_empty() {
        return (0..all.len()).filter(|i| !is_past_day(&all[*i])).collect();
    }
    let when = plain.iter().fold(When::default(), |w, i| w.merged(all[*i].when).unwrap_or(w));
    let possessive = (0..all.len()).filter(|i| all[*i].possessive && when.merged(all[*i].when).is_some());
    let mut chosen: Vec<usize> = possessive.chain(plain).collect();
    chosen.sort_unstable();
    chosen
}

fn is_past_day(mention: &Mention) -> bool {
    matches!(mention.when.day, Some(Day::Ahead(n)) if n < 0)
}

const PRIORITIES: [(&str, &str); 16] = [
    ("[it's|it|that's|this|and|,|but|is] [it|is] not [that|very|so|really] urgent|important", "low"),
    ("[there's|there] [is] no rush|hurry", "low"),
    ("[it] [is] [not] [isn't] urgent at all", "low"),
    ("[with|as|at|and|,|make|set|in|a] [it|a] [is|to|as] [the] highest|top|urgent priority", "urgent"),
    ("[with|as|at|and|,|make|set|in|a] [it|a] [is|to|as] high|higher|highest priority|prio|importance", "high"),
    ("[with|as|at|and|,|make|set|in|a] [it|a] [is|to|as] low|lower|lowest priority|prio|importance", "low"),
    ("[with|as|at|and|,|make|set|in|a] [it|a] [is|to|as] medium|normal priority", "medium"),
    ("[and|,] [set|make|with] [the] priority [is|to|:|as] high", "high"),
    ("[and|,] [set|make|with] [the] priority [is|to|:|as] low", "low"),
    ("[and|,] [set|make|with] [the] priority [is|to|:|as] urgent", "urgent"),
    ("[and|,] [set|make|with] [the] priority [is|to|:|as] medium|normal", "medium"),
    ("asap", "urgent"),
    ("as soon as possible", "urgent"),
    (
        "[and|,|because|-|!|make|mark] [it's|it|that's|this] [is] [very|really|super|extremely|so|as] urgent|urgently|critical",
        "urgent",
    ),
    ("[and|,|because|-] [it's|it|that's|this|is] [is] [very|really|super|quite|so|pretty|as] important", "high"),
    ("whenever [possible|convenient|i can]", "low"),
];

/// "urgent" and "important" inside a title ("the important documents") stay there.
fn fits_priority(tokens: &[&Token], from: usize, to: usize) -> bool {
    let single =
        to - from == 1 && matches!(tokens[from].text.as_str(), "important" | "critical" | "urgent" | "whenever");
    if !single {
        return true;
    }
    let next = tokens.get(to).map_or("", |t| t.text.as_str());
    let ends = next.is_empty()
        || !tokens[to].is_word()
        || matches!(
            next,
            "task"
                | "reminder"
                | "event"
                | "todo"
                | "please"
                | "and"
                | "to"
                | "item"
                | "tomorrow"
                | "today"
                | "notification"
        );
    ends || from == 0
}

const REPEATS: [&str; 5] = [
    "[and] repeat|repeats|repeating|recurring [it] every|each [other] year|month|week|day|weekday|morning|evening|hour|night",
    "[and] repeat|repeats|repeating [it] yearly|monthly|weekly|daily|annually",
    "every|each [other|single|two|three] year|month|week|day|weekday|weekdays|hour|hours|days|weeks",
    "on [a] daily|weekly|monthly basis",
    "every day",
];

/// A note that follows its marker goes into the description.
fn note<'a>(sentence: &Sentence, tokens: &[&'a Token]) -> (Vec<&'a Token>, Option<String>) {
    const MARKERS: [&str; 4] = [
        "[,|.|and|-|;] [with] [a|the] note|notes|description|details|memo|comment :|saying|that|says|reading [that|:]",
        "[,|.|and|-|;] with [a|the] note|description|memo [to|:|that]",
        "[,|.|and|-|;] description",
        "[,|.|and|;] in the notes|description [write|put|say] [:]",
    ];
    for pattern in MARKERS {
        if let Some((from, to)) = find(tokens, pattern).filter(|&(from, to)| from > 1 && to < tokens.len()) {
            let text = capital(&spelled(sentence, &tokens[to..]));
            return (tokens[..from].to_vec(), Some(shortened(&text, DESCRIPTION_MAX)));
        }
    }
    (tokens.to_vec(), None)
}
