//! Answers questions about tasks.

use super::find::{Found, PAGES, referred};
use super::{Scene, call, failed};
use crate::intent::Shape;
use crate::target::{Pick, Target};
use crate::task::Task;
use crate::when::{Day, dates, range};
use crate::{Step, reply};
use serde_json::{Map, Value, json};

pub(super) fn show(shape: Shape, target: &Target, scene: &Scene<'_>) -> Step {
    if let Some(found) = referred(target, "shown", scene) {
        return match found {
            Found::Tasks(tasks) => Step::Say(fitting(shape, target, &tasks.iter().collect::<Vec<_>>(), scene)),
            Found::Step(step) => step,
            Found::None(_) => Step::Say(reply::none_fits(&target.said)),
        };
    }
    let outcomes = scene.outcomes("list_tasks");
    let Some((content, is_error)) = outcomes.last().copied() else {
        return call("list_tasks", query(target, scene, None));
    };
    if is_error {
        return Step::Say(failed(content));
    }
    if let Some(cursor) = content.get("next_cursor").filter(|c| !c.is_null()) {
        if outcomes.len() < PAGES {
            return call("list_tasks", query(target, scene, Some(cursor)));
        }
        if let (PAGES, Some(word)) = (outcomes.len(), target.keyword()) {
            let mut sought = query(target, scene, None);
            sought["query"] = json!(word);
            return call("list_tasks", sought);
        }
    }
    let mut tasks: Vec<Task> = Vec::new();
    for task in outcomes.iter().flat_map(|(c, _)| Task::list(c, "tasks", scene.zone())) {
        if !tasks.iter().any(|t| t.id == task.id) {
            tasks.push(task);
        }
    }
    Step::Say(answer(shape, target, &tasks.iter().collect::<Vec<_>>(), scene))
}

/// The filters that the tool can apply. With words to look for, dates are compared here, so that a near miss can be told.
fn query(target: &Target, scene: &Scene<'_>, cursor: Option<&Value>) -> Value {
    let mut query = Map::new();
    let status = match target.status {
        Some("overdue") | None => "open",
        Some(status) => status,
    };
    query.insert("status".to_owned(), json!(status));
    if target.status == Some("overdue") {
        query.insert("overdue".to_owned(), json!(true));
    }
    if let Some(priority) = target.priority.filter(|p| *p != "high") {
        query.insert("priority".to_owned(), json!(priority));
    }
    let words = !target.words.is_empty() || !target.kinds.is_empty();
    if let Some(day) =
        target.when.day.filter(|_| !words && target.when.bound.is_none() && target.status != Some("completed"))
    {
        let (from, to) = range(day, scene.now.date_naive());
        query.insert("due_from".to_owned(), json!(from.to_string()));
        query.insert("due_to".to_owned(), json!(to.to_string()));
    }
    query.insert("sort".to_owned(), json!("due"));
    query.insert("limit".to_owned(), json!(100));
    if let Some(cursor) = cursor {
        query.insert("cursor".to_owned(), cursor.clone());
    }
    Value::Object(query)
}

fn answer(shape: Shape, target: &Target, tasks: &[&Task], scene: &Scene<'_>) -> String {
    let now = scene.now;
    let mut able: Vec<&Task> = tasks.iter().filter(|t| target.has_quality(t, now)).copied().collect();
    able.sort_by_key(|t| t.order(scene.zone()));
    let dated = target.status != Some("completed");
    let timely: Vec<&Task> = able.iter().filter(|t| !dated || target.is_timely(t, now)).copied().collect();
    let timely = nearest_day(target, timely, scene);
    let strict = target.named(&timely, true);
    let span = reply::span_words(&target.when, now);
    if !strict.is_empty() || (target.words.is_empty() && target.kinds.is_empty()) {
        return fitting(shape, target, &picked(target, strict, scene), scene);
    }
    if shape == Shape::Count {
        return format!("0: no {}{span}.", noun(target));
    }
    // The name fits on another day.
    let elsewhere = target.named(&able, true);
    if !elsewhere.is_empty() && !target.when.is_empty() {
        let container = crate::pattern::has(&crate::words::Sentence::new(&target.said).all(), &["list|lists"]);
        let lead =
            if container { String::new() } else { format!("Not{span}, but: ").replace("Not, but", "Not then, but") };
        return format!("{lead}\n\n{}", reply::numbered(&elsewhere, now)).trim_start().to_owned();
    }
    let everything = crate::pattern::has(
        &crate::words::Sentence::new(&target.said).all(),
        &["list|lists|calendar|schedule|agenda|todo"],
    );
    if timely.is_empty() || (!everything && !target.words.is_empty() && target.when.is_empty()) {
        return format!("No, there is no {}{span}.", noun(target));
    }
    format!(
        "No {} by that name{span}; what there is:\n\n{}",
        noun(target),
        reply::numbered(&picked(target, timely, scene), now)
    )
}

