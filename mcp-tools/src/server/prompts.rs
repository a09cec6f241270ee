//! `prompts/*`: conversations that a person can begin by name. The words are the text files in `prompts/`; what is filled in are the
//! person's own tasks, as data between markers.
//!
//! To add one: the file, its line in [`FILES`], its entry in [`list`], its variables in `prompt`, and a line in the tests.

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, TimeDelta};
use chrono_tz::Tz;
use errand_core::{
    Caller, Result, Slice,
    task::{Status, Task, TaskFilter, TaskOrder, TaskSet},
};
use minijinja::{Environment, UndefinedBehavior, Value, context};
use rmcp::{
    ErrorData,
    model::{CacheScope, GetPromptResult, JsonObject, ListPromptsResult, Prompt, PromptArgument, PromptMessage, Role},
};

use super::{
    TaskServer,
    meta::{fault, wrong},
};
use crate::{
    data::Block,
    due, id,
    view::{DatedView, TaskView},
};

const PLAN_DAY: &str = "plan_day";
const WEEKLY_REVIEW: &str = "weekly_review";
/// The prompt whose argument is a task.
pub(super) const BREAK_DOWN: &str = "break_down";

/// Every prompt by its name.
const FILES: [(&str, &str); 3] = [
    (PLAN_DAY, include_str!("../../../prompts/plan_day.j2")),
    (WEEKLY_REVIEW, include_str!("../../../prompts/weekly_review.j2")),
    (BREAK_DOWN, include_str!("../../../prompts/break_down.j2")),
];
/// How long a client may take the list for right, in milliseconds.
const FRESH: u64 = 60_000;

/// The prompts, compiled once. Strict: a variable that is not given is an error and not an empty place.
static PROMPTS: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut prompts = Environment::new();
    prompts.set_undefined_behavior(UndefinedBehavior::Strict);
    for (name, text) in FILES {
        prompts.add_template(name, text).expect("the prompts are part of the program and compiled in a test");
    }
    prompts
});

/// Whether there is a prompt of this name.
pub(super) fn is_one(name: &str) -> bool {
    FILES.iter().any(|(file, _)| *file == name)
}

pub(super) fn list() -> ListPromptsResult {
    let prompt =
        |name, title: &str, description, arguments| Prompt::new(name, Some(description), arguments).with_title(title);
    let date =
        PromptArgument::new("date").with_description("YYYY-MM-DD; today when it is left out").with_required(false);
    let task = PromptArgument::new("task").with_description("an id such as t_12, or a title").with_required(true);
    let prompts = vec![
        prompt(PLAN_DAY, "Plan the day", "Put the tasks of a day into an order", Some(vec![date])),
        prompt(WEEKLY_REVIEW, "Weekly review", "Look back at the week and ahead to the next", None),
        prompt(BREAK_DOWN, "Break a task down", "Make steps of a task that is too large", Some(vec![task])),
    ];
    ListPromptsResult::with_all_items(prompts).with_ttl_ms(FRESH).with_cache_scope(CacheScope::Private)
}

impl TaskServer {
    /// The prompt called `name`.
    ///
    /// # Errors
    /// Invalid parameters, for a prompt that is not there, an argument that it does not have or that makes no sense.
    pub(super) async fn prompt(
        &self,
        caller: &Caller,
        name: &str,
        arguments: JsonObject,
    ) -> Result<GetPromptResult, ErrorData> {
        let now = self.app.clock.now().with_timezone(&caller.zone);
        let variables = match name {
            PLAN_DAY => {
                let date = argument(arguments, "date")?;
                let day = date.map(|text| due::day("date", &text)).transpose();
                let day = day.map_err(|why| ErrorData::invalid_params(why, None))?.unwrap_or(now.date_naive());
                let tasks = self.of_day(caller, day).await.map_err(fault)?;
                context! { day => day.format("%A, %Y-%m-%d").to_string(), ..listed(&tasks, caller, now) }
            }
            WEEKLY_REVIEW => {
                argument(arguments, "")?;
                listed(&self.of_week(caller, now).await.map_err(fault)?, caller, now)
            }
            BREAK_DOWN => {
                let named = argument(arguments, "task")?.ok_or_else(|| wrong("task", "is missing"))?;
                let task = id::read(&named).map_err(|why| ErrorData::invalid_params(why, None))?;
                let task = self.app.task(caller, &task).await.map_err(fault)?;
                let block = Block::of([DatedView::of(&task, caller.zone)]);
                context! { task => block.text, id => id::of(&task), ..at(now) }
            }
            _ => return Err(ErrorData::invalid_params(format!("there is no prompt {name}"), None)),
        };
        let text = PROMPTS.get_template(name).and_then(|prompt| prompt.render(variables));
        let text = text.expect("each prompt is rendered with these variables in a test");
        Ok(GetPromptResult::new(vec![PromptMessage::new_text(Role::User, text.trim())]))
    }

    /// What is open: first what is due until `day`, then the most important.
    async fn of_day(&self, caller: &Caller, day: NaiveDate) -> Result<Vec<Task>> {
        let due = TaskFilter { due_to: Some(day), ..open(TaskOrder::Due) };
        let mut tasks = self.app.tasks(caller, &due, 50, None).await?.tasks;
        let others = self.app.tasks(caller, &open(TaskOrder::Priority), 50, None).await?.tasks;
        let others: Vec<_> = others.into_iter().filter(|task| tasks.iter().all(|due| due.id != task.id)).collect();
        tasks.extend(others);
        Ok(tasks)
    }

    /// Of the newest hundred that are completed, what changed in the last seven days; then what is open, what is due first comes first.
    async fn of_week(&self, caller: &Caller, now: DateTime<Tz>) -> Result<Vec<Task>> {
        let mut tasks = self.app.newest_tasks(caller, TaskSet::Completed, Slice::new(Slice::LIMIT_MAX, 0)?).await?;
        tasks.retain(|task| task.updated_at > now - TimeDelta::days(7));
        tasks.extend(self.app.tasks(caller, &open(TaskOrder::Due), 100, None).await?.tasks);
        Ok(tasks)
    }
}

fn open(order: TaskOrder) -> TaskFilter {
    TaskFilter { statuses: vec![Status::Pending, Status::InProgress], order, ..TaskFilter::default() }
}

/// The one argument that a prompt takes; none when it is left out or empty.
fn argument(mut arguments: JsonObject, name: &str) -> Result<Option<String>, ErrorData> {
    let given = arguments.remove(name);
    if let Some(other) = arguments.keys().next() {
        return Err(ErrorData::invalid_params(format!("there is no argument {other}"), None));
    }
    match given {
        None => Ok(None),
        Some(serde_json::Value::String(text)) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Some(_) => Err(ErrorData::invalid_params(format!("{name} must be a string"), None)),
    }
}

fn listed(tasks: &[Task], caller: &Caller, now: DateTime<Tz>) -> Value {
    let block = Block::of(tasks.iter().map(|task| TaskView::concise(task.into(), caller.zone)));
    context! { tasks => block.text, more => block.left_out, ..at(now) }
}

fn at(now: DateTime<Tz>) -> Value {
    context! {
        weekday => now.format("%A").to_string(),
        date => now.format("%Y-%m-%d").to_string(),
        time => now.format("%H:%M").to_string(),
        offset => now.format("%:z").to_string(),
        zone => now.timezone().name(),
    }
}
