//! Numbers in words and digits: cardinals, ordinals, years.
//!
//! One more number word: [`CARDINALS`] or [`ORDINALS`].

use crate::words::Token;

const CARDINALS: [(&str, u32); 30] = [
    ("zero", 0),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fourty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
    ("oh", 0),
];

const ORDINALS: [(&str, u32); 24] = [
    ("first", 1),
    ("second", 2),
    ("third", 3),
    ("fourth", 4),
    ("fifth", 5),
    ("sixth", 6),
    ("seventh", 7),
    ("eighth", 8),
    ("ninth", 9),
    ("tenth", 10),
    ("eleventh", 11),
    ("twelfth", 12),
    ("thirteenth", 13),
    ("fourteenth", 14),
    ("fifteenth", 15),
    ("sixteenth", 16),
    ("seventeenth", 17),
    ("eighteenth", 18),
    ("nineteenth", 19),
    ("twentieth", 20),
    ("thirtieth", 30),
    ("fith", 5),
    ("nineth", 9),
    ("twelth", 12),
];

/// A single number word.
pub(crate) fn cardinal(word: &str) -> Option<u32> {
    CARDINALS.iter().find(|(w, _)| *w == word).map(|&(_, n)| n)
}

fn text<'a>(tokens: &[&'a Token], i: usize) -> &'a str {
    tokens.get(i).filter(|t| !t.quoted).map_or("", |t| t.text.as_str())
}

/// A whole number from 0 to 99 in words, or up to four digits: the value and how many tokens it took.
pub(crate) fn number(tokens: &[&Token], i: usize) -> Option<(u32, usize)> {
    let word = text(tokens, i);
    if !word.is_empty() && word.len() <= 4 && word.bytes().all(|b| b.is_ascii_digit()) {
        return word.parse().ok().map(|n| (n, 1));
    }
    if word == "oh" {
        return None;
    }
    let tens = cardinal(word)?;
    match cardinal(text(tokens, i + 1)) {
        Some(unit @ 1..=9) if tens >= 20 => Some((tens + unit, 2)),
        _ => Some((tens, 1)),
    }
}

/// An ordinal (`3rd`, `third`, `twenty third`, also the misspelt `twelveth`): the value and how many tokens it took.
pub(crate) fn ordinal(tokens: &[&Token], i: usize) -> Option<(u32, usize)> {
    let word = tokens.get(i).filter(|t| !t.quoted)?.base();
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    if !digits.is_empty() && digits.len() <= 2 && matches!(&word[digits.len()..], "st" | "nd" | "rd" | "th") {
        return digits.parse().ok().map(|n| (n, 1));
    }
    if let Some(tens @ 20..=90) = cardinal(word) {
        let unit = tokens.get(i + 1).filter(|t| !t.quoted).and_then(|t| ordinal_word(t.base()))?;
        return (unit < 10).then_some((tens + unit, 2));
    }
    ordinal_word(word).map(|n| (n, 1))
}

fn ordinal_word(word: &str) -> Option<u32> {
    let known = ORDINALS.iter().find(|(w, _)| *w == word).map(|&(_, n)| n);
    known.or_else(|| word.strip_suffix("th").filter(|w| w.len() > 2).and_then(cardinal))
}

/// A year: `2027`, `two thousand (and) twenty seven`, `twenty twenty seven`.
pub(crate) fn year(tokens: &[&Token], i: usize) -> Option<(i32, usize)> {
    if let Some((n @ 1900..=2199, 1)) = number(tokens, i) {
        return i32::try_from(n).ok().map(|y| (y, 1));
    }
    if text(tokens, i) == "two" && text(tokens, i + 1) == "thousand" {
        let and = usize::from(text(tokens, i + 2) == "and");
        let (n, taken) = number(tokens, i + 2 + and).filter(|(n, _)| *n < 100).unwrap_or((0, 0));
        let and = if taken == 0 { 0 } else { and };
        return i32::try_from(n).ok().map(|y| (2000 + y, 2 + and + taken));
    }
    if text(tokens, i) == "twenty" {
        let (n, taken) = number(tokens, i + 1).filter(|(n, _)| (20..100).contains(n))?;
        return i32::try_from(n).ok().map(|y| (2000 + y, 1 + taken));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Sentence;
    use rstest::rstest;

    #[rstest]
    #[case("twenty two", Some((22, 2)))]
    #[case("fifteen", Some((15, 1)))]
    #[case("1730", Some((1730, 1)))]
    #[case("many", None)]
    fn reads_numbers(#[case] text: &str, #[case] want: Option<(u32, usize)>) {
        assert_eq!(number(&Sentence::new(text).all(), 0), want);
    }

    #[rstest]
    #[case("twenty-third", Some((23, 2)))]
    #[case("twelveth", Some((12, 1)))]
    #[case("31st", Some((31, 1)))]
    #[case("north", None)]
    fn reads_ordinals(#[case] text: &str, #[case] want: Option<(u32, usize)>) {
        assert_eq!(ordinal(&Sentence::new(text).all(), 0), want);
    }

    #[rstest]
    #[case("two thousand and twenty seven", Some((2027, 5)))]
    #[case("twenty twenty seven", Some((2027, 3)))]
    #[case("twenty two", None)]
    fn reads_years(#[case] text: &str, #[case] want: Option<(i32, usize)>) {
        assert_eq!(year(&Sentence::new(text).all(), 0), want);
    }
}