/// On a Friday "friday" is today, and next week's only if today has nothing.
fn nearest_day<'t>(target: &Target, timely: Vec<&'t Task>, scene: &Scene<'_>) -> Vec<&'t Task> {
    let Some(day @ Day::Weekday { .. }) = target.when.day.filter(|_| target.when.bound.is_none()) else {
        return timely;
    };
    let options = dates(day, scene.now.date_naive());
    let on = |date| timely.iter().filter(|t| t.date() == Some(date)).copied().collect::<Vec<_>>();
    options.iter().map(|d| on(*d)).find(|tasks| !tasks.is_empty()).unwrap_or_default()
}

fn picked<'t>(target: &Target, tasks: Vec<&'t Task>, scene: &Scene<'_>) -> Vec<&'t Task> {
    match target.pick {
        None => tasks,
        Some(Pick::Next) => tasks
            .iter()
            .find(|t| t.due.is_some() && !t.is_overdue(scene.now))
            .or_else(|| tasks.first())
            .copied()
            .into_iter()
            .collect(),
        Some(Pick::Last) => {
            tasks.iter().rfind(|t| t.due.is_some()).or_else(|| tasks.last()).copied().into_iter().collect()
        }
    }
}

/// What was asked for, in the singular.
fn noun(target: &Target) -> String {
    let words: Vec<&str> = target.words.iter().map(String::as_str).collect();
    if words.is_empty() && target.kinds.is_empty() {
        return "task".to_owned();
    }
    let said = crate::words::Sentence::new(&target.said);
    let kept = said.tokens.iter().filter(|t| {
        target.words.contains(&crate::lexicon::stem(t.base())) || target.kinds.contains(&crate::lexicon::stem(t.base()))
    });
    let text = kept.map(|t| t.base().to_owned()).collect::<Vec<_>>().join(" ");
    format!("task for “{}”", crate::title::shortened(&text.replace('?', ""), 60))
}

fn fitting(shape: Shape, target: &Target, tasks: &[&Task], scene: &Scene<'_>) -> String {
    let now = scene.now;
    let span = reply::span_words(&target.when, now);
    let quality = match (target.status, target.priority) {
        (Some("completed"), _) => "completed ",
        (Some("archived"), _) => "archived ",
        (Some("in_progress"), _) => "started ",
        (Some("overdue"), _) => "overdue ",
        (_, Some("high")) => "high-priority ",
        (_, Some("low")) => "low-priority ",
        (_, Some("urgent")) => "urgent ",
        _ => "",
    };
    if tasks.is_empty() {
        let open = if quality.is_empty() { "open " } else { quality };
        return match shape {
            Shape::Count => format!("You have 0 {open}tasks{span}."),
            Shape::Whether => format!("No, you have no {open}tasks{span}."),
            Shape::All | Shape::Time => format!("You have no {open}tasks{span}."),
        };
    }
    if let (Shape::Time, [task]) = (shape, tasks) {
        return match task.due {
            Some(due) => format!("{} is {}.", reply::bold(&task.title), reply::due_words(due, now)),
            None => format!("{} has no due date.", reply::bold(&task.title)),
        };
    }
    if target.pick.is_some()
        && let [task] = tasks
    {
        return format!("That is {}.", reply::line(task, now));
    }
    let yes = if shape == Shape::Whether { "Yes, you" } else { "You" };
    format!(
        "{yes} have {} {quality}{}{span}:\n\n{}",
        tasks.len(),
        if tasks.len() == 1 { "task" } else { "tasks" },
        reply::numbered(tasks, now)
    )
}
