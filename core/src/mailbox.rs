//! What waits for one reader, which is told when something comes.
//!
//! Thousands of readers for whom nothing waits are the usual case (the sockets of people who have Errand open), so a mailbox is a few
//! words until something is put in; a channel takes room for many at once.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

/// How much room a queue keeps that was read to its end.
const KEPT: usize = 8;

/// What waits, as a `T`, and what wakes its one reader.
#[derive(Debug, Default)]
pub struct Mailbox<T> {
    waiting: Mutex<T>,
    came: Notify,
}

impl<T> Mailbox<T> {
    /// One in which this waits.
    pub fn new(waiting: T) -> Self {
        Self { waiting: Mutex::new(waiting), came: Notify::new() }
    }

    /// Puts something in, and wakes the reader.
    pub fn put<R>(&self, put: impl FnOnce(&mut T) -> R) -> R {
        let result = put(&mut self.lock());
        self.came.notify_one();
        result
    }

    /// Takes out what is there.
    pub fn take<R>(&self, take: impl FnOnce(&mut T) -> R) -> R {
        take(&mut self.lock())
    }

    /// Takes out what `take` finds, once it finds something. Safe to cancel.
    pub async fn next<R>(&self, mut take: impl FnMut(&mut T) -> Option<R>) -> R {
        loop {
            if let Some(taken) = self.take(&mut take) {
                return taken;
            }
            self.came.notified().await; // at once, where something came since
        }
    }

    fn lock(&self) -> MutexGuard<'_, T> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner) // nothing that is put in or taken out can be half done
    }
}

/// Takes out the oldest; the last one gives back the room that a crowd took.
pub fn oldest<T>(queue: &mut VecDeque<T>) -> Option<T> {
    let oldest = queue.pop_front()?;
    if queue.is_empty() {
        queue.shrink_to(KEPT);
    }
    Some(oldest)
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn everything_comes_out_in_order_whoever_is_quicker() {
        const ALL: usize = 20_000;
        let mailbox = Arc::new(Mailbox::<VecDeque<usize>>::default());
        let other = Arc::clone(&mailbox);
        let writing = tokio::task::spawn_blocking(move || {
            for number in 0..ALL {
                other.put(|queue| queue.push_back(number));
            }
        });
        for number in 0..ALL {
            // A reader that is cancelled, before or after it was woken, loses neither what came nor that it came.
            let _ = futures::poll!(std::pin::pin!(mailbox.next(|_: &mut VecDeque<usize>| None::<()>)));
            let next = tokio::time::timeout(Duration::from_secs(5), mailbox.next(oldest));
            assert_eq!(next.await.expect("woken"), number);
        }
        writing.await.unwrap();
        assert!(mailbox.take(oldest).is_none());
    }

    #[test]
    fn what_a_crowd_took_is_given_back() {
        let mut queue: VecDeque<_> = (0..1000).collect();
        while oldest(&mut queue).is_some() {}
        assert!(queue.capacity() <= KEPT);
        assert_eq!(VecDeque::<usize>::default().capacity(), 0);
    }
}
