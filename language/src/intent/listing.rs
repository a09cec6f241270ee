//! Questions about tasks: what is on, when something is, how many, whether.
//!
//! One more way to ask: a pattern in [`ASKS`] (always about tasks) or [`OPENERS`] (about tasks if the rest is).

use super::{Intent, Shape};
use crate::lexicon::{is_event, is_generic, is_kind, topic};
use crate::pattern::{find, has, leading, longest};
use crate::reference::Reference;
use crate::target::{Pick, Target};
use crate::when::Part;
use crate::words::Token;

/// Openings that are about tasks whatever follows.
const ASKS: &[&str] = &[
    "what do|did|else|all do|have|i|we have|need|i|got [i] [have|need] [to] [do]",
    "what do i have|need",
    "what i|we [still] have|need|should|must|am|got",
    "when|where i|my",
    "what have i got",
    "what am|are|should|must i|we [supposed|going] [to] [doing|do]",
    "what's|what next|left|due|overdue|pending|planned|coming|open",
    "what is next|left|due|overdue|pending|planned|coming|open",
    "what's|what [is|are] still open|left|due|pending|to",
    "do|have|did i|we [still|already|also] have|need|got|want",
    "will i|we be busy|free|available|working|late",
    "have i got|set|scheduled|planned|booked|anything|any",
    "did i set|schedule|add|put|create|make|book|plan|have|already|forget|remember",
    "am i|we free|busy|available|booked|late|supposed|meeting|doing|scheduled|going|seeing|having",
    "who am i meeting|seeing",
    "where|when|what|who|how am|do i have|need|meet|go|going",
    "when|where do|am i|we",
    "which|what tasks|reminders|events|alarms|meetings|appointments|items|todos|things",
    "remind me what|when|where|which|who|how",
    "tell me when|where|what time|is|do|my",
    "how does|is my|the day|week|morning|afternoon|evening|schedule|calendar|weekend|tomorrow",
    "what does my|the day|week|morning|afternoon|evening|schedule|calendar|weekend|tomorrow|month|today",
    "how much do i have to do|left",
    "what did i complete|finish|do",
    "what have i completed|finished|done|accomplished",
    "anything [else] due|scheduled|planned|on|for|today|tomorrow|left|coming|happening|going",
    "how busy",
    "what's|what [is] happening|up|on [on] today|tomorrow|tonight|this|next|for|monday|tuesday|wednesday|thursday|friday|saturday|sunday",
    "what's|what [is] going on",
    "how many tasks|todos|items|reminders|meetings|events|appointments|alarms|things|timers",
    "how long until|till|do|before",
    "is|are there anything|any [thing]",
    "what's|what [is|what] on|in|for my|the|today|tomorrow",
    "at|on|for|in what|which time|day|date|hour is|are|do|does|am|was|will|did",
    "what's|what [is|are] [still] in progress|started|urgent|important|late|overdue|high|low|undone|unfinished|archived|completed|finished|done",
    "[tell|show|read] [me] [about] my|the day|week|morning|afternoon|evening|weekend [look|looking|like|for|today|tomorrow]",
];

/// Openings of questions and of orders to show something.
const OPENERS: &[&str] = &[
    "show [me]",
    "list [me] [out|all]",
    "display",
    "view",
    "see",
    "tell [me]",
    "read [me] [out] [back]",
    "check",
    "give [me]",
    "let me see|know|hear",
    "what|what's|whats",
    "when|when's",
    "where|where's",
    "which",
    "who|who's",
    "whose",
    "how",
    "is|are|does|do|did|am|was|were|will|has",
    "any|anything",
    "look [up] [at|for]",
    "find [me|out|all]",
    "search [for]",
    "get [me]",
    "pull|bring up",
    "open [up]",
    "remind me what|when",
    "know",
    "hear",
    "review",
    "go over|through",
    "summarize|summarise",
    "fetch [me]",
    "say",
    "print",
    "what about|of",
];

/// Questions about what was counted or mentioned.
const POINTED: &[&str] = &[
    "which [one|ones] [is|are|was|were] [it|that|they|those|these] [?]",
    "what|which are|is they|those|these|it [called] [?]",
    "list|show|name|read [me] them|those|these [all] [?]",
];

fn is_task_word(token: &Token) -> bool {
    !token.quoted && (is_event(token) || is_generic(token.base()) || is_kind(token.base()))
}

const TOOLS: &[&str] = &[
    "calendar|schedule|agenda|planner|diary|list|lists|todo|overdue|alarm|alarms|timer|timers|deadlines|due|priority|important|urgent|completed|pending|scheduled|archived|unfinished|upcoming",
];

