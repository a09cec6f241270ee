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
        if let (Some(limit), Some((name, shared))) = (self.limit, &self.shared)
            && let Some(counted) = shared.count(&format!("errand:limit:{name}:{key}"), limit).await
        {
            return counted;
        }
        self.count(key, Instant::now())
    }

    /// Counts one more for `key` in this process.
    ///
    /// # Errors
    /// [`TooMany`] when the window is full; a refused request is not counted.
    pub fn count(&self, key: K, now: Instant) -> Result<(), TooMany> {
        const CROWD: usize = 10_000;
        let Some(limit) = self.limit else { return Ok(()) };
        let mut windows = self.here.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= CROWD {
            windows.retain(|_, window| now.duration_since(window.began) < limit.per);
        }
        let window = windows.entry(key).or_insert(Window { began: now, count: 0 });
        if now.duration_since(window.began) >= limit.per {
            *window = Window { began: now, count: 0 };
        }
        if window.count >= limit.max {
            return Err(TooMany { retry_after: limit.per.saturating_sub(now.duration_since(window.began)) });
        }
        window.count += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_published_number_passes_in_a_window() {
        let windows = Windows::new(Some(Limit { max: 3, per: Duration::from_mins(1) }));
        let start = Instant::now();
        for _ in 0..3 {
            assert_eq!(windows.count("ann", start), Ok(()));
        }
        let later = start + Duration::from_secs(20);
        assert_eq!(windows.count("ann", later), Err(TooMany { retry_after: Duration::from_secs(40) }));
        assert_eq!(windows.count("bob", later), Ok(()));
        assert_eq!(windows.count("ann", start + Duration::from_mins(1)), Ok(()));
    }
}
