//! What is searched for.

use super::words;

/// The most characters of a query.
pub const QUERY_MAX: usize = 200;

/// Words and phrases, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    pub(super) terms: Vec<Term>,
}

/// A word or a phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    /// As it was written, without the quotes.
    pub(super) shown: String,
    /// At least one word, as words are compared; they have to follow each other.
    pub(super) words: Vec<String>,
}

/// Why a query cannot be searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// There is no word in it.
    #[error("query must have at least one word")]
    Empty,
    /// It is too long.
    #[error("query must have at most {QUERY_MAX} characters")]
    TooLong,
}

impl Query {
    /// Reads a query: what stands between double quotes is a phrase, anything else is parted at white space. A quote that is not closed
    /// reaches to the end. What has several words without white space between them, such as `e-mail` or 再见, is a phrase too.
    ///
    /// # Errors
    /// [`QueryError`].
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        if text.chars().nth(QUERY_MAX).is_some() {
            return Err(QueryError::TooLong);
        }
        let mut terms: Vec<Term> = Vec::new();
        for (at, part) in text.split(['"', '“', '”', '„']).enumerate() {
            let quoted = at % 2 == 1;
            let pieces: Vec<&str> = if quoted { vec![part] } else { part.split_whitespace().collect() };
            for term in pieces.into_iter().filter_map(Term::read) {
                if terms.iter().all(|known| known.words != term.words) {
                    terms.push(term);
                }
            }
        }
        if terms.is_empty() { Err(QueryError::Empty) } else { Ok(Self { terms }) }
    }
}

impl Term {
    fn read(text: &str) -> Option<Self> {
        let mut found = Vec::new();
        words::of(text, &mut found);
        let shown = text[found.first()?.at.start..found.last()?.at.end].to_owned();
        Some(Self { shown, words: found.into_iter().map(|word| word.folded).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("dentist", &["dentist"])]
    #[case("  Call the  dentist ", &["Call", "the", "dentist"])]
    #[case("\"call the dentist\" Friday", &["call the dentist", "Friday"])]
    #[case("“book the hall”", &["book the hall"])]
    #[case("a\"b c\"d", &["a", "b c", "d"])]
    #[case("\"never closed, said he", &["never closed, said he"])]
    #[case("dentist DENTIST \"Dentist\"", &["dentist"])]
    #[case("e-mail 再见 can't", &["e-mail", "再见", "can't"])]
    #[case("(hall) ?! \"\"", &["hall"])]
    fn words_and_phrases(#[case] text: &str, #[case] expected: &[&str]) {
        let query = Query::parse(text).unwrap();
        assert_eq!(query.terms.iter().map(|term| &term.shown).collect::<Vec<_>>(), expected);
    }

    #[rstest::rstest]
    #[case("", QueryError::Empty)]
    #[case(" \t\n", QueryError::Empty)]
    #[case("?! \"\" 👋", QueryError::Empty)]
    #[case(&"é".repeat(201), QueryError::TooLong)]
    fn what_cannot_be_searched_for(#[case] text: &str, #[case] expected: QueryError) {
        assert_eq!(Query::parse(text), Err(expected));
    }

    #[test]
    fn the_longest_query_counts_characters() {
        assert_eq!(Query::parse(&"é".repeat(QUERY_MAX)).unwrap().terms.len(), 1);
    }
}
