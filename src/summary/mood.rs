//! How good the mood is: the words of a small English list (`mood.txt`), turned round after a "not". It counts words and understands
//! nothing: irony and quarrels in polite words are lost on it.

use std::{collections::HashMap, sync::LazyLock};

use super::Line;
use crate::search::words;

/// How much every word and sign weighs.
static WEIGHTS: LazyLock<HashMap<&str, f64>> = LazyLock::new(|| {
    let lines = include_str!("mood.txt").lines().filter(|line| !line.starts_with('#'));
    let parted = lines.filter_map(|line| line.split_once(": "));
    let weighed = parted.flat_map(|(weight, words)| {
        let weight: f64 = weight.parse().expect("the list is read in a test");
        words.split(' ').map(move |word| (word, weight))
    });
    weighed.collect()
});
/// So many words after a "not" are turned round.
const REACH: usize = 3;
/// How slowly more of the same gets closer to 1, as VADER has it (Hutto and Gilbert, 2014).
const SLOWLY: f64 = 15.0;

/// The mean of the messages that tell a mood, from -1 to 1 in hundredths.
pub(super) fn of(lines: &[Line<'_>], language: &str) -> f64 {
    let english = language == "en" || language == super::language::UNKNOWN;
    let (mut sum, mut telling, mut here) = (0.0, 0.0, Vec::new());
    for line in lines {
        let mut score: f64 = line.text.chars().filter_map(sign).sum();
        if english {
            words::of(line.text, &mut here);
            let words: Vec<&str> = here.iter().map(|word| word.folded.as_str()).collect();
            score += (0..words.len()).map(|at| weight(&words, at)).sum::<f64>();
        }
        if score != 0.0 {
            sum += score / (score * score + SLOWLY).sqrt();
            telling += 1.0;
        }
    }
    if telling == 0.0 { 0.0 } else { (sum / telling * 100.0).round() / 100.0 }
}

/// What a sign that is no word, such as a thumb, weighs.
fn sign(c: char) -> Option<f64> {
    if c.is_alphanumeric() { None } else { WEIGHTS.get(&*c.encode_utf8(&mut [0; 4])).copied() }
}

fn weight(words: &[&str], at: usize) -> f64 {
    let Some(weight) = WEIGHTS.get(words[at]) else { return 0.0 };
    let not = |word: &&str| {
        matches!(*word, "not" | "no" | "never" | "nobody" | "nothing" | "cannot" | "without") || is_short_not(word)
    };
    if words[at.saturating_sub(REACH)..at].iter().any(not) { -weight / 2.0 } else { *weight }
}

/// `don't`, also with the other apostrophe.
fn is_short_not(word: &str) -> bool {
    word.ends_with("n't") || word.ends_with("n’t")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mood(texts: &[&str], language: &str) -> f64 {
        let lines: Vec<_> = texts.iter().map(|text| Line { from: "ann", text }).collect();
        of(&lines, language)
    }

    #[test]
    fn good_is_good_and_bad_is_bad() {
        let good = mood(&["This is great, I love it!", "Thanks 👍"], "en");
        let bad = mood(&["This is terrible", "I hate it, everything is broken 😡"], "en");
        assert!(good > 0.2 && bad < -0.2, "{good} {bad}");
        assert!(mood(&["great great great great love love love wonderful"], "en") <= 1.0);
        assert!(mood(&["perfect"], "en") > mood(&["fine"], "en"));
    }

    #[rstest::rstest]
    #[case("That is not good")]
    #[case("I don’t like it")]
    #[case("it never works")]
    fn a_not_turns_it_round(#[case] text: &str) {
        assert!(mood(&[text], "en") < 0.0);
    }

    #[rstest::rstest]
    #[case(&[], "en")]
    #[case(&["The hall has forty chairs."], "en")]
    #[case(&["Das war gut, fine und great"], "de")]
    fn what_tells_nothing_is_0(#[case] texts: &[&str], #[case] language: &str) {
        assert!(mood(texts, language).abs() < f64::EPSILON);
    }

    #[test]
    fn every_word_stands_once_in_the_list_as_words_are_compared() {
        let lines = include_str!("mood.txt").lines().filter(|line| !line.starts_with('#'));
        let listed: Vec<_> =
            lines.filter_map(|line| line.split_once(": ")).flat_map(|(_, words)| words.split(' ')).collect();
        assert_eq!(listed.len(), WEIGHTS.len());
        for word in listed {
            let mut folded = Vec::new();
            words::of(word, &mut folded);
            assert!(folded.is_empty() || folded[0].folded == word, "{word}");
            assert!(!folded.is_empty() || word.chars().count() == 1, "{word}");
        }
        assert!(WEIGHTS.values().all(|weight| (1.0..=2.0).contains(&weight.abs())));
    }
}
