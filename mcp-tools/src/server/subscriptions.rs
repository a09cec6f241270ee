//! Who wants to hear that a resource has changed: `resources/subscribe` in the older protocol, `subscriptions/listen` in the newer.
//!
//! What is heard is the feed of the person who asks, so nobody hears of another's tasks, and a change made through any door, also of
//! another instance, is heard. Only that something has changed is told; what it is now, the client reads with its own rights.
//!
//! A session that outlives the process ([`Session`]) does not have to say again what it has subscribed to.

use std::{
    collections::HashSet,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{DateTime, Utc};
use errand_core::{Caller, Scope, UserId, id::McpSessionId};
use http::request::Parts;
use rmcp::{
    ErrorData, Peer, RoleServer,
    model::{Extensions, ResourceUpdatedNotificationParam, SubscriptionFilter},
    service::{NotificationContext, RequestContext, ServiceError, SubscriptionContext, SubscriptionSendError},
};
use tokio::sync::{Mutex, MutexGuard};
use tokio_util::task::AbortOnDropHandle;

use super::{
    TaskServer, caller,
    ear::Ear,
    meta::{fault, wrong},
    resources::Address,
};

/// The most resources that one connection, or one request to listen, may name.
const MOST: usize = 100;

/// What one connection has subscribed to. A clone serves another connection, which has subscribed to nothing.
#[derive(Default)]
pub(super) struct Subscribed {
    watching: Mutex<Option<Watching>>,
    /// When the client was last promised to hear of changes, in microseconds since the epoch.
    promised: AtomicI64,
}

impl Clone for Subscribed {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// What tells one connection of changes; it ends with the connection, or with the last resource that is wanted.
struct Watching {
    user: UserId,
    wanted: Wanted,
    task: AbortOnDropHandle<()>,
}

type Wanted = Arc<RwLock<HashSet<String>>>;

/// The session that a message belongs to, where it may outlive this process. Whoever brings the message in puts it into the extensions
/// of the HTTP request around it.
#[derive(Clone, Copy, Debug)]
pub struct Session(pub McpSessionId);

impl Session {
    fn of(extensions: &Extensions) -> Option<McpSessionId> {
        extensions.get::<Parts>()?.extensions.get::<Self>().map(|session| session.0)
    }
}

impl TaskServer {
    /// Takes up what a session had subscribed to before it came to this process; in a new one there is nothing.
    ///
    /// # Errors
    /// When it cannot be known, or the changes cannot be heard.
    pub(super) async fn take_up(&self, context: &NotificationContext<RoleServer>) -> Result<(), ErrorData> {
        match caller::named(&context.extensions) {
            Some(caller) if caller.may(Scope::TasksRead).is_ok() => {
                self.watching(caller.user, &context.extensions, &context.peer).await.map(drop)
            }
            Some(_) | None => Ok(()),
        }
    }

    /// What is watched; in a session that comes from another process, what it had subscribed to there.
    async fn watching(
        &self,
        user: UserId,
        extensions: &Extensions,
        peer: &Peer<RoleServer>,
    ) -> Result<MutexGuard<'_, Option<Watching>>, ErrorData> {
        let mut place = self.subscribed.watching.lock().await;
        place.take_if(|watching| watching.user != user || watching.task.is_finished());
        if let (None, Some(session)) = (&*place, Session::of(extensions)) {
            let uris = self.app.mcp_subscriptions(session, user).await.map_err(fault)?;
            if !uris.is_empty() {
                let ear = Ear::again(&self.app.store, user).await.map_err(fault)?;
                *place = Some(Watching::start(user, uris.into_iter().collect(), ear, peer.clone()));
            }
        }
        Ok(place)
    }

    /// Tells of changes of `uri` from now on.
    ///
    /// # Errors
    /// Not found, for what cannot be read; invalid parameters when there are too many.
    pub(super) async fn follow(
        &self,
        caller: &Caller,
        uri: String,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.read(caller, &uri).await?;
        let mut place = self.watching(caller.user, &context.extensions, &context.peer).await?;
        let watching = match &mut *place {
            Some(watching) => watching,
            none => {
                let ear = Ear::new(&self.app.store, caller.user).await.map_err(fault)?;
                none.insert(Watching::start(caller.user, HashSet::new(), ear, context.peer))
            }
        };
        let uris = {
            let mut wanted = watching.wanted.write().unwrap_or_else(PoisonError::into_inner);
            if wanted.len() >= MOST && !wanted.contains(&uri) {
                return Err(wrong("uri", format!("there may be at most {MOST} subscriptions")));
            }
            wanted.insert(uri);
            wanted.iter().cloned().collect()
        };
        self.keep(&context.extensions, caller.user, uris).await
    }

    /// Tells of changes of `uri` no longer.
    ///
    /// # Errors
    /// When it cannot be kept that it is so.
    pub(super) async fn leave(
        &self,
        caller: &Caller,
        uri: &str,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let mut place = self.watching(caller.user, &context.extensions, &context.peer).await?;
        let Some(watching) = &*place else { return Ok(()) };
        let uris: Vec<_> = {
            let mut wanted = watching.wanted.write().unwrap_or_else(PoisonError::into_inner);
            wanted.remove(uri);
            wanted.iter().cloned().collect()
        };
        place.take_if(|_| uris.is_empty());
        self.keep(&context.extensions, caller.user, uris).await
    }

    /// Keeps what is wanted, while nobody changes it.
    async fn keep(&self, extensions: &Extensions, user: UserId, uris: Vec<String>) -> Result<(), ErrorData> {
        let Some(session) = Session::of(extensions) else { return Ok(()) };
        self.app.keep_mcp_subscriptions(session, user, uris).await.map_err(fault)
    }

    /// What of `requested` there is to hear. Whose it is shows later: nobody hears of what is not their own.
    pub(super) fn promise(&self, requested: &SubscriptionFilter) -> SubscriptionFilter {
        self.subscribed.promised.store(self.app.clock.now().timestamp_micros(), Ordering::SeqCst);
        let mut filter = requested.clone();
        if let Some(uris) = &mut filter.resource_subscriptions {
            uris.retain(|uri| Address::of(uri).is_some_and(|address| address != Address::App));
            uris.truncate(MOST);
        }
        filter
    }

    /// Tells of changes until the request ends.
    ///
    /// # Errors
    /// When the changes cannot be heard.
    pub(super) async fn hear(&self, caller: &Caller, context: &SubscriptionContext) -> Result<(), ErrorData> {
        let promised = DateTime::<Utc>::from_timestamp_micros(self.subscribed.promised.load(Ordering::SeqCst));
        let ear = Ear::since(&self.app.store, caller.user, promised.unwrap_or_default()).await;
        let mut ear = ear.map_err(fault)?;
        let wanted = context.accepted().resource_subscriptions.clone().unwrap_or_default();
        loop {
            let changed = tokio::select! {
                () = context.cancelled() => return Ok(()),
                changed = ear.changed() => changed,
            };
            for uri in wanted.iter().filter(|uri| changed.touches(uri)) {
                match context.sink().notify_resource_updated(uri).await {
                    Ok(()) => {}
                    Err(SubscriptionSendError::SubscriptionClosed) => return Ok(()),
                    Err(error) => {
                        tracing::debug!(%error, "mcp.change_not_told");
                        return Ok(());
                    }
                }
            }
        }
    }
}

impl Watching {
    fn start(user: UserId, wanted: HashSet<String>, ear: Ear, peer: Peer<RoleServer>) -> Self {
        let wanted = Arc::new(RwLock::new(wanted));
        let task = AbortOnDropHandle::new(tokio::spawn({
            let wanted = Arc::clone(&wanted);
            async move {
                if let Err(error) = tell(ear, &wanted, &peer).await {
                    tracing::debug!(%error, "mcp.change_not_told");
                }
            }
        }));
        Self { user, wanted, task }
    }
}

async fn tell(mut ear: Ear, wanted: &Wanted, peer: &Peer<RoleServer>) -> Result<(), ServiceError> {
    loop {
        let changed = ear.changed().await;
        let uris: Vec<_> = {
            let wanted = wanted.read().unwrap_or_else(PoisonError::into_inner);
            wanted.iter().filter(|uri| changed.touches(uri)).cloned().collect()
        };
        for uri in uris {
            peer.notify_resource_updated(ResourceUpdatedNotificationParam::new(uri)).await?;
        }
    }
}
