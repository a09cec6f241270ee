//! In which chatrooms something was written in this process, for whoever looks after them. What is not here (because it was written
//! elsewhere, or before a crash) they find in the rooms.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use tokio::sync::Notify;

use crate::{app::App, id::RoomId};

/// The most rooms that are remembered.
const MOST: usize = 10_000;

/// The rooms, until somebody asks.
#[derive(Default)]
pub(in crate::app) struct Written {
    rooms: Mutex<HashSet<RoomId>>,
    some: Notify,
}

impl Written {
    /// Something was written there.
    pub(super) fn note(&self, room: RoomId) {
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner); // nothing in it can be half done
        if rooms.len() < MOST {
            rooms.insert(room);
        }
        self.some.notify_one();
    }

    fn take(&self) -> HashSet<RoomId> {
        std::mem::take(&mut *self.rooms.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl App {
    /// Waits until something was written in a chatroom by this process; then tells in which, once.
    pub async fn rooms_written(&self) -> HashSet<RoomId> {
        loop {
            let rooms = self.shared.written.take();
            if !rooms.is_empty() {
                return rooms;
            }
            self.shared.written.some.notified().await;
        }
    }
}
