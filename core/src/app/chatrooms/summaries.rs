//! Summaries: reading what one is to be about, storing it, finding it again; and whose turn it is to make the next by itself.

use chrono::{DateTime, TimeDelta, Utc};

use super::{admit, messages::take};
use crate::{
    account::Caller,
    app::App,
    chatroom::{Dates, NewSummary, Remark, Summary, SummaryClaim, SummaryKind, Verb},
    error::{Error, Result},
    event::Topic,
    id::{RoomId, SummaryId, UserId},
    store::{
        Conn, Tx,
        chatrooms::{messages, summaries},
    },
};

impl App {
    /// The newest summary of a chatroom whose messages were all written within `dates`, and that the caller was given the keys of; none
    /// when there is none.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`]; [`Error::Invalid`]
    /// for dates that end before they begin.
    pub async fn newest_summary(
        &self,
        caller: &Caller,
        room: RoomId,
        dates: Dates,
        kind: Option<SummaryKind>,
    ) -> Result<Option<Summary>> {
        let mut conn = self.store.read().await?;
        admit(&mut conn, caller, room, Verb::Summarise).await?;
        summaries::newest(&mut conn, (room, caller.user), dates.checked()?, kind).await
    }

    /// The numbers between which lies what was written in a chatroom within `dates`.
    ///
    /// # Errors
    /// As [`App::newest_summary`].
    pub async fn numbers_of(&self, caller: &Caller, room: RoomId, dates: Dates) -> Result<(i64, i64)> {
        let mut conn = self.store.read().await?;
        admit(&mut conn, caller, room, Verb::Summarise).await?;
        bounds(&mut conn, room, dates.checked()?).await
    }

    /// The newest messages in words with numbers between these two, at most `limit`, the newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn remarks(&self, caller: &Caller, room: RoomId, between: (i64, i64), limit: i64) -> Result<Vec<Remark>> {
        let mut conn = self.store.read().await?;
        admit(&mut conn, caller, room, Verb::Summarise).await?;
        summaries::remarks(&mut conn, room, between, limit).await
    }

    /// How many messages in words there are with numbers between these two.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn count_remarks(&self, caller: &Caller, room: RoomId, between: (i64, i64)) -> Result<i64> {
        let mut conn = self.store.read().await?;
        admit(&mut conn, caller, room, Verb::Summarise).await?;
        summaries::count(&mut conn, room, between).await
    }

    /// Stores a summary that the caller wanted.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`]; [`Error::Stale`] when a message was taken away since it was read; [`Error::Invalid`],
    /// [`Refused::KeyVersion`](crate::chatroom::Refused::KeyVersion), [`Refused::IvReused`](crate::chatroom::Refused::IvReused) of its envelope.
    pub async fn add_summary(&self, caller: &Caller, room: RoomId, new: NewSummary) -> Result<Summary> {
        let (caller, now) = (caller.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    tx.serialize(Topic::Room(room)).await?;
                    store(tx, &caller, room, new, (SummaryKind::Manual, Some(caller.user)), now).await
                })
            })
            .await
    }

    /// The rooms that the caller, who is the assistant, is to summarise now: those whose key it holds, in which enough was written.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn rooms_to_summarise(&self, caller: &Caller) -> Result<Vec<RoomId>> {
        summaries::due(&mut self.store.read().await?, caller.user, self.clock.now()).await
    }

    /// Claims a room for so long, when it is still one of these; none when somebody else was faster.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn claim_summary(&self, caller: &Caller, room: RoomId, lasts: TimeDelta) -> Result<Option<SummaryClaim>> {
        let (user, now) = (caller.user, self.clock.now());
        // Looked at first without a transaction: after most messages it is not time yet.
        if !summaries::is_due(&mut self.store.read().await?, room, user, now).await? {
            return Ok(None);
        }
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    tx.serialize(Topic::Room(room)).await?;
                    if !summaries::is_due(&mut tx.conn, room, user, now).await? {
                        return Ok(None);
                    }
                    summaries::claim(tx, room, now + lasts).await.map(Some)
                })
            })
            .await
    }

    /// Ends a claim: stores the summary that was made, if one could be, and does not come back to what it is about. None when it took
    /// so long that somebody else claims the room, or does not exist any more: then nothing is stored.
    ///
    /// # Errors
    /// As [`App::add_summary`]; the claim goes on then.
    pub async fn finish_summary(
        &self,
        caller: &Caller,
        claim: SummaryClaim,
        new: Option<NewSummary>,
    ) -> Result<Option<Summary>> {
        let (caller, now) = (caller.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    tx.serialize(Topic::Room(claim.room)).await?;
                    let (true, Some(new)) = (summaries::finish(tx, &claim).await?, new) else { return Ok(None) };
                    store(tx, &caller, claim.room, new, (SummaryKind::Automatic, None), now).await.map(Some)
                })
            })
            .await
    }
}

async fn store(
    tx: &mut Tx,
    caller: &Caller,
    room: RoomId,
    new: NewSummary,
    (kind, asked_by): (SummaryKind, Option<UserId>),
    now: DateTime<Utc>,
) -> Result<Summary> {
    let admitted = admit(&mut tx.conn, caller, room, Verb::Summarise).await?;
    let made = NewSummary { content: new.content.checked()?, ..new };
    let there = summaries::count(&mut tx.conn, room, (made.first_seq - 1, made.last_seq + 1)).await?;
    if there < made.read {
        return Err(Error::Stale { current: there }); // it may have the words of a message that is gone
    }
    take(tx, room, &admitted, &made.content).await?;
    let summary = Summary { id: SummaryId::fresh(), room, kind, asked_by, made, created_at: now };
    summaries::add(tx, &summary).await?;
    Ok(summary)
}

/// Between which numbers lies what was written within these dates.
async fn bounds(conn: &mut Conn, room: RoomId, dates: Dates) -> Result<(i64, i64)> {
    let after = match dates.from {
        Some(from) => messages::first_from(conn, room, from).await?.map_or(i64::MAX, |first| first - 1),
        None => 0,
    };
    let before = match dates.to {
        Some(to) => messages::last_until(conn, room, to).await?.map_or(0, |last| last + 1),
        None => i64::MAX,
    };
    Ok((after, before))
}
