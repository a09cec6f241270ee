//! The sockets that users have open: in this process, and with Redis in all of them.
//!
//! In Redis each socket is a lease that its instance renews; one that is gone holds its places for a while and no longer.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use errand_core::{UserId, id};
use redis::Script;
use uuid::Uuid;

use crate::limits::Shared;

/// How long a lease holds when it is not renewed.
const LEASE: Duration = Duration::from_secs(30);
/// How often leases are renewed.
pub(super) const RENEWED: Duration = Duration::from_secs(10);

/// The time is Redis's own for all. `errand:here` has for each user when the last of their leases ends.
macro_rules! script {
    ($body:literal) => {
        concat!(
            "local time = redis.call('TIME')
            local now = time[1] * 1000 + math.floor(time[2] / 1000)
            ",
            $body
        )
    };
}

/// Takes a place: how many were taken before, or -1 when that is all there are.
const TAKE: &str = script!(
    "redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
    local before = redis.call('ZCARD', KEYS[1])
    if before >= tonumber(ARGV[3]) then
        return -1
    end
    redis.call('ZADD', KEYS[1], now + ARGV[4], ARGV[2])
    redis.call('PEXPIRE', KEYS[1], ARGV[4])
    redis.call('ZADD', KEYS[2], now + ARGV[4], ARGV[1])
    return before"
);

/// Gives a place back: how many are left.
const GIVE_BACK: &str = script!(
    "redis.call('ZREM', KEYS[1], ARGV[2])
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
    local left = redis.call('ZCARD', KEYS[1])
    if left == 0 then
        redis.call('ZREM', KEYS[2], ARGV[1])
    end
    return left"
);

/// Renews the leases of a user's places.
const RENEW: &str = script!(
    "for i = 3, #ARGV do
        redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[i])
    end
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
    redis.call('ZADD', KEYS[2], now + ARGV[2], ARGV[1])
    return 0"
);

/// Whose last lease has ended without being given back. Each is answered once, whoever asks.
const GONE: &str = script!(
    "local gone = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 100)
    for _, user in ipairs(gone) do
        redis.call('ZREM', KEYS[1], user)
    end
    return gone"
);

/// Which of the users have a lease.
const WHO: &str = script!(
    "local here = {}
    for _, user in ipairs(ARGV) do
        local ends = redis.call('ZSCORE', KEYS[1], user)
        if ends and tonumber(ends) > now then
            here[#here + 1] = user
        end
    end
    return here"
);

const HERE: &str = "errand:here";

/// Every socket that is open.
pub(super) struct Places {
    most: usize,
    here: Mutex<HashMap<UserId, Vec<Uuid>>>,
    leases: Option<Leases>,
}

struct Leases {
    shared: Arc<Shared>,
    take: Script,
    give_back: Script,
    renew: Script,
    gone: Script,
    who: Script,
}

/// A socket's place.
pub(super) struct Place {
    id: Uuid,
    /// Whether it was the user's first.
    pub(super) first: bool,
}

/// A user has as many sockets open as they may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full {
    /// How many that are.
    pub(crate) most: usize,
}

impl Places {
    /// Up to `most` for each user.
    pub(super) fn new(most: usize, shared: Option<Arc<Shared>>) -> Self {
        let leases = shared.map(|shared| Leases {
            shared,
            take: Script::new(TAKE),
            give_back: Script::new(GIVE_BACK),
            renew: Script::new(RENEW),
            gone: Script::new(GONE),
            who: Script::new(WHO),
        });
        Self { most, here: Mutex::default(), leases }
    }

    /// Takes a place for one of the user's sockets.
    pub(super) async fn take(&self, user: UserId) -> Result<Place, Full> {
        let (id, full) = (id::fresh(), Full { most: self.most });
        let elsewhere = match &self.leases {
            Some(leases) => leases.take(user, id, self.most).await,
            None => None,
        };
        let mut here = self.lock();
        let mine = here.entry(user).or_default();
        let before = elsewhere.unwrap_or_else(|| i64::try_from(mine.len()).unwrap_or(i64::MAX));
        if before < 0 || mine.len() >= self.most {
            if mine.is_empty() {
                here.remove(&user);
            }
            return Err(full);
        }
        mine.push(id);
        Ok(Place { id, first: before == 0 })
    }

