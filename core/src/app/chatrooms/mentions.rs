//! What members ask the assistant: hearing it, and answering each mention once.
//!
//! The caller of all these verbs is the assistant.

use super::{
    admit,
    messages::{take, write},
};
use crate::{
    account::Caller,
    app::{App, turns::SILENCE},
    chatroom::{ChatMessage, Envelope, Mention, NewChatMessage, Posted, Unheard, Verb},
    error::Result,
    event::Topic,
    id::{RoomId, UserId},
    store::chatrooms::mentions,
};

/// How many messages are heard at once.
const PAGE: i64 = 100;

impl App {
    /// The rooms in which something was written that the caller has not heard.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn rooms_unheard(&self, caller: &Caller) -> Result<Vec<RoomId>> {
        mentions::rooms(&mut self.store.read().await?, caller.user).await
    }

    /// What the caller has not heard in a room, or the beginning of it; nothing where it is not.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn unheard(&self, caller: &Caller, room: RoomId) -> Result<Unheard> {
        let mut conn = self.store.read().await?;
        let Some(after) = mentions::mark(&mut conn, room, caller.user).await? else { return Ok(Unheard::default()) };
        let messages = mentions::after(&mut conn, room, (caller.user, after), PAGE).await?;
        Ok(Unheard { after, messages })
    }

    /// The caller has heard this, and is to answer these mentions in it. False when another instance was faster: then they are its.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn hear(&self, caller: &Caller, room: RoomId, heard: &Unheard, asked: Vec<Mention>) -> Result<bool> {
        let Some(last) = heard.messages.last() else { return Ok(false) };
        let (user, now, instance) = (caller.user, self.clock.now(), self.shared.instance);
        let stretch = (heard.after, last.seq);
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    tx.serialize(Topic::Room(room)).await?;
                    if !mentions::move_mark(tx, room, user, stretch, now).await? {
                        return Ok(false);
                    }
                    for mention in &asked {
                        mentions::add(tx, mention, instance).await?;
                    }
                    Ok(true)
                })
            })
            .await
    }

    /// Answers a mention with a message, and keeps what was said and called for it. None when it was answered or taken away meanwhile:
    /// then nothing is written.
    ///
    /// # Errors
    /// As [`App::post`].
    pub async fn answer_mention(
        &self,
        caller: &Caller,
        mention: &Mention,
        answer: NewChatMessage,
        kept: Option<Envelope>,
    ) -> Result<Option<ChatMessage>> {
        let (answer, caller, mention, now) = (answer.checked()?, caller.clone(), *mention, self.clock.now());
        let answered = self.store.write(move |tx| {
            Box::pin(async move {
                let room = mention.room;
                tx.serialize(Topic::Room(room)).await?;
                if !mentions::is_open(&mut tx.conn, mention.turn).await? {
                    return Ok(None);
                }
                if let Some(kept) = &kept {
                    let admitted = admit(&mut tx.conn, &caller, room, Verb::Write).await?;
                    take(tx, room, &admitted, kept).await?;
                }
                let (Posted::New(message) | Posted::There(message)) = write(tx, &caller, room, answer, now).await?;
                mentions::close(tx, &mention, message.seq, kept.as_ref()).await?;
                Ok(Some(message))
            })
        });
        let answered = answered.await?;
        self.shared.written.note(mention.room);
        Ok(answered)
    }

    /// Leaves a mention to whoever can answer it later.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn release_mention(&self, mention: &Mention) -> Result<()> {
        let turn = mention.turn;
        self.store.write(move |tx| Box::pin(mentions::release(tx, turn))).await
    }

    /// Forgets a mention that nobody can answer any more.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn forget_mention(&self, mention: &Mention) -> Result<()> {
        let turn = mention.turn;
        self.store.write(move |tx| Box::pin(mentions::remove(tx, turn))).await
    }

    /// Mentions that nobody is about to answer: a process died, or could not write the answer.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn left_mentions(&self) -> Result<Vec<Mention>> {
        let seen_before = self.clock.now() - SILENCE;
        mentions::left(&mut self.store.read().await?, self.shared.instance, seen_before).await
    }

    /// What is kept of somebody's last turns in a room, the oldest first.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn kept_turns(&self, room: RoomId, user: UserId) -> Result<Vec<Envelope>> {
        mentions::kept(&mut self.store.read().await?, room, user).await
    }
}
