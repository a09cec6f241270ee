//! Who is in a chatroom, and what they are.

use chrono::{DateTime, Utc};

use super::{admit, delete, tell_also};
use crate::{
    account::Caller,
    app::App,
    chatroom::{ChatEvent, Member, Role, Verb},
    error::{Error, Noun, Problem, Result},
    event::Topic,
    id::{RoomId, UserId},
    store::{Tx, chatrooms::members},
};

impl App {
    /// Leaves a chatroom. The last owner's place is taken by whoever comes next; the last one out closes it for good.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn leave_chatroom(&self, caller: &Caller, room: RoomId) -> Result<()> {
        let (caller, now) = (caller.clone(), self.clock.now());
        let left = self.store.write(move |tx| {
            Box::pin(async move {
                tx.serialize(Topic::Room(room)).await?;
                admit(&mut tx.conn, &caller, room, Verb::Leave).await?;
                depart(tx, room, caller.user, None, now).await
            })
        });
        left.await?;
        self.blobs_are_loose(); // they may have been the last one
        Ok(())
    }

    /// Puts somebody out of a chatroom. They hear nothing of it any more, wherever they are connected.
    ///
    /// # Errors
    /// [`Error::NotFound`] of the room or of the member, [`Error::Forbidden`], [`Refused::Denied`](crate::chatroom::Refused::Denied);
    /// [`Error::Invalid`] for the field `user_id` when it is the assistant's.
    pub async fn kick(&self, caller: &Caller, room: RoomId, user: UserId) -> Result<()> {
        let (caller, now) = (caller.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    tx.serialize(Topic::Room(room)).await?;
                    let admitted = admit(&mut tx.conn, &caller, room, Verb::Kick { of: Role::Member }).await?;
                    let member = member(tx, room, user).await?;
                    admitted.may(Verb::Kick { of: member.role })?;
                    if member.is_assistant {
                        let rule = "is the assistant's, which leaves when auto_summary_enabled is turned off";
                        return Err(Problem::new("user_id", rule).into());
                    }
                    depart(tx, room, user, Some(caller.user), now).await
                })
            })
            .await
    }

    /// Makes somebody something else. There may be several owners, and there is always one.
    ///
    /// # Errors
    /// [`Error::NotFound`] of the room or of the member, [`Error::Forbidden`], [`Refused::Denied`](crate::chatroom::Refused::Denied);
    /// [`Error::Invalid`] for the field `role` when no owner would be left, or the assistant would have one.
    pub async fn set_role(&self, caller: &Caller, room: RoomId, user: UserId, role: Role) -> Result<Member> {
        let (caller, now) = (caller.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    tx.serialize(Topic::Room(room)).await?;
                    admit(&mut tx.conn, &caller, room, Verb::SetRole).await?;
                    let before = member(tx, room, user).await?;
                    if before.role == role {
                        return Ok(before);
                    }
                    if before.is_assistant {
                        return Err(Problem::new("role", "of the assistant is always member").into());
                    }
                    if before.role == Role::Owner && members::count(&mut tx.conn, room, Role::Owner).await? == 1 {
                        return Err(Problem::new("role", "of the only owner cannot be taken away").into());
                    }
                    give(tx, room, user, role, now).await?;
                    Ok(Member { role, ..before })
                })
            })
            .await
    }
}

/// Lets somebody in who is not, and tells of it.
pub(super) async fn enter(tx: &mut Tx, room: RoomId, user: UserId, role: Role, now: DateTime<Utc>) -> Result<()> {
    let seq = tx.upcoming(Topic::Room(room)).await?;
    members::add(tx, room, user, role, seq, now).await?;
    let member = member(tx, room, user).await?;
    tell_also(tx, room, now, own(&member), &ChatEvent::Joined { member });
    Ok(())
}

/// Whose own topic is told of what `member` is in a room. Nobody listens on the assistant's, and rooms would wait for each other at it.
fn own(member: &Member) -> Vec<UserId> {
    if member.is_assistant { Vec::new() } else { vec![member.person.id] }
}

async fn member(tx: &mut Tx, room: RoomId, user: UserId) -> Result<Member> {
    members::one(&mut tx.conn, room, user).await?.ok_or(Error::NotFound(Noun::Member))
}

async fn give(tx: &mut Tx, room: RoomId, user: UserId, role: Role, now: DateTime<Utc>) -> Result<()> {
    members::set_role(tx, room, user, role).await?;
    tell_also(tx, room, now, vec![user], &ChatEvent::RoleChanged { user, role });
    Ok(())
}

/// Takes somebody out of a room, with what follows from it.
pub(super) async fn depart(
    tx: &mut Tx,
    room: RoomId,
    user: UserId,
    by: Option<UserId>,
    now: DateTime<Utc>,
) -> Result<()> {
    let own = own(&member(tx, room, user).await?);
    members::remove(tx, room, user).await?;
    let Some(heir) = members::heir(&mut tx.conn, room).await? else {
        return delete(tx, room, own, now).await;
    };
    let needed_key_version = members::need_new_key(tx, room).await?;
    tell_also(tx, room, now, own, &ChatEvent::Left { user, by, needed_key_version });
    if member(tx, room, heir).await?.role != Role::Owner {
        give(tx, room, heir, Role::Owner, now).await?;
    }
    Ok(())
}
