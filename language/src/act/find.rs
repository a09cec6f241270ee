//! Finds the tasks that a description means, with as many calls as it takes; asks when several fit, never guesses.

use super::{Scene, call};
use crate::reference::Reference;
use crate::target::{Pick, Target};
use crate::task::Task;
use crate::transcript::{Done, Shown};
use crate::{Step, reply};
use serde_json::{Value, json};

/// The most pages of a listing that are read in one turn.
pub(super) const PAGES: usize = 4;

/// How far the search is.
pub(super) enum Found {
    /// These are meant.
    Tasks(Vec<Task>),
    /// A call is needed, or a question.
    Step(Step),
    /// Nothing fits; tasks that come near.
    None(Vec<Task>),
}

/// Which tasks are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scope {
    /// The `status` of the listing.
    pub(super) status: &'static str,
    /// Where to look when nothing there fits.
    pub(super) then: Option<&'static str>,
    /// What happens to the task, for the question: "deleted".
    pub(super) verb: &'static str,
}

pub(super) fn find(target: &Target, scope: Scope, scene: &Scene<'_>) -> Found {
    if let Some(found) = referred(target, scope.verb, scene) {
        return found;
    }
    let (tasks, step) = sought(scope.status, target, scene);
    if let Some(step) = step {
        return Found::Step(step);
    }
    let open: Vec<&Task> = tasks.iter().collect();
    match choose(target, &open, scope, scene) {
        Found::None(near) if near.is_empty() => {}
        found => return found,
    }
    let Some(then) = scope.then.filter(|_| !target.words.is_empty() && scene.calls.len() < PAGES) else {
        return Found::None(nearest(target, &open));
    };
    let (more, step) = listed(then, scene);
    if let Some(step) = step {
        return Found::Step(step);
    }
    match choose(target, &more.iter().collect::<Vec<_>>(), scope, scene) {
        Found::None(_) => Found::None(nearest(target, &open)),
        found => found,
    }
}

/// As [`listed`]; where there are more pages than are read, also the tasks that have the most telling word of the target.
fn sought(status: &str, target: &Target, scene: &Scene<'_>) -> (Vec<Task>, Option<Step>) {
    let (mut tasks, step) = listed(status, scene);
    let last = pages(status, scene).filter_map(|c| c.outcome).last();
    let cut = last.is_some_and(|(content, _)| content.get("next_cursor").is_some_and(|c| !c.is_null()));
    let (None, true, Some(word)) = (&step, cut, target.keyword()) else { return (tasks, step) };
    let found = scene.calls.iter().find(|c| c.name == "list_tasks" && c.arguments.get("query").is_some());
    let Some((content, _)) = found.and_then(|c| c.outcome) else {
        let arguments = json!({ "status": status, "query": word, "sort": "due", "limit": 100 });
        return (tasks, Some(call("list_tasks", arguments)));
    };
    for task in Task::list(content, "tasks", scene.zone()) {
        if !tasks.iter().any(|t| t.id == task.id) {
            tasks.push(task);
        }
    }
    (tasks, None)
}

/// The calls of this turn that listed a status page by page.
fn pages<'s>(status: &'s str, scene: &'s Scene<'_>) -> impl Iterator<Item = &'s Done<'s>> {
    scene.calls.iter().filter(move |c| {
        c.name == "list_tasks"
            && c.arguments.get("query").is_none()
            && c.arguments.get("status").and_then(Value::as_str) == Some(status)
    })
}

/// All tasks of a status: those read so far, and the call for the next page if there is one.
pub(super) fn listed(status: &str, scene: &Scene<'_>) -> (Vec<Task>, Option<Step>) {
    let mut tasks = Vec::new();
    let mut read = 0;
    let mut cursor: Option<&Value> = None;
    for done in pages(status, scene) {
        let Some((content, is_error)) = done.outcome else { continue };
        if is_error {
            return (tasks, Some(Step::Say(super::failed(content))));
        }
        read += 1;
        tasks.extend(Task::list(content, "tasks", scene.zone()));
        cursor = content.get("next_cursor").filter(|c| !c.is_null());
    }
    let mut arguments = json!({ "status": status, "sort": "due", "limit": 100 });
    match cursor {
        Some(cursor) if read < PAGES => {
            arguments["cursor"] = cursor.clone();
            (tasks, Some(call("list_tasks", arguments)))
        }
        None if read == 0 => (tasks, Some(call("list_tasks", arguments))),
        _ => (tasks, None),
    }
}

/// The tasks that the references point at; `None` if there are none, or nothing to point at.
pub(super) fn referred(target: &Target, verb: &str, scene: &Scene<'_>) -> Option<Found> {
    if target.references.is_empty() {
        return None;
    }
    let ids: Vec<&str> = target
        .references
        .iter()
        .filter_map(|r| if let Reference::Id(id) = r { Some(id.as_str()) } else { None })
        .collect();
    let shown = pointed(&target.references, scene);
    if ids.is_empty() && shown.is_empty() {
        return None;
    }
    let wanted: Vec<String> =
        ids.iter().map(|id| (*id).to_owned()).chain(shown.iter().filter_map(|s| s.id.clone())).collect();
    let several = matches!(target.references[..], [Reference::It]) && wanted.len() > 1;
    if wanted.is_empty() {
        return by_title(&shown, scene);
    }
    let Some((content, is_error)) = scene.outcome("get_tasks") else {
        return Some(Found::Step(call("get_tasks", json!({ "ids": wanted }))));
    };
    let found = Task::list(content, "tasks", scene.zone());
    if is_error || found.is_empty() {
        return Some(Found::Step(Step::Say(super::failed(content))));
    }
    let narrowed: Vec<Task> = target.named(&found.iter().collect::<Vec<_>>(), true).into_iter().cloned().collect();
    let found = if narrowed.is_empty() { found } else { narrowed };
    if several && found.len() > 1 {
        return Some(Found::Step(Step::Say(reply::which(verb, &found.iter().collect::<Vec<_>>(), scene.now))));
    }
    Some(Found::Tasks(found))
}

