//! `/messages`: a conversation with the assistant that has no id, because each user has one.

use axum::{
    extract,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use errand_core::{
    Error, Slice,
    app::{ConversationRef, TurnRequest},
    conversation::{Author, MESSAGE_MAX, Message},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    failure::{Failure, Query, User},
    usual_limit,
};
use crate::{
    agent::TurnError,
    faces::{
        Refusal, extractors,
        schema::{Limit, Number, Offset, Written},
    },
    state::State,
};

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewMessage")]
pub(super) struct Send {
    #[schemars(with = "Written<MESSAGE_MAX>")]
    content: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Answered {
    response: String,
}

pub(super) async fn send(
    extract::State(state): extract::State<State>,
    user: User,
    extractors::Json { body: Send { content }, .. }: extractors::Json<Send, NotSent>,
) -> Result<axum::Json<Answered>, NotSent> {
    let conversation = state.app.main_conversation(&user.caller, &content).await?;
    let conversation = Some(ConversationRef::Id(conversation));
    let request = TurnRequest { conversation, content, client_id: None };
    let answer = state.agent.turn(&user.account, None, request).await?;
    Ok(axum::Json(Answered { response: answer.message.content }))
}

/// Why there is no answer. The contract has one text for every message that cannot be taken.
pub(super) struct NotSent(Failure);

impl NotSent {
    const INVALID: &str = "Invalid message format";
}

impl From<Error> for NotSent {
    fn from(error: Error) -> Self {
        Self(if let Error::Invalid(_) = error { Failure::bad_request(Self::INVALID) } else { error.into() })
    }
}

impl From<TurnError> for NotSent {
    fn from(error: TurnError) -> Self {
        match error {
            TurnError::Refused(error) => error.into(),
            TurnError::Failed { message, .. } => Self(Failure::turn_failed(message)),
        }
    }
}

impl From<Refusal> for NotSent {
    fn from(refusal: Refusal) -> Self {
        Self(if let Refusal::Body(_) | Refusal::Field { .. } = refusal {
            Failure::bad_request(Self::INVALID)
        } else {
            refusal.into()
        })
    }
}

impl IntoResponse for NotSent {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Wanted {
    /// Another conversation than the one.
    #[serde(default)]
    #[schemars(with = "Number")]
    conversation_id: Option<i64>,
    #[serde(default = "usual_limit")]
    #[schemars(with = "Limit")]
    limit: i64,
    #[serde(default)]
    #[schemars(with = "Offset")]
    offset: i64,
}

/// A message. This contract knows two roles: that a turn failed is told by the assistant, too.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Message")]
pub(super) struct MessageJson {
    id: i64,
    role: RoleJson,
    content: String,
    timestamp: DateTime<Utc>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Role")]
enum RoleJson {
    User,
    Assistant,
}

impl From<Message> for MessageJson {
    fn from(message: Message) -> Self {
        let role = match message.author {
            Author::User => RoleJson::User,
            Author::Assistant | Author::System => RoleJson::Assistant,
        };
        Self { id: message.number, role, content: message.content, timestamp: message.created_at }
    }
}

pub(super) async fn history(
    extract::State(state): extract::State<State>,
    user: User,
    Query { value: wanted, .. }: Query<Wanted>,
) -> Result<axum::Json<Vec<MessageJson>>, Failure> {
    let slice = Slice::new(wanted.limit, wanted.offset)?;
    let conversation = wanted.conversation_id.map(ConversationRef::Number);
    let messages = state.app.history(&user.caller, conversation, slice).await?;
    Ok(axum::Json(messages.into_iter().map(MessageJson::from).collect()))
}
