//! `get_tasks`: all that is known of some tasks.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    batch::{self, TaskBatch},
    tool::{Ask, Effect, Failure, Tool},
    view::DatedView,
};

pub(crate) struct GetTasks;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// such as `t_12`
    #[schemars(length(min = 1, max = 50))]
    ids: Vec<String>,
}

impl Tool for GetTasks {
    const NAME: &'static str = "get_tasks";
    const TITLE: &'static str = "Get tasks";
    const DESCRIPTION: &'static str = "Read tasks in full: description, version, times.";
    const EFFECT: Effect = Effect::Reads;
    type Input = Input;
    type Output = TaskBatch<DatedView>;

    async fn call(ask: &Ask<'_>, input: Input) -> Result<TaskBatch<DatedView>, Failure> {
        let found = batch::find(ask, batch::named(input.ids)).await?;
        let tasks = found.into_iter().map(|found| found.map(|(_, task)| task)).collect();
        TaskBatch::told(tasks, |task| DatedView::of(task, ask.caller.zone))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::bench::{Bench, ids, strings};

    #[tokio::test]
    async fn everything_about_a_task_in_the_users_zone() {
        let bench = Bench::new().await;
        let task = json!({"title": "Report", "description": "two\nlines", "due": "2027-01-31"});
        let made = ids(&bench.ok("create_tasks", json!({"tasks": [task]})).await);
        assert_eq!(
            bench.ok("get_tasks", json!({"ids": made})).await,
            json!({"errors": [], "tasks": [{
                "id": made[0], "title": "Report", "description": "two\nlines", "status": "pending", "priority": "medium",
                "due": "2027-01-31", "version": 1,
                "created_at": "2026-11-21T10:00:00+01:00", "updated_at": "2026-11-21T10:00:00+01:00",
            }]})
        );
    }

    #[tokio::test]
    async fn found_and_not_found_in_one_call() {
        let bench = Bench::new().await;
        let made = bench.tasks(&["a", "b"]).await;
        let number = made[1].trim_start_matches("t_");
        let (output, is_error) = bench.call("get_tasks", json!({"ids": [number, "t_0", "", "A"]})).await;
        assert!(!is_error);
        assert_eq!(ids(&output), [made[1].clone(), made[0].clone()]);
        assert_eq!(strings(&output["errors"], "code"), ["not_found", "invalid"]);
        assert!(output["errors"][0]["message"].as_str().unwrap().contains("list_tasks"));
        assert!(bench.call("get_tasks", json!({"ids": ["t_0"]})).await.1);
    }
}
