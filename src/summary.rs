//! What a room has talked about, in a few sentences: written by the model that is configured, or where there is none, put together
//! from the room's own sentences. The rest of a summary (keywords, mood, language) is always counted by our own code.
//!
//! - [`extractive`]: the sentences that most others resemble (`rank`), in the order in which they were said;
//! - [`prompt`] and [`by_model`]: what a model is told, and what is made of its answer;
//! - `keywords`, `mood`, `language`: what is counted, and what it is worth, is said there;
//! - [`Summaries`]: makes them of what was written in a room and stores them, encrypted ([`Document`]), because somebody wants one or
//!   because enough was written (`automatic`). What was written (`talk`) is in memory for that long.
//!
//! Of long histories the newest [`LINES_MAX`] messages count, or as many as [`BYTES_MAX`] hold.
//!
//! To know another language's small words: a line in `summary/stopwords.txt`. To feel another word: one in `summary/mood.txt`.

mod automatic;
mod keywords;
mod language;
mod maker;
mod model;
mod mood;
mod rank;
mod sentences;
mod stored;
mod talk;

use serde::{Deserialize, Serialize};

use self::sentences::Sentence;
pub use self::{
    maker::{Summaries, SummaryError, Told},
    model::{Prompt, WISH_MAX, by_model, prompt},
    stored::Document,
};

/// The most messages that are summarised, the newest ones.
pub const LINES_MAX: usize = 1000;
/// The most bytes of all of them together; one that is longer by itself is not summarised.
pub const BYTES_MAX: usize = 500_000;
/// The most characters of a summary.
pub const TEXT_MAX: usize = 2000;
/// The most sentences that an extractive summary has.
const PICKED_MAX: usize = 5;
/// Two sentences that are more alike than this say the same.
const SAME: f64 = 0.6;

/// One message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Line<'a> {
    /// Who said it, as the others know them.
    pub from: &'a str,
    /// What was said.
    pub text: &'a str,
}

/// How a summary's text came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A model has written it.
    Model,
    /// It is made of sentences that were said.
    Extractive,
}

/// A summary.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// At most [`TEXT_MAX`] characters.
    pub text: String,
    /// How the text came to be.
    pub method: Method,
    /// At most eight words or short phrases, the most telling first.
    pub keywords: Vec<String>,
    /// From -1 (bad) to 1 (good). 0 where nothing tells, and in all languages but English, whose words alone are known.
    pub sentiment: f64,
    /// The language of most of it: its shortest ISO 639 code, or `und` where that cannot be told.
    pub language: &'static str,
}

/// A summary made of the room's own sentences; none when nothing was said in words. `lines` are the oldest first.
#[must_use]
pub fn extractive(lines: &[Line<'_>]) -> Option<Summary> {
    let lines = newest(lines);
    let sentences = sentences::of(lines);
    let picked = pick(&sentences);
    let told = picked.iter().map(|sentence| sentence.told()).collect::<Vec<_>>().join("\n");
    (!told.is_empty()).then(|| counted(lines, cut(&told, TEXT_MAX), Method::Extractive))
}

/// The sentences that tell most and do not repeat each other, in the order in which they were said.
fn pick<'a>(sentences: &'a [Sentence<'a>]) -> Vec<&'a Sentence<'a>> {
    let ranked = rank::of(sentences);
    let mut order: Vec<usize> = (0..sentences.len()).collect();
    order.sort_by(|one, other| ranked.scores[*other].total_cmp(&ranked.scores[*one]));
    let mut picked: Vec<usize> = Vec::new();
    for at in order {
        if picked.len() == PICKED_MAX {
            break;
        }
        if picked.iter().all(|other| ranked.alike(at, *other) < SAME) {
            picked.push(at);
        }
    }
    picked.sort_unstable();
    picked.into_iter().map(|at| &sentences[at]).collect()
}

/// A summary with what is counted.
fn counted(lines: &[Line<'_>], text: String, method: Method) -> Summary {
    let language = language::of(lines);
    let (keywords, sentiment) = (keywords::of(lines, language), mood::of(lines, language));
    Summary { text, method, keywords, sentiment, language }
}

/// The newest lines, as many as count.
fn newest<'a, 'l>(lines: &'a [Line<'l>]) -> &'a [Line<'l>] {
    let mut bytes = 0;
    let counting = lines.iter().rev().take(LINES_MAX).take_while(|line| {
        bytes += line.text.len();
        bytes <= BYTES_MAX
    });
    &lines[lines.len() - counting.count()..]
}

/// At most so many characters of a text; what is cut off at a space, where there is one, leaves an ellipsis.
fn cut(text: &str, most: usize) -> String {
    if text.chars().nth(most).is_none() {
        return text.to_owned();
    }
    let end = text.char_indices().nth(most - 1).map_or(0, |(end, _)| end);
    let kept = text[..end].rfind(char::is_whitespace).filter(|space| *space > end / 2).unwrap_or(end);
    format!("{}…", text[..kept].trim_end())
}

#[cfg(test)]
mod tests;
