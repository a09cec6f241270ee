//! Windows that all instances count in, kept in Redis. Where it cannot be reached nobody is locked out: each instance then counts by
//! itself.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use redis::{
    Client, FromRedisValue, RedisError, RedisResult, Script, ScriptInvocation,
    aio::{ConnectionManager, ConnectionManagerConfig, PubSubStream},
};

use super::{Limit, Standing, TooMany};

/// How long a request waits for Redis, which answers within a millisecond when it is there.
const PATIENCE: Duration = Duration::from_millis(250);

/// For how long Redis is left alone after it did not answer.
const PAUSE: Duration = Duration::from_secs(2);

/// Counts one more, unless the window is full: how many there are then, or -1, and the milliseconds until it ends. A script runs by
/// itself, so two instances cannot both be the last one; a window ends by itself, at its key's expiry.
const COUNT: &str = r"
if tonumber(redis.call('GET', KEYS[1]) or '0') >= tonumber(ARGV[1]) then
    return {-1, redis.call('PTTL', KEYS[1])}
end
local count = redis.call('INCR', KEYS[1])
if count == 1 then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return {count, redis.call('PTTL', KEYS[1])}
";

/// Counts one less in a window that has not ended.
const GIVE_BACK: &str = r"
if tonumber(redis.call('GET', KEYS[1]) or '0') > 0 then
    redis.call('DECR', KEYS[1])
end
return 0
";

/// A Redis that counts.
pub struct Shared {
    client: Client,
    connection: ConnectionManager,
    count: Script,
    give_back: Script,
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
        let client = Client::open(url)?;
        let connection = ConnectionManager::new_lazy_with_config(client.clone(), patient)?;
        let (count, give_back) = (Script::new(COUNT), Script::new(GIVE_BACK));
        Ok(Self { client, connection, count, give_back, away_since: Mutex::default() })
    }

    /// Whether Redis answers.
    pub async fn answers(&self) -> bool {
        let mut connection = self.connection.clone();
        let ping = redis::cmd("PING");
        let answer = tokio::time::timeout(PATIENCE, ping.query_async::<String>(&mut connection)).await;
        matches!(answer, Ok(Ok(_)))
    }

    /// Counts one more in the window `key`; nothing, when Redis cannot be asked.
    pub(super) async fn count(&self, key: &str, limit: Limit) -> Option<Result<Standing, TooMany>> {
        let per = u64::try_from(limit.per.as_millis()).unwrap_or(u64::MAX);
        let mut call = self.count.key(key);
        call.arg(limit.max).arg(per);
        let (count, left): (i64, i64) = self.run(&call).await?;
        let ends_in = Duration::from_millis(u64::try_from(left).unwrap_or(0));
        let counted = u32::try_from(count).map_err(|_| TooMany { retry_after: ends_in });
        Some(counted.map(|count| Standing { max: limit.max, left: limit.max.saturating_sub(count), ends_in }))
    }

    /// Counts one less in the window `key`; false, when Redis cannot be asked.
    pub(super) async fn give_back(&self, key: &str) -> bool {
        self.run::<i64>(&self.give_back.key(key)).await.is_some()
    }

    /// What a script answers; nothing, when Redis cannot be asked.
    pub(crate) async fn run<T: FromRedisValue>(&self, call: &ScriptInvocation<'_>) -> Option<T> {
        self.ask(async |mut connection| call.invoke_async(&mut connection).await).await
    }

    /// Tells all instances that [listen](Self::listen); false, when Redis cannot be asked.
    pub(crate) async fn publish(&self, channel: &str, message: &[u8]) -> bool {
        let published = redis::cmd("PUBLISH").arg(channel).arg(message).to_owned();
        self.ask::<i64>(async |mut connection| published.query_async(&mut connection).await).await.is_some()
    }

    /// What is published on `channel` from now on, until the connection breaks.
    ///
    /// # Errors
    /// Redis cannot be reached.
    pub(crate) async fn listen(&self, channel: &str) -> RedisResult<PubSubStream> {
        let mut listener = self.client.get_async_pubsub().await?;
        listener.subscribe(channel).await?;
        Ok(listener.into_on_message())
    }

    async fn ask<T>(&self, question: impl AsyncFnOnce(ConnectionManager) -> RedisResult<T>) -> Option<T> {
        if self.rests() {
            return None;
        }
        let answered = tokio::time::timeout(PATIENCE, question(self.connection.clone())).await;
        self.heard(answered.unwrap_or_else(|_| Err(silent())))
    }

    /// Says in the log when Redis goes and when it comes back, and nothing in between.
    fn heard<T>(&self, counted: RedisResult<T>) -> Option<T> {
        let mut away_since = self.away_since.lock().unwrap_or_else(PoisonError::into_inner);
        match counted {
            Ok(counted) => {
                if away_since.take().is_some() {
                    tracing::info!("redis.answers_again");
                }
                Some(counted)
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

fn silent() -> RedisError {
    RedisError::from((redis::ErrorKind::Io, "it does not answer"))
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
        two.give_back(ann.clone()).await;
        let standing = one.take(ann.clone()).await.unwrap().unwrap();
        assert_eq!((standing.max, standing.left), (2, 0));
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
