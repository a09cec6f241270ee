//! Questions about tasks: what is on, when something is, how many, whether.
//!
//! One more way to ask: a pattern in [`super::questions`].

use super::questions::{ASKS, OPENERS, POINTED, QUESTION, TOOLS};
use super::{Intent, Shape};
use crate::lexicon::{is_event, is_generic, is_kind, topic};
use crate::pattern::{find, has, leading, longest};
use crate::reference::Reference;
use crate::target::{Pick, Target};
use crate::when::Part;
use crate::words::Token;

fn is_task_word(token: &Token) -> bool {
    !token.quoted && (is_event(token) || is_generic(token.base()) || is_kind(token.base()))
}

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
    if commands_something(tokens)
        || leading(tokens, "get rid").is_some()
        || leading(tokens, "get").is_some() && has(tokens, &["off|out"])
    {
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
            "what time is|was it|that|this at|on|due|again [?]",
            "when|where was it|that|this [again] [?]",
            "when|where ?",
        ],
    );
    if pointed {
        let target = Target { references: vec![Reference::It], said: "it".to_owned(), ..Target::default() };
        return Some(Intent::Show(Shape::Time, target));
    }
    if let Some(n) = longest(
        tokens,
        &["when|when's|where|where's|what [time|day|date] [is|are|'s] [due]", "[at] what time|day|date is"],
    ) {
        let target = Target::read(&tokens[n..]);
        if target.references.iter().any(|r| matches!(r, Reference::Nth(_) | Reference::Other | Reference::Id(_)))
            && target.words.is_empty()
            && target.kinds.is_empty()
        {
            return Some(Intent::Show(Shape::Time, target));
        }
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
        && leading(tokens, "tell|give|show|get me the|my|about|all|details|any").is_none()
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
    if leading(tokens, "have|did|do i|we").is_some() {
        return false;
    }
    has(
        tokens,
        &[
            "remind me to|about",
            "set a reminder|alarm",
            "add a|an [new] reminder|task|event",
            "give|send|get me a|an reminder|alert|notification|alarm|heads",
            "let me know when it's|it [is] [is] time",
        ],
    ) || has(
        tokens,
        &[
            "list add|put|include",
            "and add|schedule|create|put a|an|the|meeting|event",
            "set the|my|up alarm|timer",
            "set up an|the|my alarm|timer",
        ],
    )
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
    if target.status == Some("completed") && has(tokens, &["haven't|hasn't|didn't|not|aren't|isn't"]) {
        target.status = None;
    }
    // Completed tasks are only shown when they were asked for.
    if target.status.is_none()
        && has(tokens, &["completed|finished|accomplished|complete|finish"])
        && !has(tokens, &["not|to|isn't|aren't|haven't|hasn't|didn't|need"])
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
