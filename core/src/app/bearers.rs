//! Who shows a token.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};

use super::{App, accounts::REMEMBERED};
use crate::{
    error::{Error, Result},
    grant::{Bearer, Hash, Kind},
    id::GrantId,
    store::grants,
};

/// How long a token is known without being looked up. What another instance takes back is good here for as long.
const KNOWN: Duration = Duration::from_secs(2);
/// How exactly it is remembered when a grant was last used.
const USED: TimeDelta = TimeDelta::minutes(1);

/// The tokens that were looked up in the last moments.
#[derive(Default)]
pub(super) struct Recent(RwLock<Known>);

#[derive(Default)]
struct Known {
    /// How often everything was forgotten: what was looked up before the last time must not be remembered after it.
    forgotten: u64,
    bearers: HashMap<Hash, (Bearer, Instant)>,
}

impl Recent {
    fn find(&self, hash: Hash) -> Result<Bearer, u64> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let found = known.bearers.get(&hash).filter(|(_, since)| since.elapsed() < KNOWN);
        found.map(|(bearer, _)| bearer.clone()).ok_or(known.forgotten)
    }

    /// Remembers what was looked up when it had been forgotten so often.
    fn remember(&self, hash: Hash, bearer: Bearer, forgotten: u64) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.forgotten != forgotten {
            return;
        }
        if known.bearers.len() >= REMEMBERED {
            known.bearers.clear();
        }
        known.bearers.insert(hash, (bearer, Instant::now()));
    }

    /// Forgets all: something was taken back.
    pub(super) fn forget(&self) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.forgotten += 1;
        known.bearers.clear();
    }
}

impl App {
    /// Who shows this access token or personal token, and what for.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when it is neither, or was taken back, or has ended.
    pub async fn bearer(&self, token: &str) -> Result<Bearer> {
        let kind = Kind::of(token).filter(|kind| matches!(kind, Kind::Access | Kind::Personal));
        let (kind, hash, now) = (kind.ok_or(Error::Unauthenticated)?, Hash::of(token), self.clock.now());
        let bearer = match self.shared.bearers.find(hash) {
            Ok(bearer) => bearer,
            Err(forgotten) => {
                let found = grants::bearer(&mut self.store.read().await?, hash, kind).await?;
                let found = found.filter(|(bearer, ..)| !bearer.has_ended(now));
                let (bearer, grant, last_used_at) = found.ok_or(Error::Unauthenticated)?;
                self.used(grant, last_used_at, now).await?;
                self.shared.bearers.remember(hash, bearer.clone(), forgotten);
                bearer
            }
        };
        if bearer.has_ended(now) { Err(Error::Unauthenticated) } else { Ok(bearer) }
    }

    async fn used(&self, grant: GrantId, before: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<()> {
        if before.is_some_and(|before| now - before < USED) {
            return Ok(());
        }
        self.store.write(move |tx| Box::pin(grants::used(tx, grant, now))).await
    }
}
