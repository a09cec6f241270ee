//! What the user wants, read from one sentence alone; [`crate::turn`] puts it into the conversation.
//!
//! One more intent: a variant of [`Intent`], a file here that recognises it (a function from tokens to `Option<Intent>`), a place
//! in the order of [`interpret`], and what to do about it in [`crate::act`].

pub(crate) mod adding;
pub(crate) mod changing;
pub(crate) mod compound;
pub(crate) mod deleting;
pub(crate) mod frames;
pub(crate) mod listing;
pub(crate) mod moving;
pub(crate) mod naming;
pub(crate) mod parts;
pub(crate) mod pieces;
pub(crate) mod polite;
pub(crate) mod questions;
pub(crate) mod rating;
pub(crate) mod smalltalk;
pub(crate) mod wanted;

use crate::target::Target;
use crate::when::{Hint, When};
use crate::words::{Sentence, Token};

/// A task to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    pub(crate) when: When,
    pub(crate) hint: Hint,
    pub(crate) priority: Option<&'static str>,
}

/// What a listing answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// All that fit.
    All,
    Count,
    /// "do I have", "is there": starts with yes or no.
    Whether,
    /// "when is", "what time is"
    Time,
}

/// How a due date changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shift {
    To(When, Hint),
    /// Minutes later (earlier if negative).
    Minutes(i64),
    Days(i64),
    Months(i32),
    Clear,
}

/// What changes in a task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) priority: Option<&'static str>,
    pub(crate) status: Option<&'static str>,
    pub(crate) due: Option<Shift>,
    pub(crate) clear_description: bool,
}

/// What happens to tasks that exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    Delete,
    Complete,
    Reopen,
    Edit(Edit),
}

/// What is said without any tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Talk {
    Hello,
    Thanks,
    Bye,
    Help,
    Clock,
    /// What the sentence is about, if that is known.
    Other(Option<&'static str>),
    /// An order that may be a task, or may be meant for another helper.
    Perhaps,
    Nothing,
}

/// What a question for more is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// What to add; the date was said.
    Title(When),
    /// When the alarm shall ring.
    Time,
    /// To when a task moves.
    Date,
}

/// What the user wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Intent {
    Add(Vec<Draft>),
    Ask(Missing),
    Show(Shape, Target),
    Change(Action, Target),
    /// The same on other tasks than last time, which is taken back first ("no, the other one").
    Instead(Action, Target),
    /// An agreed change of the tasks that the question listed.
    Agreed(Action),
    /// A statement about the past ("I paid the rent"): completes what fits, and is no command if nothing does.
    Report(Target),
    /// A correction of what was just done ("make that friday"): as a change of it.
    Amend(Edit),
    /// Two orders in one sentence.
    Both(Box<Intent>, Box<Intent>),
    Undo,
    Yes,
    No,
    Say(Talk),
}

/// Reads one sentence.
pub(crate) fn interpret(sentence: &Sentence) -> Intent {
    let all = sentence.all();
    let tokens = polite::stripped(&all);
    if !tokens.iter().any(|t| t.is_word()) {
        return smalltalk::wordless(&all);
    }
    smalltalk::small(tokens).or_else(|| compound::compound(sentence, tokens)).unwrap_or_else(|| read(sentence, tokens))
}

/// Reads one order.
fn read(sentence: &Sentence, tokens: &[&Token]) -> Intent {
    let tokens = polite::stripped(tokens);
    smalltalk::small(tokens)
        .or_else(|| listing::listing(tokens))
        .or_else(|| deleting::deleting(tokens))
        .or_else(|| changing::changing(sentence, tokens))
        .or_else(|| adding::adding(sentence, tokens))
        .unwrap_or_else(|| smalltalk::other(tokens))
}

/// The tokens before `at` and after `to`.
pub(crate) fn without<'a>(tokens: &[&'a Token], from: usize, to: usize) -> Vec<&'a Token> {
    tokens[..from].iter().chain(&tokens[to..]).copied().collect()
}
