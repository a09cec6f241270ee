//! Short patterns over words, so that the phrases of a command can be read in the code as people say them.
//!
//! `"remind [me] to|about"`: words stand between spaces, `a|b` are alternatives, `[…]` is optional, `@name` is a set of
//! words. One more set: an arm in [`set`].

use crate::words::Token;

/// The words behind an `@name`.
fn set(name: &str) -> &'static [&'static str] {
    match name {
        "art" => &[
            "a", "an", "the", "my", "our", "this", "that", "another", "some", "new", "one", "any", "your", "these",
            "those", "all",
        ],
        "carrier" => &[
            "reminder",
            "reminders",
            "notification",
            "notifications",
            "event",
            "events",
            "task",
            "tasks",
            "todo",
            "item",
            "items",
            "entry",
            "alert",
            "memo",
            "note",
        ],
        "bell" => &["alarm", "alarms", "timer", "timers"],
        "says" => &["called", "named", "titled", "labelled", "saying", "says", "label", "name", "title", "subject"],
        "be" => &["is", "are", "was", "were", "am", "be", "been", "'s"],
        "tool" => &["calendar", "schedule", "agenda", "planner", "diary", "list", "lists", "todo"],
        _ => &[],
    }
}

fn fits(token: &Token, alternatives: &str) -> bool {
    !token.quoted
        && alternatives.split('|').any(|word| match word.strip_prefix('@') {
            Some(name) => set(name).contains(&token.text.as_str()),
            None => word == token.text,
        })
}

/// How many tokens the pattern takes at the start of `tokens`.
pub(crate) fn leading(tokens: &[&Token], pattern: &str) -> Option<usize> {
    // Most patterns fail at their first word; that has to be cheap.
    let first = pattern.split(' ').next().unwrap_or(pattern);
    if !first.is_empty() && !first.starts_with('[') && !tokens.first().is_some_and(|t| fits(t, first)) {
        return None;
    }
    let items: Vec<&str> = pattern.split(' ').filter(|item| !item.is_empty()).collect();
    take(tokens, &items)
}

fn take(tokens: &[&Token], items: &[&str]) -> Option<usize> {
    let Some((item, rest)) = items.split_first() else { return Some(0) };
    let inner = item.strip_prefix('[').and_then(|i| i.strip_suffix(']'));
    if let Some((first, tail)) = tokens.split_first()
        && fits(first, inner.unwrap_or(item))
        && let Some(n) = take(tail, rest)
    {
        return Some(n + 1);
    }
    if inner.is_some() { take(tokens, rest) } else { None }
}

/// The longest of several patterns at the start of `tokens`.
pub(crate) fn longest(tokens: &[&Token], patterns: &[&str]) -> Option<usize> {
    patterns.iter().filter_map(|p| leading(tokens, p)).max()
}

/// Where the pattern stands for the first time: start and end.
pub(crate) fn find(tokens: &[&Token], pattern: &str) -> Option<(usize, usize)> {
    (0..tokens.len()).find_map(|i| leading(&tokens[i..], pattern).map(|n| (i, i + n)))
}

/// Whether one of the patterns stands anywhere.
pub(crate) fn has(tokens: &[&Token], patterns: &[&str]) -> bool {
    patterns.iter().any(|p| find(tokens, p).is_some())
}

/// Whether one of the patterns is the whole of `tokens`.
pub(crate) fn whole(tokens: &[&Token], patterns: &[&str]) -> bool {
    patterns.iter().any(|p| leading(tokens, p) == Some(tokens.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Sentence;
    use rstest::rstest;

    #[rstest]
    #[case("remind me to call", "remind [me] to|about", Some(3))]
    #[case("remind about it", "remind [me] to|about", Some(2))]
    #[case("a a b", "[a] a b", Some(3))]
    #[case("my alarm", "@art @bell", Some(2))]
    #[case("your mother", "@art @bell", None)]
    fn takes_the_start(#[case] text: &str, #[case] pattern: &str, #[case] want: Option<usize>) {
        assert_eq!(leading(&Sentence::new(text).all(), pattern), want);
    }

    #[test]
    fn quoted_words_are_no_commands() {
        assert_eq!(leading(&Sentence::new("\"delete\" it").all(), "delete"), None);
    }
}
