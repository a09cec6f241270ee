//! The conversation as turns, and what can be remembered from it: what was shown, what was touched, what was asked.
//!
//! There is no other memory. What the assistant said is read back from its own text: titles in bold, lists numbered, questions
//! with the fixed endings of [`crate::reply`].

use crate::Line;
use crate::reply;
use crate::task::Task;
use chrono_tz::Tz;
use serde_json::Value;

/// A call of a turn and what came back, if it has.
#[derive(Debug, Clone)]
pub(crate) struct Done<'a> {
    pub(crate) name: &'a str,
    pub(crate) arguments: &'a Value,
    pub(crate) outcome: Option<(&'a Value, bool)>,
}

/// One turn: what the user said, what was called, what was answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turn<'a> {
    pub(crate) user: &'a str,
    pub(crate) calls: Vec<Done<'a>>,
    pub(crate) said: Option<&'a str>,
}

/// The turns of a conversation, the current one last. What comes before the first user line has no turn and is left out.
pub(crate) fn turns(lines: &[Line]) -> Vec<Turn<'_>> {
    let mut turns: Vec<Turn<'_>> = Vec::new();
    let mut ids: Vec<&str> = Vec::new();
    for line in lines {
        if let Line::User(text) = line {
            ids.clear();
            turns.push(Turn { user: text, ..Turn::default() });
            continue;
        }
        if turns.is_empty() {
            turns.push(Turn::default());
        }
        let Some(turn) = turns.last_mut() else { continue };
        match line {
            Line::User(_) => {}
            Line::Call { id, name, arguments } => {
                ids.push(id);
                turn.calls.push(Done { name, arguments, outcome: None });
            }
            Line::Outcome { call_id, content, is_error } => {
                let at = ids.iter().rposition(|id| id == call_id);
                if let Some(call) = at.and_then(|i| turn.calls.get_mut(i)) {
                    call.outcome = Some((content, *is_error));
                }
            }
            Line::Assistant(text) => turn.said = Some(text),
        }
    }
    turns
}

/// A task that was mentioned; its id may be out of sight when the history was cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) title: String,
    pub(crate) id: Option<String>,
}

/// What earlier turns left behind.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory {
    /// The last numbered list.
    pub(crate) listed: Vec<Shown>,
    /// What was mentioned last.
    pub(crate) focus: Vec<Shown>,
    /// Whether the focus was made or changed, not only shown.
    pub(crate) touched: bool,
    /// Whether the numbered list is younger than the last change.
    pub(crate) list_is_newest: bool,
    pub(crate) question: Option<reply::Question>,
}

impl Memory {
    /// What can be known after these turns.
    pub(crate) fn after(turns: &[Turn<'_>], zone: Tz) -> Self {
        let mut memory =
            Self { question: turns.last().and_then(|t| t.said).and_then(reply::question), ..Self::default() };
        for turn in turns.iter().rev() {
            let shown = shown_in(turn, zone);
            if memory.focus.is_empty() && !shown.is_empty() {
                memory.touched = turn.calls.iter().any(|c| changes(c.name));
                memory.focus.clone_from(&shown);
            }
            let numbered = turn.said.is_some_and(|text| text.lines().any(|l| l.starts_with("1. **")));
            if numbered {
                memory.list_is_newest = memory.focus == shown;
                memory.listed = shown;
                break;
            }
        }
        memory
    }
}

/// Whether a tool changes anything.
pub(crate) fn changes(name: &str) -> bool {
    matches!(name, "create_tasks" | "update_tasks" | "complete_tasks" | "delete_tasks" | "undo")
}

/// The bold titles of the answer, with the ids that the turn's outcomes have for them.
fn shown_in(turn: &Turn<'_>, zone: Tz) -> Vec<Shown> {
    let mut known: Vec<(String, String)> = Vec::new();
    for call in &turn.calls {
        if let Some((content, false)) = call.outcome {
            for key in ["tasks", "deleted"] {
                known.extend(Task::list(content, key, zone).into_iter().map(|t| (reply::bold(&t.title), t.id)));
            }
        }
    }
    let mut shown = Vec::new();
    for title in turn.said.map(bold_parts).unwrap_or_default() {
        let at = known.iter().position(|(t, _)| *t == format!("**{title}**"));
        let id = at.map(|i| known[i].1.clone());
        if let Some(id) = &id {
            // The same task may stand in two outcomes; two tasks may have one title: each is taken once.
            known.retain(|(_, other)| other != id);
        }
        shown.push(Shown { title: title.to_owned(), id });
    }
    shown
}

/// The texts between pairs of asterisks.
fn bold_parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for line in text.lines() {
        let pieces: Vec<&str> = line.split("**").collect();
        parts.extend(pieces.iter().skip(1).step_by(2).take(pieces.len().saturating_sub(1) / 2).copied());
    }
    parts
}
