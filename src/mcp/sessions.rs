//! Sessions of MCP 2025-11-25 and older.
//!
//! A session has a part in this process (rmcp's: the streams and what was sent on them) and a row, which says whose it is and what its client
//! said when it began. A session that is not known in this process (after a restart, or because another instance began it) is restored
//! from its row. Whoever has it in memory asks the row again now and then, so that it ends everywhere when it ends somewhere.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use errand_core::{App, Result, UserId, id::McpSessionId};
use rmcp::transport::streamable_http_server::session::{
    SessionManager as _, SessionState, SessionStore, SessionStoreError,
    local::{LocalSessionManager, SessionConfig},
};

use tokio::sync::OwnedMutexGuard;

use crate::config;

/// The header that names a session.
pub(super) const HEADER: &str = "mcp-session-id";

/// How long a session may be used before its row is asked again.
const TRUSTED: Duration = Duration::from_secs(30);

/// The sessions of this process.
pub(super) type Local = LocalSessionManager;

/// rmcp's part. When a session is over is decided here, not there.
pub(super) fn local() -> Local {
    let mut local = LocalSessionManager::default();
    local.session_config = SessionConfig::default();
    local.session_config.keep_alive = None;
    local
}

/// A session's name, as it travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name(McpSessionId);

impl Name {
    /// The name in a header. Of the ways to write an id only ours is one, so that none is taken for another session.
    pub(super) fn read(text: &str) -> Option<Self> {
        text.parse::<McpSessionId>().ok().filter(|id| id.to_string() == text).map(Self)
    }

    pub(super) fn id(&self) -> McpSessionId {
        self.0
    }
}

/// All sessions. Cheap to clone.
#[derive(Clone)]
pub(super) struct Sessions {
    app: App,
    local: Arc<Local>,
    idle: Duration,
    most: u32,
    live: Arc<Mutex<HashMap<McpSessionId, Live>>>,
    restoring: Arc<tokio::sync::Mutex<()>>,
}

/// What this process knows of a session.
enum Known {
    /// Nothing.
    Not,
    /// That it is somebody else's.
    Another,
    /// That it was the user's when its row was last asked.
    Own,
    /// The same, and it was asked a moment ago.
    Trusted,
}

/// A request that may pass. While rmcp restores a session it takes a second request of it for the first: one that finds the session
/// nowhere in this process passes alone, and the others wait for it.
pub(super) struct Admitted(Option<OwnedMutexGuard<()>>);

impl Admitted {
    /// Whether the session has to be restored for it.
    pub(super) fn restores(&self) -> bool {
        self.0.is_some()
    }
}

/// A session that this process has in memory.
struct Live {
    user: UserId,
    seen: Instant,
    /// When its row was last asked.
    confirmed: Instant,
}

impl Sessions {
    /// No sessions yet in this process.
    pub(super) fn new(app: App, local: Arc<Local>, settings: &config::Mcp) -> Self {
        let (idle, most) = (settings.session_idle, settings.sessions_per_user);
        Self { app, local, idle, most, live: Arc::default(), restoring: Arc::default() }
    }

    /// The sessions of `user`, as rmcp keeps and restores them.
    pub(super) fn of(&self, user: UserId) -> Arc<dyn SessionStore> {
        Arc::new(Own { sessions: self.clone(), user })
    }

    /// Lets a request of `user` into a session, which is in use then; none when it is not there, or somebody else's.
    pub(super) async fn admit(&self, name: &Name, user: UserId) -> Result<Option<Admitted>> {
        match self.known(name, user) {
            Known::Trusted => return Ok(Some(Admitted(None))),
            Known::Another => return Ok(None),
            Known::Own | Known::Not => {}
        }
        if !self.app.see_mcp_session(name.0, user, self.idle).await? {
            if let Known::Own = self.known(name, user) {
                self.close(name.0).await;
            }
            return Ok(None);
        }
        if let Known::Not = self.known(name, user) {
            let alone = self.restoring.clone().lock_owned().await;
            if let Known::Not = self.known(name, user) {
                return Ok(Some(Admitted(Some(alone))));
            }
        } else {
            self.note(name.0, user);
        }
        Ok(Some(Admitted(None)))
    }

    /// Notes that the process has a session in memory now, if it has.
    pub(super) async fn restored(&self, name: &Name, user: UserId) {
        if self.local.has_session(&name.0.to_string().into()).await.unwrap_or(false) {
            self.note(name.0, user);
        }
    }

    fn known(&self, name: &Name, user: UserId) -> Known {
        let now = Instant::now();
        match self.live().get_mut(&name.0) {
            None => Known::Not,
            Some(live) if live.user != user => Known::Another,
            Some(live) if now - live.confirmed < self.trusted() => {
                live.seen = now;
                Known::Trusted
            }
            Some(_) => Known::Own,
        }
    }

    fn note(&self, id: McpSessionId, user: UserId) {
        let now = Instant::now();
        self.live().insert(id, Live { user, seen: now, confirmed: now });
    }

    /// Ends what nobody uses, again and again.
    pub(super) async fn sweep(self) {
        let often = (self.idle / 4).clamp(Duration::from_secs(1), Duration::from_mins(5));
        loop {
            tokio::time::sleep(often).await;
            let idle: Vec<_> =
                self.live().iter().filter(|(_, live)| live.seen.elapsed() > self.idle).map(|(id, _)| *id).collect();
            for id in idle {
                self.close(id).await;
            }
            match self.app.end_idle_mcp_sessions(self.idle).await {
                Ok(0) => {}
                Ok(ended) => tracing::debug!(ended, "mcp.sessions_ended"),
                Err(error) => tracing::error!(%error, "mcp.sweep_failed"),
            }
        }
    }

    /// Ends a session in this process.
    async fn close(&self, id: McpSessionId) {
        self.live().remove(&id);
        if let Err(error) = self.local.close_session(&id.to_string().into()).await {
            tracing::warn!(%error, "mcp.session_not_closed");
        }
    }

    /// A short life is asked after more often.
    fn trusted(&self) -> Duration {
        TRUSTED.min(self.idle / 4)
    }

    fn live(&self) -> MutexGuard<'_, HashMap<McpSessionId, Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One user's sessions.
struct Own {
    sessions: Sessions,
    user: UserId,
}

#[async_trait]
impl SessionStore for Own {
    async fn load(&self, name: &str) -> Result<Option<SessionState>, SessionStoreError> {
        let Some(Name(id)) = Name::read(name) else { return Ok(None) };
        let kept = self.sessions.app.mcp_session(id, self.user, self.sessions.idle).await?;
        Ok(kept.map(serde_json::from_value).transpose()?)
    }

    async fn store(&self, name: &str, state: &SessionState) -> Result<(), SessionStoreError> {
        let Some(Name(id)) = Name::read(name) else { return Err(format!("{name} is no name for a session").into()) };
        let Sessions { app, most, .. } = &self.sessions;
        let surplus = app.keep_mcp_session(id, self.user, serde_json::to_value(state)?, *most).await?;
        self.sessions.note(id, self.user);
        for id in surplus {
            self.sessions.close(id).await;
        }
        Ok(())
    }

    async fn delete(&self, name: &str) -> Result<(), SessionStoreError> {
        let Some(Name(id)) = Name::read(name) else { return Ok(()) };
        self.sessions.live().remove(&id);
        self.sessions.app.end_mcp_session(id, self.user).await?;
        Ok(())
    }
}
