//! Fits a conversation into a model's window. What providers refuse is never made: a call without its outcome, or an outcome without its call.

use serde_json::Value;

use super::model::Line;

/// What a message costs besides its characters, in tokens: its role and the marks around it.
const PER_LINE: usize = 6;
/// The shortest that an outcome is cut to, in characters.
const SHORTEST_OUTCOME: usize = 200;

/// About how many tokens `text` is: 3.5 characters each, which errs on the dear side for English JSON; other scripts than Latin are
/// counted by their bytes, because tokenizers know fewer of their words.
#[must_use]
pub(crate) fn tokens(text: &str) -> usize {
    let characters = text.chars().count();
    let weight = if text.len() > characters * 3 / 2 { text.len() } else { characters };
    (weight * 2).div_ceil(7)
}

/// About how many tokens `line` is.
#[must_use]
pub(crate) fn line_tokens(line: &Line) -> usize {
    PER_LINE
        + match line {
            Line::User(text) => tokens(text),
            Line::Assistant { text, calls } => {
                let calls: usize =
                    calls.iter().map(|call| PER_LINE + tokens(&call.name) + tokens(&plain(&call.arguments))).sum();
                tokens(text) + calls
            }
            Line::Outcome(outcome) => tokens(&plain(&outcome.content)),
        }
}

/// The newest whole exchanges of `lines` that fit into `budget` tokens (see [`tokens`]). The last exchange always stays;
/// if it is too much by itself, its longest outcomes are shortened, down to 200 characters each.
///
/// An exchange is what a user says and everything up to what the user says next, so calls and outcomes stay together.
#[must_use]
pub(crate) fn fit(mut lines: Vec<Line>, budget: usize) -> Vec<Line> {
    let costs: Vec<usize> = lines.iter().map(line_tokens).collect();
    let starts: Vec<usize> = (0..lines.len()).filter(|&at| matches!(lines[at], Line::User(_))).collect();
    let Some(&last) = starts.last() else { return shorten(lines, budget) };
    let first = if starts.first() == Some(&0) { None } else { Some(0) };
    let (mut keep, mut total) = (last, costs[last..].iter().sum::<usize>());
    for &start in first.iter().chain(&starts).rev().skip(1) {
        total += costs[start..keep].iter().sum::<usize>();
        if total > budget {
            break;
        }
        keep = start;
    }
    shorten(lines.split_off(keep), budget)
}

/// Cuts the longest outcomes of `lines` to one length, the longest of a halving row that fits.
fn shorten(mut lines: Vec<Line>, budget: usize) -> Vec<Line> {
    let mut longest = lines.iter().filter_map(outcome_length).max().unwrap_or(0);
    while longest > SHORTEST_OUTCOME && lines.iter().map(line_tokens).sum::<usize>() > budget {
        longest = (longest / 2).max(SHORTEST_OUTCOME);
        for line in &mut lines {
            if let Line::Outcome(outcome) = line {
                cut(&mut outcome.content, longest);
            }
        }
    }
    lines
}

fn outcome_length(line: &Line) -> Option<usize> {
    match line {
        Line::Outcome(outcome) => Some(plain(&outcome.content).chars().count()),
        Line::User(_) | Line::Assistant { .. } => None,
    }
}

/// Cuts `content` to `length` characters, with a note that says so in its place.
fn cut(content: &mut Value, length: usize) {
    const NOTE: &str = "… [shortened: ask for less, or for a page]";
    let text = plain(content);
    let text = text.strip_suffix(NOTE).unwrap_or(&text);
    if text.chars().count() > length {
        let kept: String = text.chars().take(length.saturating_sub(NOTE.chars().count())).collect();
        *content = Value::String(format!("{kept}{NOTE}"));
    }
}

