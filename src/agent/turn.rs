//! A turn of a conversation: what happens in it is stored as it happens, and watched.

use std::sync::Arc;

use errand_core::{
    Caller, Error, MessageId, TurnId,
    app::Claim,
    conversation::{Author, Body, NewMessage, Turn, TurnState},
};
use tokio_util::sync::CancellationToken;

use super::{
    Inner,
    desk::Pen,
    history,
    model::Heard,
    report::receipts,
    steps::{Answered, Scribe, Steps, Stop},
};

/// How many of the newest messages are looked at; what fits into the context is then chosen from them.
const HISTORY: i64 = 400;

/// A turn that is about to run.
pub(super) struct Run {
    inner: Arc<Inner>,
    pub(super) turn: Turn,
    pub(super) caller: Caller,
}

impl Run {
    pub(super) fn new(inner: Arc<Inner>, caller: Caller, claim: &Claim) -> Self {
        let turn = Turn {
            id: TurnId::from(claim.message.id),
            conversation: claim.conversation.id,
            state: TurnState::Running,
            answer: None,
            failure: None,
        };
        Self { inner, turn, caller }
    }

    /// Runs the turn and closes it, whatever happens.
    pub(super) async fn run(self, pen: Pen, cancel: CancellationToken) {
        let Self { inner, turn, caller } = &self;
        let now = inner.app.clock.now();
        let mut steps = Steps::new(Arc::clone(inner), caller.clone(), (turn.id, None), now);
        let told = Told { run: &self, pen };
        let ended = match inner.app.newest_messages(caller, turn.conversation, HISTORY).await {
            Ok(messages) => {
                steps.lines = history::lines(&messages);
                steps.run(&told, &cancel).await
            }
            Err(error) => Err(error.into()),
        };
        let ended = match ended {
            Ok(answered) => self.complete(&mut steps, answered).await.map_err(Stop::from),
            Err(stop) => Err(stop),
        };
        if let Err(stop) = ended {
            self.fail(&steps, stop).await;
        }
    }

    async fn complete(&self, steps: &mut Steps, answered: Answered) -> Result<(), Error> {
        let Answered { id, text: content, done } = answered;
        let body = Body::Text { receipts: receipts(&done) };
        let answer = NewMessage { id, author: Author::Assistant, content, body };
        let calls = std::mem::take(&mut steps.calls);
        self.inner.app.complete_turn(&self.caller, &self.turn, vec![answer], calls).await?;
        Ok(())
    }

    async fn fail(&self, steps: &Steps, stop: Stop) {
        let Some((failure, text)) = steps.reason(stop).await else { return };
        let failed = self.inner.app.fail_turn(&self.caller, &self.turn, Vec::new(), failure, text).await;
        if let Err(error) = failed {
            tracing::error!(%error, turn = %self.turn.id, "turn.not_closed"); // closed at the next start
        }
    }
}

/// Tells of a turn in its conversation.
struct Told<'a> {
    run: &'a Run,
    pen: Pen,
}

impl Scribe for Told<'_> {
    fn write(&self, id: MessageId, heard: &Heard<'_>) {
        self.pen.write(id, heard);
    }

    async fn tell(&self, messages: Vec<NewMessage>) -> Result<(), Error> {
        let Run { inner, turn, caller } = self.run;
        inner.app.tell_turn(caller, turn, messages).await?;
        self.pen.stored();
        Ok(())
    }
}
