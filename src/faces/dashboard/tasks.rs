//! `/tasks`: the board over REST.

use axum::extract;
use errand_core::{
    Error, TaskId,
    event::Topic,
    task::{DESCRIPTION_MAX, Due, NewTask, Priority, TITLE_MAX, TaskEdit, TaskRef},
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    failure::{Failure, Json, Path, Query, User},
    wire::{BoardJson, StatusJson, TaskJson},
};
use crate::{
    faces::{
        answers::NoContent,
        fresh::{Fresh, Known},
        page::{Page, Paging},
        patch::Patch,
        schema::{Instant, RowCursor, Text, Written},
        time,
    },
    state::State,
};

/// A task to be made.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewTask")]
pub(super) struct Create {
    #[schemars(with = "Written<TITLE_MAX>")]
    title: String,
    #[schemars(with = "Option<Text<DESCRIPTION_MAX>>")]
    description: Option<String>,
    status: Option<StatusJson>,
    priority: Option<Priority>,
    #[schemars(with = "Option<Instant>")]
    due_date: Option<String>,
    /// Ours: only the date of `due_date` counts.
    #[serde(default)]
    due_all_day: bool,
}

/// What is to change; what is missing stays.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "TaskUpdate")]
pub(super) struct Update {
    #[schemars(with = "Option<Written<TITLE_MAX>>")]
    title: Option<String>,
    #[schemars(with = "Option<Text<DESCRIPTION_MAX>>")]
    description: Option<String>,
    status: Option<StatusJson>,
    priority: Option<Priority>,
    /// `null` clears it.
    #[serde(default)]
    #[schemars(with = "Option<Instant>")]
    due_date: Patch<String>,
    /// Ours: only the date of `due_date` counts.
    #[serde(default)]
    due_all_day: bool,
}

fn due(text: &str, all_day: bool) -> Result<Due, Error> {
    Ok(time::due("due_date", text, all_day)?)
}

pub(super) async fn sync(
    extract::State(state): extract::State<State>,
    user: User,
    known: Known,
    Query { value: paging, .. }: Query<Paging<RowCursor>>,
) -> Result<Fresh<BoardJson>, Failure> {
    let last_sync = state.app.clock.now();
    let board = |tasks: Vec<_>| BoardJson { tasks: tasks.into_iter().map(TaskJson::from).collect(), last_sync };
    let whole = async || Ok(board(state.app.board(&user.caller).await?));
    let page = async |page: Page<i64>| {
        let (tasks, next) = state.app.board_page(&user.caller, page.limit, page.cursor).await?;
        Ok(page.of(board(tasks), next))
    };
    known.unless_fresh(&state, &user.caller, Topic::User, paging.page()?, whole, page).await
}

pub(super) async fn create(
    extract::State(state): extract::State<State>,
    user: User,
    Json { body: create, .. }: Json<Create>,
) -> Result<axum::Json<TaskJson>, Failure> {
    let task = NewTask {
        title: create.title,
        description: create.description.unwrap_or_default(),
        status: create.status.map(Into::into).unwrap_or_default(),
        priority: create.priority.unwrap_or_default(),
        due: create.due_date.map(|text| due(&text, create.due_all_day)).transpose()?,
    };
    Ok(axum::Json(state.app.add_task(&user.caller, task).await?.into()))
}

pub(super) async fn update(
    extract::State(state): extract::State<State>,
    user: User,
    Path { value: id, .. }: Path<TaskId>,
    Json { body: update, .. }: Json<Update>,
) -> Result<axum::Json<TaskJson>, Failure> {
    let edit = TaskEdit {
        title: update.title,
        description: update.description,
        status: update.status.map(Into::into),
        priority: update.priority,
        due: update.due_date.clearable(|text| due(&text, update.due_all_day))?,
        if_version: None,
    };
    Ok(axum::Json(state.app.edit_task(&user.caller, TaskRef::Id(id), edit).await?.into()))
}

pub(super) async fn delete(
    extract::State(state): extract::State<State>,
    user: User,
    Path { value: id, .. }: Path<TaskId>,
) -> Result<NoContent, Failure> {
    state.app.delete_task(&user.caller, TaskRef::Id(id)).await?;
    Ok(NoContent)
}
