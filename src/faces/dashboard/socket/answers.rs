//! What a client may ask over the socket. To add a frame: a variant in `frames.rs`; the compiler then asks [`Dialect::answer`].

use std::sync::Arc;

use errand_core::app::{ConversationRef, TurnRequest, Zone};
use tracing::Instrument as _;

use super::{Dialect, Refused};
use crate::faces::{
    dashboard::{
        frames::{self, About, Asked, Auth, CancelTurn, Code, Frame, Message, SyncRequest, Told},
        wire::TaskJson,
    },
    socket::{End, Link, Step},
};

impl Dialect {
    /// Answers a frame, whatever it asks.
    pub(in crate::faces) async fn answer(&mut self, link: &mut Link, text: &str) -> Step {
        match Asked::read(text) {
            Ok(Asked::SyncRequest(request)) => self.sync(link, request).await,
            Ok(Asked::Message(message)) => self.message(link, message).await,
            Ok(Asked::CancelTurn(CancelTurn { session_id })) => {
                self.guest.state.agent.cancel(self.guest.caller.user, session_id);
                Ok(())
            }
            Ok(Asked::Auth(auth)) => self.renew(link, auth).await,
            Err(error) => {
                let message = format!("A frame must be {{\"type\", \"data\"}}: {error}");
                self.error(link, Code::ValidationError, message, About::default()).await
            }
        }
    }

    /// Tells what was missed since a number, then how everything stands.
    async fn sync(&mut self, link: &mut Link, request: SyncRequest) -> Step {
        let mut gap = false;
        if let Some(since) = request.since {
            gap = !self.events.rewind(since).await.map_err(|error| End::failed(&error))?;
            while let Some(event) = self.events.next_stored().await.map_err(|error| End::failed(&error))? {
                link.tell_all(event.encoded(frames::event)).await?;
            }
        }
        let seq = self.events.seen(); // before the tasks are read: they are at least as new
        let tasks = self.guest.state.app.board(&self.guest.caller).await.map_err(|error| End::failed(&error))?;
        let tasks: Vec<_> = tasks.into_iter().map(TaskJson::from).collect();
        let now = self.now();
        let told = Told::SyncResponse { tasks, timestamp: now, gap };
        link.tell(Frame::new(told, now, seq).bytes()).await
    }

    /// Begins a turn, which may have to wait for the one before it. What comes of it is told by the feed, to this socket as to all
    /// others; only a refusal is told here.
    async fn message(&mut self, link: &mut Link, message: Message) -> Step {
        let about =
            About { session_id: Some(message.session_id), client_message_id: message.client_message_id.clone() };
        let zone = message.user_timezone.as_deref().filter(|name| !name.trim().is_empty());
        let zone = match zone.map(str::parse::<Zone>).transpose() {
            Ok(zone) => zone,
            Err(problem) => return self.error(link, Code::ValidationError, problem.to_string(), about).await,
        };
        let request = TurnRequest {
            conversation: Some(ConversationRef::Id(message.session_id)),
            content: message.content,
            client_id: message.client_message_id,
        };
        let (agent, account, refusals) =
            (self.guest.state.agent.clone(), self.guest.account.clone(), Arc::clone(&self.refusals));
        let begun = async move {
            match agent.begin(&account, zone, request).await {
                Ok(_) => {}
                Err(error) => refusals.put(|refusals| refusals.push_back(Box::new(Refused(error, about)))),
            }
        };
        tokio::spawn(begun.in_current_span());
        Ok(())
    }

    /// Takes a newer token of the same user.
    async fn renew(&mut self, link: &mut Link, auth: Auth) -> Step {
        if link.renew(&self.guest.state, &self.guest.account, &auth.token).await {
            Ok(())
        } else {
            self.error(link, Code::Unauthorized, "Authentication token is missing or invalid", About::default()).await
        }
    }
}
