//! A stream of events may be open for days. It ends when the token that opened it does, when its session does, and when the service stops;
//! while it is open, its session is in use.

use std::{sync::Arc, time::Duration};

use axum::{body::Body, http::header, response::Response};
use errand_core::{Error, UserId};
use futures::StreamExt as _;

use super::{Mcp, sessions};
use crate::auth;

/// How long a token may be gone before a stream that it opened ends. Before it expires by itself it ends on time.
const OFTEN: Duration = Duration::from_secs(5);

/// What a stream depends on.
pub(super) struct Watch {
    pub(super) mcp: Arc<Mcp>,
    /// What was shown.
    pub(super) token: Option<String>,
    /// When that ends, in seconds since the epoch.
    pub(super) exp: Option<i64>,
    /// Whose it was.
    pub(super) user: UserId,
    /// The session that it belongs to.
    pub(super) session: Option<sessions::Name>,
    /// Whether it only tells what happens, and does not end by itself.
    pub(super) lasting: bool,
}

/// Whether it is a stream of events.
pub(super) fn is_one(response: &Response) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream")
}

/// The same response; if it is a stream, it ends with what it depends on.
pub(super) fn watched(response: Response, watch: Watch) -> Response {
    if !is_one(&response) {
        return response;
    }
    response.map(|body| Body::from_stream(body.into_data_stream().take_until(Box::pin(watch.over()))))
}

impl Watch {
    /// Resolves when the stream has to end.
    async fn over(self) {
        tokio::select! {
            () = self.mcp.stopping.cancelled(), if self.lasting => {}
            () = self.refused() => {}
        }
    }

    /// Resolves when the stream would not be opened any more.
    async fn refused(&self) {
        // Nobody showed a token: then there is none that could end.
        let Some(token) = self.token.as_deref() else { return std::future::pending().await };
        loop {
            tokio::time::sleep(self.wait()).await;
            match auth::principal(&self.mcp.state, Some(token)).await {
                Ok(principal) if principal.account.id == self.user => {}
                Ok(_) | Err(Error::Unauthenticated | Error::Expired) => return,
                // Nothing is known about the token then, so nothing changes.
                Err(error) => tracing::warn!(%error, "mcp.token_not_checked"),
            }
            if let Some(session) = &self.session
                && matches!(self.mcp.sessions.admit(session, self.user).await, Ok(None))
            {
                return;
            }
        }
    }

    /// Until the token is looked at again.
    fn wait(&self) -> Duration {
        let left = self.exp.map(|exp| exp - self.mcp.state.app.clock.now().timestamp());
        let left = left.and_then(|left| u64::try_from(left).ok()).map(Duration::from_secs);
        left.unwrap_or(OFTEN).clamp(Duration::from_secs(1), OFTEN)
    }
}
