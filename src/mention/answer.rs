//! The turn in which a mention is answered, and the answer on its way into the room.

use std::time::Duration;

use errand_core::{
    Account, Caller, Door, Error,
    chatroom::{Envelope, Mention, MessageKind, NewChatMessage, Refused},
    conversation::MESSAGE_MAX,
};
use tokio::{
    task::spawn_blocking,
    time::{Instant, sleep},
};

use super::{Asked, Mentions};
use crate::{
    agent::{Aside, Said, model::Line},
    assistant::Missing,
    limits::TooMany,
};

/// How long an answer waits for a key that it can be encrypted with: after somebody has left, a client makes a new one.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often it is tried meanwhile.
const AGAIN: Duration = Duration::from_secs(1);

/// The most bytes that are kept of a turn; of a longer one, what was said in it.
const KEPT_MAX: usize = 256 << 10;

/// What came of an answer on its way.
enum Sent {
    /// It is in the room, or need not be any more.
    Done,
    /// There is no key with which it could be encrypted now.
    NoKey,
}

impl Mentions {
    /// Answers, whatever happens.
    pub(super) async fn answer(&self, Asked { mention, request }: Asked) {
        let said = match self.turn(&mention, request).await {
            Ok(said) => said,
            Err(Error::NotFound(_)) => return self.forget(&mention).await, // whoever asked is gone
            Err(error) => {
                tracing::error!(%error, turn = %mention.turn, "mention.failed");
                return self.release(&mention).await;
            }
        };
        let patience = Instant::now() + PATIENCE;
        loop {
            match self.send(&mention, &said).await {
                Ok(Sent::Done) => return,
                Ok(Sent::NoKey) if Instant::now() < patience && !self.0.agent.shutdown().is_cancelled() => {
                    sleep(AGAIN).await;
                }
                Ok(Sent::NoKey) => return self.release(&mention).await,
                Err(error) => {
                    tracing::error!(%error, turn = %mention.turn, "mention.not_answered");
                    return self.release(&mention).await;
                }
            }
        }
    }

