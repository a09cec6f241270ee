//! Writing in a chatroom, and reading what was written.

use chrono::{DateTime, Utc};

use super::{Admitted, admit, membership, tell};
use crate::{
    account::Caller,
    app::{App, cut},
    chatroom::{
        ChatEvent, ChatMessage, Envelope, History, NewChatMessage, Posted, Refused, SealedMessage, Span, Verb, Wanted,
    },
    error::{Error, Noun, Problem, Result},
    event::{Event, Topic},
    id::{FileId, RoomId, RoomMessageId, UserId},
    slice::Slice,
    store::{
        Conn, Tx,
        chatrooms::{files, mentions, messages, summaries},
    },
};

impl App {
    /// Writes something. What has the id of a message that the caller wrote there before is that message, and changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`]; [`Error::Invalid`] with every field that breaks a rule, also for a reply to what was
    /// not written there and for a file that the caller cannot attach; [`Refused::MessageTooLong`], [`Refused::KeyVersion`], [`Refused::IvReused`].
    pub async fn post(&self, caller: &Caller, room: RoomId, new: NewChatMessage) -> Result<Posted> {
        let (new, caller, now) = (new.checked()?, caller.clone(), self.clock.now());
        let posted = self.store.write(move |tx| {
            Box::pin(async move {
                tx.serialize(Topic::Room(room)).await?;
                write(tx, &caller, room, new, now).await
            })
        });
        let posted = posted.await?;
        self.shared.written.note(room);
        Ok(posted)
    }

    /// Writes a message anew.
    ///
    /// # Errors
    /// [`Error::NotFound`] of the room or of the message, [`Error::Forbidden`], [`Refused::Denied`]; [`Error::Invalid`],
    /// [`Refused::MessageTooLong`], [`Refused::KeyVersion`], [`Refused::IvReused`].
    pub async fn edit_message(
        &self,
        caller: &Caller,
        room: RoomId,
        id: RoomMessageId,
        content: Envelope,
    ) -> Result<ChatMessage> {
        let (content, caller, now) = (content.checked()?, caller.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    tx.serialize(Topic::Room(room)).await?;
                    let admitted = membership(&mut tx.conn, &caller, room).await?;
                    let before = message(&mut tx.conn, room, id).await?;
                    admitted.may(Verb::EditMessage { own: before.sender.id == caller.user })?;
                    take(tx, room, &admitted, &content).await?;
                    messages::edit(tx, id, &content, now).await?;
                    let message = ChatMessage { content: Some(content), edited_at: Some(now), ..before };
                    tell(tx, room, now, ChatEvent::MessageEdited { message: Box::new(message.clone()) });
                    Ok(message)
                })
            })
            .await
    }

    /// Takes a message away: what it said goes, also from what was told of it; its place stays.
    ///
    /// # Errors
    /// [`Error::NotFound`] of the room or of the message, [`Error::Forbidden`], [`Refused::Denied`].
    pub async fn delete_message(&self, caller: &Caller, room: RoomId, id: RoomMessageId) -> Result<()> {
        let (caller, now) = (caller.clone(), self.clock.now());
        let deleted = self.store.write(move |tx| {
            Box::pin(async move {
                tx.serialize(Topic::Room(room)).await?;
                let admitted = membership(&mut tx.conn, &caller, room).await?;
                let before = message(&mut tx.conn, room, id).await?;
                admitted.may(Verb::DeleteMessage { own: before.sender.id == caller.user })?;
                messages::delete(tx, id, now).await?;
                summaries::remove_about(tx, room, before.seq).await?; // they may have its words
                mentions::remove_about(tx, room, before.seq).await?; // what is kept of an answer has them
                let gone = ChatEvent::MessageDeleted { message: id, message_seq: before.seq, by: caller.user };
                tx.retell(Topic::Room(room), id.0, Event::Chatroom { room, event: gone.clone() });
                tell(tx, room, now, gone);
                Ok(())
            })
        });
        deleted.await?;
        self.blobs_are_loose();
        Ok(())
    }

    /// A page of what was written, the newest page first, each with the oldest message first.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn chat_history(&self, caller: &Caller, room: RoomId, span: Span, slice: Slice) -> Result<History> {
        let mut conn = self.store.read().await?;
        admit(&mut conn, caller, room, Verb::Read).await?;
        let bounds = bounds(&mut conn, room, span).await?;
        let mut page = messages::between(&mut conn, room, bounds, (slice.limit + 1, slice.offset)).await?;
        let has_more = cut(&mut page, slice.limit);
        page.reverse();
        let total = messages::count(&mut conn, room, bounds).await?;
        Ok(History { messages: page, total, has_more })
    }

    /// What of a room was not taken away and is wanted, the newest first: at most `limit`, of those with numbers below `before`.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn read_back(
        &self,
        caller: &Caller,
        room: RoomId,
        wanted: Wanted,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<SealedMessage>> {
        let mut conn = self.store.read().await?;
        admit(&mut conn, caller, room, Verb::Read).await?;
        let mut below = before.unwrap_or(i64::MAX);
        if let Some(to) = wanted.to {
            below =
                messages::last_until(&mut conn, room, to).await?.map_or(0, |last| below.min(last.saturating_add(1)));
        }
        let first = match wanted.from {
            Some(from) => messages::first_from(&mut conn, room, from).await?.unwrap_or(i64::MAX),
            None => 0,
        };
        messages::sealed(&mut conn, room, (first, below), wanted, limit).await
    }

    /// The messages with these ids that were not taken away, in no order.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn chat_messages(
        &self,
        caller: &Caller,
        room: RoomId,
        ids: &[RoomMessageId],
    ) -> Result<Vec<ChatMessage>> {
        let mut conn = self.store.read().await?;
        admit(&mut conn, caller, room, Verb::Read).await?;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            found.extend(messages::by_id(&mut conn, room, *id).await?.filter(|message| message.deleted_at.is_none()));
        }
        Ok(found)
    }
}

