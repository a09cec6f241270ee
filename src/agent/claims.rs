//! Does an answer claim a change that no tool made? Models say "Done, I created it" with no call behind it, and nobody else checks.
//!
//! A claim that is missed misleads a person; one that is seen where there is none costs a call of the model and, at worst, a true sentence
//! in front of the answer (nothing was changed in this turn). So in doubt a first-person or passive sentence about a change is a claim,
//! and questions, offers, negations, quotes and facts about earlier days are not.
//!
//! To teach it words or a language: [`words`], and lines in the tests.

#[cfg(test)]
mod tests;
mod words;

use std::sync::LazyLock;

use errand_core::change::Verb;
use regex::Regex;

use self::words::Language;

/// What an answer claims without a call behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// What is said to have happened.
    pub(crate) kind: Kind,
    /// Whether it is only said that it will.
    pub(crate) promised: bool,
    /// The sentence, as it is in the answer but for its marks, for the log.
    pub(crate) sentence: String,
    language: Language,
}

/// What is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A task was made.
    Created,
    /// A task was changed.
    Changed,
    /// A task was deleted.
    Deleted,
    /// A change was taken back.
    Undone,
    /// "Done", without a word about what.
    Something,
}

/// The first claim in `answer` that `done`, the successful changes of the turn, does not bear out.
#[must_use]
pub(crate) fn check(answer: &str, done: &[Verb]) -> Option<Claim> {
    sentences(answer).into_iter().find_map(|sentence| words::claim(&sentence, done))
}

impl Claim {
    /// What is claimed, for [`super::prompts::claim`]: "that a task was created".
    #[must_use]
    pub(crate) fn told(&self) -> &'static str {
        match (self.kind, self.promised) {
            (Kind::Created, false) => "that a task was created",
            (Kind::Created, true) => "that you create a task or will remind the user of it",
            (Kind::Changed, false) => "that a task was changed",
            (Kind::Changed, true) => "that you change a task",
            (Kind::Deleted, false) => "that a task was deleted",
            (Kind::Deleted, true) => "that you delete a task",
            (Kind::Undone, false) => "that a change was taken back",
            (Kind::Undone, true) => "that you take a change back",
            (Kind::Something, false) => "that something was done",
            (Kind::Something, true) => "that you will do something",
        }
    }

    /// `answer` with a correction in front, in the claim's language, for a model that insists. `done` as in [`check`].
    #[must_use]
    pub(crate) fn correct(&self, answer: &str, done: &[Verb]) -> String {
        let correction = match (self.language, done.is_empty()) {
            (Language::English, true) => format!("**Nothing was changed:** {} just now.", self.missing()),
            (Language::English, false) => format!("**Not everything was done:** {} just now.", self.missing()),
            (Language::Spanish, true) => "**No se ha cambiado nada:** lo que sigue no se ha hecho.".to_owned(),
            (Language::Spanish, false) => "**No se ha hecho todo** lo que dice lo siguiente.".to_owned(),
            (Language::German, true) => "**Es wurde nichts geändert:** Was hier folgt, ist nicht geschehen.".to_owned(),
            (Language::German, false) => "**Nicht alles wurde getan,** was hier folgt.".to_owned(),
            (Language::French, true) => "**Rien n'a été modifié :** ce qui suit n'a pas été fait.".to_owned(),
            (Language::French, false) => "**Tout n'a pas été fait** de ce qui suit.".to_owned(),
        };
        format!("{correction}\n\n{answer}")
    }

    fn missing(&self) -> &'static str {
        match self.kind {
            Kind::Created => "no task was created",
            Kind::Changed => "no task was updated",
            Kind::Deleted => "no task was deleted",
            Kind::Undone => "no change was taken back",
            Kind::Something => "no task was created, updated or deleted",
        }
    }
}

/// A sentence without its Markdown and quotes, in small letters.
#[derive(Debug, PartialEq, Eq)]
struct Sentence {
    text: String,
    is_question: bool,
    /// In a list, short words are facts about an item.
    is_item: bool,
}

static QUOTES: LazyLock<Regex> =
    LazyLock::new(|| regex(r#""[^"\n]*"|“[^”\n]*”|„[^“”\n]*[“”]|«[^»\n]*»|`[^`\n]*`|‘[^’\n]*’"#));
static SINGLE_QUOTES: LazyLock<Regex> = LazyLock::new(|| regex(r"(^|[\s(])'[^\n]*?'([\s.,!?:;)]|$)"));
static CODE: LazyLock<Regex> = LazyLock::new(|| regex(r"(?s)```.*?(?:```|$)"));
static LINK: LazyLock<Regex> = LazyLock::new(|| regex(r"\[([^\]\n]*)\]\([^)\n]*\)"));
static ITEM: LazyLock<Regex> = LazyLock::new(|| regex(r"^\s*(?:[-*+•]|\d+[.)])\s+"));
static END: LazyLock<Regex> = LazyLock::new(|| regex(r"[.!?…]+[)\s]+|[.!?…]+$"));

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the patterns are part of the program and used in tests")
}

fn sentences(answer: &str) -> Vec<Sentence> {
    let answer = CODE.replace_all(answer, "\n");
    let answer = QUOTES.replace_all(&answer, "x").replace('’', "'");
    let answer = SINGLE_QUOTES.replace_all(&answer, "${1}x${2}").to_lowercase();
    let answer = LINK.replace_all(&answer, "$1");
    let lines = answer.lines().filter(|line| !line.trim_start().starts_with(['>', '|']));
    lines.flat_map(line_sentences).collect()
}

fn line_sentences(line: &str) -> Vec<Sentence> {
    let is_item = ITEM.is_match(line);
    let line = ITEM.replace(line, "").replace(['*', '~', '#', '✅', '✔', '☑', '👍', '🎉'], "");
    let mut sentences = Vec::new();
    let mut from = 0;
    for end in END.find_iter(&line).map(|end| end.end()).chain([line.len()]) {
        let text = line[from..end].trim_matches(|c: char| c.is_whitespace() || c == '\u{fe0f}');
        if !text.is_empty() {
            sentences.push(Sentence { is_question: text.ends_with('?'), text: text.to_owned(), is_item });
        }
        from = end;
    }
    sentences
}
