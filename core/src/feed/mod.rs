//! Who hears of it: events are rows with gapless numbers per topic, and subscribers who get them in order, without a hole or a
//! double, from any number on.
//!
//! The rows are the truth. What is handed over in memory after a commit is a shortcut: a subscriber who sees a number that is not
//! the next one reads the missing rows. So the order in which commits report here does not matter, and a lost notice of another
//! instance (`moves.rs`) costs at most one poll (`poll.rs`).
//!
//! Nobody waits for a subscriber: each has a bounded queue, and one that is full is [closed](Next::TooSlow).

mod moves;
pub(crate) mod poll;
mod queue;
mod several;
mod subscription;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use tokio::sync::broadcast;

use self::queue::Queue;
pub use self::{
    moves::Moves,
    several::{Followed, Subscriptions},
    subscription::{Next, Subscription},
};
use crate::event::{Event, Topic};

/// The most events that wait for one subscriber.
pub const QUEUE_EVENTS: usize = 256;
/// The most bytes that wait for one subscriber, as far as they are known.
pub const QUEUE_BYTES: usize = 1 << 20;

/// An event with its place in its topic, shared by everybody who hears it.
#[derive(Debug)]
pub struct Delivered {
    /// Whose event it is.
    pub topic: Topic,
    /// Its number in the topic, without holes, from 1.
    pub seq: i64,
    /// When it was stored.
    pub at: DateTime<Utc>,
    /// What happened.
    pub event: Event,
    encoded: OnceLock<Vec<Bytes>>,
    size: usize,
}

impl Delivered {
    pub(crate) fn new(topic: Topic, seq: i64, at: DateTime<Utc>, event: Event) -> Self {
        let size = size(&event);
        Self { topic, seq, at, event, encoded: OnceLock::new(), size }
    }

    /// The frames that tell of it, made once for all sockets. `encode` must be the same function for every call.
    pub fn encoded(&self, encode: impl FnOnce(&Self) -> Vec<Bytes>) -> &[Bytes] {
        self.encoded.get_or_init(|| encode(self))
    }
}

/// About how large the event is in memory: the texts that can be long.
fn size(event: &Event) -> usize {
    const REST: usize = 512;
    REST + match event {
        Event::TaskCreated { task, .. } | Event::TaskUpdated { task, .. } | Event::TaskStatusChanged { task, .. } => {
            task.title.len() + task.description.len()
        }
        Event::MessageCreated { message } => message.content.len() * 3,
        Event::RoomMessageCreated { message } => message.content.len() * 2,
        Event::Chatroom { event, .. } => event.size() * 2,
        Event::TurnCompleted { tool_calls, .. } => tool_calls.len() * REST,
        Event::TaskDeleted { .. }
        | Event::ConversationCreated { .. }
        | Event::ConversationUpdated { .. }
        | Event::ConversationDeleted { .. }
        | Event::TurnFailed { .. }
        | Event::RoomEntered { .. } => 0,
    }
}

/// Everybody who listens in this process. Cheap to clone.
#[derive(Clone)]
pub struct Feed {
    listeners: Arc<Mutex<Listeners>>,
    moved: broadcast::Sender<(Topic, i64)>,
    replay: i64,
}

#[derive(Default)]
struct Listeners {
    by_topic: HashMap<Topic, Vec<Arc<Queue>>>,
}

impl Feed {
    pub(crate) fn new(replay: i64) -> Self {
        Self { listeners: Arc::default(), moved: moves::channel(), replay }
    }

    /// Tells the subscribers of events that are committed.
    pub(crate) fn publish(&self, events: impl Iterator<Item = Arc<Delivered>>) {
        let mut listeners = self.lock();
        for event in events {
            let _ = self.moved.send((event.topic, event.seq)); // a single instance has nobody to tell
            let Some(here) = listeners.by_topic.get_mut(&event.topic) else { continue };
            here.retain(|queue| queue.offer(&event));
        }
        listeners.by_topic.retain(|_, here| !here.is_empty());
    }

    /// Tells the subscribers of a topic how far it has come, by whatever process.
    pub(crate) fn announce(&self, topic: Topic, seq: i64) {
        for queue in self.lock().by_topic.get(&topic).into_iter().flatten() {
            queue.announce(topic, seq);
        }
    }

    /// The topics that somebody listens to.
    pub(crate) fn topics(&self) -> Vec<Topic> {
        self.lock().by_topic.keys().copied().collect()
    }

    /// From now on what happens on `topic` comes into `queue`.
    fn listen(&self, topic: Topic, queue: &Arc<Queue>) {
        self.lock().by_topic.entry(topic).or_default().push(Arc::clone(queue));
    }

    /// It does so no longer; once, where it does twice.
    fn forget(&self, topic: Topic, queue: &Arc<Queue>) {
        let mut listeners = self.lock();
        let Some(here) = listeners.by_topic.get_mut(&topic) else { return };
        if let Some(place) = here.iter().position(|other| Arc::ptr_eq(other, queue)) {
            here.swap_remove(place);
        }
        if here.is_empty() {
            listeners.by_topic.remove(&topic);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Listeners> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner) // nothing in it can be half done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{RoomId, UserId};

    #[test]
    fn who_listened_twice_for_a_moment_still_listens() {
        let (feed, topic, ann, bob) = (Feed::new(1), Topic::User(UserId::fresh()), Arc::default(), Arc::default());
        for queue in [&ann, &ann, &bob] {
            feed.listen(topic, queue);
        }
        feed.forget(topic, &ann);
        feed.forget(topic, &bob);
        feed.forget(Topic::Room(RoomId::fresh()), &ann);
        feed.announce(topic, 7);
        assert!(ann.take().is_some() && bob.take().is_none());
        feed.forget(topic, &ann);
        assert!(feed.topics().is_empty());
    }
}