/// When the history was cut before the ids, the titles still tell.
fn by_title(shown: &[Shown], scene: &Scene<'_>) -> Option<Found> {
    let (tasks, step) = listed("all", scene);
    if let Some(step) = step {
        return Some(Found::Step(step));
    }
    let found: Vec<Task> = tasks
        .into_iter()
        .filter(|t| shown.iter().any(|s| reply::bold(&t.title) == format!("**{}**", s.title)))
        .collect();
    (!found.is_empty()).then_some(Found::Tasks(found))
}

/// What the references mean in what was shown.
fn pointed(references: &[Reference], scene: &Scene<'_>) -> Vec<Shown> {
    let memory = scene.memory;
    let list = if memory.listed.is_empty() { &memory.focus } else { &memory.listed };
    let mut found: Vec<Shown> = Vec::new();
    for reference in references {
        let more: Vec<Shown> = match reference {
            Reference::It => memory.focus.clone(),
            Reference::Them | Reference::Both => {
                if memory.focus.len() > 1 || memory.list_is_newest {
                    memory.focus.clone()
                } else {
                    list.clone()
                }
            }
            Reference::Nth(-1) if !memory.list_is_newest && memory.touched && memory.listed.is_empty() => {
                memory.focus.last().cloned().into_iter().collect()
            }
            Reference::Nth(n) => nth(list, *n).into_iter().collect(),
            Reference::First(n) => list.iter().take(*n).cloned().collect(),
            Reference::Last(n) => list.iter().skip(list.len().saturating_sub(*n)).cloned().collect(),
            Reference::Other => list.iter().filter(|s| !memory.focus.contains(s)).cloned().collect(),
            Reference::Id(_) => Vec::new(),
        };
        for shown in more {
            if !found.contains(&shown) {
                found.push(shown);
            }
        }
    }
    found
}

fn nth(list: &[Shown], n: i32) -> Option<Shown> {
    let at = usize::try_from(n.unsigned_abs()).ok()?;
    if n < 0 { list.iter().rev().nth(at - 1).cloned() } else { list.get(at.checked_sub(1)?).cloned() }
}

/// Of these tasks the ones that fit the description.
fn choose(target: &Target, tasks: &[&Task], scope: Scope, scene: &Scene<'_>) -> Found {
    let now = scene.now;
    let spared: Vec<Shown> = target.except.as_ref().map_or_else(Vec::new, |e| pointed(&e.references, scene));
    let is_spared = |t: &Task| spared.iter().any(|s| s.id.as_deref() == Some(t.id.as_str()));
    let able: Vec<&Task> = tasks.iter().filter(|t| target.has_quality(t, now) && !is_spared(t)).copied().collect();
    if target.except.as_ref().is_some_and(|e| spared.is_empty() && !tasks.iter().any(|t| e.fits(t, now))) {
        // What shall be left alone is not there: something else was meant.
        return Found::None(Vec::new());
    }
    let timely: Vec<&Task> = able.iter().filter(|t| target.is_timely(t, now)).copied().collect();
    let mut fits = target.named(&timely, true);
    if let Some(pick) = target.pick {
        fits = picked(pick, &fits, scene);
    }
    if fits.is_empty() && target.each.len() > 1 {
        let each: Vec<Vec<&Task>> = target.each.iter().map(|one| one.named(&timely, true)).collect();
        if each.iter().all(|found| found.len() == 1) {
            return Found::Tasks(each.into_iter().flatten().cloned().collect());
        }
    }
    if fits.is_empty() && !target.when.is_empty() && !target.words.is_empty() {
        // The name fits, the date does not: never act on it, but say what there is.
        return Found::None(target.named(&able, true).into_iter().cloned().collect());
    }
    let vague = target.is_empty() || (!target.is_described() && !target.everything);
    match &fits[..] {
        [] => Found::None(Vec::new()),
        [one] if !vague => Found::Tasks(vec![(*one).clone()]),
        several if target.group && !vague => Found::Tasks(several.iter().map(|t| (*t).clone()).collect()),
        several => Found::Step(Step::Say(reply::which(scope.verb, several, now))),
    }
}

fn picked<'t>(pick: Pick, fits: &[&'t Task], scene: &Scene<'_>) -> Vec<&'t Task> {
    let mut sorted = fits.to_vec();
    sorted.sort_by_key(|t| t.order(scene.zone()));
    let dated = |t: &&&Task| t.due.is_some();
    let one = match pick {
        Pick::Next => sorted.iter().filter(dated).find(|t| !t.is_overdue(scene.now)).or_else(|| sorted.first()),
        Pick::Last => sorted.iter().rfind(dated).or_else(|| sorted.last()),
    };
    one.copied().into_iter().collect()
}

/// Tasks whose title has some of the words.
fn nearest(target: &Target, tasks: &[&Task]) -> Vec<Task> {
    if target.words.len() + target.kinds.len() < 2 {
        return Vec::new();
    }
    target.nearly(tasks).into_iter().cloned().collect()
}
