//! Greetings, thanks, help, yes and no, taking back, the clock, and everything that is not about tasks.

use super::{Intent, Talk};
use crate::lexicon::{is_task_verb, topic};
use crate::pattern::{has, leading, whole};
use crate::words::Token;

const YES: &[&str] = &[
    "yes|yeah|yep|yup|sure|ok|okay|correct|right|confirm|confirmed|absolutely|definitely|affirmative|y|aye|certainly|yea",
    "yes|yeah|sure|okay|yep [,] [please|yes|delete|do|go|sure|confirm|remove] [it|them|ahead|that|all|all] [of] [them] [all]",
    "yes [,] i am|do [sure]",
    "[yes] [,] i'm [very|quite] sure",
    "[yes] [,] i am [very|quite] sure",
    "do it",
    "go ahead",
    "go for it",
    "[yes] [,] please do",
    "that's right|correct|it|fine",
    "sounds good",
    "of course",
    "[yes] that one",
    "[yes] exactly",
    "make it so",
    "proceed",
    "please",
    "yes delete|remove|cancel|clear|erase|wipe everything|all|them|it",
    "[yes] delete|remove them|it|everything all",
    "yes [,] all [of] [them]",
    "[yes] do that",
    "yes that's right|it|correct",
];
const NO: &[&str] = &[
    "no|nope|nah|cancel|stop|n|neither|none|nothing|abort|negative",
    "no [,] thanks|thank|don't|stop|cancel|wait [you] [it|that]",
    "never mind|mind",
    "nevermind",
    "forget [about] it|that",
    "don't",
    "[no] [,] don't [do] [that|it|delete] [it|them|that|anything]",
    "do not [do] [that|it|delete] [it|them]",
    "no [,] i [changed|don't|do] [my|not] [mind|want]",
    "leave it|them|that [alone]",
    "not now",
    "none of them|these|those",
    "neither [of] [them]",
    "[no] [,] keep it|them|all|everything [all]",
    "[no] [,] i changed my mind",
    "[no] [,] leave it|them",
    "better not",
    "wait no",
    "no way",
    "hold on",
    "not really",
    "cancel [that|it] [please]",
    "rather not",
    "no [,] neither|none [of] [them]",
];
const UNDO: &[&str] = &[
    "undo [that|it|this|please|the] [last|previous] [change|one|action|please|thing|step]",
    "undo what|everything [you] [just] [did]",
    "undo my|the last|previous|latest [change|action|one|thing|edit]",
    "revert [that|it|the|this|my] [last] [change|one]",
    "take that|it back",
    "roll [that|it] back",
    "rollback",
    "reverse that|it",
    "bring|get|put it|them|that|those back",
    "restore [it|them|that|those|the] [last] [deleted] [task|one|item]",
    "oops [undo] [that]",
    "i didn't mean [to] [do] [that|it]",
    "[that] was|is a mistake",
    "that was wrong",
    "change it back",
    "undelete [it|that|them]",
    "go back",
    "i made a mistake",
    "[no] [,] undo [that|it]",
    "put|change|set it|that|them back [to] [how|what|the] [it|they] [was|were] [before]",
    "restore what [i|you] [just] deleted|removed",
    "oh no [,] undo [that|it]",
    "ctrl z",
];
const HELLO: &[&str] = &[
    "hi|hello|hey|howdy|greetings|yo|hiya [there|olly|everyone|again|errand]",
    "good morning|afternoon|evening|day",
    "what's up",
    "how are you [doing] [today]",
    "how's it going",
    "nice to meet you",
];
const THANKS: &[&str] = &[
    "thanks|thx|ty|cheers [a] [lot|much|so|very|you|again] [much]",
    "thank you [so|very] [much]",
    "great|perfect|awesome|nice|cool|excellent|wonderful|lovely|good|brilliant|super [job|work|one|thanks]",
    "[great|perfect] [,] thanks|thank [you]",
    "well done",
    "that's all [for] [now] [thanks]",
    "much appreciated",
    "that's great|perfect|good|nice",
    "you're [the] great|best|awesome",
    "good bot",
];
const BYE: &[&str] =
    &["bye|goodbye|ciao [bye]", "good night", "see you [later|soon|tomorrow]", "talk [to] [you] later"];
const HELP: &[&str] = &[
    "help [me]",
    "what can you do [for] [me]",
    "what do you do",
    "who are you",
    "what are you",
    "how do|does you|this|it work",
    "what can i say|ask|do [you] [here]",
    "how can you help [me]",
    "what are your capabilities|features|commands|skills",
    "how do i use this|you",
    "commands",
    "show [me] [the] help|commands",
    "what do you know|understand",
    "i need help",
    "how does this work",
    "what else can you do",
    "what is this",
    "how can i use this|you",
];
const CLOCK: &[&str] = &[
    "what time is it [now|right] [now]",
    "what's the time|date|day [today|now]",
    "what is the time|date|day [today|now]",
    "what is|'s today's date",
    "what's today's date",
    "what day|date is it|today [today]",
    "what's today",
    "what is today",
    "tell me the time|date [today|now]",
    "what is the date today",
    "what day of the week is it|today",
    "what's the current time|date",
    "what is the current time|date",
    "current time|date",
    "today's date",
    "which day is it|today [today]",
    "tell me what time it is [now]",
];

/// What is small talk as a whole.
pub(crate) fn small(tokens: &[&Token]) -> Option<Intent> {
    let spoken: Vec<&Token> = tokens.iter().filter(|t| !matches!(t.text.as_str(), "!" | "." | "?")).copied().collect();
    let is = |patterns| whole(&spoken, patterns);
    Some(match () {
        () if is(UNDO) => Intent::Undo,
        () if is(YES) => Intent::Yes,
        () if is(NO) => Intent::No,
        () if is(HELP) => Intent::Say(Talk::Help),
        () if is(THANKS) => Intent::Say(Talk::Thanks),
        () if is(HELLO) => Intent::Say(Talk::Hello),
        () if is(BYE) => Intent::Say(Talk::Bye),
        () if is(CLOCK) => Intent::Say(Talk::Clock),
        () => return None,
    })
}

/// A text without a word: emoji, punctuation.
pub(crate) fn wordless(tokens: &[&Token]) -> Intent {
    let thumbs = |chars: &[char]| tokens.iter().any(|t| t.text.starts_with(chars));
    match () {
        () if thumbs(&['\u{1f44d}', '\u{2705}']) => Intent::Yes,
        () if thumbs(&['\u{1f44e}', '\u{274c}']) => Intent::No,
        () => Intent::Say(Talk::Other(None)),
    }
}

/// Whether the sentence takes the last change back and goes on ("undo that and …" is not understood as one).
pub(crate) fn starts_with_no(tokens: &[&Token]) -> Option<usize> {
    leading(tokens, "no|nope|not|wait|sorry|oops|oh [wait|no|sorry|not] [,] [wait|sorry|not|i] [,] [meant|mean]")
        .or_else(|| leading(tokens, "i mean|meant"))
}

/// What is not about tasks.
pub(crate) fn other(tokens: &[&Token]) -> Intent {
    let known = topic(tokens).map(|t| t.name);
    let plays = has(tokens, &["play|playing|listen"]).then_some("music and media");
    let order = tokens.first().is_some_and(|t| is_task_verb(t) && !t.quoted) && tokens.len() > 1;
    Intent::Say(if order { Talk::Perhaps } else { Talk::Other(known.or(plays)) })
}