    /// Gives it back; whether it was the user's last.
    pub(super) async fn give_back(&self, user: UserId, place: &Place) -> bool {
        let left = {
            let mut here = self.lock();
            let mine = here.entry(user).or_default();
            mine.retain(|other| *other != place.id);
            let left = mine.len();
            if left == 0 {
                here.remove(&user);
            }
            left
        };
        let elsewhere = match &self.leases {
            Some(leases) => leases.give_back(user, place.id).await,
            None => None,
        };
        elsewhere.map_or(left == 0, |left| left == 0)
    }

    /// Which of `users` have a socket open.
    pub(super) async fn who(&self, users: impl Iterator<Item = UserId>) -> HashSet<UserId> {
        let users: Vec<UserId> = users.collect();
        let elsewhere = match &self.leases {
            Some(leases) => leases.who(&users).await,
            None => None,
        };
        let here = self.lock();
        let mut who: HashSet<UserId> = users.into_iter().filter(|user| here.contains_key(user)).collect();
        who.extend(elsewhere.into_iter().flatten());
        who
    }

    /// Renews the leases of this instance. Answers who is gone because theirs were not renewed.
    pub(super) async fn renew(&self) -> Vec<UserId> {
        let Some(leases) = &self.leases else { return Vec::new() };
        let here: Vec<(UserId, Vec<Uuid>)> = self.lock().iter().map(|(user, mine)| (*user, mine.clone())).collect();
        for (user, mine) in here {
            leases.renew(user, &mine).await;
        }
        leases.gone().await
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, Vec<Uuid>>> {
        self.here.lock().unwrap_or_else(PoisonError::into_inner) // nothing in it can be half done
    }
}

/// Each answers nothing when Redis cannot be asked.
impl Leases {
    async fn take(&self, user: UserId, id: Uuid, most: usize) -> Option<i64> {
        let mut call = self.take.key(key(user));
        call.key(HERE).arg(user.to_string()).arg(id.to_string()).arg(most).arg(milliseconds(LEASE));
        self.shared.run(&call).await
    }

    async fn give_back(&self, user: UserId, id: Uuid) -> Option<i64> {
        let mut call = self.give_back.key(key(user));
        call.key(HERE).arg(user.to_string()).arg(id.to_string());
        self.shared.run(&call).await
    }

    async fn renew(&self, user: UserId, places: &[Uuid]) -> Option<i64> {
        let mut call = self.renew.key(key(user));
        call.key(HERE).arg(user.to_string()).arg(milliseconds(LEASE));
        for place in places {
            call.arg(place.to_string());
        }
        self.shared.run(&call).await
    }

    async fn gone(&self) -> Vec<UserId> {
        let gone: Option<Vec<String>> = self.shared.run(&self.gone.key(HERE)).await;
        users(&gone.unwrap_or_default())
    }

    async fn who(&self, asked: &[UserId]) -> Option<Vec<UserId>> {
        let mut call = self.who.key(HERE);
        for user in asked {
            call.arg(user.to_string());
        }
        let here: Option<Vec<String>> = self.shared.run(&call).await;
        here.as_deref().map(users)
    }
}

fn key(user: UserId) -> String {
    format!("errand:sockets:{user}")
}

fn users(names: &[String]) -> Vec<UserId> {
    names.iter().filter_map(|name| name.parse().ok()).map(UserId).collect()
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn somebody_is_here_until_the_last_socket_is_gone() {
        let (places, ann, bob) = (Places::new(2, None), UserId::fresh(), UserId::fresh());
        let (one, two) = (places.take(ann).await.ok().unwrap(), places.take(ann).await.ok().unwrap());
        assert_eq!((one.first, two.first), (true, false));
        assert_eq!(places.take(ann).await.err(), Some(Full { most: 2 }));
        assert!(!places.give_back(ann, &one).await);
        assert_eq!(places.who([ann, bob].into_iter()).await, [ann].into());
        assert!(places.give_back(ann, &two).await);
        assert!(places.who([ann].into_iter()).await.is_empty() && places.lock().is_empty());
    }
}
