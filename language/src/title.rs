//! Titles from the words that are left: as they were written, without dangling prepositions, with a capital.

use crate::pattern::leading;
use crate::words::{Sentence, Token};

/// The most characters a title may have.
pub(crate) const TITLE_MAX: usize = 200;
/// The most characters a description may have.
pub(crate) const DESCRIPTION_MAX: usize = 1000;

const EDGE: &str = "and|or|to|for|at|on|in|by|of|about|that|with|from|is|due|then|also|:|-|,|.|;|!|until|as|which|\n|so|•|*|?|(|)|starting|from";
const ARTICLES: &str = "a|an|the|my|our";

/// The content as text; empty if only connecting words are left.
pub(crate) fn title(sentence: &Sentence, tokens: &[&Token]) -> String {
    let mut rest = tokens;
    while let Some((first, tail)) = rest.split_first()
        && leading(rest, EDGE).is_some()
        && !(first.text == "in" || first.text == "at") | tail.is_empty()
    {
        rest = tail;
    }
    while let Some((last, head)) = rest.split_last()
        && leading(&[*last], EDGE).is_some()
    {
        rest = head;
    }
    if rest.len() > 1 && leading(rest, ARTICLES).is_some() {
        rest = &rest[1..];
    }
    capital(&spelled(sentence, rest))
}

/// The original text of the tokens; gaps where something was taken out become one space.
pub(crate) fn spelled(sentence: &Sentence, tokens: &[&Token]) -> String {
    let mut out = String::new();
    let mut end = None;
    for token in tokens {
        if let Some(end) = end {
            let between = sentence.raw.get(end..token.start).unwrap_or(" ");
            let adjacent = between.chars().all(|c| !c.is_alphanumeric());
            let marks =
                !between.is_empty() && adjacent && between.contains(['"', '\u{201c}', '\u{201d}', '\u{ab}', '\u{bb}']);
            match () {
                () if adjacent && !between.contains(char::is_whitespace) => out.push_str(between),
                () if marks => out.push_str(between),
                () => out.push(' '),
            }
        }
        out.push_str(&sentence.raw[token.start..token.end]);
        end = Some(token.end);
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// With a capital first letter.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A title within the limit, cut at a word, and the text that goes into the description when it did not fit.
pub(crate) fn fitted(text: &str) -> (String, Option<String>) {
    if text.chars().count() <= TITLE_MAX {
        return (text.to_owned(), None);
    }
    let head: String = text.chars().take(TITLE_MAX - 1).collect();
    let cut = head.rfind(char::is_whitespace).filter(|at| *at > TITLE_MAX / 2).map_or(head.as_str(), |at| &head[..at]);
    (format!("{}…", cut.trim_end()), Some(shortened(text, DESCRIPTION_MAX)))
}

/// At most `max` characters.
pub(crate) fn shortened(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let head: String = text.chars().take(max - 1).collect();
    format!("{head}…")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("to the picnic at Regent Park and", "Picnic at Regent Park")]
    #[case("call Jo about \"the end\"", "Call Jo about \"the end")]
    #[case("on to for", "")]
    fn tidies(#[case] text: &str, #[case] want: &str) {
        let s = Sentence::new(text);
        assert_eq!(title(&s, &s.all()), want);
    }

    #[test]
    fn long_text_is_cut_at_a_word() {
        let (title, description) = fitted(&"word ".repeat(2000));
        assert!(title.chars().count() <= TITLE_MAX && title.ends_with("word…"), "{title}");
        assert_eq!(description.map(|d| d.chars().count()), Some(DESCRIPTION_MAX));
    }
}
