//! What waits for a socket. It is told how things stand: where they have changed again before it could be told, only that.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use errand_core::{RoomId, UserId, mailbox::Mailbox};

use super::signal::{Audience, Signal};

/// How many signals wait for a socket at most; further ones are lost to it.
const WAITING_MAX: usize = 512;

/// The inboxes of all sockets. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Inboxes(Arc<Mutex<Open>>);

#[derive(Default)]
struct Open {
    by_user: HashMap<UserId, Vec<Arc<Waiting>>>,
    by_room: HashMap<RoomId, Vec<Arc<Waiting>>>,
}

struct Waiting {
    user: UserId,
    signals: Mailbox<Vec<Signal>>,
}

/// What one socket hears, until it is dropped.
pub(crate) struct Inbox {
    waiting: Arc<Waiting>,
    rooms: HashSet<RoomId>,
    all: Inboxes,
}

impl Inboxes {
    pub(super) fn open(&self, user: UserId) -> Inbox {
        let waiting = Arc::new(Waiting { user, signals: Mailbox::default() });
        self.lock().by_user.entry(user).or_default().push(Arc::clone(&waiting));
        Inbox { waiting, rooms: HashSet::new(), all: self.clone() }
    }

    /// Puts a signal into the inboxes of those who hear it.
    pub(super) fn put(&self, audience: &Audience, signal: &Signal) {
        let open = self.lock();
        match audience {
            Audience::People(people) => {
                let theirs = people.iter().filter_map(|user| open.by_user.get(user)).flatten();
                theirs.for_each(|waiting| waiting.put(signal));
            }
            Audience::Room { room, but } => {
                let there = open.by_room.get(room).into_iter().flatten();
                there.filter(|waiting| waiting.user != *but).for_each(|waiting| waiting.put(signal));
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner) // nothing in it can be half done
    }
}

impl Waiting {
    fn put(&self, signal: &Signal) {
        self.signals.put(|signals| {
            signals.retain(|other| other.about() != signal.about());
            if signals.len() < WAITING_MAX {
                signals.push(signal.clone());
            }
        });
    }
}

impl Inbox {
    /// What came in, the oldest first, once there is something. Safe to cancel.
    pub(crate) async fn next(&self) -> Vec<Signal> {
        self.waiting.signals.next(|signals| (!signals.is_empty()).then(|| std::mem::take(signals))).await
    }

    /// Hears what is told in a room from now on.
    pub(crate) fn follow(&mut self, room: RoomId) {
        if self.rooms.insert(room) {
            self.all.lock().by_room.entry(room).or_default().push(Arc::clone(&self.waiting));
        }
    }

    /// Hears nothing more of a room.
    pub(crate) fn unfollow(&mut self, room: RoomId) {
        if self.rooms.remove(&room) {
            take_out(&mut self.all.lock().by_room, &room, &self.waiting);
        }
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        let mut open = self.all.lock();
        take_out(&mut open.by_user, &self.waiting.user, &self.waiting);
        self.rooms.iter().for_each(|room| take_out(&mut open.by_room, room, &self.waiting));
    }
}

fn take_out<K: Hash + Eq>(inboxes: &mut HashMap<K, Vec<Arc<Waiting>>>, key: &K, waiting: &Arc<Waiting>) {
    if let Some(here) = inboxes.get_mut(key) {
        here.retain(|other| !Arc::ptr_eq(other, waiting));
        if here.is_empty() {
            inboxes.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn online(user: UserId, online: bool) -> Signal {
        Signal::Presence { user, username: "ann".into(), online }
    }

    #[tokio::test]
    async fn only_how_things_stand_is_told() {
        let (inboxes, ann, bob, cat) = (Inboxes::default(), UserId::fresh(), UserId::fresh(), UserId::fresh());
        let inbox = inboxes.open(bob);
        let to_bob = Audience::People(vec![bob]);
        for signal in [online(ann, true), online(cat, true), online(ann, false)] {
            inboxes.put(&to_bob, &signal);
        }
        assert_eq!(inbox.next().await, [online(cat, true), online(ann, false)]);
        for _ in 0..WAITING_MAX + 5 {
            inboxes.put(&to_bob, &online(UserId::fresh(), true));
        }
        assert_eq!(inbox.next().await.len(), WAITING_MAX);
    }

    #[tokio::test]
    async fn a_room_is_heard_by_those_who_follow_it_but_the_one_who_types() {
        let (inboxes, ann, bob, room) = (Inboxes::default(), UserId::fresh(), UserId::fresh(), RoomId::fresh());
        let (mut of_ann, mut of_bob, elsewhere) = (inboxes.open(ann), inboxes.open(bob), inboxes.open(bob));
        of_ann.follow(room);
        of_bob.follow(room);
        let typing = Signal::Typing { room, user: ann, username: "ann".into(), typing: true };
        inboxes.put(&Audience::Room { room, but: ann }, &typing);
        assert_eq!(of_bob.next().await, std::slice::from_ref(&typing));
        for silent in [&of_ann, &elsewhere] {
            assert!(silent.waiting.signals.take(|signals| signals.is_empty()));
        }
        of_bob.unfollow(room);
        inboxes.put(&Audience::Room { room, but: ann }, &typing);
        assert!(of_bob.waiting.signals.take(|signals| signals.is_empty()));
        drop((of_ann, of_bob, elsewhere));
        assert!(inboxes.lock().by_user.is_empty() && inboxes.lock().by_room.is_empty());
    }
}
