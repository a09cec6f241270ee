//! Chatrooms: making, seeing, changing and deleting them. What is done by those in one has a file each.
//!
//! Each verb asks [`admit`] first, in the transaction that changes something: the one place where [the table](Verb::least) is looked
//! at. What changes a room waits for what changed it before ([`Tx::serialize`](crate::store::Tx)), so that numbers, counts and roles are
//! those that were read.

mod assistant;
mod files;
mod following;
mod invites;
mod keys;
mod members;
mod mentions;
mod messages;
mod reactions;
mod summaries;
mod written;

use chrono::{DateTime, Utc};

pub use self::written::{RoomsWritten, Where};
pub(super) use self::{assistant::seat_assistant, written::Written};
use super::App;
use crate::{
    account::Caller,
    chatroom::{ChatEvent, Chatroom, ChatroomEdit, Details, Listed, NewChatroom, Refused, Role, Settings, Verb},
    error::{Error, Noun, Problem, Result},
    event::{Event, Topic},
    id::{RoomId, UserId},
    slice::Slice,
    store::{
        Conn, Tx,
        chatrooms::{self, Standing, members as people},
    },
};

impl App {
    /// Makes a chatroom, of which the caller is the owner.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field that breaks a rule.
    pub async fn make_chatroom(&self, caller: &Caller, new: NewChatroom) -> Result<Chatroom> {
        let is_private = new.is_private;
        let (settings, user, now, room) = (new.settings()?, caller.user, self.clock.now(), RoomId::fresh());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    chatrooms::add(tx, room, &settings, is_private, now).await?;
                    members::enter(tx, room, user, Role::Owner, now).await?;
                    seat_assistant(tx, room, None, now).await?;
                    found(chatrooms::by_id(&mut tx.conn, room).await?)
                })
            })
            .await
    }

    /// The chatrooms that the caller is in, with their number: those whose name has `search` in it, without regard to case.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn chatrooms(&self, caller: &Caller, search: Option<&str>, slice: Slice) -> Result<Listed> {
        let (mut conn, search) = (self.store.read().await?, search.unwrap_or_default().trim());
        let entries = chatrooms::of(&mut conn, caller.user, search, slice).await?;
        let total = chatrooms::count(&mut conn, caller.user, search).await?;
        Ok(Listed { entries, total })
    }

    /// One chatroom, with everybody in it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn chatroom(&self, caller: &Caller, room: RoomId) -> Result<Details> {
        let mut conn = self.store.read().await?;
        let standing = admit(&mut conn, caller, room, Verb::Read).await?;
        let chatroom = found(chatrooms::by_id(&mut conn, room).await?)?;
        let members = people::all(&mut conn, room).await?;
        Ok(Details { chatroom, members, role: standing.role })
    }

    /// Changes the settings of a chatroom.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Refused::Denied`]; [`Error::Invalid`], also for fewer people than are there.
    pub async fn edit_chatroom(&self, caller: &Caller, room: RoomId, edit: ChatroomEdit) -> Result<Chatroom> {
        let (edit, caller, now) = (edit.checked()?, caller.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    tx.serialize(Topic::Room(room)).await?;
                    admit(&mut tx.conn, &caller, room, Verb::Update).await?;
                    let before = found(chatrooms::by_id(&mut tx.conn, room).await?)?;
                    let current = Settings::from(before.clone());
                    let settings = edit.applied(current.clone());
                    if settings == current {
                        return Ok(before);
                    }
                    if settings.max_members < before.member_count {
                        let rule = format!("must not be less than the {} who are there", before.member_count);
                        return Err(Problem::new("max_members", rule).into());
                    }
                    chatrooms::set(tx, room, &settings, now).await?;
                    seat_assistant(tx, room, Some(caller.user), now).await?;
                    let chatroom = found(chatrooms::by_id(&mut tx.conn, room).await?)?;
                    tell(tx, room, now, ChatEvent::Updated { chatroom: chatroom.clone() });
                    Ok(chatroom)
                })
            })
            .await
    }

    /// Deletes a chatroom with all that is in it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Refused::Denied`].
    pub async fn delete_chatroom(&self, caller: &Caller, room: RoomId) -> Result<()> {
        let (caller, now) = (caller.clone(), self.clock.now());
        let deleted = self.store.write(move |tx| {
            Box::pin(async move {
                tx.serialize(Topic::Room(room)).await?;
                admit(&mut tx.conn, &caller, room, Verb::Delete).await?;
                let members = people::all(&mut tx.conn, room).await?;
                let people = members.iter().filter(|member| !member.is_assistant).map(|member| member.person.id);
                delete(tx, room, people.collect(), now).await
            })
        });
        deleted.await?;
        self.blobs_are_loose();
        Ok(())
    }
}

