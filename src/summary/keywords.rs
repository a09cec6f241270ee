//! What was talked about, in single words and short phrases. As in RAKE (Rose et al., Text Mining, 2010) these are what stands between
//! small words and punctuation, and pieces of that. They count as often as they were said, longer ones that were said again somewhat more:
//! in talk, other than in the abstracts that RAKE was made for, the long phrases are those that were said once.
//!
//! The small words are known for the languages in `stopwords.txt`. For others, those that are in very many messages are taken for small; where
//! the language cannot be told, those of every language are.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use super::{Line, cut, language::UNKNOWN};
use crate::search::words;

/// The small words of each language that is known.
static SMALL: LazyLock<HashMap<&str, HashSet<&str>>> = LazyLock::new(|| {
    let lines = include_str!("stopwords.txt").lines().filter(|line| !line.starts_with('#'));
    let parted = lines.filter_map(|line| line.split_once(": "));
    parted.map(|(language, words)| (language, words.split(' ').collect())).collect()
});
/// The most keywords.
const MOST: usize = 8;
/// The most characters of one: what is written without spaces can be long.
const SHOWN: usize = 100;
/// The most words of a phrase.
const LONGEST: usize = 3;
/// A word in more than one of so many messages, and in more than two, is small where the language is not known.
const FREQUENT: usize = 4;
const TWICE: usize = 2;

/// A phrase as it was first written, and how often it was said.
struct Phrase {
    shown: String,
    said: f64,
    /// When it was said first, to part equals.
    order: usize,
}

pub(super) fn of(lines: &[Line<'_>], language: &str) -> Vec<String> {
    let frequent = if SMALL.contains_key(language) { HashSet::new() } else { frequent_words(lines) };
    let known = |word: &str| match SMALL.get(language) {
        Some(known) => known.contains(word),
        None if language == UNKNOWN => SMALL.values().any(|known| known.contains(word)),
        None => false,
    };
    let phrases = phrases(lines, &|word| known(word) || frequent.contains(word));
    #[expect(clippy::cast_precision_loss, reason = "at most three")]
    let score = |words: &[String], phrase: &Phrase| {
        if phrase.said > 1.0 { phrase.said * (words.len() as f64).sqrt() } else { phrase.said }
    };
    let mut ranked: Vec<_> = phrases.iter().map(|(words, phrase)| (score(words, phrase), words, phrase)).collect();
    ranked.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.2.order.cmp(&other.2.order)));
    let mut chosen: Vec<(&Vec<String>, &Phrase)> = Vec::new();
    for (_, words, phrase) in ranked {
        let told = chosen.iter().any(|(longer, _)| words.iter().all(|word| longer.contains(word)));
        if chosen.len() < MOST && !told {
            chosen.push((words, phrase));
        }
    }
    chosen.into_iter().map(|(_, phrase)| cut(&phrase.shown, SHOWN)).collect()
}

/// What stands between small words and punctuation, and the pieces of that, by their words.
fn phrases(lines: &[Line<'_>], small: &dyn Fn(&str) -> bool) -> HashMap<Vec<String>, Phrase> {
    let (mut phrases, mut here) = (HashMap::<Vec<String>, Phrase>::new(), Vec::new());
    for Line { text, .. } in lines {
        words::of(text, &mut here);
        let tells = |word: &words::Word| {
            let letters = word.folded.chars().filter(|c| c.is_alphabetic()).count();
            let wide = word.folded.chars().any(|c| u32::from(c) > 0x2E80); // one sign may be a word there
            (letters > 1 || (wide && letters > 0)) && !small(&word.folded)
        };
        let together = |one: &words::Word, next: &words::Word| {
            tells(one) && tells(next) && text[one.at.end..next.at.start].chars().all(|c| c == ' ' || c == '-')
        };
        for run in here.chunk_by(together).filter(|run| tells(&run[0])) {
            let pieces = (1..=LONGEST).flat_map(|length| run.windows(length));
            for part in pieces {
                let order = phrases.len();
                let shown = || text[part[0].at.start..part[part.len() - 1].at.end].to_owned();
                let words = part.iter().map(|word| word.folded.clone()).collect();
                phrases.entry(words).or_insert_with(|| Phrase { shown: shown(), said: 0.0, order }).said += 1.0;
            }
        }
    }
    phrases
}

fn frequent_words(lines: &[Line<'_>]) -> HashSet<String> {
    let (mut holding, mut here) = (HashMap::<String, usize>::new(), Vec::new());
    for line in lines {
        words::of(line.text, &mut here);
        let once: HashSet<&str> = here.iter().map(|word| word.folded.as_str()).collect();
        for word in once {
            *holding.entry(word.to_owned()).or_default() += 1;
        }
    }
    let many = TWICE.max(lines.len() / FREQUENT);
    holding.into_iter().filter(|(_, count)| *count > many).map(|(word, _)| word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keywords(texts: &[&str], language: &str) -> Vec<String> {
        let lines: Vec<_> = texts.iter().map(|text| Line { from: "ann", text }).collect();
        of(&lines, language)
    }

    #[test]
    fn what_is_said_often_and_in_company_comes_first() {
        let texts = [
            "Who books the community hall?",
            "The Community Hall is free on Friday.",
            "Then I book the community hall and the cake on Friday",
        ];
        let found = keywords(&texts, "en");
        assert_eq!(found[..2], ["community hall", "Friday"]);
        assert!(!found.iter().any(|word| ["the", "who", "is", "hall"].contains(&word.as_str())), "{found:?}");
    }

    #[test]
    fn small_words_of_other_languages_are_guessed() {
        let texts = ["sala on varattu", "kakku on valmis", "sali on iso", "sala on siisti", "kuka on siellä"];
        let found = keywords(&texts, "fi");
        assert!(found.contains(&"sala".to_owned()) && !found.contains(&"on".to_owned()), "{found:?}");
    }

    #[rstest::rstest]
    #[case(&[])]
    #[case(&["42 3.5 👋 !"])]
    #[case(&["the and is it"])]
    fn nothing_said_has_none(#[case] texts: &[&str]) {
        assert_eq!(keywords(texts, "en"), Vec::<String>::new());
    }

    #[test]
    fn they_are_few_and_short() {
        let text = (0..500).map(|number| format!("word{number}")).collect::<Vec<_>>().join(" ");
        let found = keywords(&[&text], "en");
        assert_eq!(found.len(), MOST);
        assert!(found.iter().all(|phrase| phrase.split(' ').count() <= LONGEST));
    }

    #[test]
    fn the_list_is_as_words_are_compared() {
        for word in SMALL.values().flatten() {
            let mut folded = Vec::new();
            words::of(word, &mut folded);
            assert_eq!(folded.iter().map(|word| word.folded.as_str()).collect::<Vec<_>>(), [*word]);
        }
    }
}