/// A question or an order to show tasks.
pub(crate) fn listing(tokens: &[&Token]) -> Option<Intent> {
    let question = tokens.last().is_some_and(|t| t.text == "?");
    let inner = longest(
        tokens,
        &[
            "check|see|know [for] [me] [if|whether]",
            "find out [if|whether]",
            "tell|show me [if|whether]",
            "let me know|see [if|whether]",
        ],
    )
    .unwrap_or(0);
    let asks = longest(tokens, ASKS).or_else(|| longest(&tokens[inner..], ASKS).map(|n| n + inner));
    let opens = longest(tokens, OPENERS).filter(|_| !is_statement(tokens));
    let heads = headline(tokens);
    if asks.is_none() && opens.is_none() && !heads && !question {
        return None;
    }
    if commands_something(tokens) || leading(tokens, "get rid").is_some() {
        return None;
    }
    if crate::pattern::whole(tokens, POINTED) {
        let target = Target { references: vec![Reference::Them], said: "them".to_owned(), ..Target::default() };
        return Some(Intent::Show(Shape::All, target));
    }
    let pointed = crate::pattern::whole(
        tokens,
        &[
            "when|when's|where|where's [is] it|that|this [due|on|again] [?]",
            "what time is it|that|this at|on|due|again [?]",
        ],
    );
    if pointed {
        let target = Target { references: vec![Reference::It], said: "it".to_owned(), ..Target::default() };
        return Some(Intent::Show(Shape::Time, target));
    }
    let about_tasks = has(tokens, TOOLS)
        || crate::pattern::whole(
            tokens,
            &["show|list|read|display [me] [out] everything|all", "show|list|read [me] it all"],
        )
        || tokens.iter().any(|t| is_task_word(t));
    let personal = has(tokens, &["my|i|i'm|me|we|our"]);
    let foreign = topic(tokens).is_some() || foreign_list(tokens);
    let mine = has(
        tokens,
        &["@tool", "@bell", "tasks|task|reminders|reminder|appointments|appointment|todo|meeting|meetings"],
    ) && !foreign_list(tokens);
    let looked_up = asks.is_some() || question || heads || (opens.is_some() && (about_tasks || personal));
    if !looked_up
        || (foreign && !(mine && personal))
        || (asks.is_none() && !about_tasks && !(personal && is_time_question(tokens)))
        || trivia(tokens)
    {
        return None;
    }
    let body = &tokens[asks.or(opens).map_or(0, |n| n.min(1))..];
    let mut target = Target::read(body);
    forget_question_words(&mut target, tokens);
    let shape = shape(tokens, &target);
    if shape == Shape::Time && target.pick.is_none() && has(tokens, &["next"]) {
        target.pick = Some(Pick::Next);
    }
    Some(Intent::Show(shape, target))
}

/// "show up at the office", "check the oven", "see the doctor", "give tom the book": things to do.
fn is_statement(tokens: &[&Token]) -> bool {
    // "find my dentist appointment" looks one up.
    let named = leading(tokens, "find|check|review|read|print|open my").is_some() && tokens.iter().any(|t| is_event(t));
    leading(tokens, "check|see|get|give|find|read|review|print|open|tell").is_some()
        && leading(tokens, "tell|give|show|get me the|my|about|all").is_none()
        && !named
        && !has(tokens, TOOLS)
        && !tokens.iter().any(|t| is_generic(t.base()))
        && !has(
            tokens,
            &[
                "my|all|the meetings|appointments|alarms|events|deadlines",
                "what|when|where|who|which|if",
                "next|last meeting|appointment|alarm",
            ],
        )
}

/// A question that also wants something set or sent is no listing: "what about adding …".
fn commands_something(tokens: &[&Token]) -> bool {
    has(
        tokens,
        &[
            "remind me to|about",
            "set a reminder|alarm",
            "add a|an [new] reminder|task|event",
            "give|send|get me a|an reminder|alert|notification|alarm|heads",
            "let me know when it's|it [is] [is] time",
        ],
    ) || leading(tokens, "list add|put").is_some()
}

/// `today's meetings`, `overdue tasks`, `my schedule for tomorrow`, `upcoming appointments`, `next meeting`
fn headline(tokens: &[&Token]) -> bool {
    let plural = tokens
        .iter()
        .take(5)
        .any(|t| is_task_word(t) && t.base().ends_with('s') && !matches!(t.base(), "class" | "drinks" | "gas"));
    let starts = leading(tokens, "my|today's|tomorrow's|overdue|upcoming|pending|completed|all|the|next|high|low|urgent|open|remaining|important|todo|current|tasks|reminders|meetings|appointments|events|alarms|unfinished|first|archived|monday's|tuesday's|wednesday's|thursday's|friday's|saturday's|sunday's|this|list").is_some();
    let starts = starts || leading(tokens, "schedule|agenda|calendar for|on|today|tomorrow|this|next").is_some();
    let verbless =
        !has(tokens, &["is|are|needs|need|has|have|was|should|must|to call|buy|at|will|with|starts|on my|the"])
            || has(tokens, &["on|in my|the list|calendar|schedule|agenda"]);
    let next = leading(tokens, "[my|the] next|first|upcoming").is_some() && tokens.len() <= 6;
    let only_tool =
        crate::pattern::whole(tokens, &["[my|the] lists|list|todo|tasks|agenda|reminders|events [list|lists] [?]"])
            || tokens.len() <= 6
                && has(tokens, &["schedule|agenda|overdue|todo|calendar"])
                && !has(tokens, &["to", "a"]);
    let labelled = tokens.get(1).is_some_and(|t| t.text == ":");
    starts && !labelled && verbless && (plural || next || only_tool)
}

