//! Makes tasks and says which.

use super::{Scene, call, failed, with_errors};
use crate::intent::Draft;
use crate::task::{Task, write_due};
use crate::when::{Due, due};
use crate::{Step, reply};
use chrono::Timelike;
use serde_json::{Map, Value, json};

pub(super) fn add(drafts: &[Draft], scene: &Scene<'_>) -> Step {
    let Some((content, is_error)) = scene.outcome("create_tasks") else {
        let tasks: Vec<Value> = drafts.iter().take(50).map(|d| arguments(d, scene)).collect();
        return call("create_tasks", json!({ "tasks": tasks }));
    };
    let tasks = Task::list(content, "tasks", scene.zone());
    if is_error || tasks.is_empty() {
        return Step::Say(failed(content));
    }
    let text = match &tasks[..] {
        [task] => format!("Added {}.", reply::line(task, scene.now)),
        _ => format!(
            "Added {}:\n\n{}",
            reply::counted(tasks.len(), "task"),
            reply::numbered(&tasks.iter().collect::<Vec<_>>(), scene.now)
        ),
    };
    let text = with_errors(text, content);
    Step::Say([text].into_iter().chain(remarks(drafts, &tasks)).collect::<Vec<_>>().join(" "))
}

fn arguments(draft: &Draft, scene: &Scene<'_>) -> Value {
    let mut task = Map::new();
    task.insert("title".to_owned(), json!(draft.title));
    if let Some(text) = &draft.description {
        task.insert("description".to_owned(), json!(text));
    }
    if let Some(due) = due(&draft.when, scene.now, draft.hint) {
        task.insert("due".to_owned(), json!(write_due(due)));
    }
    if let Some(priority) = draft.priority {
        task.insert("priority".to_owned(), json!(priority));
    }
    Value::Object(task)
}

/// What the user would otherwise take for granted: repeating, an hour that the clocks skip, a reminder without a name.
fn remarks(drafts: &[Draft], tasks: &[Task]) -> Vec<String> {
    let mut remarks = Vec::new();
    if drafts.iter().any(|d| d.when.repeats) {
        remarks.push("It does not repeat: repeating tasks are not supported yet.".to_owned());
    }
    for (draft, task) in drafts.iter().zip(tasks) {
        if let (Some(clock), Some(Due::At(at))) = (draft.when.clock, task.due)
            && (at.minute() != clock.minute || at.hour() % 12 != clock.hour % 12)
        {
            remarks.push(format!(
                "{:02}:{:02} does not exist on that day because the clocks change.",
                clock.hour, clock.minute
            ));
        }
    }
    if matches!(drafts, [d] if matches!(d.title.as_str(), "Reminder" | "Event" | "Task")) {
        remarks.push("It has no name yet; “call it …” gives it one.".to_owned());
    }
    remarks
}
