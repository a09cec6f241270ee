//! A turn elsewhere than in a conversation: nothing of what is said is stored here, and nobody watches it. What its calls do to tasks is
//! in the journal, as always.

use std::{mem::take, sync::Arc};

use chrono::{DateTime, Utc};
use errand_core::{
    Caller, Error, MessageId, RoomId, TurnId,
    conversation::{Failure, NewMessage},
};

use super::{
    Agent,
    model::{Heard, Line},
    report::{what_happened, why},
    steps::{Scribe, Steps},
};

/// What somebody asks in a room.
pub struct Aside {
    /// Who asks, for whom the tools work.
    pub caller: Caller,
    /// The turn; no other has its id.
    pub turn: TurnId,
    /// Where they ask.
    pub room: RoomId,
    /// What they said before, and what came of it: the [`Said::lines`] of earlier turns.
    pub before: Vec<Line>,
    /// What they ask.
    pub request: String,
    /// When they did: "tomorrow" is the day after that.
    pub at: DateTime<Utc>,
}

/// What came of it.
pub struct Said {
    /// The answer; where the turn failed, what had happened by then.
    pub text: String,
    /// What was asked, called and answered.
    pub lines: Vec<Line>,
}

impl Agent {
    /// One turn, to its end. It ends early when the process does.
    pub async fn aside(&self, aside: Aside) -> Said {
        let Aside { caller, turn, room, before, request, at } = aside;
        let mut steps = Steps::new(Arc::clone(&self.0), caller, (turn, Some(room)), at);
        let said_before = before.len();
        steps.lines = before;
        steps.lines.push(Line::User(request.clone()));
        let text = match steps.run(&Nobody, &self.0.desk.late).await {
            Ok(answered) => answered.text,
            Err(stop) => match steps.reason(stop).await {
                Some((_, text)) => text,
                None => why(Failure::Internal).to_owned(),
            },
        };
        let called = take(&mut steps.lines).into_iter().skip(said_before).filter(|line| match line {
            Line::Assistant { calls, .. } => !calls.is_empty(),
            Line::Outcome(_) => true,
            Line::User(_) => false, // beside the request those with which the model was helped on
        });
        let answer = Line::Assistant { text: text.clone(), calls: Vec::new() };
        let lines = [Line::User(request)].into_iter().chain(called).chain([answer]).collect();
        Said { text, lines }
    }

    /// What is to be said of a turn whose process died: what it had done by then, from the journal.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn interrupted(&self, turn: TurnId) -> Result<String, Error> {
        let done = self.0.app.turn_changes(turn).await?;
        Ok(format!("{} {}", why(Failure::Interrupted), what_happened(&done)))
    }

    /// Runs something that the end of the process waits for, as it does for turns.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.0.desk.spawn(work);
    }
}

struct Nobody;

impl Scribe for Nobody {
    fn write(&self, _: MessageId, _: &Heard<'_>) {}

    async fn tell(&self, _: Vec<NewMessage>) -> Result<(), Error> {
        Ok(())
    }
}
