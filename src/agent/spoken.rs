//! Calls that a model writes into its text instead of making them, as small models do. They are taken out of the text and run like any
//! other call; what such a model writes after its call is dropped, because it made up the outcome.
//!
//! [`Ear`] listens while the text is streamed: what may be the beginning of a call is held back until it is clear. Every decision is made
//! on a beginning of the text that no later piece can change, so it does not matter how the text was cut into pieces.
//!
//! To add a form: its opening mark in [`opening`], or its JSON shape in [`call`], and a line in the tests.

mod call;
mod element;
mod opening;
#[cfg(test)]
mod tests;

use self::{
    call::Found,
    opening::{Between, Opening, Start},
};
use super::model::ToolSpec;

pub(crate) use self::call::Spoken;

/// How much text is held back at most, in bytes; what is no complete call by then is text.
const HOLD: usize = 32 * 1024;
const THINK: &str = "<think>";
const THOUGHT: &str = "</think>";

/// Listens to a model's text and tells words from calls.
pub(crate) struct Ear {
    names: Vec<String>,
    /// What is not yet clear.
    held: String,
    mode: Mode,
    /// Whether only white space came since the last line break.
    line_start: bool,
    /// White space that is said only if words follow.
    space: String,
    said: bool,
    calls: Vec<Spoken>,
}

/// Where in the text the ear is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// In words, where a call may begin.
    Prose,
    /// In a code block that is no call.
    Code,
    /// In the model's thoughts, which are not said.
    Thought,
    /// Right behind a call, where only another call may come.
    Called,
    /// Behind calls and made-up outcomes: nothing counts any more.
    Deaf,
}

/// What is to be done with the beginning of the held text.
enum Step {
    /// More has to be heard first.
    Wait,
    /// That many bytes are words.
    Say(usize),
    /// That many bytes are nothing.
    Skip(usize),
    /// That many bytes end a thought.
    Awake(usize),
    /// That many bytes are calls.
    Calls(usize, Vec<Spoken>),
    /// That many bytes are handled so far, words or nothing; the rest is read in another mode.
    Enter(usize, Mode),
}

impl Ear {
    /// An ear for calls of `tools`; other names make no call.
    pub(crate) fn new(tools: &[ToolSpec]) -> Self {
        Self {
            names: tools.iter().map(|tool| tool.name.clone()).collect(),
            held: String::new(),
            mode: Mode::Prose,
            line_start: true,
            space: String::new(),
            said: false,
            calls: Vec::new(),
        }
    }

    /// Hears the next piece; returns the words that are clear now.
    pub(crate) fn hear(&mut self, piece: &str) -> String {
        self.held.push_str(piece);
        self.listen(false)
    }

    /// The text is at its end: the last words, and the calls.
    pub(crate) fn end(mut self) -> (String, Vec<Spoken>) {
        let words = self.listen(true);
        (words, self.calls)
    }

    fn listen(&mut self, end: bool) -> String {
        let mut words = String::new();
        while !self.held.is_empty() {
            let step = match self.mode {
                Mode::Prose => self.in_prose(end),
                Mode::Code => self.in_code(end),
                Mode::Thought => thought(&self.held, end),
                Mode::Called => self.behind_call(end),
                Mode::Deaf => Step::Skip(self.held.len()),
            };
            match step {
                Step::Wait => break,
                Step::Say(length) => self.say(length, &mut words),
                Step::Skip(length) => drop(self.held.drain(..length)),
                Step::Awake(length) => {
                    self.held.drain(..length);
                    self.mode = Mode::Prose;
                }
                Step::Calls(length, calls) => {
                    self.held.drain(..length);
                    self.calls.extend(calls);
                    self.mode = Mode::Called;
                }
                Step::Enter(length, mode) => {
                    match mode {
                        Mode::Prose | Mode::Code => self.say(length, &mut words),
                        Mode::Thought | Mode::Called | Mode::Deaf => drop(self.held.drain(..length)),
                    }
                    self.mode = mode;
                }
            }
        }
        words
    }

