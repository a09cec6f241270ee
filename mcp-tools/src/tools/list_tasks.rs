//! `list_tasks`: a page of the user's tasks.

use errand_core::{
    App, Caller, Result,
    task::{self, Cursor, TaskFilter, TaskOrder, TaskPage},
};
use rmcp::model::JsonObject;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    due, size,
    tool::{Ask, Effect, Failure, Tool},
    view::{Priority, TaskView},
};

/// How many tasks a page has when nothing else is asked for.
const PAGE: i64 = 20;

pub(crate) struct ListTasks;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// default open: pending, `in_progress`
    status: Option<StatusFilter>,
    priority: Option<Priority>,
    /// words that all occur in title or description
    query: Option<String>,
    /// YYYY-MM-DD
    due_from: Option<String>,
    /// YYYY-MM-DD, inclusive
    due_to: Option<String>,
    overdue: Option<bool>,
    /// default due
    sort: Option<Sort>,
    /// default concise; full has description, version
    detail: Option<Detail>,
    /// default 20
    #[schemars(range(min = 1, max = 100))]
    limit: Option<i64>,
    /// the last page's `next_cursor`
    cursor: Option<String>,
}

#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum StatusFilter {
    #[default]
    Open,
    Pending,
    InProgress,
    Completed,
    Archived,
    All,
}

#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Sort {
    #[default]
    Due,
    Created,
    Priority,
}

#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Detail {
    #[default]
    Concise,
    Full,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    tasks: Vec<TaskView>,
    /// matches on all pages
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl Tool for ListTasks {
    const NAME: &'static str = "list_tasks";
    const TITLE: &'static str = "List tasks";
    const DESCRIPTION: &'static str = "List, search or count (total) the user's tasks. All filters apply.";
    const EFFECT: Effect = Effect::Reads;
    type Input = Input;
    type Output = Output;

    async fn call(ask: &Ask<'_>, input: Input) -> Result<Output, Failure> {
        let filter = input.filter().map_err(Failure::Refused)?;
        let cursor = given(input.cursor).map(|cursor| cursor.parse::<Cursor>()).transpose();
        let cursor = cursor.map_err(|problem| Failure::Refused(problem.to_string()))?;
        let (detail, limit) = (input.detail.unwrap_or_default(), input.limit.unwrap_or(PAGE));
        Ok(page(ask.app, ask.caller, &filter, detail, limit, cursor).await?)
    }

    /// A list of what is overdue changes by itself.
    fn lasts(arguments: &JsonObject) -> bool {
        arguments.get("overdue").is_none_or(|overdue| *overdue == false)
    }
}

/// The open tasks, what is due first comes first: as many as fit.
pub(crate) async fn open(app: &App, caller: &Caller) -> Result<Output> {
    let filter = TaskFilter { statuses: statuses(StatusFilter::Open), ..TaskFilter::default() };
    page(app, caller, &filter, Detail::Concise, 100, None).await
}

async fn page(
    app: &App,
    caller: &Caller,
    filter: &TaskFilter,
    detail: Detail,
    mut limit: i64,
    cursor: Option<Cursor>,
) -> Result<Output> {
    loop {
        let TaskPage { tasks, total, next } = match detail {
            Detail::Concise => {
                let page = app.task_lines(caller, filter, limit, cursor).await?;
                page.map(|task| TaskView::concise(task, caller.zone))
            }
            Detail::Full => {
                let page = app.tasks(caller, filter, limit, cursor).await?;
                page.map(|task| TaskView::full(&task, caller.zone))
            }
        };
        let fitting = fitting(&tasks);
        if fitting == tasks.len() {
            return Ok(Output { tasks, total, next_cursor: next.map(|cursor| cursor.to_string()) });
        }
        // Asked for again with what fits, so that the core says where the next page begins.
        limit = i64::try_from(fitting).unwrap_or(PAGE);
    }
}

impl Input {
    fn filter(&self) -> Result<TaskFilter, String> {
        let day = |field, text: &Option<String>| given(text.clone()).map(|text| due::day(field, &text)).transpose();
        Ok(TaskFilter {
            statuses: statuses(self.status.unwrap_or_default()),
            priority: self.priority.map(Into::into),
            query: given(self.query.clone()),
            due_from: day("due_from", &self.due_from)?,
            due_to: day("due_to", &self.due_to)?,
            overdue: self.overdue.unwrap_or(false),
            order: match self.sort.unwrap_or_default() {
                Sort::Due => TaskOrder::Due,
                Sort::Created => TaskOrder::Newest,
                Sort::Priority => TaskOrder::Priority,
            },
        })
    }
}

