//! What a client may ask over the socket. To add a frame: its shape in `frames.rs`, a line in [`Socket::answer`], a method here.

use errand_core::app::{ConversationRef, TurnRequest, Zone};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tracing::Instrument as _;

use super::Socket;
use crate::faces::{
    dashboard::{
        frames::{self, Asked, Auth, CancelTurn, Frame, Message, SyncRequest},
        wire::TaskJson,
    },
    socket::{End, Step},
};

impl Socket {
    /// Answers a frame, whatever it asks.
    pub(super) async fn answer(&mut self, text: &str) -> Step {
        let asked: Asked = match serde_json::from_str(text) {
            Ok(asked) => asked,
            Err(error) => {
                return self
                    .error("VALIDATION_ERROR", &format!("A frame must be {{\"type\", \"data\"}}: {error}"), json!({}))
                    .await;
            }
        };
        match asked.kind.as_str() {
            "sync_request" => match self.parse::<SyncRequest>(or_empty(asked.data)).await? {
                Some(request) => self.sync(request).await,
                None => Ok(()),
            },
            "message" => match self.parse::<Message>(asked.data).await? {
                Some(message) => self.message(message).await,
                None => Ok(()),
            },
            "cancel_turn" => {
                if let Some(CancelTurn { session_id }) = self.parse(asked.data).await? {
                    self.state.agent.cancel(self.caller.user, session_id);
                }
                Ok(())
            }
            "auth" => match self.parse::<Auth>(asked.data).await? {
                Some(auth) => self.renew(auth).await,
                None => Ok(()),
            },
            other => self.error("VALIDATION_ERROR", &format!("There is no event type \"{other}\""), json!({})).await,
        }
    }

    async fn parse<T: DeserializeOwned>(&mut self, data: Value) -> Result<Option<T>, End> {
        match serde_json::from_value(data) {
            Ok(value) => Ok(Some(value)),
            Err(error) => self.error("VALIDATION_ERROR", &format!("data: {error}"), json!({})).await.map(|()| None),
        }
    }

    /// Tells what was missed since a number, then how everything stands.
    async fn sync(&mut self, request: SyncRequest) -> Step {
        let mut gap = false;
        if let Some(since) = request.since {
            gap = !self.events.rewind(since).await.map_err(|error| End::failed(&error))?;
            while let Some(event) = self.events.take_ready() {
                self.link.tell_all(event.encoded(frames::event)).await?;
            }
        }
        let seq = self.events.seen(); // before the tasks are read: they are at least as new
        let tasks = self.state.app.board(&self.caller).await.map_err(|error| End::failed(&error))?;
        let tasks: Vec<_> = tasks.into_iter().map(TaskJson::from).collect();
        let now = self.now();
        let mut data = json!({"tasks": tasks, "timestamp": now});
        if gap {
            data["gap"] = true.into();
        }
        self.link.tell(Frame::new("sync_response", data, now, seq).bytes()).await
    }

    /// Begins a turn, which may have to wait for the one before it. What comes of it is told by the feed, to this socket as to all
    /// others; only a refusal is told here.
    async fn message(&mut self, message: Message) -> Step {
        let context = json!({"session_id": message.session_id, "client_message_id": message.client_message_id});
        let zone = message.user_timezone.as_deref().filter(|name| !name.trim().is_empty());
        let zone = match zone.map(str::parse::<Zone>).transpose() {
            Ok(zone) => zone,
            Err(problem) => return self.error("VALIDATION_ERROR", &problem.to_string(), context).await,
        };
        let request = TurnRequest {
            conversation: Some(ConversationRef::Id(message.session_id)),
            content: message.content,
            client_id: message.client_message_id,
        };
        let (agent, account, refusals) = (self.state.agent.clone(), self.account.clone(), self.refusals.0.clone());
        let begun = async move {
            match agent.begin(&account, zone, request).await {
                Ok(_) => {}
                Err(error) => {
                    let _ = refusals.send((error, context)).await; // the socket may be closed by now
                }
            }
        };
        tokio::spawn(begun.in_current_span());
        Ok(())
    }

    /// Takes a newer token of the same user.
    async fn renew(&mut self, auth: Auth) -> Step {
        if self.link.renew(&self.state, &self.account, &auth.token).await {
            Ok(())
        } else {
            self.error("UNAUTHORIZED", "Authentication token is missing or invalid", json!({})).await
        }
    }
}

/// A missing or `null` data is the same as an empty one.
fn or_empty(data: Value) -> Value {
    if data.is_null() { json!({}) } else { data }
}
