//! `delete_tasks`: taken away, until `undo`.

use errand_core::app::Work;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    assent::{Assent, Question},
    batch::{self, ItemError},
    schema,
    tool::{Ask, Effect, Failure, Tool},
    view::TaskName,
};

pub(crate) struct DeleteTasks;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// such as `t_12`
    #[schemars(length(min = 1, max = 50))]
    ids: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    deleted: Vec<TaskName>,
    #[schemars(schema_with = "schema::objects")]
    errors: Vec<ItemError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
}

impl Tool for DeleteTasks {
    const NAME: &'static str = "delete_tasks";
    const TITLE: &'static str = "Delete tasks";
    const DESCRIPTION: &'static str = "Delete tasks that the user wants gone; undo brings them back.";
    const EFFECT: Effect = Effect::Replaces;
    type Input = Input;
    type Output = Output;

    async fn call(ask: &Ask<'_>, input: Input) -> Result<Output, Failure> {
        let gone = batch::change(ask, batch::named(input.ids), Work::Delete, None).await?;
        let (gone, errors) = batch::sorted(gone);
        let note = (!gone.is_empty()).then_some(match ask.assent {
            Assent::Unneeded | Assent::Given { .. } => "undo brings them back",
            Assent::Unavailable => "nobody was asked, because this client cannot; undo brings them back",
        });
        let output = Output { deleted: gone.iter().map(TaskName::from).collect(), errors, note };
        batch::something(output, gone.is_empty())
    }

    async fn question(ask: &Ask<'_>, input: Input) -> Result<Option<Question>, Failure> {
        let found = batch::find(ask, batch::named(input.ids)).await?;
        let tasks = found.into_iter().filter_map(Result::ok).map(|(_, task)| task).collect();
        Ok(Some(Question { verb: "Delete", tasks }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::bench::{Bench, strings};

    const TOOL: &str = "delete_tasks";

    #[tokio::test]
    async fn what_is_gone_is_named() {
        let bench = Bench::new().await;
        let ids = bench.tasks(&["a", "b", "c"]).await;
        let (output, is_error) = bench.call(TOOL, json!({"ids": [ids[0], "b", "nothing like it"]})).await;
        assert!(!is_error);
        assert_eq!(output["deleted"], json!([{"id": ids[0], "title": "a"}, {"id": ids[1], "title": "b"}]));
        assert_eq!(strings(&output["errors"], "code"), ["not_found"]);
        assert_eq!(output["note"], "undo brings them back");
        assert_eq!(bench.titles().await, ["c"]);
    }

    #[tokio::test]
    async fn nothing_deleted_is_an_error_without_a_note() {
        let bench = Bench::new().await;
        let ids = bench.tasks(&["ann's"]).await;
        let bob = bench.caller("bob", "UTC").await;
        let (output, is_error) = bench.call_as(&bob, TOOL, json!({"ids": ids})).await;
        assert!(is_error);
        assert_eq!(output["errors"][0]["code"], "not_found");
        assert!(output.get("note").is_none());
        assert_eq!(bench.titles().await, ["ann's"]);
        assert_eq!(bench.refused(TOOL, json!({})).await, "ids is missing");
        let why = bench.refused(TOOL, json!({"status": "completed"})).await;
        assert_eq!(why, "unknown field status; there are ids", "never by a filter");
    }
}