    fn in_prose(&self, end: bool) -> Step {
        let held = self.held.as_str();
        if !self.said && !end && THINK.starts_with(held.trim_start()) {
            return Step::Wait;
        }
        if !self.said && held.trim_start().starts_with(THINK) {
            return Step::Enter(held.len() - held.trim_start().len() + THINK.len(), Mode::Thought);
        }
        let mut line_start = self.line_start;
        for (at, character) in held.char_indices() {
            match opening::at(&held[at..], line_start) {
                Start::No => {}
                Start::Maybe if end => {}
                Start::Maybe | Start::Here(_) if at > 0 => return Step::Say(at),
                Start::Maybe => return Step::Wait,
                Start::Here(opening) => return self.decide(opening, end),
            }
            line_start = character == '\n' || (line_start && character.is_whitespace());
        }
        Step::Say(held.len())
    }

    /// Is what begins at the start of the held text, with `opening`, a call?
    fn decide(&self, opening: Opening, end: bool) -> Step {
        match call::find(self.view(), opening, &self.names, end || self.held.len() > HOLD) {
            Found::Wait => Step::Wait,
            Found::Calls(length, calls) => Step::Calls(length, calls),
            Found::No(length) if opening == Opening::Fence => Step::Enter(length, Mode::Code),
            Found::No(length) => Step::Say(length),
        }
    }

    fn in_code(&self, end: bool) -> Step {
        let mut line_start = self.line_start;
        for (at, character) in self.held.char_indices() {
            let rest = &self.held[at..];
            if line_start && rest.starts_with(opening::FENCE) {
                return Step::Enter(at + opening::FENCE.len(), Mode::Prose);
            }
            if line_start && !end && opening::FENCE.starts_with(rest) {
                return if at > 0 { Step::Say(at) } else { Step::Wait };
            }
            line_start = character == '\n' || (line_start && character.is_whitespace());
        }
        Step::Say(self.held.len())
    }

    fn behind_call(&self, end: bool) -> Step {
        match opening::between_calls(&self.held, end) {
            Between::Other => {}
            Between::Maybe => return Step::Wait,
            Between::Nothing(length) => return Step::Skip(length),
        }
        match opening::at(&self.held, true) {
            Start::Maybe if !end => Step::Wait,
            Start::Here(opening) => {
                match call::find(self.view(), opening, &self.names, end || self.held.len() > HOLD) {
                    Found::Wait => Step::Wait,
                    Found::Calls(length, calls) => Step::Calls(length, calls),
                    Found::No(_) => Step::Enter(0, Mode::Deaf),
                }
            }
            Start::No | Start::Maybe => Step::Enter(0, Mode::Deaf),
        }
    }

    /// The held text as far as a call may reach.
    fn view(&self) -> &str {
        &self.held[..self.held.floor_char_boundary(HOLD)]
    }

    /// Moves `length` bytes from what is held to `words`, without white space at either end of the text.
    fn say(&mut self, length: usize, words: &mut String) {
        for character in self.held.drain(..length) {
            self.line_start = character == '\n' || (self.line_start && character.is_whitespace());
            if !character.is_whitespace() {
                words.push_str(&self.space);
                self.space.clear();
                words.push(character);
                self.said = true;
            } else if self.said {
                self.space.push(character);
            }
        }
    }
}

fn thought(held: &str, end: bool) -> Step {
    if let Some(at) = held.find(THOUGHT) {
        return Step::Awake(at + THOUGHT.len());
    }
    if end {
        return Step::Skip(held.len());
    }
    // The end of what is held may be the beginning of the mark.
    let keep = (1..THOUGHT.len()).rev().find(|&length| held.ends_with(&THOUGHT[..length])).unwrap_or(0);
    if keep < held.len() { Step::Skip(held.len() - keep) } else { Step::Wait }
}
