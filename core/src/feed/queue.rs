//! What waits for one subscriber, on all the topics that they hear.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use super::{Delivered, QUEUE_BYTES, QUEUE_EVENTS};
use crate::{
    event::Topic,
    mailbox::{self, Mailbox},
};

/// What a subscriber is told.
pub(super) enum Notice {
    /// This happened.
    Event(Arc<Delivered>),
    /// The topic has come to this number; the rows tell how.
    At(Topic, i64),
}

impl Notice {
    /// Whose it is.
    pub(super) fn topic(&self) -> Topic {
        match self {
            Self::Event(event) => event.topic,
            Self::At(topic, _) => *topic,
        }
    }
}

/// There was no place for an event: from then on nothing more is told.
pub(super) struct Full;

/// The queue of one subscriber.
#[derive(Default)]
pub(super) struct Queue(Mailbox<Waiting>);

#[derive(Default)]
struct Waiting {
    events: VecDeque<Arc<Delivered>>,
    bytes: usize,
    announced: HashMap<Topic, i64>,
    full: bool,
}

impl Queue {
    /// Puts an event in; false when there is no place any more.
    pub(super) fn offer(&self, event: &Arc<Delivered>) -> bool {
        self.0.put(|waiting| waiting.offer(event))
    }

    /// Puts in how far a topic has come.
    pub(super) fn announce(&self, topic: Topic, seq: i64) {
        self.0.put(|waiting| {
            if !waiting.full {
                let told = waiting.announced.entry(topic).or_insert(seq);
                *told = seq.max(*told); // who tells of it may have looked earlier than somebody else
            }
        });
    }

    /// What waits longest.
    pub(super) fn take(&self) -> Option<Notice> {
        self.0.take(Waiting::take)
    }

    /// Resolves when something waits. Safe to cancel.
    pub(super) async fn came(&self) -> Result<(), Full> {
        self.0.next(|waiting| if waiting.is_empty() { waiting.full.then_some(Err(Full)) } else { Some(Ok(())) }).await
    }
}

impl Waiting {
    fn offer(&mut self, event: &Arc<Delivered>) -> bool {
        self.full |= self.events.len() == QUEUE_EVENTS || self.bytes + event.size > QUEUE_BYTES;
        if !self.full {
            self.bytes += event.size;
            self.events.push_back(Arc::clone(event));
        }
        !self.full
    }

    fn is_empty(&self) -> bool {
        self.events.is_empty() && self.announced.is_empty()
    }

    fn take(&mut self) -> Option<Notice> {
        if let Some(event) = mailbox::oldest(&mut self.events) {
            self.bytes -= event.size;
            return Some(Notice::Event(event));
        }
        let topic = *self.announced.keys().next()?;
        self.announced.remove(&topic).map(|seq| Notice::At(topic, seq))
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::{event::Event, id::RoomId};

    fn event(seq: i64) -> Arc<Delivered> {
        let room_id = RoomId::fresh();
        Arc::new(Delivered::new(Topic::Room(room_id), seq, DateTime::UNIX_EPOCH, Event::RoomEntered { room_id }))
    }

    #[tokio::test]
    async fn who_missed_an_event_hears_nothing_after_it() {
        let queue = Queue::default();
        let most = i64::try_from(QUEUE_EVENTS).unwrap();
        assert!((1..=most).all(|seq| queue.offer(&event(seq))));
        assert!(!queue.offer(&event(most + 1)));
        assert!(queue.take().is_some());
        assert!(!queue.offer(&event(most + 2)), "also when there is a place again");
        queue.announce(Topic::Room(RoomId::fresh()), 7);
        assert!(queue.came().await.is_ok(), "what was in it is told first");
        assert_eq!(std::iter::from_fn(|| queue.take()).count(), QUEUE_EVENTS - 1);
        assert!(queue.came().await.is_err());
    }

    #[tokio::test]
    async fn how_far_topics_have_come_takes_no_place_from_events() {
        let queue = Queue::default();
        let topics = [Topic::Room(RoomId::fresh()), Topic::Room(RoomId::fresh())];
        for seq in 1..=1000 {
            for topic in topics {
                queue.announce(topic, seq);
                queue.announce(topic, seq - 1);
            }
        }
        assert!(queue.came().await.is_ok());
        assert!(queue.offer(&event(1)));
        assert!(matches!(queue.take(), Some(Notice::Event(_))), "what needs no reading comes first");
        let told: Vec<_> = std::iter::from_fn(|| queue.take()).collect();
        assert!(told.len() == 2 && told.iter().all(|notice| matches!(notice, Notice::At(_, 1000))));
        assert!(futures::poll!(std::pin::pin!(queue.came())).is_pending());
    }
}
