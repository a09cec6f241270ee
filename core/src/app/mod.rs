//! What can be asked: plain verbs, a file per noun. Each takes the [`Caller`](crate::Caller) and checks its rights,
//! so that no face, tool or command has to.
//!
//! To add a verb: an `impl App` method in the file of its noun, with the SQL in `store/`.

mod accounts;
mod conversations;
mod rooms;
mod tasks;
mod turns;
mod undo;
mod work;

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};

use tokio::sync::Semaphore;

pub use self::{
    accounts::Zone,
    conversations::ConversationRef,
    rooms::Opened,
    turns::{Claim, Claimed, TurnRequest},
    work::{Idempotency, Refusal, RefusalCode, Work},
};
use crate::{Account, Clock, Store, UserId, id::InstanceId};

/// The service: everything that is asked goes through it. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// How it is kept.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    shared: Arc<Shared>,
}

struct Shared {
    /// Which process this is, so that the turns it leaves open after a crash can be told from others.
    instance: InstanceId,
    /// Hashing a password takes a core and 19 MiB for a while: so many at once, and no more.
    hashing: Semaphore,
    /// Accounts by id, so that a request does not have to read its own. Bounded.
    accounts: RwLock<HashMap<UserId, Account>>,
}

impl App {
    /// The service on `store`.
    #[must_use]
    pub fn new(store: Store, clock: Clock) -> Self {
        accounts::prepare();
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let shared =
            Shared { instance: InstanceId::fresh(), hashing: Semaphore::new(cores), accounts: RwLock::default() };
        Self { store, clock, shared: Arc::new(shared) }
    }
}
