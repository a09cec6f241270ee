//! `complete_tasks`: done, or not done after all.

use errand_core::{
    app::Work,
    task::{Status, TaskEdit, TaskRef},
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    batch::{self, TaskBatch, Wanted},
    tool::{Ask, Effect, Failure, Tool},
    view::TaskView,
};

pub(crate) struct CompleteTasks;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// such as `t_12`
    #[schemars(length(min = 1, max = 50))]
    ids: Vec<String>,
    /// default true; false reopens
    completed: Option<bool>,
}

impl Tool for CompleteTasks {
    const NAME: &'static str = "complete_tasks";
    const TITLE: &'static str = "Complete tasks";
    const DESCRIPTION: &'static str = "Mark tasks as done, or reopen them.";
    const EFFECT: Effect = Effect::Marks;
    type Input = Input;
    type Output = TaskBatch;

    async fn call(ask: &Ask<'_>, input: Input) -> Result<TaskBatch, Failure> {
        let tasks = batch::named(input.ids);
        let edits = if input.completed.unwrap_or(true) { completed(tasks) } else { reopened(ask, tasks).await? };
        let changed = batch::change(ask, edits, Work::Edit, None).await?;
        TaskBatch::told(changed, |task| TaskView::full(task, ask.caller.zone))
    }
}

fn completed(tasks: Vec<Wanted<TaskRef>>) -> Vec<Wanted<(TaskRef, TaskEdit)>> {
    let edit = TaskEdit { status: Some(Status::Completed), ..TaskEdit::default() };
    tasks.into_iter().map(|task| task.map(|(name, task)| (name, (task, edit.clone())))).collect()
}

/// Reopening leaves alone what is open: a task in progress does not go back to pending.
async fn reopened(ask: &Ask<'_>, tasks: Vec<Wanted<TaskRef>>) -> Result<Vec<Wanted<(TaskRef, TaskEdit)>>, Failure> {
    let reopen = |(name, task): (String, errand_core::task::Task)| {
        let status = (!task.is_open()).then_some(Status::Pending);
        (name, (TaskRef::Id(task.id), TaskEdit { status, ..TaskEdit::default() }))
    };
    Ok(batch::find(ask, tasks).await?.into_iter().map(|found| found.map(reopen)).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::bench::{Bench, strings};

    const TOOL: &str = "complete_tasks";

    #[tokio::test]
    async fn done_and_not_done_after_all() {
        let bench = Bench::new().await;
        let ids = bench.tasks(&["a", "b"]).await;
        let done = bench.ok(TOOL, json!({"ids": ids})).await;
        assert_eq!(strings(&done["tasks"], "status"), ["completed", "completed"]);
        let again = bench.ok(TOOL, json!({"ids": ids[0]})).await;
        assert_eq!(again["tasks"][0]["version"], 2, "once more changes nothing");
        let open = bench.ok(TOOL, json!({"ids": [ids[0]], "completed": "false"})).await;
        assert_eq!(open["tasks"][0]["status"], "pending");
        assert_eq!(bench.titles().await, ["a"]);
    }

    #[tokio::test]
    async fn reopening_leaves_a_task_in_progress_alone() {
        let bench = Bench::new().await;
        let ids = bench.tasks(&["a"]).await;
        bench.ok("update_tasks", json!({"updates": [{"id": ids[0], "status": "in_progress"}]})).await;
        let open = bench.ok(TOOL, json!({"ids": ids, "completed": false})).await;
        assert_eq!((&open["tasks"][0]["status"], &open["tasks"][0]["version"]), (&json!("in_progress"), &json!(2)));
    }

    #[tokio::test]
    async fn missing_tasks_are_said_and_the_others_done() {
        let bench = Bench::new().await;
        let ids = bench.tasks(&["a"]).await;
        for completed in [true, false] {
            let (output, is_error) = bench.call(TOOL, json!({"ids": ["t_0", ids[0]], "completed": completed})).await;
            assert!(!is_error);
            assert_eq!(strings(&output["errors"], "id"), ["t_0"]);
            let (output, is_error) = bench.call(TOOL, json!({"ids": ["t_0"], "completed": completed})).await;
            assert!(is_error, "{output}");
        }
        let many: Vec<_> = (0..51).map(|n| format!("t_{n}")).collect();
        assert_eq!(bench.refused(TOOL, json!({"ids": many})).await, "ids must have from 1 to 50 items, this has 51");
    }
}
