//! Several tasks in one sentence or in lines, and the drafts that come of them.

use super::adding::{adding, hint};
use super::frames::Frame;
use super::parts::{Parts, parts};
use super::{Draft, Intent, Missing};
use crate::lexicon::{is_event, is_task_verb};
use crate::pattern::{find, has, leading, longest};
use crate::title::{DESCRIPTION_MAX, fitted, shortened, spelled, title};
use crate::when::{Mention, When};
use crate::words::{Sentence, Token};

fn is_separator(token: &Token) -> bool {
    !token.quoted && matches!(token.text.as_str(), "and" | "," | "then" | "also" | "plus" | "&" | ";" | "." | "\n")
}

/// Several tasks in one sentence: "buy milk and call mom", and the items for a list.
pub(crate) fn pieces<'a>(parts: &Parts<'_>, content: &[&'a Token], listed: bool) -> Vec<Vec<&'a Token>> {
    let mut raw: Vec<Vec<&'a Token>> = vec![Vec::new()];
    let mut gaps: Vec<Vec<&'a Token>> = Vec::new();
    for token in content {
        if is_separator(token) {
            if raw.last().is_some_and(Vec::is_empty) {
                if let Some(gap) = gaps.last_mut() {
                    gap.push(token);
                }
            } else {
                raw.push(Vec::new());
                gaps.push(vec![token]);
            }
        } else if let Some(last) = raw.last_mut() {
            last.push(token);
        }
    }
    if raw.last().is_some_and(Vec::is_empty) {
        raw.pop();
    }
    let verbs = raw.iter().filter(|p| starts_task(p)).count();
    let short = raw.iter().all(|p| p.len() <= 4 && !has(p, &["with|for|between|at"]));
    if listed && short && verbs == 0 {
        return raw;
    }
    let travels = leading(content, "go|come|stop|run|try|drive|sit|wait|bring").is_some();
    let starts: Vec<usize> = raw.iter().filter_map(|p| p.first().map(|t| t.start)).collect();
    let timed = |i: usize| {
        let (from, to) = (starts[i], starts.get(i + 1).copied().unwrap_or(usize::MAX));
        parts.mentions.iter().any(|m| (from..to).contains(&parts.tokens[m.span.start].start))
    };
    let mut joined: Vec<Vec<&'a Token>> = Vec::new();
    for (i, piece) in raw.into_iter().enumerate() {
        let order =
            starts_task(&piece) && joined.first().is_some_and(|first| starts_task(first)) && !leading_pronoun(&piece);
        // "a meeting with Ana at three and a call with Bob at five": two events, each with its time.
        let event = i > 0 && timed(i) && timed(i - 1) && piece.iter().take(4).any(|t| is_event(t));
        let own = order || event;
        match joined.last_mut() {
            Some(last) if !own || (travels && i == 1) => {
                last.extend(gaps.get(i - 1).into_iter().flatten().copied());
                last.extend(piece);
            }
            _ => joined.push(piece),
        }
    }
    joined
}

fn starts_task(piece: &[&Token]) -> bool {
    let to = usize::from(leading(piece, "to").is_some());
    let reminds = longest(piece, &["remind me to|about|of", "add", "set a reminder to|for"]);
    reminds.is_some() || (piece.len() > to + 1 && is_task_verb(piece[to]) && !piece[to].quoted)
}

/// "take them home": goes with what was named before.
fn leading_pronoun(piece: &[&Token]) -> bool {
    piece.iter().skip(1).take(2).any(|t| matches!(t.text.as_str(), "them" | "it" | "him" | "her" | "one"))
}

pub(crate) fn drafts(
    sentence: &Sentence,
    tokens: &[&Token],
    parts: &Parts<'_>,
    frame: Option<Frame>,
    pieces: &[Vec<&Token>],
) -> Vec<Draft> {
    let overall = parts.when();
    let mut drafts = Vec::new();
    for (i, piece) in pieces.iter().enumerate() {
        let start = longest(piece, &["remind me to|about|of", "add", "set a reminder to|for"]).unwrap_or(0);
        let text = title(sentence, &rearranged(&piece[start..]));
        if text.is_empty() {
            continue;
        }
        let text = match frame.and_then(|f| f.bell) {
            Some(bell) if !text.to_lowercase().contains(&bell.to_lowercase()) => {
                format!("{bell}: {}", lower_first(&text))
            }
            _ => text,
        };
        let own = if pieces.len() > 1 { own_when(parts, pieces, i) } else { None };
        let when = own.unwrap_or(overall);
        let (title, rest) = fitted(&text);
        let description = parts.note.clone().or(rest);
        drafts.push(Draft {
            title,
            description,
            when: When { repeats: parts.repeats || when.repeats, ..when },
            hint: hint(tokens),
            priority: parts.priority,
        });
    }
    drafts
}

/// `in goshen new york for dan's graduation` reads better the other way round.
fn rearranged<'a>(piece: &[&'a Token]) -> Vec<&'a Token> {
    if leading(piece, "in|at").is_none() {
        return piece.to_vec();
    }
    match find(piece, "for|to|about|called") {
        Some((from, to)) if from > 1 => piece[to..].iter().chain(&piece[..from]).copied().collect(),
        _ => piece.to_vec(),
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    let second_upper = text.chars().nth(1).is_some_and(char::is_uppercase);
    if second_upper {
        return text.to_owned();
    }
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}

