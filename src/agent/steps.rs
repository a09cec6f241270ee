//! The loop of one turn: ask the model, run what it calls, until it answers or a limit is reached. Where that is told is not known here.

use std::{panic::AssertUnwindSafe, sync::Arc};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use errand_core::{
    Caller, Door, Error, MessageId, RoomId, TurnId,
    account::Call,
    change::Change,
    conversation::{Author, Body, Failure, NewMessage, Outcome, ToolCall},
    measure::{MODEL, OneMore, TOKENS, TURNS, TURNS_RUNNING},
};
use futures::{FutureExt, future::join_all};
use metrics::{counter, gauge, histogram};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    Inner, budget, claims,
    ledger::Ledger,
    model::{Heard, Line, ModelError, Reply, Request, Usage},
    prompts::{self, Limit},
    report::{pair, refused, what_happened, why},
};

/// Who takes down what happens in a turn while it happens.
pub(super) trait Scribe: Sync {
    /// The model writes.
    fn write(&self, id: MessageId, heard: &Heard<'_>);

    /// What the model has said and called, with what came back.
    fn tell(&self, messages: Vec<NewMessage>) -> impl Future<Output = Result<(), Error>> + Send;
}

/// A turn that is about to run.
pub(super) struct Steps {
    inner: Arc<Inner>,
    pub(super) caller: Caller,
    turn: TurnId,
    /// Where it was asked for; none in a conversation.
    room: Option<RoomId>,
    now: DateTime<Tz>,
    deadline: Instant,
    ledger: Ledger,
    /// What the model is shown, and what it says.
    pub(super) lines: Vec<Line>,
    pub(super) calls: Vec<ToolCall>,
    limit: Option<Limit>,
    usage: Usage,
}

/// How a turn ended with an answer.
pub(super) struct Answered {
    /// The id under which it was written.
    pub(super) id: MessageId,
    pub(super) text: String,
    /// What was done in the turn.
    pub(super) done: Vec<Change>,
}

/// How it ended otherwise.
pub(super) enum Stop {
    Failed(Failure),
    Cancelled,
    Broken(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

impl Steps {
    /// A turn of `caller`'s, in which the words for days mean those around `now`.
    pub(super) fn new(
        inner: Arc<Inner>,
        caller: Caller,
        (turn, room): (TurnId, Option<RoomId>),
        now: DateTime<Utc>,
    ) -> Self {
        let now = now.with_timezone(&caller.zone);
        let deadline = Instant::now() + inner.bounds.turn_time;
        let (ledger, lines, calls) = (Ledger::default(), Vec::new(), Vec::new());
        Self { inner, caller, turn, room, now, deadline, ledger, lines, calls, limit: None, usage: Usage::default() }
    }

    /// Runs the turn to its end, whatever happens.
    pub(super) async fn run(&mut self, scribe: &impl Scribe, cancel: &CancellationToken) -> Result<Answered, Stop> {
        let began = Instant::now();
        let _running = OneMore::of(gauge!(TURNS_RUNNING.name));
        let result = AssertUnwindSafe(self.answer(scribe, cancel)).catch_unwind().await;
        let result = result.unwrap_or_else(|_| Err(Stop::Broken(Error::Internal("the turn panicked".into()))));
        let outcome = match &result {
            Ok(_) => "completed",
            Err(Stop::Cancelled) => "cancelled",
            Err(Stop::Failed(_) | Stop::Broken(_)) => "failed",
        };
        let (turn, model, calls) = (self.turn, self.inner.model.name(), self.ledger.count);
        histogram!(TURNS.name, "outcome" => outcome).record(began.elapsed());
        let (duration_ms, tokens) = (began.elapsed().as_millis(), self.usage.input + self.usage.output);
        tracing::info!(%turn, model, outcome, calls, tokens, duration_ms = %duration_ms, "turn.ended");
        result
    }

    async fn answer(&mut self, scribe: &impl Scribe, cancel: &CancellationToken) -> Result<Answered, Stop> {
        let bounds = self.inner.bounds;
        let (mut warned, mut silent) = (false, false);
        for step in 1..=bounds.model_calls {
            if step == bounds.model_calls && self.limit.is_none() && step > 1 {
                self.limit = Some(Limit::Steps);
            }
            let id = MessageId::fresh();
            let Some(reply) = self.ask(id, scribe, cancel).await? else { break };
            self.usage += reply.usage;
            if !reply.calls.is_empty() && self.limit.is_none() {
                self.work(id, reply, scribe, cancel).await?;
                continue;
            }
            if reply.text.trim().is_empty() {
                if silent || self.limit.is_some() {
                    break;
                }
                silent = true;
                self.lines.push(Line::User(prompts::silent(self.unanswered())));
                continue;
            }
            let done = self.inner.app.turn_changes(self.turn).await?;
            let verbs: Vec<_> = done.iter().map(|change| change.verb).collect();
            let claim = claims::check(&reply.text, &verbs);
            if let (Some(claim), false) = (&claim, warned || self.limit.is_some()) {
                warned = true;
                scribe.write(id, &Heard::Again);
                self.lines.push(Line::Assistant { text: reply.text, calls: Vec::new() });
                self.lines.push(Line::User(prompts::claim(claim.told())));
                continue;
            }
            let text = claim.map_or_else(|| reply.text.clone(), |claim| claim.correct(&reply.text, &verbs));
            return Ok(Answered { id, text, done });
        }
        self.finish_at_limit(scribe).await
    }

    /// What the user asked, when nothing has been called for it yet.
    fn unanswered(&self) -> Option<&str> {
        match self.lines.last() {
            Some(Line::User(request)) => Some(request),
            Some(Line::Assistant { .. } | Line::Outcome(_)) | None => None,
        }
    }

    /// Asks the model once; none when the time of the turn is over.
    async fn ask(
        &mut self,
        id: MessageId,
        scribe: &impl Scribe,
        cancel: &CancellationToken,
    ) -> Result<Option<Reply>, Stop> {
        let bounds = self.inner.bounds;
        let mut lines = budget::fit(self.lines.clone(), bounds.context_tokens);
        if let Some(limit) = self.limit {
            lines.push(Line::User(prompts::limit(limit)));
        }
        let deadline = self.deadline.min(Instant::now() + bounds.model_time);
        let request = Request {
            system: prompts::system(self.now),
            lines,
            tools: Arc::clone(&self.inner.specs),
            now: self.now,
            may_call: self.limit.is_none(),
            deadline,
            private: self.room.is_some(),
        };
        let heard = |heard: Heard<'_>| scribe.write(id, &heard);
        let began = Instant::now();
        let reply = tokio::select! {
            biased;
            () = cancel.cancelled() => {
                self.asked("cancelled", began, Usage::default());
                return Err(Stop::Cancelled);
            }
            reply = tokio::time::timeout_at(deadline, self.inner.model.reply(&request, &heard)) => reply,
        };
        let reply = reply.unwrap_or(Err(ModelError::TimedOut { after: bounds.model_time }));
        let (outcome, usage) = reply.as_ref().map_or(("failed", Usage::default()), |reply| ("answered", reply.usage));
        self.asked(outcome, began, usage);
        match reply {
            Ok(reply) => Ok(Some(reply)),
            Err(_) if Instant::now() >= self.deadline && self.ledger.count > 0 => {
                self.limit = Some(Limit::Time);
                Ok(None)
            }
            Err(error) => {
                tracing::warn!(error = request.shown(&error), turn = %self.turn, model = self.inner.model.name(), "model.failed");
                Err(Stop::Failed(Failure::Model))
            }
        }
    }

    /// Counts a call of the model.
    fn asked(&self, outcome: &'static str, began: Instant, usage: Usage) {
        let model = || self.inner.model.name().to_owned();
        histogram!(MODEL.name, "model" => model(), "outcome" => outcome).record(began.elapsed());
        for (direction, tokens) in [("input", usage.input), ("output", usage.output)] {
            counter!(TOKENS.name, "model" => model(), "direction" => direction).increment(tokens);
        }
    }

    /// Runs the calls of a reply and stores them with their outcomes.
    async fn work(
        &mut self,
        id: MessageId,
        reply: Reply,
        scribe: &impl Scribe,
        cancel: &CancellationToken,
    ) -> Result<(), Stop> {
        let calls: Vec<_> = reply.calls.into_iter().map(|call| self.ledger.name(call)).collect();
        let mut outcomes = Vec::with_capacity(calls.len());
        let inner = Arc::clone(&self.inner);
        for together in calls.chunk_by(|one, next| inner.reads(one) && inner.reads(next)) {
            if cancel.is_cancelled() {
                let not_run = |call| refused(call, "The user stopped the answer before this call was run.");
                outcomes.extend(together.iter().map(not_run));
            } else {
                outcomes.extend(self.run_together(together).await);
            }
        }
        let mut messages = Vec::with_capacity(calls.len() * 2 + 1);
        if !reply.text.trim().is_empty() {
            let (author, content) = (Author::Assistant, reply.text.clone());
            messages.push(NewMessage { id, author, content, body: Body::TEXT });
        }
        for (call, outcome) in calls.iter().zip(&outcomes) {
            messages.extend(pair(call, outcome));
        }
        self.calls.extend(calls.iter().cloned());
        self.lines.push(Line::Assistant { text: reply.text, calls });
        self.lines.extend(outcomes.into_iter().map(Line::Outcome));
        scribe.tell(messages).await?;
        if cancel.is_cancelled() { Err(Stop::Cancelled) } else { Ok(()) }
    }

    /// Runs calls side by side: several that only read, or one that changes.
    async fn run_together(&mut self, calls: &[ToolCall]) -> Vec<Outcome> {
        let mut planned = Vec::with_capacity(calls.len());
        for call in calls {
            let known = self.ledger.known(call, self.inner.reads(call));
            let over = self.ledger.count >= self.inner.bounds.tool_calls;
            if known.is_none() && !over {
                self.ledger.count += 1;
            }
            if over {
                self.limit = Some(Limit::Calls);
            }
            planned.push(match (known, over) {
                (Some(known), _) => Err(known),
                (None, true) => {
                    Err(refused(call, "The limit of tool calls in one turn is reached; this call was not run."))
                }
                (None, false) => Ok(call),
            });
        }
        let outcomes = join_all(planned.into_iter().map(async |plan| match plan {
            Ok(call) => (self.call(call).await, true),
            Err(outcome) => (outcome, false),
        }))
        .await;
        for (call, (outcome, ran)) in calls.iter().zip(&outcomes) {
            if *ran {
                self.ledger.note(call, self.inner.reads(call), outcome);
            }
        }
        outcomes.into_iter().map(|(outcome, _)| outcome).collect()
    }

    async fn call(&self, call: &ToolCall) -> Outcome {
        let began = Instant::now();
        let (turn, room, id, tool) = (self.turn, self.room, call.id.clone(), call.name.clone());
        // Of a room's words the journal has what became of the tasks, and no more.
        let arguments = if room.is_some() { serde_json::Value::Null } else { call.arguments.clone() };
        let door = Door::Chat(Box::new(Call { turn, room, id, tool, arguments }));
        let caller = Caller { door, ..self.caller.clone() };
        let outcome = self.inner.tools.call(caller, &call.name, call.arguments.clone()).await;
        let duration_us = began.elapsed().as_micros();
        tracing::debug!(turn = %self.turn, tool = call.name, is_error = outcome.is_error, duration_us = %duration_us, "tool.called");
        Outcome {
            call_id: call.id.clone(),
            name: call.name.clone(),
            content: outcome.content,
            is_error: outcome.is_error,
        }
    }

    /// Answers with what there is, and says that it stopped, and why.
    async fn finish_at_limit(&mut self, scribe: &impl Scribe) -> Result<Answered, Stop> {
        let reason = match self.limit {
            Some(Limit::Steps) => "I stopped here because this took too many steps.",
            Some(Limit::Calls) => "I stopped here because this took too many tool calls.",
            Some(Limit::Time) => "I stopped here because this took too long.",
            None => {
                tracing::warn!(turn = %self.turn, model = self.inner.model.name(), "model.said_nothing");
                return Err(Stop::Failed(Failure::Model));
            }
        };
        let done = self.inner.app.turn_changes(self.turn).await?;
        let text = format!("{reason} {}", what_happened(&done));
        let id = MessageId::fresh();
        scribe.write(id, &Heard::Text(&text));
        Ok(Answered { id, text, done })
    }

    /// Why it ended without an answer, also in words; none when it was deleted with its conversation.
    pub(super) async fn reason(&self, stop: Stop) -> Option<(Failure, String)> {
        let failure = match stop {
            Stop::Failed(failure) => failure,
            Stop::Cancelled if self.inner.desk.shutdown.is_cancelled() => Failure::Interrupted,
            Stop::Cancelled => Failure::Cancelled,
            Stop::Broken(Error::NotFound(_)) => return None,
            Stop::Broken(error) => {
                tracing::error!(%error, turn = %self.turn, "turn.failed");
                Failure::Internal
            }
        };
        let done = self.inner.app.turn_changes(self.turn).await.unwrap_or_default();
        let text = if done.is_empty() && failure != Failure::Cancelled {
            why(failure).to_owned()
        } else {
            format!("{} {}", why(failure), what_happened(&done))
        };
        Some((failure, text))
    }
}
