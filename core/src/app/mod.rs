//! What can be asked: plain verbs, a file per noun. Each takes the [`Caller`](crate::Caller) and checks its rights,
//! so that no face, tool or command has to.
//!
//! To add a verb: an `impl App` method in the file of its noun, with the SQL in `store/`.

mod accounts;
mod assistant;
mod bearers;
mod blobs;
mod chatrooms;
mod clients;
mod connections;
mod conversations;
mod events;
mod grants;
mod identities;
mod logins;
mod mcp_sessions;
mod profiles;
mod refusal;
mod rooms;
mod tasks;
mod turns;
mod undo;
mod watched;
mod work;

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};

use tokio::sync::{Notify, Semaphore};

pub use self::{
    accounts::Zone,
    chatrooms::{RoomsWritten, Where},
    conversations::ConversationRef,
    refusal::{Refusal, RefusalCode},
    rooms::Opened,
    turns::{Claim, Claimed, TurnRequest},
    watched::LoginWatch,
    work::{ANSWERS_KEPT, Between, Idempotency, Work},
};
use crate::{Account, Clock, Problem, Result, Store, UserId, id::InstanceId, identity::Subject};

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
    /// Whose account an outside identity is, so that their requests do not have to read it. Bounded.
    subjects: RwLock<HashMap<Subject, UserId>>,
    /// Whose tokens were shown in the last moments. Bounded.
    bearers: bearers::Recent,
    /// In which chatrooms something was written lately.
    written: chatrooms::Written,
    /// There may be something in the store of files that nobody has any more.
    loose: Notify,
    /// Logins with which something has to end.
    watched: watched::Watched,
}

impl App {
    /// The service on `store`.
    #[must_use]
    pub fn new(store: Store, clock: Clock) -> Self {
        accounts::prepare();
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let shared = Shared {
            instance: InstanceId::fresh(),
            hashing: Semaphore::new(cores),
            accounts: RwLock::default(),
            subjects: RwLock::default(),
            bearers: bearers::Recent::default(),
            written: chatrooms::Written::default(),
            loose: Notify::new(),
            watched: watched::Watched::default(),
        };
        Self { store, clock, shared: Arc::new(shared) }
    }
}

/// The limit of a list that is read whole.
const ALL: i64 = i64::MAX;

/// Checks how many rows are asked for at once: 1-100.
///
/// # Errors
/// [`Error::Invalid`](crate::Error::Invalid) for the field `limit`.
pub fn page_size(limit: i64) -> Result<()> {
    if (1..=100).contains(&limit) { Ok(()) } else { Err(Problem::new("limit", "must lie between 1 and 100").into()) }
}

/// Takes what was read beyond `limit` off a page; whether there was anything: then there is a next page.
fn cut<T>(page: &mut Vec<T>, limit: i64) -> bool {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = page.len() > limit;
    page.truncate(limit);
    more
}
