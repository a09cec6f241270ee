//! In which chatrooms something was written in this process, for whoever looks after them. What is not told here (because it was written
//! elsewhere, or before a crash) they find in the rooms.

use std::collections::HashSet;

use tokio::sync::broadcast::{
    self,
    error::{RecvError, TryRecvError},
};

use crate::{app::App, id::RoomId};

/// How far behind somebody may be until they have to look in all rooms.
const BEHIND: usize = 1024;

/// Tells where something was written.
pub(in crate::app) struct Written(broadcast::Sender<RoomId>);

impl Default for Written {
    fn default() -> Self {
        Self(broadcast::channel(BEHIND).0)
    }
}

impl Written {
    /// Something was written there.
    pub(super) fn note(&self, room: RoomId) {
        let _ = self.0.send(room); // nobody may be listening
    }
}

/// Hears where something is written.
pub struct RoomsWritten(broadcast::Receiver<RoomId>);

/// Where something was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Where {
    /// In these rooms.
    These(HashSet<RoomId>),
    /// In so many that not all are known.
    Anywhere,
}

impl App {
    /// Hears from now on where this process writes something in a chatroom.
    #[must_use]
    pub fn rooms_written(&self) -> RoomsWritten {
        RoomsWritten(self.shared.written.0.subscribe())
    }
}

impl RoomsWritten {
    /// Waits until something was written; then tells where, each room once. Safe to cancel.
    pub async fn next(&mut self) -> Where {
        let mut rooms = match self.0.recv().await {
            Ok(room) => HashSet::from([room]),
            Err(RecvError::Lagged(_)) => return Where::Anywhere,
            Err(RecvError::Closed) => return std::future::pending().await, // the process is about to end
        };
        loop {
            match self.0.try_recv() {
                Ok(room) => {
                    rooms.insert(room);
                }
                Err(TryRecvError::Lagged(_)) => return Where::Anywhere,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return Where::These(rooms),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn each_room_is_told_once_to_each_and_who_is_too_slow_is_told_so() {
        let written = Written::default();
        let [mut one, mut other] = [written.0.subscribe(), written.0.subscribe()].map(RoomsWritten);
        let rooms = [RoomId::fresh(), RoomId::fresh()];
        for room in [rooms[0], rooms[1], rooms[0]] {
            written.note(room);
        }
        assert_eq!(one.next().await, Where::These(rooms.into()));
        (0..=BEHIND).for_each(|_| written.note(rooms[0]));
        assert_eq!(other.next().await, Where::Anywhere);
        assert_eq!(one.next().await, Where::Anywhere);
        while let Where::These(_) = one.next().now_or_never().unwrap_or(Where::Anywhere) {}
        written.note(rooms[1]);
        assert_eq!(one.next().await, Where::These([rooms[1]].into()), "and is told again then");
    }
}
