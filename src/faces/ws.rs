//! `/ws`: two contracts on one socket.
//!
//! `dashboard` says `type`, `rooms` says `event`. A frame is answered in the dialect that it came in; one that is in neither, in the
//! one that was last spoken.

use axum::{
    extract,
    response::Response,
    routing::{MethodRouter, get},
};
use errand_core::{Account, Error};
use serde::{Deserialize, de::IgnoredAny};

use super::{
    dashboard, rooms,
    socket::{self, Guest, Handshake, Heard, Link, Step},
};
use crate::state::State;

/// Where it is.
pub(super) const PATH: &str = "/ws";

/// `GET /ws`.
pub(super) fn route() -> MethodRouter<State> {
    get(upgrade)
}

async fn upgrade(
    extract::State(state): extract::State<State>,
    handshake: Handshake<dashboard::failure::Failure>,
) -> Response {
    socket::upgrade(state, handshake, Socket::open, |_, _, opened, link| Socket::talk(opened, link)).await
}

struct Socket {
    dashboard: dashboard::Dialect,
    rooms: rooms::Dialect,
    last: Spoken,
}

/// Which contract's words a frame is in.
#[derive(Clone, Copy)]
enum Spoken {
    Dashboard,
    Rooms,
}

/// A socket, or why there cannot be one more.
type Opened = Result<Box<Socket>, rooms::Crowded>;

impl Socket {
    async fn open(state: &State, account: &Account) -> Result<Opened, Error> {
        let guest = Guest::new(state, account);
        Ok(match rooms::Dialect::open(&guest).await? {
            Ok(rooms) => {
                let dashboard = dashboard::Dialect::open(&guest).await?;
                Ok(Box::new(Self { dashboard, rooms, last: Spoken::Dashboard }))
            }
            Err(crowded) => Err(crowded),
        })
    }

    async fn talk(opened: Opened, mut link: Box<Link>) {
        let ended = match opened {
            Ok(mut socket) => socket.serve(&mut link).await,
            Err(crowded) => crowded.tell(&mut link).await,
        };
        if let Err(end) = ended {
            link.end(end).await;
        }
    }

    async fn serve(&mut self, link: &mut Link) -> Step {
        loop {
            tokio::select! {
                biased;
                end = link.over() => return Err(end),
                news = self.dashboard.next() => self.dashboard.tell(link, news?).await?,
                news = self.rooms.next() => self.rooms.tell(link, news?).await?,
                heard = link.listen() => match (heard?, self.last) {
                    (Heard::Text(text), _) => Box::pin(self.answer(link, text.as_str())).await?, // large, and rare
                    (Heard::NotText, Spoken::Dashboard) => self.dashboard.not_text(link).await?,
                    (Heard::NotText, Spoken::Rooms) => rooms::Dialect::not_text(link).await?,
                },
            }
        }
    }

    async fn answer(&mut self, link: &mut Link, text: &str) -> Step {
        let spoken = spoken(text);
        match spoken.unwrap_or(self.last) {
            Spoken::Dashboard => {
                socket::fits(text)?;
                self.dashboard.answer(link, text).await?;
            }
            Spoken::Rooms => self.rooms.answer(link, text).await?,
        }
        self.last = spoken.unwrap_or(self.last);
        Ok(())
    }
}

/// In which contract's words a frame is, when it is in one's.
fn spoken(text: &str) -> Option<Spoken> {
    #[derive(Deserialize)]
    struct Frame {
        #[serde(rename = "type")]
        dashboard: Option<IgnoredAny>,
        #[serde(rename = "event")]
        rooms: Option<IgnoredAny>,
    }
    match serde_json::from_str(text).ok()? {
        Frame { dashboard: Some(_), .. } => Some(Spoken::Dashboard),
        Frame { rooms: Some(_), .. } => Some(Spoken::Rooms),
        Frame { dashboard: None, rooms: None } => None,
    }
}
