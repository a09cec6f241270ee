//! What is true only at this moment, and is nowhere stored: who has a socket open, and who is typing.
//!
//! - `signal`: what sockets hear of that;
//! - `inbox`: how a socket hears it. Nobody waits for a socket, and what is overtaken is not told;
//! - `places`: the sockets that a user has open, of which there may be so many. Leases in Redis where there is one, so that an
//!   instance that is gone leaves nobody behind;
//! - `typists`: typing, which ends by itself;
//!
//! Other instances hear of it over Redis. Where that cannot be reached each instance knows of its own.
//!
//! To add something that people hear of: a variant of `Signal`; the compiler then asks the contracts how they tell it.

mod inbox;
mod places;
mod signal;
mod typists;

use std::{collections::HashSet, sync::Arc};

use errand_core::{Account, App, RoomId, UserId};
use tokio::sync::{Mutex, mpsc, oneshot};

pub(crate) use self::{inbox::Inbox, places::Full, signal::Signal};
use self::{
    inbox::Inboxes,
    places::{Place, Places},
    signal::Audience,
    typists::Typists,
};
use crate::{limits::Shared, relay::Relay};

const CHANNEL: &str = "errand:signals";

/// Who is here, and what they are doing. Cheap to clone.
#[derive(Clone)]
pub struct Presence(Arc<Now>);

struct Now {
    app: App,
    places: Places,
    inboxes: Inboxes,
    typists: Typists,
    relay: Option<Relay<(Audience, Signal)>>,
    /// Who came and went, in that order; told one after the other.
    moves: (mpsc::UnboundedSender<Move>, Mutex<mpsc::UnboundedReceiver<Move>>),
}

struct Move {
    user: UserId,
    username: String,
    online: bool,
}

impl Presence {
    /// Nobody is here yet; then each user with up to `most` sockets.
    #[must_use]
    pub fn new(app: App, most: usize, shared: Option<&Arc<Shared>>) -> Self {
        let moves = mpsc::unbounded_channel();
        Self(Arc::new(Now {
            app,
            places: Places::new(most, shared.cloned()),
            inboxes: Inboxes::default(),
            typists: Typists::default(),
            relay: shared.map(|shared| Relay::new(CHANNEL, Arc::clone(shared))),
            moves: (moves.0, Mutex::new(moves.1)),
        }))
    }

    /// Which of `users` have a socket open.
    pub(crate) async fn who(&self, users: impl Iterator<Item = UserId>) -> HashSet<UserId> {
        self.0.places.who(users).await
    }

    /// One more socket of somebody's.
    pub(crate) async fn enter(&self, account: &Account) -> Result<Here, Full> {
        let (user, username) = (account.id, account.username.clone());
        let place = self.0.places.take(user).await?;
        if place.first {
            self.moved(Move { user, username: username.clone(), online: true });
        }
        let inbox = self.0.inboxes.open(user);
        Ok(Here { presence: self.clone(), user, username, place: Some(place), typing: HashSet::new(), inbox })
    }

    /// Somebody without a socket types in a room, until what this gives is dropped.
    pub(crate) fn types(&self, room: RoomId, user: UserId, username: &str) -> Types {
        let (presence, username) = (self.clone(), username.to_owned());
        let (ended, mut goes_on) = oneshot::channel::<()>();
        tokio::spawn(async move {
            let tell = |typing| {
                let username = username.clone();
                let signal = Signal::Typing { room, user, username, typing };
                presence.tell(Audience::Room { room, but: user }, signal);
            };
            tell(true);
            while tokio::time::timeout(typists::SAID_AGAIN, &mut goes_on).await.is_err() {
                tell(true);
            }
            tell(false);
        });
        Types { _ended: ended }
    }

    /// Does what has to be done all the time, until it is dropped.
    pub async fn keep(self) {
        let relayed = async {
            let Some(relay) = &self.0.relay else { return };
            tokio::join!(relay.carry(), relay.listen(|(audience, signal)| self.hear(&audience, &signal)), self.renew());
        };
        tokio::join!(self.tell_moves(), relayed);
    }

