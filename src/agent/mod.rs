//! One turn of a conversation: from the user's sentence, through the model and the tools, to the stored answer.
//!
//! - `steps`: the loop; `ledger`: what was called in it; `report`: what it tells;
//! - `turn`: one in a conversation; `history`: what the model is shown of that; `aside`: one elsewhere;
//! - `model`: what a model is; `openai`, `builtin`: the models there are; `spoken`: calls that a model writes as text;
//! - `claims`: an answer that says something was done, when nothing was;
//! - `desk`: the turns that are running in this process: who waits for which, who watches, who stops one;
//! - `prompts`, `markdown`: texts for the model, text of the model as HTML.
//!
//! To add a model: implement [`model::Model`] in a file here, and choose it in `serve.rs`.

mod aside;
mod budget;
mod builtin;
mod claims;
mod desk;
mod history;
mod ledger;
pub(crate) mod markdown;
pub mod model;
pub(crate) mod openai;
pub(crate) mod prompts;
mod report;
mod spoken;
mod steps;
mod turn;

use std::{sync::Arc, time::Duration};

use errand_core::{
    Account, App, Caller, ConversationId, Door, Error, UserId,
    app::{Claimed, TurnRequest, Zone},
    conversation::{Body, Conversation, Failure, Message, Outcome, ToolCall, Turn, TurnState},
};
use errand_mcp_tools::InProcess;
use tokio_util::sync::CancellationToken;

pub use self::{
    aside::{Aside, Said},
    builtin::Builtin,
    desk::{Live, LiveTurns},
};
use self::{desk::Desk, model::Model};

/// How far a turn may go. At each of these the assistant answers with what it has, and says so.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Calls of the model.
    pub model_calls: u32,
    /// Calls of tools.
    pub tool_calls: u32,
    /// How long one call of the model may take, with its retries.
    pub model_time: Duration,
    /// How long the whole turn may take.
    pub turn_time: Duration,
    /// How much of the conversation the model is shown, in tokens, about.
    pub context_tokens: usize,
}

/// Who answers in conversations. Cheap to clone.
#[derive(Clone)]
pub struct Agent(Arc<Inner>);

struct Inner {
    app: App,
    tools: InProcess,
    specs: Arc<[model::ToolSpec]>,
    model: Arc<dyn Model>,
    bounds: Bounds,
    desk: Desk,
}

/// What came of a turn.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Where.
    pub conversation: Conversation,
    /// The answer as it was stored.
    pub message: Message,
    /// What was called, in order.
    pub called: Vec<Called>,
}

/// A call with its outcome.
#[derive(Clone, Debug)]
pub struct Called {
    /// The call.
    pub call: ToolCall,
    /// What came back.
    pub outcome: Outcome,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// The turn was not begun.
    #[error(transparent)]
    Refused(#[from] Error),
    /// It was begun, and failed. The conversation tells how far it came.
    #[error("{message}")]
    Failed {
        /// Why.
        failure: Failure,
        /// The same for the user to read.
        message: String,
    },
}

impl Agent {
    /// An agent that answers with `model` and works with `tools`.
    #[must_use]
    pub fn new(app: App, tools: InProcess, model: Arc<dyn Model>, bounds: Bounds) -> Self {
        let specs = tools.tools().iter().map(spec).collect();
        Self(Arc::new(Inner { app, tools, specs, model, bounds, desk: Desk::default() }))
    }

    /// One turn, to its end.
    ///
    /// # Errors
    /// [`TurnError`].
    pub async fn turn(&self, account: &Account, zone: Option<Zone>, request: TurnRequest) -> Result<Answer, TurnError> {
        let begun = self.begin(account, zone, request).await?;
        self.wait(begun.id).await?;
        self.answer(account, begun.id).await
    }

    /// Begins a turn, which then runs by itself. Waits while another turn runs in the same conversation.
    ///
    /// # Errors
    /// What `App::claim_turn` refuses.
    pub async fn begin(&self, account: &Account, zone: Option<Zone>, request: TurnRequest) -> Result<Turn, Error> {
        let inner = &self.0;
        if let Some(zone) = zone {
            inner.app.remember_zone(account, zone).await?;
        }
        let mut caller = Caller::new(account, Door::Rest);
        caller.zone = zone.map_or(caller.zone, |Zone(zone)| zone);
        let place = match request.conversation {
            None => None,
            Some(wanted) => {
                let conversation = inner.app.conversation(&caller, wanted).await?;
                Some(inner.desk.queue(conversation.id).await?)
            }
        };
        match inner.claim(&caller, request).await? {
            Claimed::Before(turn) => Ok(turn),
            Claimed::New(claim) => {
                let run = turn::Run::new(Arc::clone(inner), caller, &claim);
                Ok(inner.desk.start(run, place))
            }
        }
    }

