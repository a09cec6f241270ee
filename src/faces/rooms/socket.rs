//! This contract's part of `/ws`: chatrooms as they happen, presence and typing.
//!
//! A client that was closed because it did not keep up resumes each chatroom with `since_seq`. To add a frame: a variant in
//! `frames.rs`; what a client asks is answered in [`Dialect::answer`].

use std::{collections::HashSet, sync::Arc};

use axum::http::StatusCode;
use errand_core::{
    Error, RoomId, UserId,
    chatroom::Posted,
    event::{Event, Topic},
    feed::{Delivered, Next, Subscriptions},
};

use super::{
    failure::{Code, Failure},
    frames::{Asked, Told},
};
use crate::{
    faces::{
        extractors,
        socket::{End, Guest, Link, Step},
    },
    presence::{Full, Here, Signal},
};

/// The most chatrooms that one socket hears.
const JOINED_MAX: usize = 1000;

/// What one socket says and hears in this contract's dialect.
pub(in crate::faces) struct Dialect {
    guest: Arc<Guest>,
    heard: Subscriptions,
    here: Here,
    /// Rooms of whose end for this user one of the two topics that tell of it has told.
    half_left: HashSet<RoomId>,
}

/// Something that a client has not asked for just now.
pub(in crate::faces) enum News {
    Stored(Arc<Delivered>),
    Signals(Vec<Signal>),
}

/// The user has as many sockets open as they may.
pub(in crate::faces) struct Crowded(Full);

impl Crowded {
    /// Says so, and that it is over.
    pub(in crate::faces) async fn tell(self, link: &mut Link) -> Step {
        let Full { most } = self.0;
        let message = format!("You may have {most} connections at a time");
        let failure = Failure::new(StatusCode::TOO_MANY_REQUESTS, Code::ConnectionLimitExceeded, message);
        link.tell(Told::Error(failure.detail("limit", most).into_about()).bytes()).await?;
        Err(End::TOO_MANY)
    }
}

impl Dialect {
    /// One more socket of `guest`, which hears in which rooms they are from now on.
    pub(in crate::faces) async fn open(guest: &Arc<Guest>) -> Result<Result<Self, Crowded>, Error> {
        let here = match guest.state.presence.enter(&guest.account).await {
            Ok(here) => here,
            Err(full) => return Ok(Err(Crowded(full))),
        };
        let mut heard = Subscriptions::default();
        guest.state.app.follow_own_rooms(&guest.caller, &mut heard).await?;
        Ok(Ok(Self { guest: Arc::clone(guest), heard, here, half_left: HashSet::new() }))
    }

    /// What is to be told next. Safe to cancel.
    pub(in crate::faces) async fn next(&mut self) -> Step<News> {
        tokio::select! {
            biased;
            next = self.heard.next() => match next.map_err(|error| End::failed(&error))? {
                Next::Event(event) => Ok(News::Stored(event)),
                Next::TooSlow => Err(End::TOO_SLOW),
            },
            signals = self.here.inbox.next() => Ok(News::Signals(signals)),
        }
    }

    /// Tells it.
    pub(in crate::faces) async fn tell(&mut self, link: &mut Link, news: News) -> Step {
        match news {
            News::Stored(event) if !self.is_twice(&event) => tell_stored(link, self.guest.account.id, &event).await,
            News::Stored(_) => Ok(()),
            News::Signals(signals) => {
                for signal in signals {
                    link.tell(Told::from(signal).bytes()).await?;
                }
                Ok(())
            }
        }
    }

    /// Whether it was told, or is going to be, as an event of the room: what concerns the user is told on their own topic, too.
    fn is_twice(&mut self, delivered: &Delivered) -> bool {
        let Event::Chatroom { room, event } = &delivered.event else { return false };
        let (room, ends) = (*room, event.ends_for(self.guest.account.id));
        match delivered.topic {
            Topic::Room(_) => {
                if ends && !self.heard.hears(Topic::Room(room)) {
                    self.here.leaves(room);
                    self.pair_up(room);
                }
                false
            }
            Topic::Rooms(_) if ends => {
                let is_heard = self.heard.hears(Topic::Room(room));
                if is_heard {
                    self.pair_up(room);
                }
                is_heard || self.half_left.remove(&room)
            }
            Topic::Rooms(_) => self.heard.hears(Topic::Room(room)),
            Topic::User(_) => false,
        }
    }

    /// One of two has come; with the other one both are forgotten.
    fn pair_up(&mut self, room: RoomId) {
        if !self.half_left.remove(&room) {
            self.half_left.insert(room);
        }
    }

