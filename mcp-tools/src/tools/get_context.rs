//! `get_context`: what time it is for the user, and how things stand.

use errand_core::task::{Status, TaskFilter};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    due,
    tool::{Ask, Effect, Failure, Tool},
};

pub(crate) struct GetContext;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    now: String,
    today: String,
    weekday: String,
    time_zone: String,
    user: String,
    open: i64,
    overdue: i64,
    due_today: i64,
}

impl Tool for GetContext {
    const NAME: &'static str = "get_context";
    const TITLE: &'static str = "Get context";
    const DESCRIPTION: &'static str = "The user's date, time and zone, and counts of open, overdue and due tasks.";
    const EFFECT: Effect = Effect::Reads;
    type Input = Input;
    type Output = Output;

    async fn call(ask: &Ask<'_>, _: Input) -> Result<Output, Failure> {
        let now = ask.app.clock.now().with_timezone(&ask.caller.zone);
        let today = now.date_naive();
        let open = TaskFilter { statuses: vec![Status::Pending, Status::InProgress], ..TaskFilter::default() };
        let overdue = TaskFilter { overdue: true, ..open.clone() };
        let due_today = TaskFilter { due_from: Some(today), due_to: Some(today), ..open.clone() };
        let count = |filter| async move { ask.app.count_tasks(ask.caller, &filter).await };
        Ok(Output {
            now: due::instant(now.to_utc(), ask.caller.zone),
            today: today.to_string(),
            weekday: now.format("%A").to_string(),
            time_zone: ask.caller.zone.name().to_owned(),
            user: ask.caller.name.clone(),
            open: count(open).await?,
            overdue: count(overdue).await?,
            due_today: count(due_today).await?,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::bench::Bench;

    #[tokio::test]
    async fn the_users_day_and_counts() {
        let bench = Bench::new().await;
        let tasks = json!([
            {"title": "past", "due": "2026-11-20"}, {"title": "an hour ago", "due": "2026-11-21T09:00:00+01:00"},
            {"title": "today", "due": "2026-11-21"}, {"title": "late tonight", "due": "2026-11-21T23:59:00+01:00"},
            {"title": "tomorrow", "due": "2026-11-22T00:00:00+01:00"}, {"title": "some day"},
            {"title": "done", "due": "2026-11-20", "status": "completed"},
        ]);
        bench.ok("create_tasks", json!({"tasks": tasks})).await;
        assert_eq!(
            bench.ok("get_context", json!({})).await,
            json!({"now": "2026-11-21T10:00:00+01:00", "today": "2026-11-21", "weekday": "Saturday",
                "time_zone": "Europe/Madrid", "user": "ann", "open": 6, "overdue": 2, "due_today": 3})
        );
        let bob = bench.caller("bob", "Pacific/Auckland").await;
        assert_eq!(
            bench.call_as(&bob, "get_context", json!({})).await.0,
            json!({"now": "2026-11-21T22:00:00+13:00", "today": "2026-11-21", "weekday": "Saturday",
                "time_zone": "Pacific/Auckland", "user": "bob", "open": 0, "overdue": 0, "due_today": 0})
        );
    }
}
