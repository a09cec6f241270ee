//! Changes tasks that exist and says what came of it.

use super::find::{Found, Scope, find};
use super::{Scene, call, failed, with_errors};
use crate::intent::deleting::is_pointed;
use crate::intent::{Action, Edit, Missing, Shift, Talk};
use crate::reference::Reference;
use crate::target::Target;
use crate::task::{Task, write_due};
use crate::when::{Due, Hint, When, at_local, due};
use crate::{Step, reply};
use chrono::{DateTime, Months, TimeDelta, Timelike};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

/// The tool that makes the change.
fn tool(action: &Action) -> &'static str {
    match action {
        Action::Delete => "delete_tasks",
        Action::Complete | Action::Reopen => "complete_tasks",
        Action::Edit(_) => "update_tasks",
    }
}

fn scope(action: &Action, target: &Target) -> Scope {
    let status = match target.status {
        Some("overdue") | None => None,
        Some(status) => Some(status),
    };
    match action {
        Action::Delete => Scope { status: status.unwrap_or("open"), then: Some("completed"), verb: "deleted" },
        Action::Complete => Scope { status: "open", then: None, verb: "marked as done" },
        Action::Reopen => Scope { status: "completed", then: Some("archived"), verb: "reopened" },
        Action::Edit(_) => Scope { status: status.unwrap_or("open"), then: Some("completed"), verb: "changed" },
    }
}

pub(super) fn change(action: &Action, target: &Target, scene: &Scene<'_>) -> Step {
    if let Some((content, is_error)) = scene.outcome(tool(action)) {
        return Step::Say(told(action, content, is_error, scene));
    }
    if *action == Action::Edit(Edit::default()) && !target.is_empty() {
        return Step::Say(format!(
            "{} is what I would move. {}",
            quoted(&target.said),
            reply::missing(Missing::Date, scene.now)
        ));
    }
    match find(target, scope(action, target), scene) {
        Found::Step(step) => step,
        Found::None(near) => Step::Say(none(target, &near, scene)),
        Found::Tasks(tasks) if must_confirm(action, target, &tasks) => {
            Step::Say(reply::confirm(&tasks.iter().collect::<Vec<_>>(), scene.now))
        }
        Found::Tasks(tasks) => apply(action, &tasks, scene),
    }
}

fn quoted(said: &str) -> String {
    format!("“{}”", crate::title::shortened(&said.replace(['*', '?'], ""), 60))
}

/// What to say when nothing fits.
fn none(target: &Target, near: &[Task], scene: &Scene<'_>) -> String {
    match near {
        [one] => reply::meant(&target.said, one, scene.now),
        [] => reply::none_fits(&target.said),
        several => format!(
            "{} These come near:\n\n{}",
            reply::none_fits(&target.said),
            reply::numbered(&several.iter().collect::<Vec<_>>(), scene.now)
        ),
    }
}

/// Deleting a group that was described, not pointed at, is asked about first.
fn must_confirm(action: &Action, target: &Target, tasks: &[Task]) -> bool {
    let described = target.references.is_empty()
        || target.everything
        || (target.references == [Reference::Them] && tasks.len() > 2);
    *action == Action::Delete
        && described
        && !is_pointed(&target.references)
        && ((tasks.len() > 1 && (target.group || !target.references.is_empty())) || target.everything)
}

/// The change of the tasks that a question listed, after "yes".
pub(super) fn agreed(action: &Action, scene: &Scene<'_>) -> Step {
    if let Some((content, is_error)) = scene.outcome(tool(action)) {
        return Step::Say(told(action, content, is_error, scene));
    }
    let target = Target { references: vec![Reference::Them], ..Target::default() };
    match find(&target, scope(action, &target), scene) {
        Found::Step(step) => step,
        Found::None(_) => Step::Say(reply::none_fits("")),
        Found::Tasks(tasks) => apply(action, &tasks, scene),
    }
}

/// "I paid the rent": completes the one task that fits; otherwise it was only said.
pub(super) fn report(target: &Target, scene: &Scene<'_>) -> Step {
    let action = Action::Complete;
    if let Some((content, is_error)) = scene.outcome(tool(&action)) {
        return Step::Say(told(&action, content, is_error, scene));
    }
    match find(target, scope(&action, target), scene) {
        Found::Tasks(tasks) if tasks.len() == 1 => apply(&action, &tasks, scene),
        Found::Step(step) => step,
        Found::Tasks(_) | Found::None(_) => Step::Say(reply::talk(Talk::Other(None), scene.now)),
    }
}

fn apply(action: &Action, tasks: &[Task], scene: &Scene<'_>) -> Step {
    let ids: Vec<&str> = tasks.iter().take(50).map(|t| t.id.as_str()).collect();
    match action {
        Action::Delete => call("delete_tasks", json!({ "ids": ids })),
        Action::Complete => call("complete_tasks", json!({ "ids": ids })),
        Action::Reopen => call("complete_tasks", json!({ "ids": ids, "completed": false })),
        Action::Edit(edit) => {
            let updates: Vec<Value> = tasks.iter().take(50).filter_map(|t| update(edit, t, scene.now)).collect();
            if updates.is_empty() {
                return Step::Say(
                    "It has no due date that could be moved. Give it one with “make it tomorrow at nine”.".to_owned(),
                );
            }
            call("update_tasks", json!({ "updates": updates }))
        }
    }
}

