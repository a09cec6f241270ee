//! Sessions of agents that speak MCP as it was up to 2025-11-25: whose they are, and what is needed to go on with them
//! after a restart or in another process.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::App;
use crate::{
    error::Result,
    id::{McpSessionId, UserId},
    store::mcp_sessions,
};

impl App {
    /// Keeps a session that has begun. A user has at most `most`: the ones that were seen longest ago end, and are answered.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn keep_mcp_session(
        &self,
        id: McpSessionId,
        user: UserId,
        state: Value,
        most: u32,
    ) -> Result<Vec<McpSessionId>> {
        let now = self.clock.now();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    mcp_sessions::add(tx, id, user, &state, now).await?;
                    mcp_sessions::end_surplus(tx, user, most.into()).await
                })
            })
            .await
    }

    /// What was kept of a session; none when there is none, it is somebody else's, or it was not seen for `idle`.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn mcp_session(&self, id: McpSessionId, user: UserId, idle: Duration) -> Result<Option<Value>> {
        mcp_sessions::state(&mut self.store.read().await?, id, user, self.before(idle)).await
    }

    /// Notes that a session is in use; `false` when there is none, it is somebody else's, or it was not seen for `idle`.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn see_mcp_session(&self, id: McpSessionId, user: UserId, idle: Duration) -> Result<bool> {
        let (now, since) = (self.clock.now(), self.before(idle));
        self.store.write(move |tx| Box::pin(mcp_sessions::touch(tx, id, user, since, now))).await
    }

    /// Keeps what a session has subscribed to, in place of what it had; where there is none, nothing happens.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn keep_mcp_subscriptions(&self, id: McpSessionId, user: UserId, uris: Vec<String>) -> Result<()> {
        self.store.write(move |tx| Box::pin(async move { mcp_sessions::subscribe(tx, id, user, &uris).await })).await
    }

    /// What a session has subscribed to; nothing when there is none, or it is somebody else's.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn mcp_subscriptions(&self, id: McpSessionId, user: UserId) -> Result<Vec<String>> {
        mcp_sessions::subscriptions(&mut self.store.read().await?, id, user).await
    }

    /// Ends a session of `user`; where there is none, nothing happens.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn end_mcp_session(&self, id: McpSessionId, user: UserId) -> Result<()> {
        self.store.write(move |tx| Box::pin(mcp_sessions::end(tx, id, user))).await
    }

    /// Ends every session that was not seen for `idle`; answers how many.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn end_idle_mcp_sessions(&self, idle: Duration) -> Result<usize> {
        let since = self.before(idle);
        self.store.write(move |tx| Box::pin(mcp_sessions::end_idle(tx, since))).await
    }

    fn before(&self, idle: Duration) -> DateTime<Utc> {
        let idle = TimeDelta::from_std(idle).unwrap_or(TimeDelta::MAX);
        self.clock.now().checked_sub_signed(idle).unwrap_or(DateTime::UNIX_EPOCH)
    }
}