    /// That a frame is no text.
    pub(in crate::faces) async fn not_text(link: &mut Link) -> Step {
        let failure = Failure::new(StatusCode::BAD_REQUEST, Code::ValidationInvalidFormat, "A frame must be JSON text");
        refuse(link, failure).await
    }

    /// Answers a frame, whatever it asks.
    pub(in crate::faces) async fn answer(&mut self, link: &mut Link, text: &str) -> Step {
        let asked = match extractors::read::<Asked>(text.as_bytes()) {
            Ok(asked) => asked,
            Err(refusal) => return refuse(link, refusal.into()).await,
        };
        let (room, client_id) = (asked.room(), asked.client_id().map(str::to_owned));
        match self.done(link, asked).await {
            Ok(Some(told)) => link.tell(told.bytes()).await,
            Ok(None) => Ok(()),
            Err(failure) => {
                let failure =
                    room.into_iter().fold(failure, |failure, room| failure.detail("chatroom_id", room.to_string()));
                let failure = client_id.into_iter().fold(failure, |failure, id| failure.detail("client_id", id));
                refuse(link, failure).await
            }
        }
    }

    async fn done(&mut self, link: &mut Link, asked: Asked) -> Result<Option<Told>, Failure> {
        match asked {
            Asked::JoinChatroom { chatroom_id, since_seq } => return self.join(chatroom_id, since_seq).await.map(Some),
            Asked::LeaveChatroom { chatroom_id } => {
                self.leave(chatroom_id);
                return Ok(Some(Told::LeftChatroom { chatroom_id }));
            }
            Asked::SendMessage { chatroom_id, message } => {
                self.be_in(chatroom_id).await?;
                self.here.stops_typing(chatroom_id);
                return Ok(match self.guest.state.app.post(&self.guest.caller, chatroom_id, message.into()).await? {
                    Posted::New(_) => None, // the room is told, and with it this socket
                    Posted::There(message) => Some(Told::received(message, Some(self.guest.caller.user))),
                });
            }
            Asked::TypingStart { chatroom_id } => {
                self.be_in(chatroom_id).await?;
                self.here.types(chatroom_id);
            }
            Asked::TypingStop { chatroom_id } => self.here.stops_typing(chatroom_id),
            Asked::MessageRead { chatroom_id, message_id } => {
                self.guest.state.app.mark_read(&self.guest.caller, chatroom_id, message_id).await?;
            }
            Asked::Auth { token } => {
                if !link.renew(&self.guest.state, &self.guest.account, &token).await {
                    return Err(Error::Unauthenticated.into());
                }
            }
        }
        Ok(None)
    }

    async fn join(&mut self, chatroom_id: RoomId, since: Option<i64>) -> Result<Told, Failure> {
        if self.heard.len() > JOINED_MAX && !self.heard.hears(Topic::Room(chatroom_id)) {
            let message = format!("A connection can be in {JOINED_MAX} chatrooms");
            return Err(Failure::new(StatusCode::CONFLICT, Code::ResourceLimitExceeded, message));
        }
        let followed =
            self.guest.state.app.follow_chatroom(&self.guest.caller, &mut self.heard, chatroom_id, since).await?;
        self.here.comes_into(chatroom_id);
        Ok(Told::JoinedChatroom { chatroom_id, seq: followed.seq, gap: followed.gap })
    }

    /// Who does something in a room without having joined it has joined it by that.
    async fn be_in(&mut self, room: RoomId) -> Result<(), Failure> {
        if self.heard.hears(Topic::Room(room)) { Ok(()) } else { self.join(room, None).await.map(|_| ()) }
    }

    fn leave(&mut self, room: RoomId) {
        self.here.leaves(room);
        self.heard.unfollow(Topic::Room(room));
    }
}

/// Tells an event; the sender's own copy of a message says what their client called it.
async fn tell_stored(link: &mut Link, reader: UserId, event: &Delivered) -> Step {
    if matches!(&event.event, Event::Chatroom { event, .. } if event.sender() == Some(reader)) {
        let own = Told::of(event, Some(reader)).map(|told| told.bytes());
        return link.tell_all(own.as_slice()).await;
    }
    link.tell_all(event.encoded(|event| Told::of(event, None).map(|told| told.bytes()).into_iter().collect())).await
}

async fn refuse(link: &mut Link, failure: Failure) -> Step {
    link.tell(Told::Error(failure.into_about()).bytes()).await
}