    /// Waits until a turn is over, wherever it runs.
    async fn wait(&self, turn: errand_core::TurnId) -> Result<(), Error> {
        const EVERY: Duration = Duration::from_millis(200);
        if let Some(mut over) = self.0.desk.over(turn) {
            let _ = over.wait_for(|over| *over).await; // an error means that the turn's task is gone: it is over, too
        }
        let patience = tokio::time::Instant::now() + self.0.bounds.turn_time * 2;
        while tokio::time::Instant::now() < patience {
            match self.0.app.turn(turn).await?.map(|turn| turn.state) {
                Some(TurnState::Running) => tokio::time::sleep(EVERY).await, // on another instance
                Some(TurnState::Completed | TurnState::Failed) | None => return Ok(()),
            }
        }
        Err(Error::TurnRunning)
    }

    /// The answer of a turn that is over.
    async fn answer(&self, account: &Account, id: errand_core::TurnId) -> Result<Answer, TurnError> {
        let app = &self.0.app;
        let gone = || Error::NotFound(errand_core::Noun::Conversation); // deleted while the turn ran
        let turn = app.turn(id).await?.ok_or_else(gone)?;
        let messages = app.turn_messages(&turn).await?;
        if let Some(failure) = turn.failure {
            let told = messages.iter().rfind(|message| matches!(message.body, Body::Error { .. }));
            let message = told.map_or_else(|| report::why(failure).to_owned(), |message| message.content.clone());
            return Err(TurnError::Failed { failure, message });
        }
        let caller = Caller::new(account, Door::Rest);
        let wanted = errand_core::app::ConversationRef::Id(turn.conversation);
        let conversation = app.conversation(&caller, wanted).await?;
        let calls = history::called(&messages);
        let message = messages.into_iter().rfind(|message| Some(message.id) == turn.answer).ok_or_else(gone)?;
        Ok(Answer { conversation, message, called: calls })
    }

    /// Stops the turn that runs in a conversation, if one does. What had happened by then is said.
    pub fn cancel(&self, user: UserId, conversation: ConversationId) {
        self.0.desk.cancel(user, conversation);
    }

    /// What the assistant is writing for a user right now, and from now on.
    #[must_use]
    pub fn watch(&self, user: UserId) -> LiveTurns {
        self.0.desk.watch(user)
    }

    /// Cancelled when the process is about to end.
    #[must_use]
    pub fn shutdown(&self) -> CancellationToken {
        self.0.desk.shutdown.clone()
    }

    /// Lets the running turns end, for at most `grace`; then stops them.
    pub async fn stop(&self, grace: Duration) {
        self.0.desk.shutdown.cancel();
        self.0.desk.drain(grace).await;
    }
}

/// A tool as models are told of it. Not the key with which other programs repeat a call safely: here a repeated call is answered
/// from the turn's ledger, and a small model gives every call the same key.
fn spec(tool: &rmcp::model::Tool) -> model::ToolSpec {
    let mut schema = tool.input_schema.as_ref().clone();
    if let Some(serde_json::Value::Object(properties)) = schema.get_mut("properties") {
        properties.remove("idempotency_key");
    }
    model::ToolSpec {
        name: tool.name.to_string(),
        description: tool.description.as_deref().unwrap_or_default().to_owned(),
        schema: serde_json::Value::Object(schema),
    }
}

impl Inner {
    /// Whether a call only reads: such calls may run side by side.
    fn reads(&self, call: &ToolCall) -> bool {
        let tool = self.tools.tools().iter().find(|tool| tool.name == call.name);
        tool.and_then(|tool| tool.annotations.as_ref()?.read_only_hint).unwrap_or(false)
    }

    /// Claims a turn; waits while the conversation's last one runs on another instance.
    async fn claim(&self, caller: &Caller, request: TurnRequest) -> Result<Claimed, Error> {
        const EVERY: Duration = Duration::from_millis(250);
        let patience = tokio::time::Instant::now() + self.bounds.turn_time;
        loop {
            match self.app.claim_turn(caller, request.clone()).await {
                Err(Error::TurnRunning) if tokio::time::Instant::now() < patience => tokio::time::sleep(EVERY).await,
                other => return other,
            }
        }
    }
}
