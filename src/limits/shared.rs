//! Windows that all instances count in, kept in Redis. Where it cannot be reached nobody is locked out: each instance then counts by
//! itself.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use redis::{
    Client, RedisError, RedisResult, Script,
    aio::{ConnectionManager, ConnectionManagerConfig},
};

use super::{Limit, TooMany};

/// How long a request waits for Redis, which answers within a millisecond when it is there.
const PATIENCE: Duration = Duration::from_millis(250);

/// For how long Redis is left alone after it did not answer.
const PAUSE: Duration = Duration::from_secs(2);

/// Counts one more, unless the window is full: then the milliseconds until it ends, else -1. A script runs by itself, so two instances
/// cannot both be the last one; a window ends by itself, at its key's expiry.
const COUNT: &str = r"
if tonumber(redis.call('GET', KEYS[1]) or '0') >= tonumber(ARGV[1]) then
    return redis.call('PTTL', KEYS[1])
end
if redis.call('INCR', KEYS[1]) == 1 then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return -1
";

/// A Redis that counts.
pub struct Shared {
    connection: ConnectionManager,
    count: Script,
    away_since: Mutex<Option<Instant>>,
}

impl Shared {
    /// Counts at `url`. It need not be there yet.
    ///
    /// # Errors
    /// An address that makes no sense.
    pub fn new(url: &str) -> RedisResult<Self> {
        let patient = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE))
            .set_number_of_retries(0);
        let connection = ConnectionManager::new_lazy_with_config(Client::open(url)?, patient)?;
        Ok(Self { connection, count: Script::new(COUNT), away_since: Mutex::default() })
    }

    /// Counts one more in the window `key`; nothing, when Redis cannot be asked.
    pub(super) async fn count(&self, key: &str, limit: Limit) -> Option<Result<(), TooMany>> {
        if self.rests() {
            return None;
        }
        let per = u64::try_from(limit.per.as_millis()).unwrap_or(u64::MAX);
        let mut call = self.count.key(key);
        call.arg(limit.max).arg(per);
        let mut connection = self.connection.clone();
        let counted = tokio::time::timeout(PATIENCE, call.invoke_async::<i64>(&mut connection)).await;
        self.heard(counted.unwrap_or_else(|_| Err(RedisError::from((redis::ErrorKind::Io, "it does not answer")))))
    }

    /// Says in the log when Redis goes and when it comes back, and nothing in between.
    fn heard(&self, counted: RedisResult<i64>) -> Option<Result<(), TooMany>> {
        let mut away_since = self.away_since.lock().unwrap_or_else(PoisonError::into_inner);
        match counted {
            Ok(wait) => {
                if away_since.take().is_some() {
                    tracing::info!("redis.answers_again");
                }
                let wait = u64::try_from(wait).ok().map(Duration::from_millis);
                Some(wait.map_or(Ok(()), |retry_after| Err(TooMany { retry_after })))
            }
            Err(error) => {
                if away_since.replace(Instant::now()).is_none() {
                    tracing::warn!(%error, "redis.away: each instance counts its own limits");
                }
                None
            }
        }
    }

    fn rests(&self) -> bool {
        let away_since = *self.away_since.lock().unwrap_or_else(PoisonError::into_inner);
        away_since.is_some_and(|since| since.elapsed() < PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{super::Windows, *};

    const TWO: Option<Limit> = Some(Limit { max: 2, per: Duration::from_secs(2) });

    /// As an instance has them; `name` is the test's own.
    fn instance(url: &str, name: &'static str) -> Windows<String> {
        Windows::new(TWO).shared(name, Some(&Arc::new(Shared::new(url).unwrap())))
    }

    #[tokio::test]
    async fn two_instances_share_a_count() {
        let url = std::env::var("ERRAND_TEST_REDIS_URL").unwrap_or_else(|_| "redis://127.0.0.1:6379".into());
        let there = Client::open(url.as_str()).unwrap().get_multiplexed_async_connection().await;
        if let Err(error) = there {
            let required = std::env::var("ERRAND_TEST_REQUIRE_SERVICES").is_ok_and(|value| value == "1");
            assert!(!required, "Redis is required and cannot be reached: {error}");
            eprintln!(
                "SKIPPED two_instances_share_a_count: Redis cannot be reached ({error}); set ERRAND_TEST_REDIS_URL"
            );
            return;
        }
        let (one, two) = (instance(&url, "test"), instance(&url, "test"));
        let (ann, bob) = (errand_core::id::fresh().to_string(), errand_core::id::fresh().to_string());
        assert_eq!((one.pass(ann.clone()).await, two.pass(ann.clone()).await), (Ok(()), Ok(())));
        let TooMany { retry_after } = one.pass(ann.clone()).await.unwrap_err();
        assert!(!retry_after.is_zero() && retry_after <= Duration::from_secs(2), "{retry_after:?}");
        assert!(two.pass(ann.clone()).await.is_err());
        assert_eq!(two.pass(bob).await, Ok(()), "another one's window");
        tokio::time::sleep(retry_after + Duration::from_millis(50)).await;
        assert_eq!(two.pass(ann).await, Ok(()), "the window has ended");
    }

    #[tokio::test]
    async fn without_redis_each_instance_still_limits() {
        let (one, two) = (instance("redis://127.0.0.1:1", "test"), instance("redis://127.0.0.1:1", "test"));
        for windows in [one, two] {
            assert_eq!((windows.pass("ann".into()).await, windows.pass("ann".into()).await), (Ok(()), Ok(())));
            assert!(windows.pass("ann".into()).await.is_err());
        }
    }
}