/// `value` as a model reads it: a string as it is, all else as JSON.
#[must_use]
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use errand_core::conversation::{Outcome, ToolCall};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn exchange(number: usize, calls: usize, size: usize) -> Vec<Line> {
        let ids: Vec<String> = (0..calls).map(|call| format!("c{number}_{call}")).collect();
        let call = |id: &String| ToolCall { id: id.clone(), name: "list_tasks".into(), arguments: json!({}) };
        let outcome = |id: &String| {
            Line::Outcome(Outcome {
                call_id: id.clone(),
                name: "list_tasks".into(),
                content: json!({"text": "x".repeat(size)}),
                is_error: false,
            })
        };
        let mut lines = vec![Line::User(format!("question {number}"))];
        if calls > 0 {
            lines.push(Line::Assistant { text: String::new(), calls: ids.iter().map(call).collect() });
            lines.extend(ids.iter().map(outcome));
        }
        lines.push(Line::Assistant { text: format!("answer {number}"), calls: vec![] });
        lines
    }

    fn paired(lines: &[Line]) -> bool {
        let mut open: Vec<String> = Vec::new();
        for line in lines {
            match line {
                Line::User(_) if open.is_empty() => {}
                Line::User(_) => return false,
                Line::Assistant { calls, .. } => open.extend(calls.iter().map(|call| call.id.clone())),
                Line::Outcome(outcome) => match open.iter().position(|id| *id == outcome.call_id) {
                    Some(at) => drop(open.remove(at)),
                    None => return false,
                },
            }
        }
        open.is_empty()
    }

    proptest! {
        #[test]
        fn whole_exchanges_are_kept_from_the_end(
            shape in prop::collection::vec((0usize..4, 0usize..3000), 1..8),
            budget in 0usize..4000,
            cut_off in 0usize..3,
        ) {
            let all: Vec<Line> =
                shape.iter().enumerate().flat_map(|(number, &(calls, size))| exchange(number, calls, size)).collect();
            // The turn that is being answered has no answer yet; the history may begin in the middle.
            let all = all[cut_off.min(all.len() - 1)..all.len().max(2) - 1].to_vec();
            let all = if all.iter().any(|line| matches!(line, Line::User(_))) { all } else { exchange(0, 1, 10) };
            let fitted = fit(all.clone(), budget);
            let asked = |lines: &[Line]| lines.iter().rev().find(|line| matches!(line, Line::User(_))).cloned();
            prop_assert_eq!(asked(&fitted), asked(&all), "the last question stays");
            let users = fitted.iter().filter(|line| matches!(line, Line::User(_))).count();
            let total: usize = fitted.iter().map(line_tokens).sum();
            prop_assert!(total <= budget || users == 1, "{} tokens in {} exchanges for {}", total, users, budget);
            if users > 1 { prop_assert_eq!(&fitted[..], &all[all.len() - fitted.len()..], "nothing is changed"); }
            if paired(&all) { prop_assert!(paired(&fitted)); }
        }
    }

    #[test]
    fn what_fits_is_left_alone_and_what_does_not_goes_oldest_first() {
        let all: Vec<Line> = (0..3).flat_map(|number| exchange(number, 1, 400)).collect();
        let total: usize = all.iter().map(line_tokens).sum();
        assert_eq!(fit(all.clone(), total), all);
        assert_eq!(fit(all.clone(), total - 1), all[4..]);
        assert_eq!(fit(all.clone(), total / 2), all[8..]);
        assert_eq!(fit(Vec::new(), 10), Vec::new());
    }

    #[test]
    fn a_turn_that_is_too_much_by_itself_has_its_outcomes_shortened() {
        let fitted = fit(exchange(0, 2, 50_000), 2000);
        assert!(fitted.iter().map(line_tokens).sum::<usize>() <= 2000);
        assert!(paired(&fitted));
        let Line::Outcome(outcome) = &fitted[2] else { panic!("{:?}", fitted[2]) };
        assert!(plain(&outcome.content).ends_with("[shortened: ask for less, or for a page]"));
    }

    #[test]
    fn other_scripts_are_dearer() {
        assert_eq!(tokens(&"a".repeat(35)), 10);
        assert!(tokens(&"雨".repeat(35)) > 25);
    }
}