fn statuses(status: StatusFilter) -> Vec<task::Status> {
    match status {
        StatusFilter::Open => vec![task::Status::Pending, task::Status::InProgress],
        StatusFilter::Pending => vec![task::Status::Pending],
        StatusFilter::InProgress => vec![task::Status::InProgress],
        StatusFilter::Completed => vec![task::Status::Completed],
        StatusFilter::Archived => vec![task::Status::Archived],
        StatusFilter::All => Vec::new(),
    }
}

/// A filter that is empty is none: models fill in what they do not need.
fn given(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// How many of `tasks` fit on a page, at least the first. They are told whole.
fn fitting(tasks: &[TaskView]) -> usize {
    if tasks.iter().map(TaskView::bytes_at_most).sum::<usize>() <= size::PAGE {
        return tasks.len(); // most pages: to count exactly is to write them once more
    }
    let mut bytes = 0;
    let fits = |task: &&TaskView| {
        bytes += size::of(task) + ",,".len();
        bytes <= size::PAGE
    };
    tasks.iter().take_while(fits).count().max(tasks.len().min(1))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use crate::bench::{Bench, ids, strings};

    const TOOL: &str = "list_tasks";

    async fn seven() -> Bench {
        let bench = Bench::new().await;
        let tasks = json!([
            {"title": "Milk and bread", "description": "from the corner shop"},
            {"title": "Dentist", "due": "2026-11-22T09:00:00+01:00", "priority": "urgent"},
            {"title": "Tax return", "due": "2026-11-20", "priority": "high", "status": "in_progress"},
            {"title": "100% wool", "due": "2026-11-21", "priority": "low"},
            {"title": "Old", "status": "archived"},
            {"title": "Done", "status": "completed", "due": "2026-11-19"},
            {"title": "ÉCLAIR", "due": "2026-11-22"},
        ]);
        bench.ok("create_tasks", json!({"tasks": tasks})).await;
        bench
    }

    #[rstest]
    #[case::open_by_due_date(json!({}), &["Tax return", "100% wool", "Dentist", "ÉCLAIR", "Milk and bread"])]
    #[case::newest(json!({"sort": "created"}), &["ÉCLAIR", "100% wool", "Tax return", "Dentist", "Milk and bread"])]
    #[case::by_priority(json!({"sort": "priority"}), &["Dentist", "Tax return", "ÉCLAIR", "Milk and bread", "100% wool"])]
    #[case::status(json!({"status": "In Progress"}), &["Tax return"])]
    #[case::all(json!({"status": "all", "sort": "created", "limit": 3}), &["ÉCLAIR", "Done", "Old"])]
    #[case::priority(json!({"priority": "high"}), &["Tax return"])]
    #[case::words(json!({"query": "SHOP  milk"}), &["Milk and bread"])]
    #[case::no_pattern(json!({"query": "0%"}), &["100% wool"])]
    #[case::other_letters(json!({"query": "éclair"}), &["ÉCLAIR"])]
    #[case::one_day(json!({"due_from": "2026-11-22", "due_to": "2026-11-22"}), &["Dentist", "ÉCLAIR"])]
    #[case::until(json!({"due_to": "2026-11-21", "status": "all"}), &["Done", "Tax return", "100% wool"])]
    #[case::overdue(json!({"overdue": true}), &["Tax return"])]
    #[case::fillers(json!({"query": "", "due_from": "", "cursor": "", "status": "", "priority": null, "limit": "1"}), &["Tax return"])]
    #[tokio::test]
    async fn filters_and_orders(#[case] arguments: Value, #[case] titles: &[&str]) {
        let bench = seven().await;
        assert_eq!(strings(&bench.ok(TOOL, arguments).await["tasks"], "title"), titles);
    }

    #[rstest]
    #[case(json!({"status": "done"}), "status must be one of open, pending, in_progress, completed, archived, all")]
    #[case(json!({"due_from": "tomorrow"}), "due_from must be a day that exists, as YYYY-MM-DD, not \"tomorrow\"")]
    #[case(json!({"due_from": "2026-12-01", "due_to": "2026-11-01"}), "due_from must not lie after due_to")]
    #[case(json!({"limit": 101}), "limit must lie between 1 and 100")]
    #[case(json!({"cursor": "x"}), "cursor must be a next_cursor from an earlier page")]
    #[case(json!({"label": "x"}), "unknown field label")]
    #[tokio::test]
    async fn refused(#[case] arguments: Value, #[case] why: &str) {
        let refusal = Bench::new().await.refused(TOOL, arguments).await;
        assert!(refusal.contains(why), "{refusal}");
    }

    #[tokio::test]
    async fn an_empty_list_is_an_answer() {
        assert_eq!(Bench::new().await.ok(TOOL, json!({})).await, json!({"tasks": [], "total": 0}));
    }

    #[tokio::test]
    async fn concise_says_what_a_list_needs_and_full_what_a_change_needs() {
        let bench = seven().await;
        let page = bench.ok(TOOL, json!({"query": "milk"})).await;
        let id = &page["tasks"][0]["id"];
        let concise = json!({"id": id, "title": "Milk and bread", "status": "pending", "priority": "medium"});
        assert_eq!(page, json!({"tasks": [concise], "total": 1}));
        let full = bench.ok(TOOL, json!({"query": "milk", "detail": "full"})).await["tasks"][0].clone();
        assert_eq!((&full["version"], &full["description"]), (&json!(1), &json!("from the corner shop")));
    }

    /// All pages, while `between` happens after each.
    async fn pages(bench: &Bench, arguments: Value, between: impl AsyncFn(usize)) -> Vec<Vec<String>> {
        let (mut arguments, mut pages) = (arguments, Vec::new());
        loop {
            let page = bench.ok(TOOL, arguments.clone()).await;
            pages.push(ids(&page));
            let Some(cursor) = page.get("next_cursor") else { return pages };
            arguments["cursor"] = cursor.clone();
            between(pages.len()).await;
        }
    }

    #[tokio::test]
    async fn paging_never_skips_or_repeats_while_tasks_come_and_go() {
        for bench in Bench::each().await {
            let due = |n: usize| {
                let (day, priority) = (n % 5 + 1, if n.is_multiple_of(2) { "low" } else { "high" });
                json!({"title": format!("{n}"), "due": format!("2026-12-{day:02}"), "priority": priority})
            };
            let tasks: Vec<_> = (0..23).map(due).collect();
            let made = ids(&bench.ok("create_tasks", json!({"tasks": tasks})).await);
            for sort in ["due", "created", "priority"] {
                let grow = async |page: usize| {
                    bench.ok("create_tasks", json!({"tasks": [due(page), {"title": "no date"}]})).await;
                };
                let seen = pages(&bench, json!({"sort": sort, "limit": 4}), grow).await.concat();
                let unique: std::collections::BTreeSet<_> = seen.iter().collect();
                assert_eq!(unique.len(), seen.len(), "{sort}: something came twice");
                assert!(made.iter().all(|id| unique.contains(id)), "{sort}: something was skipped");
            }
            bench.end().await;
        }
    }

    #[tokio::test]
    async fn every_page_says_how_many_there_are_on_all() {
        for bench in Bench::each().await {
            let ids = bench.tasks(&["Milk", "Bread", "Dentist"]).await;
            let (milk, two) = (json!({"query": "milk"}), json!({"limit": 2}));
            assert_eq!(bench.ok(TOOL, milk).await["total"], 1);
            let first = bench.ok(TOOL, two).await;
            let rest = json!({"limit": 2, "cursor": first["next_cursor"]});
            assert_eq!((&first["total"], &bench.ok(TOOL, rest.clone()).await["total"]), (&json!(3), &json!(3)));
            bench.ok("complete_tasks", json!({"ids": [ids[2]]})).await;
            assert_eq!(bench.ok(TOOL, rest).await, json!({"tasks": [], "total": 2}));
            bench.end().await;
        }
    }

    #[tokio::test]
    async fn a_page_is_cut_at_a_size_that_hosts_take() {
        let bench = Bench::new().await;
        let (title, description) = ("🦷".repeat(200), "\"".repeat(1000));
        let tasks = vec![json!({"title": title, "description": description}); 50];
        let mut made = ids(&bench.ok("create_tasks", json!({"tasks": tasks})).await);
        made.extend(ids(&bench.ok("create_tasks", json!({"tasks": tasks})).await));
        let first = bench.ok(TOOL, json!({"detail": "full", "limit": 100})).await;
        assert!(first.to_string().len() < 40_000, "{} bytes", first.to_string().len());
        assert_eq!(first["total"], 100);
        let seen = pages(&bench, json!({"detail": "full", "limit": 100}), async |_| {}).await.concat();
        assert_eq!(seen, made);
    }
}
