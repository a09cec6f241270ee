//! Search in a room whose messages were decrypted for this one request: read once, the newest first, and nothing of them is kept but
//! what is answered.
//!
//! - [`Query`]: words and "phrases". A message is found when it holds at least one of them.
//! - [`Scan`]: reads message after message, at most [`SCAN_MAX`]; what it found is ranked by Okapi BM25 over all that was read
//!   (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009).
//!
//! Words are those of Unicode (UAX #29), compared without regard to case or to how an accent is written (see `words`).
//!
//! To search in more than text: give [`Scan::read`] the text that stands for it.

mod context;
mod query;
pub(crate) mod words;

pub use self::{
    context::{AROUND, Context},
    query::{QUERY_MAX, Query, QueryError},
};
use self::{query::Term, words::Word};

/// The most messages that one search reads.
pub const SCAN_MAX: usize = 10_000;

/// How soon more of the same term in one message stops to count.
const SATURATION: f64 = 1.2;
/// How much it counts against a message that it is long.
const LENGTH: f64 = 0.75;

/// A search that goes on: whoever reads messages gives it one after the other, the newest first.
pub struct Scan<'q, M> {
    query: &'q Query,
    found: Vec<Candidate<M>>,
    /// In how many messages each term was found.
    holding: Vec<usize>,
    read: usize,
    words: usize,
    /// The words of the message that is read; kept for its place in memory.
    here: Vec<Word>,
}

/// A message that holds a term.
struct Candidate<M> {
    message: M,
    /// How often it holds each term.
    counts: Vec<usize>,
    words: usize,
    context: Context,
}

/// What a search came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Found<M> {
    /// The best first; of two that are as good, the one that was read first.
    pub hits: Vec<Hit<M>>,
    /// How many messages were found, also those beyond the limit.
    pub total: usize,
    /// How many were read.
    pub read: usize,
}

/// A message that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit<M> {
    /// What stands for it.
    pub message: M,
    /// How well it fits, above 0; to be compared within one search only.
    pub score: f64,
    /// The words and phrases of the query that it holds, as they were written there.
    pub matched_terms: Vec<String>,
    /// Where it holds the first of them.
    pub context: Context,
}

impl<'q, M> Scan<'q, M> {
    /// Nothing was read yet.
    #[must_use]
    pub fn new(query: &'q Query) -> Self {
        let holding = vec![0; query.terms.len()];
        Self { query, found: Vec::new(), holding, read: 0, words: 0, here: Vec::new() }
    }

    /// Whether as much was read as is read at most.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.read >= SCAN_MAX
    }

    /// Reads a message, or nothing once the scan [is full](Self::is_full).
    pub fn read(&mut self, message: M, text: &str) {
        if self.is_full() {
            return;
        }
        words::of(text, &mut self.here);
        self.read += 1;
        self.words += self.here.len();
        let counts: Vec<usize> = self.query.terms.iter().map(|term| places(term, &self.here).count()).collect();
        for (holding, count) in self.holding.iter_mut().zip(&counts) {
            *holding += usize::from(*count > 0);
        }
        let first =
            self.query.terms.iter().filter_map(|term| Some((places(term, &self.here).next()?, term.words.len())));
        let Some((at, length)) = first.min_by_key(|(at, length)| (*at, std::cmp::Reverse(*length))) else { return };
        let context = context::around(text, &self.here, at..at + length);
        self.found.push(Candidate { message, counts, words: self.here.len(), context });
    }

    /// The best of what was found, at most `limit`.
    #[must_use]
    pub fn end(self, limit: usize) -> Found<M> {
        let Self { query, found, holding, read, words, .. } = self;
        let (total, average) = (found.len(), as_f64(words) / as_f64(read.max(1)));
        let weights: Vec<f64> = holding.iter().map(|holding| weight(*holding, read)).collect();
        let mut ranked: Vec<_> =
            found.into_iter().map(|candidate| (candidate.score(&weights, average), candidate)).collect();
        ranked.sort_by(|(one, _), (other, _)| other.total_cmp(one)); // stable: the newest stay first
        ranked.truncate(limit);
        let hits = ranked.into_iter().map(|(score, candidate)| {
            let held = query.terms.iter().zip(&candidate.counts).filter(|(_, count)| **count > 0);
            let matched_terms = held.map(|(term, _)| term.shown.clone()).collect();
            Hit { message: candidate.message, score, matched_terms, context: candidate.context }
        });
        Found { hits: hits.collect(), total, read }
    }
}

impl<M> Candidate<M> {
    fn score(&self, weights: &[f64], average: f64) -> f64 {
        let long = SATURATION * (1.0 - LENGTH + LENGTH * as_f64(self.words) / average);
        let terms = self.counts.iter().map(|count| as_f64(*count)).zip(weights);
        terms.map(|(count, weight)| weight * count * (SATURATION + 1.0) / (count + long)).sum()
    }
}

/// How much a term tells that `holding` of `read` messages hold: the rarer, the more, and never nothing.
fn weight(holding: usize, read: usize) -> f64 {
    let (holding, read) = (as_f64(holding), as_f64(read));
    ((read - holding + 0.5) / (holding + 0.5)).ln_1p()
}

/// Where `words` hold the term: the first word of each place.
fn places<'a>(term: &'a Term, words: &'a [Word]) -> impl Iterator<Item = usize> + 'a {
    let here = |window: &[Word]| window.iter().zip(&term.words).all(|(word, wanted)| word.folded == *wanted);
    words.windows(term.words.len()).enumerate().filter(move |(_, window)| here(window)).map(|(at, _)| at)
}

#[expect(clippy::cast_precision_loss, reason = "counts of words and messages are far below 2^52")]
fn as_f64(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests;
