//! From an intent to the next step of the turn: which tool to call, or what to say about the outcomes.
//!
//! One more intent: a file here with a function from what is known so far to a [`Step`], and its arm in [`act`].

mod add;
mod both;
mod change;
mod find;
mod show;

use crate::intent::{Intent, Talk};
use crate::transcript::{Done, Memory};
use crate::{Call, Step, reply};
use chrono::DateTime;
use chrono_tz::Tz;
use serde_json::{Value, json};

/// What is known in the middle of a turn.
pub(crate) struct Scene<'a> {
    pub(crate) calls: &'a [Done<'a>],
    pub(crate) memory: &'a Memory,
    pub(crate) now: DateTime<Tz>,
}

impl Scene<'_> {
    fn zone(&self) -> Tz {
        self.now.timezone()
    }

    /// The outcomes of a tool in this turn, oldest first.
    fn outcomes(&self, name: &str) -> Vec<(&Value, bool)> {
        self.calls.iter().filter(|c| c.name == name).filter_map(|c| c.outcome).collect()
    }

    /// The last outcome of a tool in this turn.
    fn outcome(&self, name: &str) -> Option<(&Value, bool)> {
        self.outcomes(name).pop()
    }
}

/// The next step towards the intent.
pub(crate) fn act(intent: Intent, scene: &Scene<'_>) -> Step {
    match intent {
        Intent::Add(drafts) => add::add(&drafts, scene),
        Intent::Ask(missing) => Step::Say(reply::missing(missing, scene.now)),
        Intent::Show(shape, target) => show::show(shape, &target, scene),
        Intent::Change(action, target) => change::change(&action, &target, scene),
        Intent::Instead(action, target) => match scene.outcome("undo") {
            None => call("undo", json!({})),
            Some((content, true)) => Step::Say(failed(content)),
            Some(_) => change::change(&action, &target, scene),
        },
        Intent::Agreed(action) => change::agreed(&action, scene),
        Intent::Report(target) => change::report(&target, scene),
        Intent::Both(first, second) => both::both(&first, *second, scene),
        Intent::Undo => undo(scene),
        Intent::Amend(_) | Intent::Yes | Intent::No => Step::Say(reply::talk(Talk::Nothing, scene.now)),
        Intent::Say(talk) => Step::Say(reply::talk(talk, scene.now)),
    }
}

fn call(name: &str, arguments: Value) -> Step {
    Step::Call(vec![Call { name: name.to_owned(), arguments }])
}

fn undo(scene: &Scene<'_>) -> Step {
    let Some((content, is_error)) = scene.outcome("undo") else { return call("undo", json!({})) };
    if is_error {
        return Step::Say(failed(content));
    }
    let what = content.get("undone").and_then(Value::as_str).unwrap_or("the last change");
    let tasks = content.get("tasks").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let lines = tasks.iter().take(10).filter_map(|task| {
        let title = task.get("title").and_then(Value::as_str)?;
        let now = task.get("now").and_then(Value::as_str).unwrap_or("changed back");
        Some(format!("{} is {now}", reply::bold(title)))
    });
    let lines: Vec<String> = lines.collect();
    let tail = if lines.is_empty() { String::new() } else { format!(" {}.", lines.join(", ")) };
    Step::Say(format!("Took back: {what}.{tail}"))
}

/// What a tool said when it refused everything.
fn failed(content: &Value) -> String {
    let said = content.as_str().or_else(|| content.get("message").and_then(Value::as_str)).map(str::to_owned);
    let reasons = errors(content);
    match (said, reasons.is_empty()) {
        (_, false) => format!("That did not work. {}", reasons.join(" ")),
        (Some(text), true) => format!("That did not work: {}", text.trim().replace('?', ".")),
        (None, true) => "That did not work, and nothing was changed.".to_owned(),
    }
}

/// The errors of single tasks, as sentences.
fn errors(content: &Value) -> Vec<String> {
    let rows = content.get("errors").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let text = |row: &Value| {
        let message = row.get("message").and_then(Value::as_str).unwrap_or("One task could not be changed");
        let id = row.get("id").and_then(Value::as_str).map_or(String::new(), |id| format!("{id}: "));
        format!("{id}{}.", message.trim_end_matches(['.', '?']))
    };
    rows.iter().map(text).collect()
}

/// The text with the errors of single tasks after it.
fn with_errors(text: String, content: &Value) -> String {
    let errors = errors(content);
    if errors.is_empty() { text } else { format!("{text}\n\nNot done: {}", errors.join(" ")) }
}
