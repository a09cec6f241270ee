//! `/api/ws/chat`: conversations as they happen.
//!
//! To add a frame: a variant in `frames.rs`; what a client asks is answered in [`Socket::answer`].

use axum::{
    extract,
    response::Response,
    routing::{MethodRouter, get},
};
use errand_core::{
    Account, Caller, Door, Error, RoomId,
    event::Topic,
    feed::{Next, Subscriptions},
};

use super::{
    failure::Failure,
    frames::{self, Asked, Frame},
    wire::ConversationIdJson,
};
use crate::{
    faces::socket::{self, End, Handshake, Heard, Link, Step},
    state::State,
};

/// The most conversations that one socket hears.
const JOINED_MAX: usize = 1000;

/// `GET /api/ws/chat`.
pub(super) fn route() -> MethodRouter<State> {
    get(upgrade)
}

async fn upgrade(extract::State(state): extract::State<State>, handshake: Handshake<Failure>) -> Response {
    // It hears nothing before it joins something.
    socket::upgrade(state, handshake, async |_, _| Ok(Subscriptions::default()), Socket::talk).await
}

struct Socket {
    state: State,
    account: Account,
    caller: Caller,
    joined: Subscriptions,
    link: Box<Link>,
}

impl Socket {
    async fn talk(state: State, account: Account, joined: Subscriptions, link: Box<Link>) {
        let caller = Caller::new(&account, Door::Rest);
        let mut socket = Self { state, account, caller, joined, link };
        if let Err(end) = socket.serve().await {
            socket.link.end(end).await;
        }
    }

    async fn serve(&mut self) -> Step {
        loop {
            tokio::select! {
                biased;
                end = self.link.over() => return Err(end),
                next = self.joined.next() => match next.map_err(|error| End::failed(&error))? {
                    Next::Event(event) => self.link.tell_all(event.encoded(frames::event)).await?,
                    Next::TooSlow => return Err(End::TOO_SLOW),
                },
                heard = self.link.listen() => match heard? {
                    Heard::Text(text) => self.answer(text.as_str()).await?,
                    Heard::NotText => self.refuse("A frame must be JSON text".into(), None).await?,
                },
            }
        }
    }

    /// Answers a frame, whatever it asks.
    async fn answer(&mut self, text: &str) -> Step {
        socket::fits(text)?;
        match Asked::read(text) {
            Ok(Asked::Join { conversation_id: ConversationIdJson(room), since_seq }) => {
                let joined = self.join(room, since_seq).await;
                self.tell_or_refuse(room, joined).await
            }
            Ok(Asked::Message { conversation_id: ConversationIdJson(room), content }) => {
                let said = self.say(room, &content).await;
                self.tell_or_refuse(room, said).await
            }
            Ok(Asked::Auth { data }) => {
                if self.link.renew(&self.state, &self.account, &data.token).await {
                    return Ok(());
                }
                self.refuse(Failure::from(Error::Unauthenticated).into_message(), None).await
            }
            Err(error) => self.refuse(format!("This frame cannot be understood: {error}"), None).await,
        }
    }

    async fn join(&mut self, room: RoomId, since: Option<i64>) -> Result<Option<Frame>, Failure> {
        if self.joined.len() >= JOINED_MAX && !self.joined.hears(Topic::Room(room)) {
            return Err(Failure::too_many_joined(JOINED_MAX));
        }
        let followed = self.state.app.follow_room(&self.caller, &mut self.joined, room, since).await?;
        let conversation_id = ConversationIdJson(room);
        Ok(Some(Frame::Joined { conversation_id, seq: followed.seq, gap: followed.gap }))
    }

    /// Stores a message; the feed tells of it, to this socket as to all others. Who speaks without having joined has joined by that:
    /// whoever says something wants to see that it was said.
    async fn say(&mut self, room: RoomId, content: &str) -> Result<Option<Frame>, Failure> {
        if !self.joined.hears(Topic::Room(room)) {
            self.join(room, None).await?;
        }
        self.state.app.say_in_room(&self.caller, room, content).await?;
        Ok(None)
    }

    async fn tell_or_refuse(&mut self, room: RoomId, answer: Result<Option<Frame>, Failure>) -> Step {
        match answer {
            Ok(Some(frame)) => self.link.tell(frame.bytes()).await,
            Ok(None) => Ok(()),
            Err(failure) => self.refuse(failure.into_message(), Some(ConversationIdJson(room))).await,
        }
    }

    async fn refuse(&mut self, message: String, conversation_id: Option<ConversationIdJson>) -> Step {
        self.link.tell(Frame::Error { message, conversation_id }.bytes()).await
    }
}
