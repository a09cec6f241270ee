//! `POST /tasks`: a task without the assistant.

use axum::extract;
use errand_core::{
    Error,
    task::{DESCRIPTION_MAX, NewTask, Status, TITLE_MAX},
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    failure::{Failure, Json, User},
    wire::{PriorityJson, TaskJson},
};
use crate::{
    faces::{
        answers::Created,
        schema::{Instant, Text, Written},
        time,
    },
    state::State,
};

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewTask")]
pub(super) struct Create {
    #[schemars(with = "Written<TITLE_MAX>")]
    title: String,
    #[schemars(with = "Option<Text<DESCRIPTION_MAX>>")]
    description: Option<String>,
    #[schemars(with = "Option<Instant>")]
    due_date: Option<String>,
    priority: Option<PriorityJson>,
}

pub(super) async fn create(
    extract::State(state): extract::State<State>,
    user: User,
    Json { body: create, .. }: Json<Create>,
) -> Result<Created<TaskJson>, Failure> {
    let due = create.due_date.map(|text| time::due("due_date", &text, false)).transpose().map_err(Error::from)?;
    let task = NewTask {
        title: create.title,
        description: create.description.unwrap_or_default(),
        status: Status::default(),
        priority: create.priority.map(Into::into).unwrap_or_default(),
        due,
    };
    let task = state.app.add_task(&user.caller, task).await?;
    Ok(Created(task.into()))
}
