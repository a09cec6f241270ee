//! What a client may ask over the socket. To add a frame: a variant in `frames.rs`; the compiler then asks [`Socket::answer`].

use errand_core::app::{ConversationRef, TurnRequest, Zone};
use tracing::Instrument as _;

use super::Socket;
use crate::faces::{
    dashboard::{
        frames::{self, About, Asked, Auth, CancelTurn, Code, Frame, Message, SyncRequest, Told},
        wire::TaskJson,
    },
    socket::{End, Step},
};

impl Socket {
    /// Answers a frame, whatever it asks.
    pub(super) async fn answer(&mut self, text: &str) -> Step {
        match Asked::read(text) {
            Ok(Asked::SyncRequest(request)) => self.sync(request).await,
            Ok(Asked::Message(message)) => self.message(message).await,
            Ok(Asked::CancelTurn(CancelTurn { session_id })) => {
                self.state.agent.cancel(self.caller.user, session_id);
                Ok(())
            }
            Ok(Asked::Auth(auth)) => self.renew(auth).await,
            Err(error) => {
                let message = format!("A frame must be {{\"type\", \"data\"}}: {error}");
                self.error(Code::ValidationError, message, About::default()).await
            }
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
        let told = Told::SyncResponse { tasks, timestamp: now, gap };
        self.link.tell(Frame::new(told, now, seq).bytes()).await
    }

    /// Begins a turn, which may have to wait for the one before it. What comes of it is told by the feed, to this socket as to all
    /// others; only a refusal is told here.
    async fn message(&mut self, message: Message) -> Step {
        let about =
            About { session_id: Some(message.session_id), client_message_id: message.client_message_id.clone() };
        let zone = message.user_timezone.as_deref().filter(|name| !name.trim().is_empty());
        let zone = match zone.map(str::parse::<Zone>).transpose() {
            Ok(zone) => zone,
            Err(problem) => return self.error(Code::ValidationError, problem.to_string(), about).await,
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
                    let _ = refusals.send((error, about)).await; // the socket may be closed by now
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
            self.error(Code::Unauthorized, "Authentication token is missing or invalid", About::default()).await
        }
    }
}