    /// Answers the mentions that nobody is about to answer, as far as it can be done now.
    pub(super) async fn answer_left(&self) {
        let left = self.0.app.left_mentions().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "mentions.not_looked_for");
            Vec::new()
        });
        for mention in left {
            let answered = match self.0.agent.interrupted(mention.turn).await {
                Ok(text) => self.send(&mention, &Said { text, lines: Vec::new() }).await,
                Err(error) => Err(error),
            };
            match answered {
                Ok(Sent::Done) => tracing::warn!(turn = %mention.turn, "mention.closed_after_crash"),
                Ok(Sent::NoKey) => {}
                Err(error) => tracing::warn!(%error, turn = %mention.turn, "mention.not_answered"),
            }
        }
    }

    async fn turn(&self, mention: &Mention, request: String) -> Result<Said, Error> {
        let account = self.0.app.account(mention.user).await?;
        if let Some(text) = self.refused(&account, &request).await {
            return Ok(Said { text, lines: Vec::new() });
        }
        let assistant = self.0.assistant.caller();
        let _typing = self.0.presence.types(mention.room, assistant.user, &assistant.name);
        let before = self.before(mention).await?;
        let (caller, turn, room, at) =
            (Caller::new(&account, Door::Rest), mention.turn, mention.room, mention.written_at);
        Ok(self.0.agent.aside(Aside { caller, turn, room, before, request, at }).await)
    }

    /// Why it is not even tried.
    async fn refused(&self, account: &Account, request: &str) -> Option<String> {
        let length = request.chars().count();
        if length > MESSAGE_MAX {
            return Some(format!(
                "That has {length} characters, and I read at most {MESSAGE_MAX}. Nothing was changed."
            ));
        }
        let TooMany { retry_after } = self.0.limits.chat.pass(account.id).await.err()?;
        let minutes = retry_after.as_secs().div_ceil(60);
        Some(format!("You have asked me too often; please ask again in {minutes} min. Nothing was changed."))
    }

    /// What the sender asked before in this room, and what came of it. Nothing of what the keys do not open any more.
    async fn before(&self, mention: &Mention) -> Result<Vec<Line>, Error> {
        let kept = self.0.app.kept_turns(mention.room, mention.user).await?;
        let keys = self.0.assistant.keys(mention.room).await?;
        let open = move |envelope: &Envelope| {
            let text = keys.open(envelope).ok()?;
            serde_json::from_str::<Vec<Line>>(&text).ok()
        };
        let opened = spawn_blocking(move || kept.iter().filter_map(open).flatten().collect()).await;
        opened.map_err(|error| Error::Internal(error.to_string()))
    }

    /// Encrypts an answer and writes it into the room, once.
    async fn send(&self, mention: &Mention, said: &Said) -> Result<Sent, Error> {
        let (assistant, broken) =
            (&self.0.assistant, |error: &dyn std::error::Error| Error::Internal(error.to_string()));
        let keys = match assistant.keys(mention.room).await {
            Ok(keys) if keys.missing() == Some(Missing::NotThere) => return self.give_up(mention).await,
            Ok(keys) => keys,
            Err(Error::NotFound(_)) => return self.give_up(mention).await,
            Err(error) => return Err(error),
        };
        let (text, lines) = (said.text.clone(), said.kept().map_err(|error| broken(&error))?);
        let sealed = spawn_blocking(move || {
            let kept = lines.map(|lines| keys.seal(&lines)).transpose()?.flatten();
            keys.seal(&text).map(|answer| (answer, kept))
        });
        let (answer, kept) = sealed.await.map_err(|error| broken(&error))?.map_err(|error| broken(&error))?;
        let Some(content) = answer else { return Ok(Sent::NoKey) };
        let client_id = Some(mention.turn.to_string());
        let (kind, reply_to, attachments) = (MessageKind::Text, Some(mention.message()), Vec::new());
        let answer = NewChatMessage { content, kind, reply_to, attachments, client_id };
        match self.0.app.answer_mention(assistant.caller(), mention, answer, kept).await {
            Ok(_) => Ok(Sent::Done),
            Err(Error::Chatroom(Refused::KeyVersion { .. })) => Ok(Sent::NoKey),
            Err(Error::NotFound(_) | Error::Forbidden(_)) => self.give_up(mention).await,
            Err(error) => Err(error),
        }
    }

    /// The room is gone, or has put the assistant out.
    async fn give_up(&self, mention: &Mention) -> Result<Sent, Error> {
        self.0.app.forget_mention(mention).await?;
        Ok(Sent::Done)
    }

    async fn forget(&self, mention: &Mention) {
        if let Err(error) = self.0.app.forget_mention(mention).await {
            tracing::warn!(%error, turn = %mention.turn, "mention.not_forgotten"); // answered from the journal at the next start
        }
    }

    async fn release(&self, mention: &Mention) {
        if let Err(error) = self.0.app.release_mention(mention).await {
            tracing::warn!(%error, turn = %mention.turn, "mention.not_released"); // likewise
        }
    }
}

impl Said {
    /// What the sender's next turn is told of this one; none when there is nothing to tell.
    fn kept(&self) -> Result<Option<String>, serde_json::Error> {
        let lines = match self.lines.as_slice() {
            [] => return Ok(None),
            lines => serde_json::to_string(lines)?,
        };
        if lines.len() <= KEPT_MAX {
            return Ok(Some(lines));
        }
        let said = |line: &&Line| match line {
            Line::User(_) => true,
            Line::Assistant { calls, .. } => calls.is_empty(),
            Line::Outcome(_) => false,
        };
        serde_json::to_string(&self.lines.iter().filter(said).collect::<Vec<_>>()).map(Some)
    }
}
