//! The keys of a room: what the caller was given, and giving everybody the next.

use super::{admit, tell};
use crate::{
    account::Caller,
    app::App,
    chatroom::{ChatEvent, Keys, Refused, Verb, WrappedKey, key},
    error::{Problem, Result},
    event::Topic,
    id::RoomId,
    store::chatrooms::keys,
};

impl App {
    /// The room's keys as the caller can open them, and with which public keys to wrap the next.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound), [`Error::Forbidden`](crate::Error::Forbidden).
    pub async fn room_keys(&self, caller: &Caller, room: RoomId) -> Result<Keys> {
        let mut conn = self.store.read().await?;
        let admitted = admit(&mut conn, caller, room, Verb::ReadKeys).await?;
        let (current, needed) = (admitted.key_version, admitted.needed_key_version);
        let (holders, held) = (keys::holders(&mut conn, room).await?, keys::held(&mut conn, room, caller.user).await?);
        Ok(Keys { current, needed, holders, held })
    }

    /// Gives everybody in the room who has a public key the next version of its key. Versions begin with 1 and are written once.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound), [`Error::Forbidden`](crate::Error::Forbidden); [`Refused::KeyWritten`];
    /// [`Error::Invalid`](crate::Error::Invalid) for the field `version` when it is not the next, and for `keys` when they are not one for
    /// each of these people and for nobody else.
    pub async fn write_room_keys(
        &self,
        caller: &Caller,
        room: RoomId,
        version: i64,
        wrapped: Vec<WrappedKey>,
    ) -> Result<()> {
        let (caller, now) = (caller.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    tx.serialize(Topic::Room(room)).await?;
                    let current = admit(&mut tx.conn, &caller, room, Verb::WriteKeys).await?.key_version;
                    if (1..=current).contains(&version) {
                        return Err(Refused::KeyWritten { current }.into());
                    }
                    if version != current + 1 {
                        return Err(Problem::new("version", format!("must be the next one, {}", current + 1)).into());
                    }
                    key::check(&wrapped, &keys::holders(&mut tx.conn, room).await?)?;
                    keys::add(tx, room, (version, caller.user), &wrapped, now).await?;
                    tell(tx, room, now, ChatEvent::KeysChanged { version, by: caller.user });
                    Ok(())
                })
            })
            .await
    }
}