/// The time that stands within this piece, when each piece has one of its own.
fn own_when(parts: &Parts<'_>, pieces: &[Vec<&Token>], i: usize) -> Option<When> {
    let starts: Vec<usize> = pieces.iter().filter_map(|p| p.first().map(|t| t.start)).collect();
    let at = |m: &Mention| parts.tokens[m.span.start].start;
    let within = |i: usize| {
        let (from, to) = (if i == 0 { 0 } else { starts[i] }, starts.get(i + 1).copied().unwrap_or(usize::MAX));
        let inside = parts.mentions.iter().filter(|m| (from..to).contains(&at(m)));
        inside.fold(When::default(), |w, m| w.merged(m.when).unwrap_or(w))
    };
    let later = (1..pieces.len()).filter(|k| !within(*k).is_empty()).count();
    let mine = within(i);
    // "buy milk and call mom tomorrow": one date at the end is for all.
    let shared = later <= 1 && within(0).is_empty() && pieces.len() > 1 && !within(pieces.len() - 1).is_empty();
    if shared { None } else { Some(mine) }
}

/// Lines of a list, without their bullets.
pub(crate) fn lines<'a>(tokens: &[&'a Token]) -> Vec<Vec<&'a Token>> {
    let lines = tokens.split(|t| t.text == "\n" && !t.quoted);
    let clean = lines.map(|line| {
        let bullet =
            longest(line, &["-|*|•|+", "1|2|3|4|5|6|7|8|9|10 [.|)]", "[ ]"]).filter(|n| *n < line.len()).unwrap_or(0);
        line[bullet..].to_vec()
    });
    clean.filter(|line| line.iter().any(|t| t.is_word())).collect()
}

/// A heading and its lines, or one task a line. Anything that is no list is one task with the rest as its note.
pub(crate) fn several_lines(sentence: &Sentence, lines: &[Vec<&Token>]) -> Option<Intent> {
    let (first, rest) = lines.split_first()?;
    let heading = first.last().is_some_and(|t| t.text == ":")
        || matches!(adding(sentence, first), Some(Intent::Ask(Missing::Title(_))));
    let as_tasks = |lines: &[Vec<&Token>]| {
        let drafts: Vec<Draft> = lines.iter().take(50).filter_map(|line| line_draft(sentence, line)).collect();
        (!drafts.is_empty()).then_some(Intent::Add(drafts))
    };
    if heading {
        let wanted = longest(first, &["add|create|remind|make|todo|tasks|put|set|my|new|i"]).is_some();
        return if wanted { as_tasks(rest) } else { None };
    }
    if lines.iter().all(|line| matches!(adding(sentence, line), Some(Intent::Add(_)))) {
        return as_tasks(lines);
    }
    let Some(Intent::Add(mut drafts)) = adding(sentence, first) else { return None };
    let note = rest.iter().map(|line| spelled(sentence, line)).collect::<Vec<_>>().join("\n");
    if let Some(draft) = drafts.first_mut() {
        draft.description.get_or_insert(shortened(&note, DESCRIPTION_MAX));
    }
    Some(Intent::Add(drafts))
}

/// One line of a list, or the answer to "What should I add?": whatever it says is the task.
pub(crate) fn line_draft(sentence: &Sentence, tokens: &[&Token]) -> Option<Draft> {
    if let Some(Intent::Add(drafts)) = adding(sentence, tokens) {
        return drafts.into_iter().next();
    }
    let parts = parts(sentence, tokens);
    let kept = parts.kept();
    let start = longest(&kept, &["to|about|for|that|it's|its|is|it|call|name [is|it|to|called] [about|called|to]"])
        .filter(|_| leading(&kept, "call|name").is_none())
        .unwrap_or(0);
    let text = title(sentence, &kept[start..]);
    let (title, rest) = fitted(&text);
    (!title.is_empty()).then(|| Draft {
        title,
        description: parts.note.clone().or(rest),
        when: parts.when(),
        hint: hint(tokens),
        priority: parts.priority,
    })
}