    async fn renew(&self) {
        let mut times = tokio::time::interval(places::RENEWED);
        times.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            times.tick().await;
            for user in self.0.places.renew().await {
                match self.0.app.account(user).await {
                    Ok(Account { username, .. }) => self.moved(Move { user, username, online: false }),
                    Err(error) => tracing::debug!(%error, "presence.nobody"),
                }
            }
        }
    }

    fn moved(&self, moved: Move) {
        let _ = self.0.moves.0.send(moved); // the other end is in the same place
    }

    async fn tell_moves(&self) {
        let mut moves = self.0.moves.1.lock().await;
        while let Some(Move { user, username, online }) = moves.recv().await {
            match self.0.app.companions(user).await {
                Ok(people) if people.is_empty() => {}
                Ok(people) => self.tell(Audience::People(people), Signal::Presence { user, username, online }),
                Err(error) => tracing::warn!(%error, "presence.not_told"),
            }
        }
    }

    /// Tells everybody who hears it, at all instances.
    fn tell(&self, audience: Audience, signal: Signal) {
        self.hear(&audience, &signal);
        if let Some(relay) = &self.0.relay {
            relay.tell((audience, signal));
        }
    }

    /// Tells those who are connected here.
    fn hear(&self, audience: &Audience, signal: &Signal) {
        if let Signal::Typing { room, user, typing, .. } = *signal {
            if typing {
                let (inboxes, audience) = (self.0.inboxes.clone(), audience.clone());
                let stopped = stopped(signal);
                self.0.typists.begin((room, user), move || inboxes.put(&audience, &stopped));
            } else if !self.0.typists.end((room, user)) {
                return; // that was told already
            }
        }
        self.0.inboxes.put(audience, signal);
    }
}

fn stopped(signal: &Signal) -> Signal {
    match signal.clone() {
        Signal::Typing { room, user, username, .. } => Signal::Typing { room, user, username, typing: false },
        other @ Signal::Presence { .. } => other,
    }
}

/// Somebody types, as long as there is this.
pub(crate) struct Types {
    /// Nothing is sent: the other end hears when it is dropped.
    _ended: oneshot::Sender<()>,
}

/// Somebody's socket, as long as it is open.
pub(crate) struct Here {
    presence: Presence,
    user: UserId,
    username: String,
    /// Some until it is dropped.
    place: Option<Place>,
    typing: HashSet<RoomId>,
    /// What they hear.
    pub(crate) inbox: Inbox,
}

impl Here {
    /// They hear what is told in a room from now on.
    pub(crate) fn comes_into(&mut self, room: RoomId) {
        self.inbox.follow(room);
    }

    /// They hear nothing more of it, and do nothing there.
    pub(crate) fn leaves(&mut self, room: RoomId) {
        self.stops_typing(room);
        self.inbox.unfollow(room);
    }

    /// They type in a room.
    pub(crate) fn types(&mut self, room: RoomId) {
        self.typing.insert(room);
        if self.presence.0.typists.is_news((room, self.user)) {
            self.tell_typing(room, true);
        }
    }

    /// They type there no longer.
    pub(crate) fn stops_typing(&mut self, room: RoomId) {
        if self.typing.remove(&room) {
            self.tell_typing(room, false);
        }
    }

    fn tell_typing(&self, room: RoomId, typing: bool) {
        let (user, username) = (self.user, self.username.clone());
        self.presence.tell(Audience::Room { room, but: user }, Signal::Typing { room, user, username, typing });
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        for room in std::mem::take(&mut self.typing) {
            self.tell_typing(room, false);
        }
        let (Some(place), Ok(runtime)) = (self.place.take(), tokio::runtime::Handle::try_current()) else { return };
        let (presence, user, username) = (self.presence.clone(), self.user, self.username.clone());
        runtime.spawn(async move {
            if presence.0.places.give_back(user, &place).await {
                presence.moved(Move { user, username, online: false });
            }
        });
    }
}
