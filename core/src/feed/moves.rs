//! How far topics come by what this process writes, for whoever tells other instances.

use std::collections::BTreeMap;

use tokio::sync::broadcast::{
    self,
    error::{RecvError, TryRecvError},
};

use crate::{App, event::Topic};

/// How many moves may wait; further ones are found by the poll.
const WAITING: usize = 4096;

pub(super) fn channel() -> broadcast::Sender<(Topic, i64)> {
    broadcast::channel(WAITING).0
}

/// Hears how far topics come.
pub struct Moves(broadcast::Receiver<(Topic, i64)>);

impl App {
    /// Hears from now on how far topics come by what this process writes.
    #[must_use]
    pub fn moves(&self) -> Moves {
        Moves(self.store.feed.moved.subscribe())
    }

    /// Another instance has written; the topics have come that far. What this instance knows already changes nothing.
    pub fn moved_elsewhere(&self, moves: impl IntoIterator<Item = (Topic, i64)>) {
        for (topic, seq) in moves {
            self.store.feed.announce(topic, seq);
        }
    }
}

impl Moves {
    /// Waits until some topics have moved, and tells how far each has come. Safe to cancel. When more moved than is remembered, the
    /// oldest moves are missing.
    pub async fn next(&mut self) -> BTreeMap<Topic, i64> {
        let mut moved = BTreeMap::new();
        loop {
            match self.0.recv().await {
                Ok((topic, seq)) => {
                    moved.insert(topic, seq);
                    break;
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return std::future::pending().await, // the process is about to end
            }
        }
        loop {
            match self.0.try_recv() {
                Ok((topic, seq)) => {
                    let last = moved.entry(topic).or_insert(seq);
                    *last = seq.max(*last);
                }
                Err(TryRecvError::Lagged(_)) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => return moved,
            }
        }
    }
}
