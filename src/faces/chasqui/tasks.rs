//! `/tasks`: the same tasks as everywhere, done or not.

use axum::extract;
use errand_core::{
    TaskId,
    event::Topic,
    task::{DESCRIPTION_MAX, NewTask, Status, TITLE_MAX, TaskEdit, TaskRef},
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    failure::{Failure, Json, Path, Query, User},
    wire::{TaskJson, is_completed},
};
use crate::{
    faces::{
        answers::Created,
        fresh::{Fresh, Known},
        page::{Page, Paging},
        schema::{RowCursor, Text, Written},
    },
    state::State,
};

pub(super) async fn list(
    extract::State(state): extract::State<State>,
    user: User,
    known: Known,
    Query { value: paging, .. }: Query<Paging<RowCursor>>,
) -> Result<Fresh<Vec<TaskJson>>, Failure> {
    let rows = |tasks: Vec<_>| tasks.into_iter().map(TaskJson::from).collect();
    let whole = async || Ok(rows(state.app.all_tasks(&user.caller).await?));
    let page = async |page: Page<i64>| {
        let (tasks, next) = state.app.task_page(&user.caller, page.limit, page.cursor).await?;
        Ok(page.of(rows(tasks), next))
    };
    known.unless_fresh(&state, &user.caller, Topic::User, paging.page()?, whole, page).await
}

/// A task to be made.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewTask")]
pub(super) struct Create {
    #[schemars(with = "Written<TITLE_MAX>")]
    title: String,
    #[schemars(with = "Option<Text<DESCRIPTION_MAX>>")]
    description: Option<String>,
}

pub(super) async fn create(
    extract::State(state): extract::State<State>,
    user: User,
    Json { body: create, .. }: Json<Create>,
) -> Result<Created<TaskJson>, Failure> {
    let task =
        NewTask { title: create.title, description: create.description.unwrap_or_default(), ..NewTask::default() };
    Ok(Created(state.app.add_task(&user.caller, task).await?.into()))
}

/// What is to change; what is missing stays.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "TaskUpdate")]
pub(super) struct Update {
    completed: Option<bool>,
}

pub(super) async fn update(
    extract::State(state): extract::State<State>,
    user: User,
    Path { value: id, .. }: Path<TaskId>,
    Json { body: Update { completed }, .. }: Json<Update>,
) -> Result<axum::Json<TaskJson>, Failure> {
    let task = state.app.task(&user.caller, &TaskRef::Id(id)).await?;
    // What is in progress is not completed, and what is put away is: neither has to change to be what was asked for.
    let status = match completed {
        Some(completed) if completed != is_completed(task.status) => {
            if completed {
                Status::Completed
            } else {
                Status::Pending
            }
        }
        Some(_) | None => return Ok(axum::Json(task.into())),
    };
    let edit = TaskEdit { status: Some(status), ..TaskEdit::default() };
    Ok(axum::Json(state.app.edit_task(&user.caller, TaskRef::Id(id), edit).await?.into()))
}
