//! Who has a socket open at this instance.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use errand_core::UserId;

/// Everybody who has a socket open, with how many. Cheap to clone.
#[derive(Clone, Default)]
pub struct Online(Arc<Mutex<HashMap<UserId, u32>>>);

/// A socket that is open, until it is dropped.
pub(crate) struct Here {
    user: UserId,
    all: Online,
}

impl Online {
    /// Counts a socket of `user`.
    pub(crate) fn enter(&self, user: UserId) -> Here {
        *self.lock().entry(user).or_default() += 1;
        Here { user, all: self.clone() }
    }

    /// Whether `user` has one open.
    #[must_use]
    pub fn has(&self, user: UserId) -> bool {
        self.lock().contains_key(&user)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner) // nothing in it can be half done
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        let mut all = self.all.lock();
        if let Some(sockets) = all.get_mut(&self.user) {
            *sockets -= 1;
            if *sockets == 0 {
                all.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_here_until_the_last_socket_is_gone() {
        let (online, ann) = (Online::default(), UserId::fresh());
        let (one, two) = (online.enter(ann), online.enter(ann));
        drop(one);
        assert!(online.has(ann) && !online.has(UserId::fresh()));
        drop(two);
        assert!(!online.has(ann));
    }
}
