//! What an English sentence about tasks means, and what to do about it: the built-in assistant as a pure function.
//!
//! It plays the part of a language model: [`next_step`] reads the transcript and emits tool calls or the final text. It keeps
//! nothing, reads no clock and calls nobody; the same lines and the same moment always give the same step.
//!
//! The way of a sentence:
//! 1. `words`: tokens; `numbers`: numbers in words; `pattern`: the phrases of commands; `lexicon`: words and what they are.
//! 2. `when`: dates and times in words, and their moments in the user's zone.
//! 3. `intent`: what the sentence wants, one file per intent; `target` and `reference`: which tasks it means; `title`: what a new task is called.
//! 4. `transcript`: what earlier turns showed, changed and asked; `turn`: the intent in that light.
//! 5. `act`: the next call, or the answer from the outcomes; `reply`: the texts.

mod act;
mod intent;
mod lexicon;
mod numbers;
mod pattern;
mod reference;
mod reply;
mod target;
mod task;
mod title;
mod transcript;
mod turn;
mod when;
mod words;

use chrono::DateTime;
use chrono_tz::Tz;
use serde_json::Value;

/// One line of the conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    /// What the user wrote.
    User(String),
    /// A tool call that we made.
    Call {
        /// Pairs the call with its outcome; unique within a turn.
        id: String,
        /// The tool's name.
        name: String,
        /// The tool's input.
        arguments: Value,
    },
    /// What a tool answered.
    Outcome {
        /// The `id` of the call.
        call_id: String,
        /// The tool's structured output; a plain string for some errors.
        content: Value,
        /// Nothing of the call succeeded.
        is_error: bool,
    },
    /// What we answered, Markdown.
    Assistant(String),
}

/// A tool call to make.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The tool's name.
    pub name: String,
    /// The tool's input.
    pub arguments: Value,
}

/// What to do next in the turn.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Call these tools and come back with the outcomes.
    Call(Vec<Call>),
    /// Answer with this text (Markdown); the turn is over.
    Say(String),
}

/// The next step of the current turn.
///
/// `lines` is the whole conversation, oldest first; the current turn comes last: the user's line, then the calls and outcomes
/// so far. The history may be cut at its front. `now` is the moment of the step in the user's zone. A turn takes at most eight
/// steps. Never panics, whatever the lines hold.
#[must_use]
pub fn next_step(lines: &[Line], now: DateTime<Tz>) -> Step {
    turn::next_step(lines, now)
}
