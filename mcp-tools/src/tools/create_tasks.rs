//! `create_tasks`: new tasks.

use chrono_tz::Tz;
use errand_core::{app::Work, task};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    batch::{self, Batch, TaskBatch},
    due,
    tool::{Ask, Effect, Failure, Tool},
    view::{Priority, Status, TaskView},
};

pub(crate) struct CreateTasks;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    #[schemars(with = "Vec<NewTask>", length(min = 1, max = 50))]
    tasks: Batch<NewTask>,
    /// for retries: nothing is created twice
    idempotency_key: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewTask {
    #[schemars(length(min = 1, max = 200))]
    title: String,
    #[schemars(length(max = 1000))]
    description: Option<String>,
    /// YYYY-MM-DD, or with time 2026-11-22T09:00:00+01:00 (offset of the user's zone)
    due: Option<String>,
    /// default medium
    priority: Option<Priority>,
    /// default pending
    status: Option<Status>,
}

batch::item!(NewTask);

impl Tool for CreateTasks {
    const NAME: &'static str = "create_tasks";
    const TITLE: &'static str = "Create tasks";
    const DESCRIPTION: &'static str = "Create tasks: all of them in one call. Titles are short; the date goes in due.";
    const EFFECT: Effect = Effect::Adds;
    type Input = Input;
    type Output = TaskBatch;

    async fn call(ask: &Ask<'_>, input: Input) -> Result<TaskBatch, Failure> {
        let zone = ask.caller.zone;
        let tasks = input.tasks.wanted("tasks", |task| (None, task.read(zone)));
        let made = batch::change(ask, tasks, Work::Add, input.idempotency_key).await?;
        TaskBatch::told(made, |task| TaskView::full(task, zone))
    }
}

impl NewTask {
    fn read(self, zone: Tz) -> Result<task::NewTask, String> {
        Ok(task::NewTask {
            title: self.title,
            description: self.description.unwrap_or_default(),
            status: self.status.map_or_else(Default::default, Into::into),
            priority: self.priority.map_or_else(Default::default, Into::into),
            due: self.due.map(|text| due::read(&text, zone)).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::bench::{Bench, ids};

    const TOOL: &str = "create_tasks";

    #[tokio::test]
    async fn a_task_comes_back_as_it_was_understood() {
        let bench = Bench::new().await;
        let made = bench
            .ok(
                TOOL,
                json!({"tasks": [
                    {"title": " Call the dentist ", "due": "2026-11-22T08:00:00Z", "priority": "urgent"},
                    {"title": "Taxes 🧾", "description": "all of them", "due": "2026-12-31", "status": "in_progress"},
                ]}),
            )
            .await;
        let numbers = ids(&made);
        assert_eq!(
            made,
            json!({"errors": [], "tasks": [
                {"id": numbers[0], "title": "Call the dentist", "status": "pending", "priority": "urgent",
                 "due": "2026-11-22T09:00:00+01:00", "version": 1},
                {"id": numbers[1], "title": "Taxes 🧾", "status": "in_progress", "priority": "medium",
                 "due": "2026-12-31", "description": "all of them", "version": 1},
            ]})
        );
    }

    #[tokio::test]
    async fn a_bad_item_does_not_keep_the_others_from_being_made() {
        let bench = Bench::new().await;
        let (output, is_error) = bench
            .call(
                TOOL,
                json!({"tasks": [
                    {"title": "one"}, {"title": "two", "due": "2026-11-22T09:00"}, {"title": ""}, {"due": "2026-11-22"},
                    {"title": "five", "priority": "asap"}, {"title": "six", "notes": "x"}, "seven", {"title": "eight"},
                ]}),
            )
            .await;
        assert!(!is_error);
        assert_eq!(bench.titles().await, ["eight", "one"]);
        let errors: Vec<_> = output["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| format!("{} {} {}", error["id"].as_str().unwrap(), error["code"], error["message"]))
            .collect();
        insta::assert_snapshot!(errors.join("\n"));
    }

    #[tokio::test]
    async fn nothing_made_is_an_error() {
        let bench = Bench::new().await;
        let (output, is_error) = bench.call(TOOL, json!({"tasks": [{"title": "x", "due": "soon"}]})).await;
        assert!(is_error);
        assert_eq!(output["errors"][0]["code"], "invalid");
        assert!(bench.titles().await.is_empty());
    }

    #[tokio::test]
    async fn limits_are_checked() {
        let bench = Bench::new().await;
        let tasks = |count| json!({"tasks": vec![json!({"title": "x"}); count]});
        assert_eq!(ids(&bench.ok(TOOL, tasks(50)).await).len(), 50);
        assert_eq!(bench.refused(TOOL, tasks(51)).await, "tasks must have from 1 to 50 items, this has 51");
        assert_eq!(bench.refused(TOOL, tasks(0)).await, "tasks must have from 1 to 50 items, this has 0");
        let titled = |length| json!({"tasks": [{"title": "🦷".repeat(length)}]});
        bench.ok(TOOL, titled(200)).await;
        let error = bench.item_error(TOOL, titled(201)).await;
        assert_eq!(error["message"], "title must have at most 200 characters, this has 201");
        let described = |length| json!({"tasks": [{"title": "x", "description": "é".repeat(length)}]});
        bench.ok(TOOL, described(1000)).await;
        assert_eq!(bench.item_error(TOOL, described(1001)).await["id"], "tasks[0]");
    }

    #[tokio::test]
    async fn a_batch_written_as_text_is_understood() {
        let bench = Bench::new().await;
        bench.ok(TOOL, json!({"tasks": "[{\"title\": \"a\", \"due\": null}]"})).await;
        bench.ok(TOOL, json!({"tasks": {"title": "b"}})).await;
        assert_eq!(bench.titles().await, ["b", "a"]);
    }

    #[tokio::test]
    async fn the_same_key_makes_the_same_tasks_once() {
        let bench = Bench::new().await;
        let call =
            |title: &str| json!({"tasks": [{"title": title}, {"title": "bad", "due": "x"}], "idempotency_key": "k"});
        let (first, again) = (bench.ok(TOOL, call("once")).await, bench.ok(TOOL, call("once")).await);
        assert_eq!(first, again);
        assert_eq!(bench.titles().await, ["once"]);
        let why = bench.refused(TOOL, call("other")).await;
        assert!(why.contains("already used for a different request"), "{why}");
        let bob = bench.caller("bob", "UTC").await;
        assert!(!bench.call_as(&bob, TOOL, call("other")).await.1, "keys are each user's own");
        bench.ok(TOOL, json!({"tasks": [{"title": "once"}], "idempotency_key": ""})).await;
        bench.ok(TOOL, json!({"tasks": [{"title": "once"}], "idempotency_key": ""})).await;
        assert_eq!(bench.titles().await.len(), 3, "an empty key is none");
    }

    #[tokio::test]
    async fn the_same_call_many_times_at_once_is_done_once() {
        let bench = Bench::new().await;
        let call = || bench.ok(TOOL, json!({"tasks": [{"title": "once"}], "idempotency_key": "k"}));
        let answers: Vec<Value> = futures::future::join_all((0..10).map(|_| call())).await;
        assert!(answers.iter().all(|answer| *answer == answers[0]));
        assert_eq!(bench.titles().await, ["once"]);
    }
}
