//! Reacting to what was written, and saying how far one has read.

use super::{admit, messages::message, tell};
use crate::{
    account::Caller,
    app::App,
    chatroom::{ChatEvent, Reaction, Verb, message as rules, message::REACTIONS_MAX},
    error::{Error, Noun, Problem, Result},
    event::Topic,
    id::{RoomId, RoomMessageId},
    store::chatrooms::{messages, reactions},
};

impl App {
    /// Reacts to a message; once more changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] of the room or of the message, [`Error::Forbidden`]; [`Error::Invalid`] for the field `emoji`, also for more
    /// than 20 different ones.
    pub async fn react(&self, caller: &Caller, room: RoomId, id: RoomMessageId, emoji: &str) -> Result<()> {
        let (emoji, caller, now) = (rules::emoji(emoji)?, caller.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    tx.serialize(Topic::Room(room)).await?;
                    admit(&mut tx.conn, &caller, room, Verb::React).await?;
                    message(&mut tx.conn, room, id).await?;
                    if !reactions::add(tx, id, caller.user, &emoji, now).await? {
                        return Ok(());
                    }
                    if reactions::count(&mut tx.conn, id, caller.user).await? > REACTIONS_MAX {
                        let rule = format!("must be one of at most {REACTIONS_MAX} different ones to a message");
                        return Err(Problem::new("emoji", rule).into());
                    }
                    let reaction = Reaction { user: caller.user, username: caller.name, emoji, created_at: now };
                    tell(tx, room, now, ChatEvent::ReactionAdded { message: id, reaction });
                    Ok(())
                })
            })
            .await
    }

    /// Takes a reaction back; where there is none, nothing changes.
    ///
    /// # Errors
    /// [`Error::NotFound`] of the room or of the message, [`Error::Forbidden`].
    pub async fn take_reaction_back(
        &self,
        caller: &Caller,
        room: RoomId,
        id: RoomMessageId,
        emoji: &str,
    ) -> Result<()> {
        let (emoji, caller, now) = (emoji.to_owned(), caller.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    tx.serialize(Topic::Room(room)).await?;
                    admit(&mut tx.conn, &caller, room, Verb::React).await?;
                    message(&mut tx.conn, room, id).await?;
                    if reactions::remove(tx, id, caller.user, &emoji).await? {
                        tell(tx, room, now, ChatEvent::ReactionRemoved { message: id, user: caller.user, emoji });
                    }
                    Ok(())
                })
            })
            .await
    }

    /// Remembers that the caller has read up to a message. The mark only moves on: what is older changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] of the room or of the message, [`Error::Forbidden`].
    pub async fn mark_read(&self, caller: &Caller, room: RoomId, id: RoomMessageId) -> Result<()> {
        let (caller, now) = (caller.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    tx.serialize(Topic::Room(room)).await?;
                    admit(&mut tx.conn, &caller, room, Verb::MarkRead).await?;
                    // Also up to one that was taken away a moment ago.
                    let read = messages::by_id(&mut tx.conn, room, id).await?;
                    let message_seq = read.ok_or(Error::NotFound(Noun::ChatMessage))?.seq;
                    if reactions::mark_read(tx, room, caller.user, message_seq, now).await? {
                        let user = caller.user;
                        tell(tx, room, now, ChatEvent::MessageReadBy { message: id, message_seq, user });
                    }
                    Ok(())
                })
            })
            .await
    }
}
