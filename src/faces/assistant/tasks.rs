//! `POST /tasks`: a task without the assistant.

use axum::{extract, http::StatusCode};
use errand_core::{
    Error,
    task::{NewTask, Status},
};
use serde::Deserialize;

use super::{
    failure::{Failure, Json, User},
    wire::{PriorityJson, TaskJson},
};
use crate::{faces::time, state::State};

#[derive(Deserialize)]
pub(super) struct Create {
    title: String,
    description: Option<String>,
    due_date: Option<String>,
    priority: Option<PriorityJson>,
}

pub(super) async fn create(
    extract::State(state): extract::State<State>,
    user: User,
    Json { body: create, .. }: Json<Create>,
) -> Result<(StatusCode, axum::Json<TaskJson>), Failure> {
    let due = create.due_date.map(|text| time::due("due_date", &text, false)).transpose().map_err(Error::from)?;
    let task = NewTask {
        title: create.title,
        description: create.description.unwrap_or_default(),
        status: Status::default(),
        priority: create.priority.map(Into::into).unwrap_or_default(),
        due,
    };
    let task = state.app.add_task(&user.caller, task).await?;
    Ok((StatusCode::CREATED, axum::Json(task.into())))
}
