//! A sentence as tokens: lower-case words that know where they stand in the original text.
//!
//! One more misspelling that people make: a line in [`canonical`].

use crate::numbers::cardinal;

/// One word, number or punctuation mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// Lower case, typographic apostrophes made plain, common misspellings put right.
    pub(crate) text: String,
    /// Byte offsets into [`Sentence::raw`].
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Stood between quotation marks: content, never a command or a date.
    pub(crate) quoted: bool,
}

impl Token {
    /// The word without a possessive ending: `tomorrow's` is `tomorrow`.
    pub(crate) fn base(&self) -> &str {
        self.text.strip_suffix("'s").or_else(|| self.text.strip_suffix('\'')).unwrap_or(&self.text)
    }

    pub(crate) fn is_possessive(&self) -> bool {
        self.base().len() != self.text.len()
    }

    /// A word or number, as opposed to punctuation.
    pub(crate) fn is_word(&self) -> bool {
        self.text.chars().next().is_some_and(char::is_alphanumeric)
    }
}

/// The cleaned text and its tokens.
#[derive(Debug, Clone)]
pub(crate) struct Sentence {
    pub(crate) raw: String,
    pub(crate) tokens: Vec<Token>,
}

/// Characters that would garble a title or turn its reading direction round.
fn is_unwanted(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

impl Sentence {
    /// Cuts `text` into tokens; control characters become spaces.
    pub(crate) fn new(text: &str) -> Self {
        let raw: String = text.chars().map(|c| if is_unwanted(c) { ' ' } else { c }).collect();
        let tokens = Tokenizer::new(&raw).run();
        Self { raw, tokens }
    }

    /// All tokens, as the slices that the patterns work on.
    pub(crate) fn all(&self) -> Vec<&Token> {
        self.tokens.iter().collect()
    }
}

struct Tokenizer<'a> {
    chars: Vec<(usize, char)>,
    raw: &'a str,
    tokens: Vec<Token>,
    quoted: bool,
    /// Where the open single quotation mark is closed.
    single: Option<usize>,
}

impl<'a> Tokenizer<'a> {
    fn new(raw: &'a str) -> Self {
        Self { chars: raw.char_indices().collect(), raw, tokens: Vec::new(), quoted: false, single: None }
    }

    fn char(&self, i: usize) -> char {
        self.chars.get(i).map_or('\0', |&(_, c)| c)
    }

    fn byte(&self, i: usize) -> usize {
        self.chars.get(i).map_or(self.raw.len(), |&(b, _)| b)
    }

    fn run(mut self) -> Vec<Token> {
        let balanced = self.chars.iter().filter(|(_, c)| *c == '"').count().is_multiple_of(2);
        let mut i = 0;
        while i < self.chars.len() {
            match self.char(i) {
                '"' if balanced => {
                    self.quoted = !self.quoted;
                    i += 1;
                }
                '\u{201c}' | '\u{ab}' if self.closes(i) => {
                    self.quoted = true;
                    i += 1;
                }
                '\u{201d}' | '\u{bb}' if self.quoted => {
                    self.quoted = false;
                    i += 1;
                }
                '\'' | '\u{2018}' if !self.quoted && self.closing(i).is_some() => {
                    (self.quoted, self.single) = (true, self.closing(i));
                    i += 1;
                }
                '\'' | '\u{2019}' if self.single == Some(i) => {
                    (self.quoted, self.single) = (false, None);
                    i += 1;
                }
                c if c.is_whitespace() && c != '\n' => i += 1,
                c if c.is_alphanumeric() => i = self.word(i),
                _ => {
                    self.push(i, i + 1);
                    i += 1;
                }
            }
        }
        self.tokens
    }

    /// Where the single quotation mark at `i` is closed, if it is one and no apostrophe.
    fn closing(&self, i: usize) -> Option<usize> {
        let starts = i == 0 || matches!(self.char(i - 1), ' ' | '(' | ':' | '\n');
        if !starts || !self.char(i + 1).is_alphanumeric() {
            return None;
        }
        let ends = |j: &usize| {
            matches!(self.char(*j), '\'' | '\u{2019}')
                && !self.char(*j - 1).is_whitespace()
                && !self.char(*j + 1).is_alphanumeric()
        };
        (i + 2..self.chars.len()).find(ends)
    }

    /// A typographic opening quotation mark only counts when its closing one follows.
    fn closes(&self, i: usize) -> bool {
        self.chars[i..].iter().any(|(_, c)| matches!(c, '\u{201d}' | '\u{bb}'))
    }

