//! The words of a text, so that they can be compared.

use std::ops::Range;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};
use unicode_segmentation::UnicodeSegmentation;

/// A word and where it stands.
pub(crate) struct Word {
    /// As it is compared.
    pub(crate) folded: String,
    /// Its bytes in the text.
    pub(crate) at: Range<usize>,
}

/// Writes the words of `text` into `words`, whose memory is used again.
pub(crate) fn of(text: &str, words: &mut Vec<Word>) {
    let mut count = 0;
    for (start, word) in text.unicode_word_indices() {
        let at = start..start + word.len();
        if count == words.len() {
            words.push(Word { folded: String::new(), at: 0..0 });
        }
        let place = &mut words[count];
        place.at = at;
        fold(word, &mut place.folded);
        count += 1;
    }
    words.truncate(count);
}

/// A word without what does not tell it from another: compatible forms are one (NFKC), and case is folded by way of the upper case,
/// which makes one of ß, ẞ and ss, of σ and ς.
fn fold(word: &str, folded: &mut String) {
    folded.clear();
    if word.is_ascii() {
        folded.push_str(word);
        folded.make_ascii_lowercase();
        return;
    }
    let mut push = |c: char| folded.extend(c.to_uppercase().flat_map(char::to_lowercase));
    if is_nfkc_quick(word.chars()) == IsNormalized::Yes {
        word.chars().for_each(&mut push);
    } else {
        word.nfkc().for_each(&mut push);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("Straße", "STRASSE")]
    #[case("ὈΔΥΣΣΕΎΣ", "ὀδυσσεύς")]
    #[case("café", "cafe\u{301}")]
    #[case("ﬁre", "FIRE")]
    #[case("Ａ１", "a1")]
    #[case("can't", "CAN'T")]
    fn the_same_word_is_the_same(#[case] one: &str, #[case] other: &str) {
        let folded = |word| {
            let mut words = Vec::new();
            of(word, &mut words);
            words.into_iter().map(|word| word.folded).collect::<Vec<_>>()
        };
        assert_eq!(folded(one), folded(other));
        assert_eq!(folded(one).len(), 1);
    }

    #[test]
    fn words_stand_where_they_are_written() {
        let text = "¡Hola, mundo! 再见 👋 e-mail 3.5";
        let mut words = Vec::new();
        of("one two three four five six seven eight", &mut words);
        of(text, &mut words);
        let told: Vec<_> = words.iter().map(|word| (&text[word.at.clone()], word.folded.as_str())).collect();
        let expected = ["Hola", "mundo", "再", "见", "e", "mail", "3.5"];
        assert_eq!(told, expected.map(|word| (word, if word == "Hola" { "hola" } else { word })));
    }
}