impl From<Chatroom> for Settings {
    fn from(chatroom: Chatroom) -> Self {
        let Chatroom { name, description, max_members, auto_summary_enabled, summary_threshold, .. } = chatroom;
        Self { name, description, max_members, auto_summary_enabled, summary_threshold }
    }
}

/// What the caller is in a chatroom, with what of the room decides what may be done in it.
struct Admitted {
    role: Role,
    joined_seq: i64,
    is_private: bool,
    key_version: i64,
    needed_key_version: i64,
}

impl Admitted {
    /// That the caller may do it.
    fn may(&self, verb: Verb) -> Result<()> {
        if self.role.may(verb) { Ok(()) } else { Err(Refused::Denied(verb).into()) }
    }
}

/// What the caller is in a chatroom.
///
/// # Errors
/// [`Error::NotFound`] when there is none, [`Error::Forbidden`] when they are not in it.
async fn membership(conn: &mut Conn, caller: &Caller, room: RoomId) -> Result<Admitted> {
    let Some(standing) = chatrooms::standing(conn, room, caller.user).await? else {
        return Err(Error::NotFound(Noun::Chatroom));
    };
    let Standing { role, joined_seq, is_private, key_version, needed_key_version } = standing;
    let (role, joined_seq) = role.zip(joined_seq).ok_or(Error::Forbidden(Noun::Chatroom))?;
    Ok(Admitted { role, joined_seq, is_private, key_version, needed_key_version })
}

/// As [`membership`], for somebody who is about to do `verb`; [`Refused::Denied`] when they may not.
async fn admit(conn: &mut Conn, caller: &Caller, room: RoomId, verb: Verb) -> Result<Admitted> {
    let admitted = membership(conn, caller, room).await?;
    admitted.may(verb)?;
    Ok(admitted)
}

fn found(chatroom: Option<Chatroom>) -> Result<Chatroom> {
    chatroom.ok_or(Error::NotFound(Noun::Chatroom))
}

/// Tells those in a room.
fn tell(tx: &mut Tx, room: RoomId, now: DateTime<Utc>, event: ChatEvent) {
    tx.tell(Topic::Room(room), now, vec![Event::Chatroom { room, event }]);
}

/// Tells those in a room, and on their own topics those whose rooms are others now: they need not hear what is told in it.
fn tell_also(tx: &mut Tx, room: RoomId, now: DateTime<Utc>, people: Vec<UserId>, event: &ChatEvent) {
    for topic in [Topic::Room(room)].into_iter().chain(people.into_iter().map(Topic::Rooms)) {
        tx.tell(topic, now, vec![Event::Chatroom { room, event: event.clone() }]);
    }
}

/// Deletes a room in which `people` were.
async fn delete(tx: &mut Tx, room: RoomId, people: Vec<UserId>, now: DateTime<Utc>) -> Result<()> {
    chatrooms::delete(tx, room, now).await?;
    tx.forget(Topic::Room(room));
    tell_also(tx, room, now, people, &ChatEvent::Deleted);
    Ok(())
}
