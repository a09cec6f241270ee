//! `/tasks`: the board over REST.

use axum::{extract, http::StatusCode};
use errand_core::{
    Error, Problem, TaskId,
    task::{Due, NewTask, Priority, TaskEdit, TaskRef},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    failure::{Failure, Json, Path, User},
    wire::{StatusJson, TaskJson},
};
use crate::{
    faces::{patch::Patch, time},
    state::State,
};

/// A task as a client sends it. To create one `title` is needed; in an update, what is missing stays.
#[derive(Deserialize)]
pub(super) struct TaskInput {
    #[serde(default)]
    title: Patch<String>,
    #[serde(default)]
    description: Patch<String>,
    #[serde(default)]
    status: Patch<StatusJson>,
    #[serde(default)]
    priority: Patch<Priority>,
    #[serde(default)]
    due_date: Patch<String>,
    #[serde(default)]
    due_all_day: bool,
}

impl TaskInput {
    #[expect(clippy::option_option, reason = "missing, cleared and set are three things, as in TaskEdit")]
    fn due(patch: Patch<String>, all_day: bool) -> Result<Option<Option<Due>>, Problem> {
        patch.clearable(|text| time::due("due_date", &text, all_day))
    }
}

pub(super) async fn sync(
    extract::State(state): extract::State<State>,
    user: User,
) -> Result<axum::Json<Value>, Failure> {
    let last_sync = state.app.clock.now();
    let tasks: Vec<_> = state.app.board(&user.caller).await?.into_iter().map(TaskJson::from).collect();
    Ok(axum::Json(json!({"tasks": tasks, "last_sync": last_sync})))
}

pub(super) async fn create(
    extract::State(state): extract::State<State>,
    user: User,
    Json { body: input, .. }: Json<TaskInput>,
) -> Result<axum::Json<TaskJson>, Failure> {
    let title = input.title.value().ok_or_else(|| Error::from(Problem::new("title", "is required")))?;
    let task = NewTask {
        title,
        description: input.description.value().unwrap_or_default(),
        status: input.status.value().map(Into::into).unwrap_or_default(),
        priority: input.priority.value().unwrap_or_default(),
        due: TaskInput::due(input.due_date, input.due_all_day).map_err(Error::from)?.flatten(),
    };
    Ok(axum::Json(state.app.add_task(&user.caller, task).await?.into()))
}

pub(super) async fn update(
    extract::State(state): extract::State<State>,
    user: User,
    Path { value: id, .. }: Path<TaskId>,
    Json { body: input, .. }: Json<TaskInput>,
) -> Result<axum::Json<TaskJson>, Failure> {
    let edit = TaskEdit {
        title: input.title.value(),
        description: input.description.value(),
        status: input.status.value().map(Into::into),
        priority: input.priority.value(),
        due: TaskInput::due(input.due_date, input.due_all_day).map_err(Error::from)?,
        if_version: None,
    };
    Ok(axum::Json(state.app.edit_task(&user.caller, TaskRef::Id(id), edit).await?.into()))
}

pub(super) async fn delete(
    extract::State(state): extract::State<State>,
    user: User,
    Path { value: id, .. }: Path<TaskId>,
) -> Result<StatusCode, Failure> {
    state.app.delete_task(&user.caller, TaskRef::Id(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
