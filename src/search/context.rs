//! Where a message holds what was searched for, with what stands around it.

use std::ops::Range;

use super::words::Word;

/// The most characters before a match, and after it.
pub const AROUND: usize = 80;

/// A piece of a message: the three texts follow each other there without a gap. Before and after are cut between words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// What stands before the match.
    pub before: String,
    /// The match, as it is written there.
    pub matched: String,
    /// What stands after the match.
    pub after: String,
}

/// What stands around the match, which is so many of the text's `words`.
pub(super) fn around(text: &str, words: &[Word], matched: Range<usize>) -> Context {
    let (start, end) = (words[matched.start].at.start, words[matched.end - 1].at.end);
    let (before, after) = (&text[..start], &text[end..]);
    // From the beginning, if all of it fits, else from the first word from which it does.
    let from = match before.char_indices().rev().nth(AROUND - 1) {
        None | Some((0, _)) => 0,
        Some((most, _)) => {
            let fitting = words[..matched.start].iter().map(|word| word.at.start);
            fitting.rev().take_while(|from| *from >= most).last().unwrap_or(start)
        }
    };
    let to = match after.char_indices().nth(AROUND) {
        None => text.len(),
        Some((most, _)) => {
            let fitting = words[matched.end..].iter().map(|word| word.at.end);
            fitting.take_while(|to| *to <= end + most).last().unwrap_or(end)
        }
    };
    Context {
        before: text[from..start].to_owned(),
        matched: text[start..end].to_owned(),
        after: text[end..to].to_owned(),
    }
}
