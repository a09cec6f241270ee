//! Makes summaries of rooms whose key the assistant holds, and opens those that are stored.

use std::{sync::Arc, time::Duration};

use chrono_tz::Tz;
use errand_core::{
    App, Caller, Error, Noun, RoomId,
    chatroom::{self, Dates, Keys, NewSummary, Refused, SummaryKind},
    measure::{MODEL, TOKENS},
};
use metrics::{counter, histogram};
use tokio::{
    sync::Semaphore,
    task::{JoinError, spawn_blocking},
    time::{Instant, timeout, timeout_at},
};

use super::{Document, by_model, extractive, prompt, talk::Talk};
use crate::{
    agent::{
        model::{Line, Model, ModelError, Reply, Request, Usage},
        prompts,
    },
    assistant::{Assistant, Missing, OpenError},
};

/// How many summaries are made at once for people who wait; as many wait in turn as can in [`PATIENCE`].
const AT_ONCE: usize = 4;
const PATIENCE: Duration = Duration::from_secs(20);
/// How often a summary is begun again because messages were taken away meanwhile.
const ATTEMPTS: usize = 3;

/// Who makes summaries. Cheap to clone.
#[derive(Clone)]
pub struct Summaries(Arc<Inner>);

struct Inner {
    app: App,
    assistant: Assistant,
    /// None: summaries are made of the room's own sentences.
    model: Option<Arc<dyn Model>>,
    model_time: Duration,
    places: Semaphore,
}

/// A summary that can be read.
#[derive(Clone, Debug)]
pub struct Told {
    /// As it is stored.
    pub stored: chatroom::Summary,
    /// What it says.
    pub document: Document,
}

/// Why there is no summary.
#[derive(Debug, thiserror::Error)]
pub enum SummaryError {
    /// The core's reason.
    #[error(transparent)]
    Refused(#[from] Error),
    /// The assistant does not hold the room's key.
    #[error(transparent)]
    NoKey(Missing),
    /// There is nothing to be summarised.
    #[error("there is nothing to summarise: no text for which both the assistant and you have the key")]
    NothingSaid,
    /// Too many want one, or messages are being taken away faster than it is made.
    #[error("too much is going on for a summary; try again later")]
    Busy,
}

impl From<JoinError> for SummaryError {
    fn from(error: JoinError) -> Self {
        Error::Internal(error.to_string()).into()
    }
}

impl Summaries {
    /// Summaries by `model`, if it can write any, which may take so long.
    #[must_use]
    pub fn new(app: App, assistant: Assistant, model: Arc<dyn Model>, model_time: Duration) -> Self {
        let model = Some(model).filter(|model| model.writes());
        Self(Arc::new(Inner { app, assistant, model, model_time, places: Semaphore::new(AT_ONCE) }))
    }

    pub(super) fn app(&self) -> &App {
        &self.0.app
    }

    pub(super) fn assistant(&self) -> &Assistant {
        &self.0.assistant
    }

    pub(super) fn model_time(&self) -> Duration {
        self.0.model_time
    }

    /// The newest summary that is stored of what was written within `dates`.
    ///
    /// # Errors
    /// [`SummaryError::NoKey`]; what [`App::newest_summary`] refuses, and [`Error::NotFound`] when there is none.
    pub async fn newest(
        &self,
        caller: &Caller,
        room: RoomId,
        dates: Dates,
        kind: Option<SummaryKind>,
    ) -> Result<Told, SummaryError> {
        let found = self.0.app.newest_summary(caller, room, dates, kind).await?;
        let keys = self.0.assistant.keys(room).await?;
        let Some(stored) = found else {
            return Err(keys.missing().map_or(Error::NotFound(Noun::Summary).into(), SummaryError::NoKey));
        };
        // It may have been encrypted with another version of the key than the newest.
        let opened =
            move || keys.open(&stored.made.content).map(|text| (text, stored)).map_err(|error| (error, keys.missing()));
        let (text, stored) = match spawn_blocking(opened).await? {
            Ok(opened) => opened,
            Err((OpenError::NotHeld(_), missing)) => {
                return Err(SummaryError::NoKey(missing.unwrap_or(Missing::NotGiven)));
            }
            Err((OpenError::Crypto(error), _)) => return Err(Error::Internal(format!("a summary: {error}")).into()),
        };
        // Where the text is wrong, the error would show it.
        let document = serde_json::from_str(&text).map_err(|_| Error::Internal("a summary is not one".into()))?;
        Ok(Told { stored, document })
    }