fn update(edit: &Edit, task: &Task, now: DateTime<Tz>) -> Option<Value> {
    let mut update = Map::new();
    update.insert("id".to_owned(), json!(task.id));
    let texts = [
        ("title", edit.title.as_deref()),
        ("description", edit.description.as_deref()),
        ("priority", edit.priority),
        ("status", edit.status),
    ];
    for (key, value) in texts {
        if let Some(value) = value {
            update.insert(key.to_owned(), json!(value));
        }
    }
    let mut clear: Vec<&str> = Vec::new();
    match edit.due {
        Some(Shift::Clear) => clear.push("due"),
        Some(shift) => {
            update.insert("due".to_owned(), json!(write_due(shifted(shift, task, now)?)));
        }
        None => {}
    }
    if edit.clear_description {
        clear.push("description");
    }
    if !clear.is_empty() {
        update.insert("clear".to_owned(), json!(clear));
    }
    Some(Value::Object(update))
}

/// The new due date; `None` if there is nothing to shift.
fn shifted(shift: Shift, task: &Task, now: DateTime<Tz>) -> Option<Due> {
    let zone = now.timezone();
    match (shift, task.due) {
        (Shift::To(when, hint), old) => {
            let date = task.date();
            let merged = match (when.day, when.clock, old) {
                // A new day keeps the time of day, a new time keeps the day.
                (Some(_), None, Some(Due::At(at))) if when.part.is_none() => {
                    let Due::Day(day) = due(&when, now, hint)? else { return due(&when, now, hint) };
                    return Some(Due::At(at_local(day.and_time(at.with_timezone(&zone).time()), zone)));
                }
                (None, _, _) if when.ahead.is_none() => {
                    When { day: date.filter(|d| *d >= now.date_naive()).map(crate::when::Day::Fixed), ..when }
                }
                _ => when,
            };
            due(&near_old(merged, old, hint), now, hint)
        }
        (Shift::Minutes(n), Some(Due::At(at))) => Some(Due::At(at + TimeDelta::try_minutes(n)?)),
        (Shift::Minutes(n), _) => Some(Due::At((now + TimeDelta::try_minutes(n)?).with_nanosecond(0)?)),
        (Shift::Days(n), Some(Due::Day(date))) => Some(Due::Day(date.checked_add_signed(TimeDelta::try_days(n)?)?)),
        (Shift::Days(n), Some(Due::At(at))) => {
            let local = at.with_timezone(&zone).naive_local().checked_add_signed(TimeDelta::try_days(n)?)?;
            Some(Due::At(at_local(local, zone)))
        }
        (Shift::Months(n), Some(old)) => {
            let (date, time) = match old {
                Due::Day(date) => (date, None),
                Due::At(at) => (at.with_timezone(&zone).date_naive(), Some(at.with_timezone(&zone).time())),
            };
            let months = Months::new(n.unsigned_abs());
            let date = if n < 0 { date.checked_sub_months(months) } else { date.checked_add_months(months) }?;
            Some(time.map_or(Due::Day(date), |t| Due::At(at_local(date.and_time(t), zone))))
        }
        (Shift::Clear, _) | (Shift::Days(_) | Shift::Months(_), None) => None,
    }
}

/// "make it eight": a dinner at seven in the evening moves to eight in the evening.
fn near_old(when: When, old: Option<Due>, hint: Hint) -> When {
    let (Some(mut clock), Some(Due::At(at))) = (when.clock, old) else { return when };
    let told = clock.half.is_some() || clock.sure || when.part.is_some() || hint == Hint::Evening;
    if told || when.day.is_none() {
        return when;
    }
    let (am, pm) = (clock.hour % 12, clock.hour % 12 + 12);
    let near = |h: u32| h.abs_diff(at.hour());
    clock.half = match (6..=22).contains(&am) {
        true if near(am) < near(pm) => Some(crate::when::Half::Am),
        false if at.hour() < 6 => Some(crate::when::Half::Am),
        _ => Some(crate::when::Half::Pm),
    };
    When { clock: Some(clock), ..when }
}

/// What came of the change.
fn told(action: &Action, content: &Value, is_error: bool, scene: &Scene<'_>) -> String {
    let key = if *action == Action::Delete { "deleted" } else { "tasks" };
    let tasks = Task::list(content, key, scene.zone());
    if is_error || tasks.is_empty() {
        return failed(content);
    }
    let names = tasks.iter().map(|t| reply::bold(&t.title)).collect::<Vec<_>>().join(", ");
    let lines = tasks.iter().map(|t| reply::line(t, scene.now)).collect::<Vec<_>>().join("; ");
    let text = match action {
        Action::Delete => {
            format!("Deleted {names}. “Undo” brings {} back.", if tasks.len() == 1 { "it" } else { "them" })
        }
        Action::Complete => format!("Marked {names} as done."),
        Action::Reopen => format!("Reopened {names}."),
        Action::Edit(edit) => match (&edit.title, edit.due, edit.priority, edit.status) {
            (Some(_), ..) => format!("Renamed: {lines}."),
            (None, Some(Shift::Clear), ..) => format!("{names} has no due date any more."),
            (None, Some(_), ..) => format!("Moved {lines}."),
            (None, None, Some(priority), _) => {
                format!("Set {names} to {priority}{}.", if priority == "urgent" { "" } else { " priority" })
            }
            (None, None, None, Some("in_progress")) => format!("{names} is now in progress."),
            (None, None, None, Some("archived")) => format!("Archived {names}."),
            _ => format!("Changed {lines}."),
        },
    };
    with_errors(text, content)
}
