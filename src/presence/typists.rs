//! Who is typing. It ends by itself: who types says so again now and then, and a client that is gone says nothing.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use errand_core::{RoomId, UserId};
use tokio::time::{Instant, sleep_until};

/// How long somebody types who does not say so again.
const TYPING: Duration = Duration::from_secs(10);
/// How often who goes on typing has to say so.
pub(super) const SAID_AGAIN: Duration = Duration::from_secs(5);
/// How often others are told again at most.
const PACE: Duration = Duration::from_secs(1);

/// Everybody who is typing, as far as this instance has heard. Cheap to clone.
#[derive(Clone)]
pub(super) struct Typists {
    lasts: Duration,
    pace: Duration,
    now: Arc<Mutex<HashMap<Typist, Typing>>>,
}

/// Who types, and where.
pub(super) type Typist = (RoomId, UserId);

struct Typing {
    told: Instant,
    until: Instant,
}

impl Default for Typists {
    fn default() -> Self {
        Self::new(TYPING, PACE)
    }
}

impl Typists {
    /// Nobody types; who does then, does for so long, and is told of again at this pace.
    fn new(lasts: Duration, pace: Duration) -> Self {
        Self { lasts, pace, now: Arc::default() }
    }

    /// Whether it is to be told that they type: they were not a moment ago.
    pub(super) fn is_news(&self, typist: Typist) -> bool {
        self.lock().get(&typist).is_none_or(|typing| typing.told.elapsed() >= self.pace)
    }

    /// They type from now on, and when they do not say so again, `ended` comes after a while.
    pub(super) fn begin(&self, typist: Typist, ended: impl FnOnce() + Send + 'static) {
        let typing = Typing { told: Instant::now(), until: Instant::now() + self.lasts };
        match self.lock().entry(typist) {
            Entry::Occupied(mut entry) => {
                entry.insert(typing);
                return;
            }
            Entry::Vacant(entry) => entry.insert(typing),
        };
        let typists = self.clone();
        tokio::spawn(async move {
            while let Some(until) = typists.until(typist) {
                if until <= Instant::now() {
                    if typists.end(typist) {
                        ended();
                    }
                    return;
                }
                sleep_until(until).await;
            }
        });
    }

    /// They type no longer; false when they did not.
    pub(super) fn end(&self, typist: Typist) -> bool {
        self.lock().remove(&typist).is_some()
    }

    fn until(&self, typist: Typist) -> Option<Instant> {
        self.lock().get(&typist).map(|typing| typing.until)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Typist, Typing>> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner) // nothing in it can be half done
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// The clock of the machine: a second is a tenth of one.
    #[tokio::test]
    async fn typing_ends_a_while_after_it_was_last_said() {
        let typists = Typists::new(Duration::from_secs(1), Duration::from_millis(100));
        let (ann, ended) = ((RoomId::fresh(), UserId::fresh()), Arc::new(AtomicUsize::new(0)));
        let begin = || {
            let ended = Arc::clone(&ended);
            typists.begin(ann, move || {
                ended.fetch_add(1, Ordering::Relaxed);
            });
        };
        assert!(typists.is_news(ann));
        begin();
        assert!(!typists.is_news(ann), "it was told just now");
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert!(typists.is_news(ann));
        begin();
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert_eq!(ended.load(Ordering::Relaxed), 0, "it was said again");
        tokio::time::sleep(Duration::from_millis(900)).await;
        assert_eq!(ended.load(Ordering::Relaxed), 1);
        begin();
        assert!(typists.end(ann) && !typists.end(ann));
        tokio::time::sleep(Duration::from_millis(1200)).await;
        assert_eq!(ended.load(Ordering::Relaxed), 1, "who stops by themselves is not told to have stopped twice");
    }
}
