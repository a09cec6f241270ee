//! Search in a chatroom: by the service where the assistant has the room's key, else by those who do.

use std::time::Instant as Began;

use axum::extract;
use errand_core::{Error, Problem, RoomId, UserId, app::page_size, chatroom::Wanted, error::Rule};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    envelope::Envelope,
    failure::{Failure, Json, RoomPath, User},
    messages::{Kind, MessageJson},
};
use crate::{
    assistant::{Results, Searched},
    faces::{
        schema::{Instant, PageSize},
        time,
    },
    search::{Context, Hit, QUERY_MAX, Query, QueryError},
    state::State,
};

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Search")]
pub(super) struct Asked {
    /// Words, and phrases between double quotes; a message is found that has one of them.
    #[schemars(length(min = 1, max = QUERY_MAX))]
    query: String,
    /// Only what is this.
    #[serde(default)]
    message_type: Option<Kind>,
    /// Only what they wrote.
    #[serde(default)]
    user_id: Option<UserId>,
    /// Only what was written then or later.
    #[serde(default)]
    #[schemars(with = "Option<Instant>")]
    date_from: Option<String>,
    /// Only what was written then or earlier.
    #[serde(default)]
    #[schemars(with = "Option<Instant>")]
    date_to: Option<String>,
    #[serde(default = "usual")]
    #[schemars(with = "PageSize")]
    limit: i64,
}

fn usual() -> i64 {
    20
}

impl Asked {
    /// What is searched for, in what, and how much of it is answered.
    fn checked(self) -> Result<(Query, Wanted, usize), Error> {
        let Self { query, message_type, user_id, date_from, date_to, limit } = self;
        page_size(limit)?;
        let query = Query::parse(&query).map_err(|error| match error {
            QueryError::Empty => Problem::new("query", "must have at least one word").of(Rule::Required),
            QueryError::TooLong => {
                Problem::new("query", format!("must have at most {QUERY_MAX} characters")).of(Rule::Length)
            }
        })?;
        let from = time::optional("date_from", date_from.as_deref())?;
        let to = time::optional("date_to", date_to.as_deref())?;
        let wanted = Wanted { kind: message_type.map(Into::into), sender: user_id, from, to };
        Ok((query, wanted, usize::try_from(limit).unwrap_or(usize::MAX)))
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SearchResults")]
pub(super) struct Answer {
    results: Vec<ResultJson>,
    /// How many messages were found, also those beyond the limit.
    total_results: usize,
    search_time_ms: u64,
    search_mode: Mode,
    /// How many messages were searched, the newest.
    searched_messages: usize,
    /// How many of the newest could not be, because the assistant or the caller was not given the version of the key that they need.
    unreadable_messages: usize,
    /// Whether there are older messages that were not looked at.
    older_left_out: bool,
}

/// Who searches.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SearchMode")]
enum Mode {
    /// The service has.
    Server,
    /// Those who have the room's key have to; the service cannot read what is written there.
    Client,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SearchResult")]
struct ResultJson {
    message: MessageJson,
    /// How well it fits, compared with the others of this search.
    relevance_score: f64,
    /// What of the query it has.
    matched_terms: Vec<String>,
    context: ContextJson,
}

/// Where the message has the first of them.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SearchContext")]
struct ContextJson {
    before: String,
    #[serde(rename = "match")]
    matched: String,
    after: String,
}

pub(super) async fn search(
    extract::State(state): extract::State<State>,
    user: User,
    RoomPath { value: room, .. }: RoomPath<RoomId>,
    Json { body, .. }: Json<Asked>,
) -> Result<axum::Json<Envelope<Answer>>, Failure> {
    let began = Began::now();
    let (query, wanted, limit) = body.checked()?;
    let searched = state.assistant.search(&user.caller, room, query, wanted, limit).await?;
    let search_time_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (results, search_mode, said) = match searched {
        Searched::Here(results) => (results, Mode::Server, "Search completed successfully"),
        Searched::Elsewhere(why) => (Results::default(), Mode::Client, why.text()),
    };
    let Results { hits, total: total_results, read, unreadable, cut: older_left_out } = results;
    let result = |Hit { message, score: relevance_score, matched_terms, context }| {
        let Context { before, matched, after } = context;
        let (message, context) =
            (MessageJson::new(message, Some(user.caller.user)), ContextJson { before, matched, after });
        ResultJson { message, relevance_score, matched_terms, context }
    };
    let results = hits.into_iter().map(result).collect();
    let (searched_messages, unreadable_messages) = (read, unreadable);
    let answer = Answer {
        results,
        total_results,
        search_time_ms,
        search_mode,
        searched_messages,
        unreadable_messages,
        older_left_out,
    };
    Ok(axum::Json(Envelope::of(answer, said)))
}
