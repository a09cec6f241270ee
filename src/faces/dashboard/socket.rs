//! `/ws`: what happens, as it happens; and turns of the assistant.
//!
//! A client that was closed because it did not keep up resumes with `sync_request` from the last `seq` it saw.

mod answers;

use axum::{
    extract,
    response::Response,
    routing::{MethodRouter, get},
};
use chrono::{DateTime, Utc};
use errand_core::{
    Account, Caller, Door, Error,
    event::Topic,
    feed::{Next, Subscription},
};
use tokio::sync::mpsc;

use super::{
    failure::Failure,
    frames::{self, About, Code, Frame, Told},
};
use crate::{
    agent::{Live, LiveTurns},
    faces::socket::{self, End, Handshake, Heard, Link, Step},
    state::State,
};

/// `GET /ws`.
pub(super) fn route() -> MethodRouter<State> {
    get(upgrade)
}

async fn upgrade(extract::State(state): extract::State<State>, handshake: Handshake<Failure>) -> Response {
    let ready = async |state: &State, account: &Account| {
        let events = state.app.store.subscribe(Topic::User(account.id)).await?;
        Ok((events, state.agent.watch(account.id)))
    };
    socket::upgrade(state, handshake, ready, Socket::talk).await
}

struct Socket {
    state: State,
    account: Account,
    caller: Caller,
    events: Subscription,
    live: LiveTurns,
    refusals: (mpsc::Sender<Refused>, mpsc::Receiver<Refused>),
    link: Link,
}

/// A turn that was not begun, with what tells the client which one.
type Refused = (Error, About);

impl Socket {
    async fn talk(state: State, account: Account, (events, live): (Subscription, LiveTurns), link: Link) {
        let caller = Caller::new(&account, Door::Rest);
        let mut socket = Self { state, account, caller, events, live, refusals: mpsc::channel(8), link };
        if let Err(end) = socket.serve().await {
            socket.link.end(end).await;
        }
    }

    async fn serve(&mut self) -> Step {
        loop {
            tokio::select! {
                biased;
                end = self.link.over() => return Err(end),
                // Before the events: what is being written comes before what was stored.
                live = self.live.next() => self.tell_live(live).await?,
                next = self.events.next() => match next.map_err(|error| End::failed(&error))? {
                    Next::Event(event) => self.link.tell_all(event.encoded(frames::event)).await?,
                    Next::TooSlow => return Err(End::TOO_SLOW),
                },
                Some((error, about)) = self.refusals.1.recv() => {
                    let (code, message) = refused(&error);
                    self.error(code, message, about).await?;
                }
                heard = self.link.listen() => match heard? {
                    Heard::Text(text) => self.answer(text.as_str()).await?,
                    Heard::NotText => {
                        self.error(Code::ValidationError, "A frame must be JSON text", About::default()).await?;
                    }
                },
            }
        }
    }

    async fn tell_live(&mut self, live: Live) -> Step {
        self.tell(match live {
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
        })
        .await
    }

    async fn error(&mut self, code: Code, message: impl Into<String>, about: About) -> Step {
        self.tell(Told::Error { code, message: message.into(), about }).await
    }

    async fn tell(&mut self, told: Told) -> Step {
        self.link.tell(Frame::new(told, self.now(), self.events.seen()).bytes()).await
    }

    fn now(&self) -> DateTime<Utc> {
        self.state.app.clock.now()
    }
}

/// A refused turn, in the words of `assistant`.
fn refused(error: &Error) -> (Code, String) {
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
