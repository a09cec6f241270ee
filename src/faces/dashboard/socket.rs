//! This contract's part of `/ws`: what happens, as it happens; and turns of the assistant.
//!
//! A client that was closed because it did not keep up resumes with `sync_request` from the last `seq` it saw.

mod answers;

use std::{collections::VecDeque, sync::Arc};

use chrono::{DateTime, Utc};
use errand_core::{
    Error,
    event::Topic,
    feed::{Delivered, Next, Subscription},
    mailbox::{self, Mailbox},
};

use super::frames::{self, About, Code, Frame, Told};
use crate::{
    agent::{Live, LiveTurns},
    faces::socket::{End, Guest, Link, Step},
};

/// What one socket says and hears in this contract's dialect.
pub(in crate::faces) struct Dialect {
    guest: Arc<Guest>,
    events: Subscription,
    live: LiveTurns,
    refusals: Arc<Mailbox<VecDeque<Box<Refused>>>>,
}

/// Something that a client has not asked for just now.
pub(in crate::faces) enum News {
    Live(Live),
    Stored(Arc<Delivered>),
    Refused(Box<Refused>),
}

/// A turn that was not begun, with what tells the client which one.
pub(in crate::faces) struct Refused(Error, About);

impl Dialect {
    /// Hears what happens to `guest` from now on.
    pub(in crate::faces) async fn open(guest: &Arc<Guest>) -> Result<Self, Error> {
        let Guest { state, account, .. } = guest.as_ref();
        let events = state.app.store.subscribe(Topic::User(account.id)).await?;
        let live = state.agent.watch(account.id);
        Ok(Self { guest: Arc::clone(guest), events, live, refusals: Arc::default() })
    }

    /// What is to be told next. Safe to cancel.
    pub(in crate::faces) async fn next(&mut self) -> Step<News> {
        tokio::select! {
            biased;
            // Before the events: what is being written comes before what was stored.
            live = self.live.next() => Ok(News::Live(live)),
            next = self.events.next() => match next.map_err(|error| End::failed(&error))? {
                Next::Event(event) => Ok(News::Stored(event)),
                Next::TooSlow => Err(End::TOO_SLOW),
            },
            refused = self.refusals.next(mailbox::oldest) => Ok(News::Refused(refused)),
        }
    }

    /// Tells it.
    pub(in crate::faces) async fn tell(&self, link: &mut Link, news: News) -> Step {
        match news {
            News::Live(live) => self.tell_live(link, live).await,
            News::Stored(event) => link.tell_all(event.encoded(frames::event)).await,
            News::Refused(refused) => {
                let Refused(error, about) = *refused;
                let (code, message) = why(&error);
                self.error(link, code, message, about).await
            }
        }
    }

    /// That a frame is no text.
    pub(in crate::faces) async fn not_text(&self, link: &mut Link) -> Step {
        self.error(link, Code::ValidationError, "A frame must be JSON text", About::default()).await
    }

    async fn tell_live(&self, link: &mut Link, live: Live) -> Step {
        let told = match live {
            Live::Started { conversation, turn } => Told::TurnStarted { session_id: conversation, turn_id: turn },
            Live::Text { conversation, message, text } => Told::AssistantDelta {
                session_id: conversation,
                message_id: message,
                text: text.to_string(),
                reset: false,
            },
            Live::Again { conversation, message } => {
                Told::AssistantDelta { session_id: conversation, message_id: message, text: String::new(), reset: true }
            }
        };
        self.say(link, told).await
    }

    async fn error(&self, link: &mut Link, code: Code, message: impl Into<String>, about: About) -> Step {
        self.say(link, Told::Error { code, message: message.into(), about }).await
    }

    async fn say(&self, link: &mut Link, told: Told) -> Step {
        link.tell(Frame::new(told, self.now(), self.events.seen()).bytes()).await
    }

    fn now(&self) -> DateTime<Utc> {
        self.guest.state.app.clock.now()
    }
}

/// A refused turn, in the words of `assistant`.
fn why(error: &Error) -> (Code, String) {
    match error {
        Error::Invalid(_)
        | Error::TurnRunning
        | Error::Unclear { .. }
        | Error::Stale { .. }
        | Error::NothingToUndo
        | Error::KeyReused
        | Error::Chatroom(_)
        | Error::AlreadyRegistered => (Code::ValidationError, error.to_string()),
        Error::Credentials | Error::Unauthenticated | Error::Expired | Error::RefreshToken => {
            (Code::Unauthorized, error.to_string())
        }
        Error::Forbidden(_) | Error::OutOfScope(_) => (Code::Forbidden, error.to_string()),
        Error::NotFound(_) => (Code::ConversationNotFound, "Conversation not found".into()),
        Error::Database(_) | Error::Migration(_) | Error::Internal(_) => {
            tracing::error!(%error, "socket.turn_failed");
            (Code::InternalError, "An unexpected error occurred".into())
        }
    }
}
