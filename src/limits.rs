//! How often something may be asked: fixed windows that let exactly the published number through, counted in Redis for all instances
//! where there is one, else in this process.

mod shared;

use std::{
    collections::HashMap,
    fmt::Display,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

pub use self::shared::Shared;
pub use crate::config::Limit;

/// The windows of one limit, by whatever is counted.
pub struct Windows<K> {
    limit: Option<Limit>,
    here: Mutex<HashMap<K, Window>>,
    shared: Option<(&'static str, Arc<Shared>)>,
}

struct Window {
    began: Instant,
    count: u32,
}

/// How a window stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How many fit in it.
    pub max: u32,
    /// How many more.
    pub left: u32,
    /// How long until it ends.
    pub ends_in: Duration,
}

impl From<Limit> for Standing {
    /// A window in which nothing was counted.
    fn from(Limit { max, per }: Limit) -> Self {
        Self { max, left: max, ends_in: per }
    }
}

/// One too many; how long until the next window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany {
    /// How long until the window ends.
    pub retry_after: Duration,
}

impl<K: Hash + Eq> Windows<K> {
    /// Windows for `limit`; none lets everything through.
    #[must_use]
    pub fn new(limit: Option<Limit>) -> Self {
        Self { limit, here: Mutex::default(), shared: None }
    }

    /// The same, counted with other instances, which know the limit by the same name.
    #[must_use]
    pub fn shared(self, name: &'static str, shared: Option<&Arc<Shared>>) -> Self {
        Self { shared: shared.map(|shared| (name, Arc::clone(shared))), ..self }
    }

    /// Counts one more for `key`, with the other instances where that can be.
    ///
    /// # Errors
    /// [`TooMany`] when the window is full; a refused request is not counted.
    pub async fn pass(&self, key: K) -> Result<(), TooMany>
    where
        K: Display,
    {
        self.take(key).await.map(|_| ())
    }

    /// The same, and answers how the window stands then; nothing where nobody is limited.
    ///
    /// # Errors
    /// As [`Windows::pass`].
    pub async fn take(&self, key: K) -> Result<Option<Standing>, TooMany>
    where
        K: Display,
    {
        if let (Some(limit), Some((name, shared))) = (self.limit, &self.shared)
            && let Some(counted) = shared.count(&format!("errand:limit:{name}:{key}"), limit).await
        {
            return counted.map(Some);
        }
        self.count(key, Instant::now())
    }

    /// Counts one less for `key`: what was counted was not meant to be.
    pub async fn give_back(&self, key: K)
    where
        K: Display,
    {
        if let Some((name, shared)) = &self.shared
            && shared.give_back(&format!("errand:limit:{name}:{key}")).await
        {
            return;
        }
        if let Some(window) = self.here.lock().unwrap_or_else(PoisonError::into_inner).get_mut(&key) {
            window.count = window.count.saturating_sub(1);
        }
    }

    /// Counts one more for `key` in this process.
    ///
    /// # Errors
    /// [`TooMany`] when the window is full; a refused request is not counted.
    pub fn count(&self, key: K, now: Instant) -> Result<Option<Standing>, TooMany> {
        const CROWD: usize = 10_000;
        let Some(limit) = self.limit else { return Ok(None) };
        let mut windows = self.here.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= CROWD {
            windows.retain(|_, window| now.duration_since(window.began) < limit.per);
        }
        let window = windows.entry(key).or_insert(Window { began: now, count: 0 });
        if now.duration_since(window.began) >= limit.per {
            *window = Window { began: now, count: 0 };
        }
        let ends_in = limit.per.saturating_sub(now.duration_since(window.began));
        if window.count >= limit.max {
            return Err(TooMany { retry_after: ends_in });
        }
        window.count += 1;
        Ok(Some(Standing { max: limit.max, left: limit.max - window.count, ends_in }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_published_number_passes_in_a_window() {
        let windows = Windows::new(Some(Limit { max: 3, per: Duration::from_mins(1) }));
        let start = Instant::now();
        let standing = |left, ends_in| Ok(Some(Standing { max: 3, left, ends_in: Duration::from_secs(ends_in) }));
        for left in [2, 1, 0] {
            assert_eq!(windows.count("ann", start), standing(left, 60));
        }
        let later = start + Duration::from_secs(20);
        assert_eq!(windows.count("ann", later), Err(TooMany { retry_after: Duration::from_secs(40) }));
        assert_eq!(windows.count("bob", later), standing(2, 60));
        assert_eq!(windows.count("ann", start + Duration::from_mins(1)), standing(2, 60));
    }

    #[tokio::test]
    async fn what_is_given_back_can_be_taken_again() {
        let windows = Windows::new(Some(Limit { max: 1, per: Duration::from_mins(1) }));
        assert_eq!(windows.pass("ann").await, Ok(()));
        assert!(windows.pass("ann").await.is_err());
        windows.give_back("ann").await;
        assert_eq!(windows.pass("ann").await, Ok(()));
        windows.give_back("nobody").await;
    }
}
