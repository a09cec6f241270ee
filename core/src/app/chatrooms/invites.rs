//! Letting people in.

use chrono::TimeDelta;

use super::{admit, found, members, membership};
use crate::{
    account::Caller,
    app::App,
    chatroom::{Chatroom, Invite, NewInvite, Refused, Role, Verb, invite::Code},
    error::Result,
    event::Topic,
    grant::Hash,
    id::{InviteId, RoomId},
    store::chatrooms::{self, invites},
};

/// For how long an invitation that has ended is kept: who has used it may use it again.
const KEPT: TimeDelta = TimeDelta::days(7);

impl App {
    /// Makes an invitation to a chatroom.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound), [`Error::Forbidden`](crate::Error::Forbidden), [`Refused::Denied`];
    /// [`Error::Invalid`](crate::Error::Invalid) with every field that breaks a rule.
    pub async fn invite(&self, caller: &Caller, room: RoomId, new: NewInvite) -> Result<Invite> {
        let (max_uses, lasts) = new.checked()?;
        let (caller, created_at, expires_at) = (caller.clone(), self.clock.now(), self.clock.now() + lasts);
        let invite = Invite { id: InviteId::fresh(), room, code: Code::fresh()?, max_uses, expires_at, created_at };
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    tx.serialize(Topic::Room(room)).await?;
                    let admitted = membership(&mut tx.conn, &caller, room).await?;
                    admitted.may(Verb::Invite { private: admitted.is_private })?;
                    invites::forget_ended(tx, room, created_at - KEPT).await?;
                    invites::add(tx, &invite, caller.user).await?;
                    Ok(invite)
                })
            })
            .await
    }

    /// Comes into a chatroom by an invitation; what the caller is in it. Who is in it already costs the invitation no use.
    ///
    /// # Errors
    /// [`Refused::InviteInvalid`]; [`Refused::Full`] where the invitation is good.
    pub async fn join_chatroom(&self, caller: &Caller, code: &str) -> Result<(Chatroom, Role)> {
        let (caller, code, now) = (caller.clone(), Hash::of(code), self.clock.now());
        let room = invites::room(&mut self.store.read().await?, code).await?.ok_or(Refused::InviteInvalid)?;
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    tx.serialize(Topic::Room(room)).await?;
                    let standing = chatrooms::standing(&mut tx.conn, room, caller.user).await?;
                    if standing.ok_or(Refused::InviteInvalid)?.role.is_none() {
                        if !invites::spend(tx, code, now).await? {
                            return Err(Refused::InviteInvalid.into());
                        }
                        let before = found(chatrooms::by_id(&mut tx.conn, room).await?)?;
                        if before.member_count >= before.max_members {
                            return Err(Refused::Full.into()); // and the use is not spent
                        }
                        members::enter(tx, room, caller.user, Role::Member, now).await?;
                    }
                    let admitted = admit(&mut tx.conn, &caller, room, Verb::Read).await?;
                    Ok((found(chatrooms::by_id(&mut tx.conn, room).await?)?, admitted.role))
                })
            })
            .await
    }
}
