//! The summary that a model writes: what it is told, and what is made of its answer. It has no tools to call.

use errand_mcp_tools::data::Block;

use super::{Line, Method, Summary, TEXT_MAX, counted, cut, newest};
use crate::agent::prompts;

/// The most characters of a wish that are told.
pub const WISH_MAX: usize = 500;

/// What a model is told.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// All of it.
    pub text: String,
    /// How many of the messages found no place in it, the oldest ones.
    pub left_out: usize,
}

/// What the model is told: the newest messages that have a place, as data between markers that nothing in them can end, and a wish of
/// whoever asks, bounded and between markers, too.
#[must_use]
pub fn prompt(lines: &[Line<'_>], wish: Option<&str>) -> Prompt {
    // The block leaves out what comes last: that shall be the oldest.
    let block = Block::of(newest(lines).iter().rev());
    let messages: Vec<&str> = block.text.lines().rev().collect();
    let left_out = block.left_out + (lines.len() - newest(lines).len());
    let wish = wish.map(str::trim).filter(|wish| !wish.is_empty()).map(|wish| Block::of([cut(wish, WISH_MAX)]).text);
    Prompt { text: prompts::summary(&messages.join("\n"), left_out, wish.as_deref(), TEXT_MAX), left_out }
}

/// The summary whose text is a model's `answer`, bounded; none when it answered nothing. What the model is not asked for is counted.
#[must_use]
pub fn by_model(lines: &[Line<'_>], answer: &str) -> Option<Summary> {
    let answer = answer.trim();
    (!answer.is_empty()).then(|| counted(newest(lines), cut(answer, TEXT_MAX), Method::Model))
}
