//! Rooms: opening, reading and saying something. Whoever takes part may do all of it, nobody else any of it.

use chrono::{DateTime, Utc};

use super::{ALL, App, cut, page_size};
use crate::{
    account::Caller,
    error::{Error, Noun, Problem, Result},
    event::{Event, Topic},
    feed::{Followed, Subscriptions},
    id::{RoomId, RoomMessageId, UserId},
    room::{self, HISTORY_MAX, PARTICIPANTS_MAX, PersonRef, Room, RoomMessage},
    store::{Conn, Tx, accounts, rooms},
};

/// What asking for a direct room came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// It was made.
    Made(Room),
    /// These two had one already.
    There(Room),
}

impl App {
    /// The direct room of the caller and one other; made if there is none, and never twice, also when both ask at once.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the field `participants` when it does not name exactly one other person.
    pub async fn open_direct_room(&self, caller: &Caller, people: &[PersonRef]) -> Result<Opened> {
        let mut conn = self.store.read().await?;
        let [other] = others(&mut conn, caller, people).await?[..] else {
            return Err(
                Problem::new("participants", "of a direct conversation must name exactly one other person").into()
            );
        };
        let (people, now) = ([caller.user, other], self.clock.now());
        if let Some(room) = rooms::direct(&mut conn, people).await? {
            return Ok(Opened::There(room));
        }
        drop(conn);
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    if let Some(room) = rooms::add_direct(tx, people, now).await? {
                        tell(tx, &room, now);
                        return Ok(Opened::Made(room));
                    }
                    let there = rooms::direct(&mut tx.conn, people).await?;
                    there.map(Opened::There).ok_or_else(|| Error::Internal("a room is there and is not".into()))
                })
            })
            .await
    }

    /// Makes a group of the caller and others.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the field `name`, and for `participants` when nobody else is named, or too many are.
    pub async fn make_group(&self, caller: &Caller, name: Option<&str>, people: &[PersonRef]) -> Result<Room> {
        let name = name.map(room::name).transpose()?;
        let mut group = vec![caller.user];
        group.append(&mut others(&mut self.store.read().await?, caller, people).await?);
        if group.len() < 2 {
            return Err(Problem::new("participants", "must name somebody else").into());
        }
        let now = self.clock.now();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let made = rooms::add_group(tx, name.as_deref(), &group, now).await?;
                    let room = made.ok_or_else(|| Error::Internal("a group was not made".into()))?;
                    tell(tx, &room, now);
                    Ok(room)
                })
            })
            .await
    }

    /// The rooms in which the caller takes part, the newest first.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn rooms(&self, caller: &Caller) -> Result<Vec<Room>> {
        rooms::of(&mut self.store.read().await?, caller.user, ALL, None).await
    }

    /// A page of the same, after the room `after`; where the next page begins, when there is one.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a limit outside 1-100.
    pub async fn room_page(
        &self,
        caller: &Caller,
        limit: i64,
        after: Option<RoomId>,
    ) -> Result<(Vec<Room>, Option<RoomId>)> {
        page_size(limit)?;
        let mut page = rooms::of(&mut self.store.read().await?, caller.user, limit + 1, after).await?;
        let more = cut(&mut page, limit);
        let next = page.last().filter(|_| more).map(|room| room.id);
        Ok((page, next))
    }

    /// One room.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn room(&self, caller: &Caller, room: RoomId) -> Result<Room> {
        let mut conn = self.store.read().await?;
        check(&mut conn, caller, room).await?;
        rooms::by_id(&mut conn, room).await?.ok_or(Error::NotFound(Noun::Room))
    }

    /// The newest messages of a room, or the newest of those before a message; the oldest of them first.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`]; [`Error::Invalid`] for a limit outside 1-100, or a message that was not said there.
    pub async fn room_messages(
        &self,
        caller: &Caller,
        room: RoomId,
        before: Option<RoomMessageId>,
        limit: i64,
    ) -> Result<Vec<RoomMessage>> {
        let mut conn = self.store.read().await?;
        check(&mut conn, caller, room).await?;
        if !(1..=HISTORY_MAX).contains(&limit) {
            return Err(Problem::new("limit", format!("must lie between 1 and {HISTORY_MAX}")).into());
        }
        let before = match before {
            None => i64::MAX,
            Some(message) => rooms::number(&mut conn, room, message)
                .await?
                .ok_or_else(|| Problem::new("before", "must be the id of a message in this conversation"))?,
        };
        rooms::messages(&mut conn, room, before, limit).await
    }

    /// Says something in a room.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn say_in_room(&self, caller: &Caller, room: RoomId, content: &str) -> Result<RoomMessage> {
        let (content, caller, now) = (room::content(content)?, caller.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    tx.serialize(Topic::Room(room)).await?; // numbers of messages follow the events' order
                    check(&mut tx.conn, &caller, room).await?;
                    let message = rooms::say(tx, room, caller.user, content, now).await?;
                    tx.tell(Topic::Room(room), now, vec![Event::RoomMessageCreated { message: message.clone() }]);
                    Ok(message)
                })
            })
            .await
    }

    /// Has `subscriptions` hear what is said in a room: from now on, or what came after `since` first.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn follow_room(
        &self,
        caller: &Caller,
        subscriptions: &mut Subscriptions,
        room: RoomId,
        since: Option<i64>,
    ) -> Result<Followed> {
        check(&mut self.store.read().await?, caller, room).await?;
        subscriptions.follow(&self.store, Topic::Room(room), since).await
    }
}

/// Tells everybody who takes part in a room that it is there.
fn tell(tx: &mut Tx, room: &Room, now: DateTime<Utc>) {
    for person in &room.participants {
        tx.tell(Topic::Rooms(person.id), now, vec![Event::RoomEntered { room_id: room.id }]);
    }
}

/// That the caller takes part.
async fn check(conn: &mut Conn, caller: &Caller, room: RoomId) -> Result<()> {
    match rooms::takes_part(conn, room, caller.user).await? {
        Some(true) => Ok(()),
        Some(false) => Err(Error::Forbidden(Noun::Room)),
        None => Err(Error::NotFound(Noun::Room)),
    }
}

/// The people that are meant, each once, without the caller.
async fn others(conn: &mut Conn, caller: &Caller, people: &[PersonRef]) -> Result<Vec<UserId>> {
    if people.len() > PARTICIPANTS_MAX {
        return Err(Problem::new("participants", format!("must be at most {PARTICIPANTS_MAX}")).into());
    }
    let mut others = Vec::with_capacity(people.len());
    for person in people {
        let found = match person {
            PersonRef::Id(id) => accounts::by_id(conn, *id).await?,
            PersonRef::Name(name) => accounts::by_name(conn, name.trim()).await?,
        };
        let found = found.ok_or_else(|| Problem::new("participants", format!("has nobody who is called {person}")))?;
        if found.id != caller.user && !others.contains(&found.id) {
            others.push(found.id);
        }
    }
    Ok(others)
}