/// Lists that are kept elsewhere.
pub(crate) fn foreign_list(tokens: &[&Token]) -> bool {
    has(
        tokens,
        &["contact|contacts|play|music|song|email|mailing|friend|friends|phone|address|wine|movie list|lists|book"],
    ) && has(tokens, &["list|lists|book"])
}

/// "when is my flight", "what time do I …"
fn is_time_question(tokens: &[&Token]) -> bool {
    has(tokens, &["when|when's", "what time", "where|where's"])
}

/// Questions of general knowledge and about the calendar itself.
fn trivia(tokens: &[&Token]) -> bool {
    has(
        tokens,
        &[
            "time difference",
            "what|which day|date is|was|will|does|falls|of",
            "is it [monday|tuesday|wednesday|thursday|friday|saturday|sunday|going|supposed|hot|cold|raining|a]",
            "time in|zone|is it",
            "how many days|hours|weeks|minutes|months|people|cups|calories|ounces|miles|feet|seconds",
            "how do|to|can",
            "how old|far|tall|big|much|high",
            "near|nearby me|here",
            "nearby",
            "taking place",
            "in the world",
            "who is|was|invented|won",
            "what is|are a|an",
            "are being shown",
            "in my area",
            "around me|here|town",
            "around",
        ],
    ) && !has(tokens, &["@tool", "@bell", "my|tasks|reminders"])
}

fn shape(tokens: &[&Token], target: &Target) -> Shape {
    if has(tokens, &["how many", "number of", "count"]) {
        return Shape::Count;
    }
    let time = has(tokens, &["what time", "at what time", "how long until|till|before", "time of|is"])
        || leading(tokens, "[tell] [me] [do] [you] [know] [check] when|when's|where|where's").is_some();
    let about = !target.words.is_empty() || !target.kinds.is_empty() || target.pick.is_some();
    if time && about {
        return Shape::Time;
    }
    let yes_no = leading(tokens, "do|does|is|are|am|did|have|has|any|anything|will|was").is_some();
    if yes_no { Shape::Whether } else { Shape::All }
}

/// Stems of words that only belong to a question.
const QUESTION: &str = "\
    show list display view see tell read check give know hear find search pull bring open remind \
    say print look forget remember free busy let happen count number total go think review book \
    plan aloud loud through over outstand work complete finish done during within after befor \
    before until till meeting mak put set add lat agenda el elsewher most load summarize summary \
    summaris overview prioriti priority later soon wher long early late com since around doing tim \
    ahead rest week eat hav availabl away attend back";

/// Words that only belong to the question.
fn forget_question_words(target: &mut Target, tokens: &[&Token]) {
    // "what does my morning look like"
    for (word, part) in
        [("morning", Part::Morning), ("afternoon", Part::Afternoon), ("evening", Part::Evening), ("night", Part::Night)]
    {
        if target.when.part.is_none()
            && has(tokens, &[&format!("my|the|our {word} [look|looking|like|schedule|free|tomorrow|today|on]")])
            && has(tokens, &["look|schedule|free|busy|like"])
        {
            target.when.part = Some(part);
            target.words.retain(|w| *w != crate::lexicon::stem(word));
        }
    }
    if target.when.is_empty() && has(tokens, &["my day [look|looking|like|going]", "the day look|looking"]) {
        target.when.day = Some(crate::when::Day::Ahead(0));
    }
    // "what time is the dinner party": the sort words stay, the verbs of asking go.
    target.words.retain(|w| !QUESTION.split_ascii_whitespace().any(|q| q == w));
    if has(tokens, &["upcoming|later|soonest|soon"]) {
        target.pick = target.pick.filter(|_| !has(tokens, &["upcoming"]));
    }
    // Completed tasks are only shown when they were asked for.
    if target.status.is_none()
        && has(tokens, &["completed|finished|accomplished|complete|finish"])
        && !has(tokens, &["not|to|isn't|aren't|haven't|need"])
    {
        target.status = Some("completed");
    }
    if target.status.is_none() && has(tokens, &["working on", "in progress", "started"]) {
        target.status = Some("in_progress");
    }
    if find(tokens, "all|any|every|everything").is_some() && target.pick == Some(Pick::Last) {
        target.pick = None;
    }
}
