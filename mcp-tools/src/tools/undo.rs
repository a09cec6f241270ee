//! `undo`: the user's last change, taken back.

use errand_core::change::{Now, Verb};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    tool::{Ask, Effect, Failure, Tool},
    view::TaskName,
};

pub(crate) struct Undo;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// what was taken back
    undone: String,
    tasks: Vec<Undone>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Undone {
    #[serde(flatten)]
    task: TaskName,
    now: &'static str,
}

impl Tool for Undo {
    const NAME: &'static str = "undo";
    const TITLE: &'static str = "Undo";
    const DESCRIPTION: &'static str = "Take back the user's last change. Again: the one before.";
    const EFFECT: Effect = Effect::Reverts;
    type Input = Input;
    type Output = Output;

    async fn call(ask: &Ask<'_>, _: Input) -> Result<Output, Failure> {
        let undone = ask.app.undo(ask.caller).await?;
        let verb = match undone.verb {
            Verb::Created => "created",
            Verb::Changed => "changed",
            Verb::Deleted => "deleted",
            Verb::Undone => "undid a change of",
        };
        let count = undone.tasks.len();
        let noun = if count == 1 { "task" } else { "tasks" };
        let told = |(task, now): &(_, Now)| Undone {
            task: TaskName::from(task),
            now: match now {
                Now::Restored => "restored",
                Now::Removed => "removed",
                Now::ChangedBack => "changed back",
            },
        };
        Ok(Output { undone: format!("{verb} {count} {noun}"), tasks: undone.tasks.iter().map(told).collect() })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::bench::Bench;

    #[tokio::test]
    async fn each_tool_is_taken_back_the_last_one_first() {
        for bench in Bench::each().await {
            let ids = bench.tasks(&["a", "b"]).await;
            let name = |place: usize, title: &str, now: &str| json!({"id": ids[place], "title": title, "now": now});
            bench.ok("update_tasks", json!({"updates": [{"id": ids[0], "title": "A", "due": "2026-12-01"}]})).await;
            bench.ok("complete_tasks", json!({"ids": ids})).await;
            bench.ok("delete_tasks", json!({"ids": ids})).await;

            let undone = bench.ok("undo", json!({})).await;
            assert_eq!(undone["undone"], "deleted 2 tasks");
            assert_eq!(undone["tasks"], json!([name(0, "A", "restored"), name(1, "b", "restored")]));
            assert!(bench.titles().await.is_empty(), "they are completed");

            let undone = bench.ok("undo", json!({})).await;
            assert_eq!(undone["undone"], "changed 2 tasks");
            assert_eq!(bench.titles().await, ["b", "A"]);

            let undone = bench.ok("undo", json!({})).await;
            assert_eq!(undone, json!({"undone": "changed 1 task", "tasks": [name(0, "a", "changed back")]}));
            let task = bench.ok("get_tasks", json!({"ids": [ids[0]]})).await["tasks"][0].clone();
            assert!(task.get("due").is_none(), "{task}");

            let undone = bench.ok("undo", json!({})).await;
            assert_eq!(undone["undone"], "created 2 tasks");
            assert_eq!(undone["tasks"][0]["now"], "removed");
            assert!(bench.titles().await.is_empty());
            assert_eq!(bench.refused("undo", json!({})).await, "there is nothing to undo");
            bench.end().await;
        }
    }

    #[tokio::test]
    async fn only_ones_own_changes_and_only_what_changed() {
        let bench = Bench::new().await;
        let ids = bench.tasks(&["a"]).await;
        bench.ok("complete_tasks", json!({"ids": ids})).await;
        bench.ok("complete_tasks", json!({"ids": ids})).await; // changes nothing, so there is nothing to take back
        let bob = bench.caller("bob", "UTC").await;
        assert!(bench.call_as(&bob, "undo", json!({})).await.1);
        bench.ok("undo", json!({})).await;
        assert_eq!(bench.titles().await, ["a"]);
        assert_eq!(bench.refused("undo", json!({"steps": 2})).await, "unknown field steps; there are none");
    }
}
