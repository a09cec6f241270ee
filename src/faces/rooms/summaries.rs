//! Summaries of what was written in a chatroom: the newest one, and making one.

use axum::{extract, http::StatusCode};
use chrono::{DateTime, Utc};
use errand_core::{
    Error, Problem, RoomId, SummaryId, UserId,
    chatroom::{Dates, SummaryKind},
    error::Rule,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    envelope::Envelope,
    failure::{Code, Failure, Json, Query, RoomPath, User},
};
use crate::{
    faces::{
        answers::Created,
        schema::{Instant, Text},
        time,
    },
    state::State,
    summary::{Document, Method, SummaryError, Told, WISH_MAX},
};

/// What is said where a model could not write the text.
const FELL_BACK: &str = "The language model could not be reached; these are sentences from the chatroom itself.";

#[derive(Deserialize, JsonSchema)]
pub(super) struct Asked {
    /// Only a summary of what was written from this time on.
    #[serde(default)]
    #[schemars(with = "Option<Instant>")]
    date_from: Option<String>,
    /// Only a summary of what was written until this time.
    #[serde(default)]
    #[schemars(with = "Option<Instant>")]
    date_to: Option<String>,
    #[serde(default)]
    summary_type: Option<KindJson>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SummaryOf")]
pub(super) struct Shown {
    summary: SummaryJson,
}

pub(super) async fn show(
    extract::State(state): extract::State<State>,
    user: User,
    RoomPath { value: room, .. }: RoomPath<RoomId>,
    Query { value: Asked { date_from, date_to, summary_type }, .. }: Query<Asked>,
) -> Result<axum::Json<Envelope<Shown>>, Failure> {
    let (dates, kind) = (dates(date_from.as_deref(), date_to.as_deref())?, summary_type.map(Into::into));
    let summary = state.summaries.newest(&user.caller, room, dates, kind).await?.into();
    Ok(axum::Json(Envelope::of(Shown { summary }, "Summary retrieved successfully")))
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewSummary")]
pub(super) struct Make {
    /// Only what was written from this time on.
    #[serde(default)]
    #[schemars(with = "Option<Instant>")]
    date_from: Option<String>,
    /// Only what was written until this time.
    #[serde(default)]
    #[schemars(with = "Option<Instant>")]
    date_to: Option<String>,
    /// What the summary is to treat, how long it is to be, or in which language; only a language model can heed it.
    #[serde(default)]
    #[schemars(with = "Option<Text<WISH_MAX>>")]
    custom_prompt: Option<String>,
}

pub(super) async fn make(
    extract::State(state): extract::State<State>,
    user: User,
    RoomPath { value: room, .. }: RoomPath<RoomId>,
    Json { body: Make { date_from, date_to, custom_prompt }, .. }: Json<Make>,
) -> Result<Created<Envelope<Shown>>, Failure> {
    let (dates, wish) = (dates(date_from.as_deref(), date_to.as_deref())?, custom_prompt.as_deref());
    if wish.is_some_and(|wish| wish.chars().count() > WISH_MAX) {
        let rule = format!("must have at most {WISH_MAX} characters");
        return Err(Error::from(Problem::new("custom_prompt", rule).of(Rule::Length)).into());
    }
    let summary = state.summaries.make(&user.caller, room, dates, wish).await?.into();
    Ok(Created(Envelope::of(Shown { summary }, "Summary generated successfully")))
}

fn dates(from: Option<&str>, to: Option<&str>) -> Result<Dates, Error> {
    Ok(Dates { from: time::optional("date_from", from)?, to: time::optional("date_to", to)? })
}

impl From<SummaryError> for Failure {
    fn from(error: SummaryError) -> Self {
        let said = error.to_string();
        match error {
            SummaryError::Refused(error) => error.into(),
            SummaryError::NoKey(_) => Self::new(StatusCode::FORBIDDEN, Code::ResourceAccessDenied, said),
            SummaryError::NothingSaid => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, Code::ValidationInvalidValue, said)
            }
            SummaryError::Busy => Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::ServiceUnavailable, said),
        }
    }
}

/// A summary, decrypted.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Summary")]
struct SummaryJson {
    id: SummaryId,
    chatroom_id: RoomId,
    summary_text: String,
    summary_type: KindJson,
    /// How many messages it is about.
    message_count: i64,
    /// When the first of them was written.
    start_date: DateTime<Utc>,
    /// When the last of them was written.
    end_date: DateTime<Utc>,
    participants: Vec<UserId>,
    keywords: Vec<String>,
    /// From -1 (bad) to 1 (good); 0 where nothing tells, and in all languages but English.
    sentiment_score: f64,
    /// The language of most of it (BCP 47), `und` where that cannot be told.
    language: String,
    created_at: DateTime<Utc>,
    method: MethodJson,
    /// Which language model has written the text.
    model: Option<String>,
    /// How many messages could not be read, because the assistant or whoever asked has no key for them.
    skipped: i64,
    /// How many messages there was no room for in the text, the oldest ones.
    left_out: i64,
    /// What else there is to say about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
}

impl From<Told> for SummaryJson {
    fn from(Told { stored, document }: Told) -> Self {
        let Document { text, method, model, fell_back, participants, keywords, sentiment, language, .. } = document;
        Self {
            id: stored.id,
            chatroom_id: stored.room,
            summary_text: text,
            summary_type: stored.kind.into(),
            message_count: stored.made.message_count,
            start_date: stored.made.start_at,
            end_date: stored.made.end_at,
            participants,
            keywords,
            sentiment_score: sentiment,
            language,
            created_at: stored.created_at,
            method: method.into(),
            model,
            skipped: document.skipped,
            left_out: document.left_out,
            note: fell_back.then_some(FELL_BACK),
        }
    }
}

/// Why a summary was made.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SummaryType")]
enum KindJson {
    /// Enough was written.
    Automatic,
    /// Somebody asked for it.
    Manual,
}

impl From<SummaryKind> for KindJson {
    fn from(kind: SummaryKind) -> Self {
        match kind {
            SummaryKind::Automatic => Self::Automatic,
            SummaryKind::Manual => Self::Manual,
        }
    }
}

impl From<KindJson> for SummaryKind {
    fn from(kind: KindJson) -> Self {
        match kind {
            KindJson::Automatic => Self::Automatic,
            KindJson::Manual => Self::Manual,
        }
    }
}

/// How the text of a summary came to be.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SummaryMethod")]
enum MethodJson {
    /// A language model has written it.
    Model,
    /// It is made of sentences from the room.
    Extractive,
}

impl From<Method> for MethodJson {
    fn from(method: Method) -> Self {
        match method {
            Method::Model => Self::Model,
            Method::Extractive => Self::Extractive,
        }
    }
}
