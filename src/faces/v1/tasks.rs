//! `/tasks`: a title and how far it is.

use axum::extract;
use chrono::{DateTime, Utc};
use errand_core::{
    Slice,
    task::{NewTask, Status, TITLE_MAX, Task, TaskEdit, TaskRef, TaskSet},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    failure::{Failure, Json, Path, Query, User},
    usual_limit,
};
use crate::{
    faces::{
        answers::{Created, NoContent},
        schema::{Limit, Offset, Written},
    },
    state::State,
};

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Task")]
pub(super) struct TaskJson {
    id: i64,
    title: String,
    status: StatusJson,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Task> for TaskJson {
    fn from(task: Task) -> Self {
        Self {
            id: task.number,
            title: task.title,
            status: task.status.into(),
            created_at: task.created_at,
            updated_at: task.updated_at,
        }
    }
}

/// The statuses that this contract knows. A task that somebody has begun shows as pending.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Status")]
pub(super) enum StatusJson {
    Pending,
    Completed,
    Archived,
}

impl From<Status> for StatusJson {
    fn from(status: Status) -> Self {
        match status {
            Status::Pending | Status::InProgress => Self::Pending,
            Status::Completed => Self::Completed,
            Status::Archived => Self::Archived,
        }
    }
}

impl From<StatusJson> for Status {
    fn from(status: StatusJson) -> Self {
        match status {
            StatusJson::Pending => Self::Pending,
            StatusJson::Completed => Self::Completed,
            StatusJson::Archived => Self::Archived,
        }
    }
}

impl From<StatusJson> for TaskSet {
    fn from(status: StatusJson) -> Self {
        match status {
            StatusJson::Pending => Self::Open,
            StatusJson::Completed => Self::Completed,
            StatusJson::Archived => Self::Archived,
        }
    }
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Wanted {
    /// Only these; all without.
    #[serde(default)]
    #[schemars(with = "StatusJson")]
    status: Option<StatusJson>,
    #[serde(default = "usual_limit")]
    #[schemars(with = "Limit")]
    limit: i64,
    #[serde(default)]
    #[schemars(with = "Offset")]
    offset: i64,
}

pub(super) async fn list(
    extract::State(state): extract::State<State>,
    user: User,
    Query { value: wanted, .. }: Query<Wanted>,
) -> Result<axum::Json<Vec<TaskJson>>, Failure> {
    let slice = Slice::new(wanted.limit, wanted.offset)?;
    let set = wanted.status.map_or(TaskSet::All, TaskSet::from);
    let tasks = state.app.newest_tasks(&user.caller, set, slice).await?;
    Ok(axum::Json(tasks.into_iter().map(TaskJson::from).collect()))
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewTask")]
pub(super) struct Create {
    #[schemars(with = "Written<TITLE_MAX>")]
    title: String,
}

pub(super) async fn create(
    extract::State(state): extract::State<State>,
    user: User,
    Json { body: Create { title }, .. }: Json<Create>,
) -> Result<Created<TaskJson>, Failure> {
    let task = state.app.add_task(&user.caller, NewTask { title, ..NewTask::default() }).await?;
    Ok(Created(task.into()))
}

/// What is to change; what is missing stays.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "TaskUpdate")]
pub(super) struct Update {
    #[schemars(with = "Option<Written<TITLE_MAX>>")]
    title: Option<String>,
    status: Option<StatusJson>,
}

pub(super) async fn update(
    extract::State(state): extract::State<State>,
    user: User,
    Path { value: number, .. }: Path<i64>,
    Json { body: Update { title, status }, .. }: Json<Update>,
) -> Result<axum::Json<TaskJson>, Failure> {
    let edit = TaskEdit { title, status: status.map(Into::into), ..TaskEdit::default() };
    Ok(axum::Json(state.app.edit_task(&user.caller, TaskRef::Number(number), edit).await?.into()))
}

pub(super) async fn delete(
    extract::State(state): extract::State<State>,
    user: User,
    Path { value: number, .. }: Path<i64>,
) -> Result<NoContent, Failure> {
    state.app.delete_task(&user.caller, TaskRef::Number(number)).await?;
    Ok(NoContent)
}