    /// Takes one word; `5:30`, `3/14`, `2026-03-04T10:00+01:00`, `to-do`, `mary's`, `a.m.` and `t_12` are one each.
    fn word(&mut self, start: usize) -> usize {
        let mut i = start;
        while i < self.chars.len() {
            let (c, next) = (self.char(i), self.char(i + 1));
            let before = if i == start { '\0' } else { self.char(i - 1) };
            let inside = match c {
                '\'' | '\u{2019}' => next.is_alphanumeric(),
                '_' => true,
                '-' | '+' | ':' | '.' | '/' if before.is_ascii_digit() && next.is_ascii_digit() => true,
                '-' => before.is_alphabetic() && next.is_alphabetic() && !self.splits_number(start, i),
                '.' => self.is_half_day(start, i),
                _ => c.is_alphanumeric(),
            };
            if !inside {
                break;
            }
            i += 1;
        }
        let is_half = self.is_half_day(start, i.saturating_sub(2)) && self.char(i.saturating_sub(1)) == 'm';
        self.push(start, i);
        let hyphen = self.char(i) == '-' && self.splits_number(start, i);
        if (is_half && self.char(i) == '.') || hyphen { i + 1 } else { i }
    }

    /// `twenty-second` is two number words.
    fn splits_number(&self, start: usize, hyphen: usize) -> bool {
        let left = self.raw[self.byte(start)..self.byte(hyphen)].to_lowercase();
        cardinal(&left).is_some_and(|n| n >= 20)
    }

    /// The dot of `a.m.` or `9p.m.`
    fn is_half_day(&self, start: usize, dot: usize) -> bool {
        dot > start
            && self.char(dot) == '.'
            && matches!(self.char(dot - 1), 'a' | 'p' | 'A' | 'P')
            && matches!(self.char(dot + 1), 'm' | 'M')
            && (dot - 1 == start || self.char(dot - 2).is_ascii_digit())
            && !self.char(dot + 2).is_alphanumeric()
    }

    fn push(&mut self, from: usize, to: usize) {
        let (start, end) = (self.byte(from), self.byte(to));
        let lower = self.raw[start..end].to_lowercase().replace('\u{2019}', "'");
        let lower = if lower.strip_suffix(".m").is_some() { lower.replace('.', "") } else { lower };
        let text = if self.quoted { lower } else { canonical(&lower).map_or(lower, str::to_owned) };
        self.tokens.push(Token { text, start, end, quoted: self.quoted });
    }
}

/// The usual spelling of what speech recognition and hasty fingers write.
fn canonical(word: &str) -> Option<&'static str> {
    Some(match word {
        "tommorow" | "tomorow" | "tommorrow" | "tomorro" | "tmrw" | "tmr" | "tmw" | "tomarrow" => "tomorrow",
        "tomorrows" => "tomorrow's",
        "todays" => "today's",
        "tonite" => "tonight",
        "calender" | "calandar" | "calendars" => "calendar",
        "remainder" | "remider" | "reminde" | "remiinder" | "rminder" => "reminder",
        "remainders" => "reminders",
        "apointment" | "appointement" | "appoinment" | "appt" => "appointment",
        "meating" | "meetting" | "mtg" => "meeting",
        "shedule" | "scedule" | "schedual" => "schedule",
        "wensday" | "wednsday" | "wedensday" => "wednesday",
        "thrusday" | "thurday" | "thursaday" => "thursday",
        "tuseday" | "teusday" => "tuesday",
        "satuday" | "saterday" => "saturday",
        "febuary" => "february",
        "o'clock" | "oclock" | "o'clocks" => "o'clock",
        "whats" => "what's",
        "whens" => "when's",
        "dont" => "don't",
        "im" => "i'm",
        "ive" => "i've",
        "lets" => "let's",
        "havent" => "haven't",
        "didnt" => "didn't",
        "isnt" => "isn't",
        "doesnt" => "doesn't",
        "pls" | "plz" | "plese" => "please",
        "delet" | "dlete" | "deleate" => "delete",
        "cancle" | "cancell" => "cancel",
        "todo" | "to-do" | "todos" | "to-dos" => "todo",
        "labeled" => "labelled",
        "organise" => "organize",
        "prioritise" => "prioritize",
        "groceries" => "grocery",
        "ok" => "okay",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn words(text: &str) -> Vec<String> {
        Sentence::new(text).tokens.into_iter().map(|t| t.text).collect()
    }

    #[rstest]
    #[case("Call Mom at 5:30 p.m. tomorow!", &["call", "mom", "at", "5:30", "pm", "tomorrow", "!"])]
    #[case("9a.m. on 2026-03-04T10:00+01:00", &["9am", "on", "2026-03-04t10:00+01:00"])]
    #[case("twenty-second of may, mary’s to-do", &["twenty", "second", "of", "may", ",", "mary's", "todo"])]
    #[case("买牛奶 🥛", &["买牛奶", "🥛"])]
    fn cuts_words(#[case] text: &str, #[case] want: &[&str]) {
        assert_eq!(words(text), want);
    }

    #[test]
    fn quoted_text_is_content() {
        let s = Sentence::new("add \"tomorrow never dies\" to my list");
        let quoted: Vec<_> = s.tokens.iter().filter(|t| t.quoted).map(|t| t.text.as_str()).collect();
        assert_eq!(quoted, ["tomorrow", "never", "dies"]);
        assert!(Sentence::new("5\" pipe").tokens.iter().all(|t| !t.quoted), "a single mark quotes nothing");
    }
}