    /// Makes a summary of what was written within `dates`, its newest part where it is long.
    ///
    /// # Errors
    /// [`SummaryError`].
    pub async fn make(
        &self,
        caller: &Caller,
        room: RoomId,
        dates: Dates,
        wish: Option<&str>,
    ) -> Result<Told, SummaryError> {
        let between = self.0.app.numbers_of(caller, room, dates).await?;
        let place = timeout(PATIENCE, self.0.places.acquire()).await;
        let _place = place.map_err(|_| SummaryError::Busy)?.map_err(|_| SummaryError::Busy)?;
        for _ in 0..ATTEMPTS {
            let (new, document) = self.write(caller, room, between, wish).await?.ok_or(SummaryError::NothingSaid)?;
            match self.0.app.add_summary(caller, room, new).await {
                Ok(stored) => return Ok(Told { stored, document }),
                Err(Error::Stale { .. }) => {} // a message was taken away meanwhile: again, without it
                Err(error) => return Err(error.into()),
            }
        }
        Err(SummaryError::Busy)
    }

    /// A summary of the messages with numbers between these two, as it is to be stored; none when nothing was said.
    pub(super) async fn write(
        &self,
        caller: &Caller,
        room: RoomId,
        between: (i64, i64),
        wish: Option<&str>,
    ) -> Result<Option<(NewSummary, Document)>, SummaryError> {
        let Inner { app, assistant, .. } = &*self.0;
        let keys = assistant.keys(room).await?;
        if let Some(missing) = keys.missing() {
            return Err(SummaryError::NoKey(missing));
        }
        let Keys { current, needed, held, .. } = app.room_keys(caller, room).await?;
        if needed > current {
            return Err(Error::from(Refused::KeyVersion { current, needed }).into()); // it could not be stored
        }
        // Who came later does not learn here what was said before.
        let keys = Arc::new(keys.shared_with(&held));
        let talk = Arc::new(Talk::read(app, caller, room, between, &keys).await?);
        drop(keys);
        let Some(document) = self.document(&talk, wish).await? else { return Ok(None) };
        let keys = assistant.keys(room).await?; // there may be a newer one since the model began
        Ok(talk.sealed(&document, &keys)?.map(|new| (new, document)))
    }

    /// What the summary says: by the model, or where there is none or it fails, of the talk's own sentences.
    async fn document(&self, talk: &Arc<Talk>, wish: Option<&str>) -> Result<Option<Document>, SummaryError> {
        if talk.lines().is_empty() {
            return Ok(None);
        }
        let (mut answer, mut left_out) = (None, 0);
        if let Some(model) = &self.0.model {
            let prompt = prompt(&talk.lines(), wish);
            answer = self.ask(model.as_ref(), prompt.text).await;
            left_out = prompt.left_out;
        }
        let (own, model) = (Arc::clone(talk), self.0.model.as_ref().map(|model| model.name().to_owned()));
        let summarise = move || {
            let lines = own.lines();
            let written = answer.and_then(|answer| by_model(&lines, &answer));
            let by_model = written.is_some();
            let mut document = Document::new(written.or_else(|| extractive(&lines))?, own.participants());
            document.fell_back = model.is_some() && !by_model;
            document.left_out = own.left_out;
            if by_model {
                document.left_out += i64::try_from(left_out).unwrap_or(i64::MAX);
                document.model = model;
            }
            document.skipped = own.skipped;
            Some(document)
        };
        Ok(spawn_blocking(summarise).await?)
    }

    /// What the model answers; none when it fails. What it says then may repeat what it was told, and is not logged.
    async fn ask(&self, model: &dyn Model, prompt: String) -> Option<String> {
        let (began, patience) = (Instant::now(), self.0.model_time);
        let request = Request {
            system: prompts::summariser(),
            lines: vec![Line::User(prompt)],
            tools: Arc::new([]),
            now: self.0.app.clock.now().with_timezone(&Tz::UTC),
            may_call: false,
            deadline: began + patience,
            private: true,
        };
        let reply = timeout_at(request.deadline, model.reply(&request, &|_| {})).await;
        let reply = reply.unwrap_or(Err(ModelError::TimedOut { after: patience }));
        let (outcome, usage) = reply.as_ref().map_or(("failed", Usage::default()), |reply| ("answered", reply.usage));
        let name = || model.name().to_owned();
        histogram!(MODEL.name, "model" => name(), "outcome" => outcome).record(began.elapsed());
        for (direction, tokens) in [("input", usage.input), ("output", usage.output)] {
            counter!(TOKENS.name, "model" => name(), "direction" => direction).increment(tokens);
        }
        match reply {
            Ok(Reply { text, .. }) => Some(text),
            Err(error) => {
                tracing::warn!(model = model.name(), passing = error.is_passing(), "summary.model_failed");
                None
            }
        }
    }
}
