//! One subscriber's view of a topic: what it missed, then what happens, each event once and in order.

use std::{collections::VecDeque, sync::Arc};

use super::{
    Delivered,
    queue::{Full, Notice, Queue},
};
use crate::{
    error::Result,
    event::Topic,
    store::{Conn, Store, events},
};

/// What a subscriber gets next.
#[derive(Debug)]
pub enum Next {
    /// An event.
    Event(Arc<Delivered>),
    /// The subscriber did not keep up and is no longer told anything; it may subscribe again from where it is.
    TooSlow,
}

/// How many events are read at once.
const BATCH: i64 = 100;

/// A subscription to a topic.
pub struct Subscription {
    store: Store,
    topic: Topic,
    /// The number of the last event that was given out.
    seen: i64,
    /// How far the topic has come, as far as this subscription was told.
    known: i64,
    ready: VecDeque<Arc<Delivered>>,
    /// What comes to the subscriber, also on other topics.
    queue: Arc<Queue>,
}

impl Store {
    /// Listens to `topic` from now on; [`Subscription::rewind`] goes back.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn subscribe(&self, topic: Topic) -> Result<Subscription> {
        self.subscribe_with(topic, Arc::default()).await
    }

    /// As [`Store::subscribe`]; what happens comes into `queue`, with what else the subscriber hears.
    pub(super) async fn subscribe_with(&self, topic: Topic, queue: Arc<Queue>) -> Result<Subscription> {
        self.feed.listen(topic, &queue); // before the number is read: nothing is missed between the two
        let mut new = Subscription { store: self.clone(), topic, seen: 0, known: 0, ready: VecDeque::new(), queue };
        new.seen = events::newest(&mut self.read().await?, topic).await?;
        new.known = new.seen;
        Ok(new)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.store.feed.forget(self.topic, &self.queue);
    }
}

impl Subscription {
    /// The number of the last event that was given out, or that this subscription began after.
    #[must_use]
    pub fn seen(&self) -> i64 {
        self.seen
    }

    /// Goes back (or forward) to `since`: the next event is the one after it. False when that is too far back to be told again,
    /// or never was; the subscription then goes on from the newest number.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn rewind(&mut self, since: i64) -> Result<bool> {
        let mut conn = self.store.read().await?;
        let newest = events::newest(&mut conn, self.topic).await?;
        self.ready.clear();
        let reach = match self.topic {
            Topic::User(_) | Topic::Rooms(_) => self.store.feed.replay, // who is further back reads everything anew instead
            Topic::Room(_) => i64::MAX,                                 // here what was told is what there is
        };
        let can = (0..=newest).contains(&since) && newest - since <= reach;
        self.seen = if can { since } else { newest };
        self.known = newest;
        if can && since < newest {
            self.fill(&mut conn).await?;
        }
        Ok(can)
    }

    /// The next event that has happened already; none when all were given out.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn next_stored(&mut self) -> Result<Option<Arc<Delivered>>> {
        while self.ready.is_empty() && self.known > self.seen {
            Box::pin(self.read_on()).await?; // large, and rare
        }
        Ok(self.take_ready())
    }

    /// The next event among those that were read already.
    pub fn take_ready(&mut self) -> Option<Arc<Delivered>> {
        let event = self.ready.pop_front()?;
        self.seen = event.seq;
        Some(event)
    }

    /// The next event, once there is one. Safe to cancel: what was heard of and not yet read is read next time.
    ///
    /// # Errors
    /// [`crate::Error::Database`] when rows have to be read and cannot be.
    pub async fn next(&mut self) -> Result<Next> {
        loop {
            // All of them, also where rows are read first: whoever is behind does not overflow meanwhile.
            while let Some(notice) = self.queue.take() {
                if let Some(event) = self.take_in(notice) {
                    return Ok(Next::Event(event));
                }
            }
            if let Some(event) = self.next_stored().await? {
                return Ok(Next::Event(event));
            }
            if let Err(Full) = self.queue.came().await {
                return Ok(Next::TooSlow);
            }
        }
    }

    /// Whether there is something to give out that has happened already.
    pub(super) fn is_behind(&self) -> bool {
        !self.ready.is_empty() || self.known > self.seen
    }

    /// Gives out an event that is the next one; whatever else is told is in the rows.
    pub(super) fn take_in(&mut self, notice: Notice) -> Option<Arc<Delivered>> {
        match notice {
            Notice::Event(event) if self.ready.is_empty() && event.seq == self.seen + 1 && self.known <= event.seq => {
                (self.seen, self.known) = (event.seq, event.seq);
                return Some(event);
            }
            Notice::Event(event) => self.known = self.known.max(event.seq),
            Notice::At(_, seq) => self.known = self.known.max(seq),
        }
        None
    }

    async fn read_on(&mut self) -> Result<()> {
        let mut conn = self.store.read().await?;
        self.fill(&mut conn).await
    }

    /// Reads the next rows. On a connection that is lent: who has one and waits for another keeps it from those who have one too.
    async fn fill(&mut self, conn: &mut Conn) -> Result<()> {
        let missed = events::between(conn, self.topic, (self.seen, self.known), BATCH).await?;
        if missed.is_empty() {
            self.seen = self.known; // somebody took rows out of the log; there is nothing to wait for
        }
        self.ready = missed.into_iter().map(Arc::new).collect();
        Ok(())
    }
}