/// Adds a message and tells of it, unless it is there already.
pub(super) async fn write(
    tx: &mut Tx,
    caller: &Caller,
    room: RoomId,
    new: NewChatMessage,
    now: DateTime<Utc>,
) -> Result<Posted> {
    let admitted = admit(&mut tx.conn, caller, room, Verb::Write).await?;
    if let Some(client_id) = &new.client_id
        && let Some(there) = messages::by_client_id(&mut tx.conn, room, caller.user, client_id).await?
    {
        return Ok(Posted::There(there));
    }
    if let Some(to) = new.reply_to
        && messages::by_id(&mut tx.conn, room, to).await?.is_none()
    {
        return Err(Problem::new("reply_to", "must be the id of a message in this chatroom").into());
    }
    take(tx, room, &admitted, &new.content).await?;
    let seq = tx.upcoming(Topic::Room(room)).await?;
    let attachments = new.attachments.clone();
    let id = messages::add(tx, room, (seq, caller.user), new, now).await?;
    attach(tx, room, id, (&attachments, caller.user)).await?;
    let message = message(&mut tx.conn, room, id).await?;
    tell(tx, room, now, ChatEvent::MessageReceived { message: Box::new(message.clone()) });
    Ok(Posted::New(message))
}

/// A message that was not taken away.
pub(super) async fn message(conn: &mut Conn, room: RoomId, id: RoomMessageId) -> Result<ChatMessage> {
    let found = messages::by_id(conn, room, id).await?;
    found.filter(|message| message.deleted_at.is_none()).ok_or(Error::NotFound(Noun::ChatMessage))
}

/// Attaches files to a message, in this order.
async fn attach(
    tx: &mut Tx,
    room: RoomId,
    message: RoomMessageId,
    (attachments, sender): (&[FileId], UserId),
) -> Result<()> {
    for (place, file) in (0..).zip(attachments) {
        if !files::attach(tx, room, (message, place), (*file, sender)).await? {
            let rule = "must be files that you uploaded to this chatroom and that are attached to nothing yet";
            return Err(Problem::new("attachments", rule).into());
        }
    }
    Ok(())
}

/// That an envelope was encrypted with a key that is good now, and with an iv that was not used before; now it was.
pub(super) async fn take(tx: &mut Tx, room: RoomId, admitted: &Admitted, content: &Envelope) -> Result<()> {
    let Admitted { key_version: current, needed_key_version: needed, .. } = *admitted;
    if !(needed..=current).contains(&content.key_version) {
        return Err(Refused::KeyVersion { current, needed }.into());
    }
    if messages::use_iv(tx, room, content).await? { Ok(()) } else { Err(Refused::IvReused.into()) }
}

/// Between which numbers a stretch lies. Times and numbers of a room's messages run alike.
async fn bounds(conn: &mut Conn, room: RoomId, span: Span) -> Result<(i64, i64)> {
    let (mut after, mut before) = (span.after_seq.unwrap_or(0), span.before_seq.unwrap_or(i64::MAX));
    if let Some(time) = span.after {
        after = messages::last_until(conn, room, time).await?.map_or(after, |last| after.max(last));
    }
    if let Some(time) = span.before {
        before = messages::first_from(conn, room, time).await?.map_or(before, |first| before.min(first));
    }
    Ok((after, before))
}
