//! One subscriber who hears several topics, as the socket of somebody who takes part in several rooms does.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicUsize},
};

use futures::{
    StreamExt,
    future::{AbortHandle, Abortable},
    stream::{self, BoxStream, SelectAll},
};

use super::{Delivered, Next, Subscription};
use crate::{
    error::Result,
    event::{Event, Topic},
    id::{RoomId, UserId},
    store::Store,
};

/// The topics that one subscriber hears. What waits on any of them counts against one bound.
#[derive(Default)]
pub struct Subscriptions {
    waiting: Arc<AtomicUsize>,
    topics: HashMap<Topic, Place>,
    heard: SelectAll<Abortable<BoxStream<'static, Result<Next>>>>,
}

/// Where a subscriber is in a topic.
struct Place {
    seen: i64,
    ends: AbortHandle,
    /// In a chatroom: whose place it is, and the number of the event that told that they came. Ends when they leave after that.
    member: Option<(UserId, i64)>,
}

impl Place {
    /// Whether the subscriber hears nothing after this event.
    fn ends_with(&self, event: &Delivered) -> bool {
        let (Some((member, joined)), Event::Chatroom { event: told, .. }) = (self.member, &event.event) else {
            return false;
        };
        told.ends_for(member) && event.seq > joined
    }
}

/// How following a topic began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Followed {
    /// The next event is the one after this number.
    pub seq: i64,
    /// What was asked for is too far back to be told again, or never was.
    pub gap: bool,
}

impl Subscriptions {
    /// Whether the topic is among those that are heard.
    #[must_use]
    pub fn hears(&self, topic: Topic) -> bool {
        self.topics.contains_key(&topic)
    }

    /// How many topics are heard.
    #[must_use]
    pub fn len(&self) -> usize {
        self.topics.len()
    }

    /// Whether no topic is heard.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.topics.is_empty()
    }

    /// Hears `topic` too: what came after `since` and then what comes; without, what comes. For a topic that is heard
    /// already, `since` begins anew, and without nothing changes: what waits must not be lost.
    pub(crate) async fn follow(&mut self, store: &Store, topic: Topic, since: Option<i64>) -> Result<Followed> {
        if let (Some(place), None) = (self.topics.get(&topic), since) {
            return Ok(Followed { seq: place.seen, gap: false });
        }
        let mut subscription = store.subscribe_within(topic, Arc::clone(&self.waiting)).await?;
        let gap = match since {
            Some(since) => !subscription.rewind(since).await?,
            None => false,
        };
        let followed = Followed { seq: subscription.seen(), gap };
        let (ends, registration) = AbortHandle::new_pair();
        self.heard.push(Abortable::new(events(subscription), registration));
        let place = Place { seen: followed.seq, ends, member: None };
        if let Some(before) = self.topics.insert(topic, place) {
            before.ends.abort();
        }
        Ok(followed)
    }

    /// Has what is heard of a chatroom end when `member` leaves it, who came with the event of that number. It is asked for after
    /// the topic is [followed](Self::follow), and before anything is [heard](Self::next): nobody leaves between the two unnoticed.
    pub(crate) fn until_leaving(&mut self, room: RoomId, member: UserId, joined: i64) {
        if let Some(place) = self.topics.get_mut(&Topic::Room(room)) {
            place.member = Some((member, joined));
        }
    }

    /// Hears `topic` no longer.
    pub fn unfollow(&mut self, topic: Topic) {
        if let Some(place) = self.topics.remove(&topic) {
            place.ends.abort();
        }
    }

    /// The next event on any of the topics, once there is one; safe to cancel. Waits for ever when no topic is heard.
    ///
    /// # Errors
    /// [`crate::Error::Database`] when rows have to be read and cannot be.
    pub async fn next(&mut self) -> Result<Next> {
        let Some(next) = self.heard.next().await else { return std::future::pending().await };
        if let Ok(Next::Event(event)) = &next
            && let Some(place) = self.topics.get_mut(&event.topic)
        {
            place.seen = event.seq;
            if place.ends_with(event) {
                self.unfollow(event.topic);
            }
        }
        next
    }
}

/// A subscription as a stream, which keeps its place when it is polled together with others.
fn events(subscription: Subscription) -> BoxStream<'static, Result<Next>> {
    stream::unfold(subscription, |mut subscription| async move { Some((subscription.next().await, subscription)) })
        .boxed()
}
