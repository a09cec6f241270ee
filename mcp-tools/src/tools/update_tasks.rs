//! `update_tasks`: other titles, dates, words.

use chrono_tz::Tz;
use errand_core::{
    app::Work,
    task::{TaskEdit, TaskRef},
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    batch::{self, Batch, TaskBatch},
    due, id,
    tool::{Ask, Effect, Failure, Tool},
    view::{Priority, Status, TaskView},
};

pub(crate) struct UpdateTasks;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    #[schemars(with = "Vec<Update>", length(min = 1, max = 50))]
    updates: Batch<Update>,
    /// as in `create_tasks`
    idempotency_key: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Update {
    /// such as `t_12`
    id: String,
    #[schemars(length(min = 1, max = 200))]
    title: Option<String>,
    #[schemars(length(max = 1000))]
    description: Option<String>,
    /// as in `create_tasks`
    due: Option<String>,
    priority: Option<Priority>,
    status: Option<Status>,
    /// fields to empty
    clear: Option<Vec<Clear>>,
    /// change only if this is still the version
    if_version: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Clear {
    Due,
    Description,
}

batch::item!(Update);

impl Tool for UpdateTasks {
    const NAME: &'static str = "update_tasks";
    const TITLE: &'static str = "Update tasks";
    const DESCRIPTION: &'static str = "Change tasks: only the fields given. All of them in one call.";
    const EFFECT: Effect = Effect::Replaces;
    type Input = Input;
    type Output = TaskBatch;

    async fn call(ask: &Ask<'_>, input: Input) -> Result<TaskBatch, Failure> {
        let zone = ask.caller.zone;
        let edits = input.updates.wanted("updates", |update| (Some(update.id.clone()), update.read(zone)));
        let changed = batch::change(ask, edits, Work::Edit, input.idempotency_key).await?;
        TaskBatch::told(changed, |task| TaskView::full(task, zone))
    }
}

impl Update {
    fn read(self, zone: Tz) -> Result<(TaskRef, TaskEdit), String> {
        let task = id::read(&self.id)?;
        let clears = |field| self.clear.iter().flatten().any(|clear| *clear == field);
        let (no_due, no_description) = (clears(Clear::Due), clears(Clear::Description));
        if (no_due && self.due.is_some()) || (no_description && self.description.is_some()) {
            return Err("a field is given and named in clear: leave out one of the two".into());
        }
        let due = match self.due.as_deref().map(str::trim) {
            Some("") => return Err("due must not be empty; to remove it say clear:[\"due\"]".into()),
            Some(text) => Some(Some(due::read(text, zone)?)),
            None => no_due.then_some(None),
        };
        let edit = TaskEdit {
            title: self.title,
            description: self.description.or_else(|| no_description.then(String::new)),
            status: self.status.map(Into::into),
            priority: self.priority.map(Into::into),
            due,
            if_version: self.if_version,
        };
        if changes_nothing(&edit) {
            return Err("no field to change was given: title, description, due, priority, status or clear".into());
        }
        Ok((task, edit))
    }
}

fn changes_nothing(edit: &TaskEdit) -> bool {
    let TaskEdit { title, description, status, priority, due, if_version: _ } = edit;
    title.is_none() && description.is_none() && status.is_none() && priority.is_none() && due.is_none()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::bench::{Bench, ids};

    const TOOL: &str = "update_tasks";

    async fn one(bench: &Bench) -> String {
        let task = json!({"title": "Report", "description": "for Q4", "due": "2026-11-30", "priority": "low"});
        ids(&bench.ok("create_tasks", json!({"tasks": [task]})).await).remove(0)
    }

    #[tokio::test]
    async fn only_what_is_given_changes() {
        let bench = Bench::new().await;
        let id = one(&bench).await;
        let changed = bench.ok(TOOL, json!({"updates": [{"id": id, "priority": "high", "title": null}]})).await;
        assert_eq!(
            changed["tasks"][0],
            json!({"id": id, "title": "Report", "status": "pending", "priority": "high", "due": "2026-11-30",
                "description": "for Q4", "version": 2})
        );
        let cleared = bench.ok(TOOL, json!({"updates": [{"id": id, "clear": ["due", "description"]}]})).await;
        assert_eq!(
            cleared["tasks"][0],
            json!({"id": id, "title": "Report", "status": "pending", "priority": "high", "version": 3})
        );
    }

    #[tokio::test]
    async fn a_task_that_changed_since_is_left_alone() {
        let bench = Bench::new().await;
        let id = one(&bench).await;
        let update = |version: i64| json!({"updates": [{"id": id, "status": "in_progress", "if_version": version}]});
        bench.ok(TOOL, update(1)).await;
        let error = bench.item_error(TOOL, update(1)).await;
        assert_eq!(error["code"], "conflict");
        assert!(error["message"].as_str().unwrap().contains("current version is 2"), "{error}");
    }

    #[tokio::test]
    async fn what_makes_no_sense_is_said() {
        let bench = Bench::new().await;
        let id = one(&bench).await;
        for (update, why) in [
            (json!({"id": id}), "no field to change"),
            (json!({"id": id, "if_version": 1}), "no field to change"),
            (json!({"id": id, "due": ""}), "clear:[\"due\"]"),
            (json!({"id": id, "due": "2026-12-01", "clear": ["due"]}), "leave out one of the two"),
            (json!({"id": id, "clear": ["title"]}), "clear[0] must be one of due, description"),
            (json!({"id": id, "title": " "}), "title must not be empty"),
            (json!({"title": "x"}), "id is missing"),
            (json!({"id": "", "title": "x"}), "an id must not be empty"),
        ] {
            let error = bench.item_error(TOOL, json!({"updates": [update]})).await;
            assert_eq!(error["code"], "invalid");
            assert!(error["message"].as_str().unwrap().contains(why), "{update}: {error}");
        }
        assert_eq!(bench.ok("get_tasks", json!({"ids": [id]})).await["tasks"][0]["version"], 1);
    }

    #[tokio::test]
    async fn good_and_bad_items_keep_their_places() {
        let bench = Bench::new().await;
        let made = bench.tasks(&["a", "b"]).await;
        let bob = bench.caller("bob", "UTC").await;
        let foreign = bench.call_as(&bob, "create_tasks", json!({"tasks": [{"title": "bob's"}]})).await.0;
        let foreign = ids(&foreign).remove(0);
        let (output, is_error) = bench
            .call(
                TOOL,
                json!({"updates": [
                    {"id": made[0], "title": "A"}, {"id": "t_99999", "title": "x"}, {"id": foreign, "title": "mine"},
                    {"id": made[1], "title": "B"}, {"id": made[1], "due": "never"},
                ]}),
            )
            .await;
        assert!(!is_error);
        assert_eq!(ids(&output), made);
        let errors: Vec<_> = output["errors"].as_array().unwrap().iter().map(|e| (&e["id"], &e["code"])).collect();
        let (missing, theirs, mine) = (json!("t_99999"), json!(foreign), json!(made[1]));
        let (not_found, invalid) = (json!("not_found"), json!("invalid"));
        assert_eq!(errors, [(&missing, &not_found), (&theirs, &not_found), (&mine, &invalid)]);
        assert_eq!(output["errors"][0]["message"], output["errors"][1]["message"], "foreign looks like missing");
    }

    #[tokio::test]
    async fn a_title_names_a_task_only_when_it_is_the_only_one() {
        let bench = Bench::new().await;
        let made = bench.tasks(&["Buy milk", "Buy bread", "Call Ann", "call ann"]).await;
        let rename = |id: &str| json!({"updates": [{"id": id, "priority": "high"}]});
        assert_eq!(ids(&bench.ok(TOOL, rename("buy MILK")).await), [made[0].clone()]);
        let error = bench.item_error(TOOL, rename("Buy")).await;
        assert_eq!(error["code"], "ambiguous");
        let candidates: &Value = &error["candidates"];
        assert_eq!(candidates[0], json!({"id": made[1], "title": "Buy bread"}));
        assert_eq!(bench.item_error(TOOL, rename("Call Ann")).await["candidates"].as_array().unwrap().len(), 2);
        assert_eq!(bench.item_error(TOOL, rename("Fly to Mars")).await["code"], "not_found");
    }
}
