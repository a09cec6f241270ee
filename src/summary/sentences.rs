//! The sentences that were said.

use unicode_segmentation::UnicodeSegmentation;

use super::{Line, cut};
use crate::search::words;

/// The most sentences that are compared with each other, the newest ones: the work grows with the square.
const MOST: usize = 300;
/// The most characters of one in a summary.
const SHOWN: usize = 300;
/// A sentence with fewer words tells little by itself.
const FEW: usize = 4;

/// A sentence, who said it, and its words as they are compared.
pub(super) struct Sentence<'a> {
    from: &'a str,
    text: &'a str,
    pub(super) words: Vec<String>,
}

impl Sentence<'_> {
    /// As it is shown.
    pub(super) fn told(&self) -> String {
        let text: Vec<&str> = self.text.split_whitespace().collect();
        format!("{}: {}", self.from, cut(&text.join(" "), SHOWN))
    }
}

/// The sentences of the newest lines, in order. Those of few words are left out, unless there are no others.
pub(super) fn of<'a>(lines: &[Line<'a>]) -> Vec<Sentence<'a>> {
    let long = newest(lines, FEW);
    if long.is_empty() { newest(lines, 1) } else { long }
}

fn newest<'a>(lines: &[Line<'a>], least: usize) -> Vec<Sentence<'a>> {
    let (mut found, mut here) = (Vec::new(), Vec::new());
    for Line { from, text } in lines.iter().rev() {
        // What was said on a line of its own is a sentence, too.
        let parts: Vec<&str> = text.lines().flat_map(UnicodeSegmentation::unicode_sentences).collect();
        for text in parts.into_iter().rev() {
            words::of(text, &mut here);
            if here.len() >= least {
                let words = here.iter().map(|word| word.folded.clone()).collect();
                found.push(Sentence { from, text: text.trim(), words });
            }
        }
        if found.len() >= MOST {
            break;
        }
    }
    found.truncate(MOST);
    found.reverse();
    found
}
