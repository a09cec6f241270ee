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
mod several;
mod subscription;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use tokio::sync::{broadcast, mpsc};

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

/// What is put into a subscriber's queue.
enum Notice {
    /// An event, with its size so that it can be taken off the count.
    Event(Arc<Delivered>),
    /// The topic has come to this number; the rows tell how.
    At(i64),
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
    by_topic: HashMap<Topic, Vec<Listener>>,
}

struct Listener {
    queue: mpsc::Sender<Notice>,
    waiting: Arc<AtomicUsize>,
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
            here.retain(|listener| listener.offer(&event));
        }
        listeners.by_topic.retain(|_, here| !here.is_empty());
    }

    /// Tells the subscribers of a topic how far it has come, by whatever process.
    pub(crate) fn announce(&self, topic: Topic, seq: i64) {
        if let Some(here) = self.lock().by_topic.get_mut(&topic) {
            // A full queue is no harm here: whoever is behind will see a later number anyway.
            here.retain(|listener| {
                !matches!(listener.queue.try_send(Notice::At(seq)), Err(mpsc::error::TrySendError::Closed(_)))
            });
        }
    }

    /// The topics that somebody listens to.
    pub(crate) fn topics(&self) -> Vec<Topic> {
        self.lock().by_topic.keys().copied().collect()
    }

    /// A queue of what happens on `topic`; `waiting` counts what is in it, and in others of the same subscriber.
    fn listen(&self, topic: Topic, waiting: Arc<AtomicUsize>) -> mpsc::Receiver<Notice> {
        let (queue, notices) = mpsc::channel(QUEUE_EVENTS);
        self.lock().by_topic.entry(topic).or_default().push(Listener { queue, waiting });
        notices
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Listeners> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner) // nothing in it can be half done
    }
}

impl Listener {
    /// Puts an event into the queue; false when there is no place, or nobody, any more.
    fn offer(&self, event: &Arc<Delivered>) -> bool {
        let fits = self.waiting.fetch_add(event.size, Ordering::Relaxed) + event.size <= QUEUE_BYTES;
        let told = fits && self.queue.try_send(Notice::Event(Arc::clone(event))).is_ok();
        if !told {
            self.waiting.fetch_sub(event.size, Ordering::Relaxed); // other topics of the same subscriber count with it
        }
        told
    }
}
