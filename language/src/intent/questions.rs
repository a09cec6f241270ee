//! The phrases of questions about tasks, as data; what they mean is read in [`super::listing`].
//!
//! One more: a pattern in [`ASKS`] (always about tasks) or [`OPENERS`] (about tasks if the rest is).

/// Openings that are about tasks whatever follows.
pub(super) const ASKS: &[&str] = &[
    "what do|did|else|all do|have|i|we have|need|i|got [i] [have|need] [to] [do]",
    "what do i have|need",
    "what i|we [still] have|need|should|must|am|got",
    "when|where i|my",
    "what have i got",
    "what am|are|should|must|was|were i|we [supposed|going] [to] [doing|do]",
    "what else [is|do|have] [there|i|we] [left|have|on|to]",
    "what is there [left] to do|for|on",
    "how does|do|is|are today|tomorrow|tonight|monday|tuesday|wednesday|thursday|friday|saturday|sunday|this|next [week|weekend|month|monday|friday] [morning|afternoon|evening] look|looking",
    "what's|what next|left|due|overdue|pending|planned|coming|open",
    "what is next|left|due|overdue|pending|planned|coming|open",
    "what's|what [is|are] still open|left|due|pending|to",
    "do|have|did i|we [still|already|also] have|need|got|want",
    "will i|we be busy|free|available|working|late",
    "have i [already] got|set|made|created|added|put|scheduled|planned|booked|anything|any",
    "did i set|schedule|add|put|create|make|book|plan|have|already|forget|remember",
    "am i|we free|busy|available|booked|late|supposed|meeting|doing|scheduled|going|seeing|having",
    "who am i meeting|seeing",
    "where|when|what|who|how am|do i have|need|meet|go|going",
    "when|where do|am i|we",
    "which|what tasks|reminders|events|alarms|meetings|appointments|items|todos|things",
    "remind me what|when|where|which|who|how",
    "remind me of [all] [of] my|today's|tomorrow's appointments|meetings|events|tasks|reminders|plans|schedule|todos|alarms",
    "tell me when|where|what time|is|do|my",
    "[tell|show] [me] what i'm|i [am] doing|have|need|got|up|planned|supposed",
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
pub(super) const OPENERS: &[&str] = &[
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
pub(super) const POINTED: &[&str] = &[
    "which [one|ones] [is|are|was|were] [it|that|they|those|these] [?]",
    "what|which are|is they|those|these|it [called] [?]",
    "list|show|name|read [me] them|those|these [all] [?]",
];

/// Words that say that a question is about tasks.
pub(super) const TOOLS: &[&str] = &[
    "calendar|schedule|agenda|planner|diary|list|lists|todo|overdue|alarm|alarms|timer|timers|deadlines|due|priority|important|urgent|completed|pending|scheduled|archived|unfinished|upcoming",
];

/// Stems of words that only belong to a question.
pub(super) const QUESTION: &str = "\
    contain mention includ show list display view see tell read check give know hear find search pull bring open remind \
    say print look forget remember free busy let happen count number total go think review book \
    plan aloud loud through over outstand work complete finish done during within after befor \
    before until till meeting mak put set add lat agenda el elsewher most load summarize summary \
    summaris overview prioriti priority later soon wher long early late com since around doing tim \
    ahead rest week eat hav availabl away attend back";
