//! The assistant in encrypted rooms: its keys, and what it can read and write with them.
//!
//! Its private key is stored encrypted under the service's secret, and made once; when the secret is another one later, it cannot be
//! opened, and the assistant has no keys until the old secret is back. What it unwraps of a room's keys is held for as long as one
//! request needs it, and overwritten after.
//!
//! To do something else in rooms that let it in: ask [`Assistant::keys`] for the room's keys, `App::read_back` for what was written.

mod keys;
mod search;

use std::sync::Arc;

use errand_core::{
    App, Caller, Door, Error, RoomId, UserId,
    assistant::{self, NewAssistant},
};
use tokio::sync::Semaphore;

pub use self::{
    keys::{HeldKeys, Missing, OpenError},
    search::{Results, Searched},
};
use crate::{
    crypto::{CryptoError, KeyPair, RestKey},
    secret::TokenSecret,
};

/// Why there is no assistant.
#[derive(Debug, thiserror::Error)]
pub enum AssistantError {
    /// The store.
    #[error(transparent)]
    Core(#[from] Error),
    /// Its keys cannot be made.
    #[error("the assistant's keys cannot be made: {0}")]
    Crypto(#[from] CryptoError),
    /// What was computed elsewhere broke.
    #[error("the assistant's keys could not be computed: {0}")]
    Computing(#[from] tokio::task::JoinError),
}

/// The assistant of this deployment. Cheap to clone.
#[derive(Clone)]
pub struct Assistant {
    app: App,
    caller: Caller,
    /// None when they cannot be opened.
    own: Option<Arc<KeyPair>>,
    /// To search takes a core for a while: so many at once, and no more.
    searching: Arc<Semaphore>,
}

impl Assistant {
    /// The assistant that there is; at the first start it is made, with its keys. Then it is in the chatrooms that want it.
    ///
    /// # Errors
    /// [`AssistantError`].
    pub async fn appoint(app: App, secret: &TokenSecret) -> Result<Self, AssistantError> {
        let rest = RestKey::of(secret.as_bytes())?;
        let there = match app.assistant().await? {
            Some(there) => there,
            None => app.appoint_assistant(new(&rest).await?).await?,
        };
        let (own, caller) = (open(&rest, &there), Caller::new(&there.account, Door::System));
        let seated = app.seat_assistant().await?;
        if seated > 0 {
            tracing::info!(rooms = seated, "assistant.seated");
        }
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Self { app, caller, own: own.map(Arc::new), searching: Arc::new(Semaphore::new(cores)) })
    }

    /// Whose account it is.
    #[must_use]
    pub fn user(&self) -> UserId {
        self.caller.user
    }

    /// What it asks the service as.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The keys of a room that it holds; where it is not in the room, none.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Database`].
    pub async fn keys(&self, room: RoomId) -> Result<HeldKeys, Error> {
        let Some(own) = self.own.clone() else { return Ok(HeldKeys::none(Missing::OwnKeys)) };
        let keys = match self.app.room_keys(&self.caller, room).await {
            Ok(keys) => keys,
            Err(Error::Forbidden(_)) => return Ok(HeldKeys::none(Missing::NotThere)),
            Err(error) => return Err(error),
        };
        let unwrapped = tokio::task::spawn_blocking(move || HeldKeys::new(own, keys));
        unwrapped.await.map_err(|error| Error::Internal(error.to_string()))
    }
}

/// A new assistant, with keys that are sealed under the service's secret.
async fn new(rest: &RestKey) -> Result<NewAssistant, AssistantError> {
    let id = UserId::fresh();
    let pair = tokio::task::spawn_blocking(KeyPair::generate).await??;
    Ok(NewAssistant { id, public_key: pair.public().to_pem()?, sealed_key: pair.seal(rest, &id.to_string())? })
}

/// Its keys, if they can be opened and belong together. They are never made anew: rooms' keys are wrapped for these.
fn open(rest: &RestKey, there: &assistant::Assistant) -> Option<KeyPair> {
    match KeyPair::open(rest, &there.account.id.to_string(), &there.sealed_key) {
        Ok(pair) if pair.public().to_pem().is_ok_and(|public_key| public_key == there.public_key) => Some(pair),
        Ok(_) => {
            tracing::error!("assistant.keys_differ: the public key in the database is not that of the private one");
            None
        }
        Err(error) => {
            tracing::error!(
                %error,
                "assistant.keys_closed: they were stored under another secret; start with that one to have them back"
            );
            None
        }
    }
}

#[cfg(test)]
mod tests;
