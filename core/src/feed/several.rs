//! One subscriber who hears several topics, as the socket of somebody who takes part in several rooms does.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use super::{
    Delivered, Next, Subscription,
    queue::{Full, Notice, Queue},
};
use crate::{
    error::Result,
    event::{Event, Topic},
    id::{RoomId, UserId},
    store::Store,
};

/// The topics that one subscriber hears. What waits on any of them is in one queue.
#[derive(Default)]
pub struct Subscriptions {
    queue: Arc<Queue>,
    /// Pointers: a map has room for several from the beginning.
    topics: HashMap<Topic, Box<Place>>,
    /// Where rows are read, in turns; among them topics where that is done with.
    behind: VecDeque<Topic>,
}

/// Where a subscriber is in a topic.
struct Place {
    subscription: Subscription,
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
            return Ok(Followed { seq: place.subscription.seen(), gap: false });
        }
        let mut subscription = store.subscribe_with(topic, Arc::clone(&self.queue)).await?;
        let gap = match since {
            Some(since) => !subscription.rewind(since).await?,
            None => false,
        };
        let followed = Followed { seq: subscription.seen(), gap };
        if subscription.is_behind() {
            self.behind.push_back(topic);
        }
        self.topics.insert(topic, Box::new(Place { subscription, member: None }));
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
        self.topics.remove(&topic);
    }

    /// The next event on any of the topics, once there is one; safe to cancel. Waits for ever when no topic is heard.
    ///
    /// # Errors
    /// [`crate::Error::Database`] when rows have to be read and cannot be.
    pub async fn next(&mut self) -> Result<Next> {
        loop {
            // What is in memory comes before what has to be read: whoever is behind in one topic does not overflow with the others.
            while let Some(notice) = self.queue.take() {
                if let Some(event) = self.take_in(notice) {
                    return Ok(self.given(event));
                }
            }
            if let Some(event) = self.next_stored().await? {
                return Ok(self.given(event));
            }
            if let Err(Full) = self.queue.came().await {
                return Ok(Next::TooSlow);
            }
        }
    }

    fn take_in(&mut self, notice: Notice) -> Option<Arc<Delivered>> {
        let topic = notice.topic();
        let subscription = &mut self.topics.get_mut(&topic)?.subscription; // else it was heard when this came
        let was_behind = subscription.is_behind();
        let next = subscription.take_in(notice);
        if subscription.is_behind() && !was_behind {
            self.behind.push_back(topic);
        }
        next
    }

    /// The next event of the topic whose turn it is, among those that have happened already.
    async fn next_stored(&mut self) -> Result<Option<Arc<Delivered>>> {
        while let Some(topic) = self.behind.front().copied() {
            let (stored, is_behind) = match self.topics.get_mut(&topic) {
                Some(place) => (place.subscription.next_stored().await?, place.subscription.is_behind()),
                None => (None, false),
            };
            self.behind.pop_front();
            if is_behind {
                self.behind.push_back(topic);
            }
            if stored.is_some() {
                return Ok(stored);
            }
        }
        Ok(None)
    }

    fn given(&mut self, event: Arc<Delivered>) -> Next {
        if self.topics.get(&event.topic).is_some_and(|place| place.ends_with(&event)) {
            self.unfollow(event.topic);
        }
        Next::Event(event)
    }
}
