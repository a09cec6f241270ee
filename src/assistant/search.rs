//! Search in a room that lets the assistant in: what was written is decrypted for this one request, and nothing of it is kept.
//!
//! Pages are read here, the newest first, and decrypted and searched on a thread of their own while the next one is read. One more page
//! than is being searched is in memory at most.

use errand_core::{
    App, Caller, Error, RoomId, RoomMessageId,
    chatroom::{ChatMessage, SealedMessage, Wanted},
};
use tokio::sync::mpsc;

use super::{Assistant, HeldKeys, Missing};
use crate::search::{Found, Hit, Query, SCAN_MAX, Scan};

/// How many messages are read at once.
const PAGE: usize = 500;

/// What came of a search.
#[derive(Debug)]
pub enum Searched {
    /// What was found.
    Here(Results),
    /// Those in the room have to search themselves: the assistant cannot read what is written there now.
    Elsewhere(Missing),
}

/// What was found in a room.
#[derive(Debug, Default)]
pub struct Results {
    /// The best first.
    pub hits: Vec<Hit<ChatMessage>>,
    /// How many messages were found, also those beyond the limit.
    pub total: usize,
    /// How many could be read and were searched.
    pub read: usize,
    /// How many could not be: the assistant or the caller was not given their version of the key, or they were encrypted with another.
    pub unreadable: usize,
    /// Whether there are older ones that were not looked at: no more than [`SCAN_MAX`] are.
    pub cut: bool,
}

impl Assistant {
    /// Searches among what `caller` can read in a room: what was written under versions of the key that both were given. Who came later
    /// does not learn here what was said before.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Database`].
    pub async fn search(
        &self,
        caller: &Caller,
        room: RoomId,
        query: Query,
        wanted: Wanted,
        limit: usize,
    ) -> Result<Searched, Error> {
        let theirs = self.app.room_keys(caller, room).await?.held;
        let keys = self.keys(room).await?;
        if let Some(missing) = keys.missing() {
            return Ok(Searched::Elsewhere(missing));
        }
        let keys = keys.shared_with(&theirs);
        let mut reader = Reader { app: &self.app, caller, room, wanted, below: None, left: SCAN_MAX };
        let broken = |error: &dyn std::error::Error| Error::Internal(format!("a search broke off: {error}"));
        let _turn = self.searching.acquire().await.map_err(|error| broken(&error))?;
        let (pages, received) = mpsc::channel(1);
        let scanned = tokio::task::spawn_blocking(move || scan(&query, &keys, received, limit));
        let mut page = reader.next().await?;
        while !page.is_empty() {
            if pages.send(page).await.is_err() {
                break; // whoever searches is gone, and says below why
            }
            page = reader.next().await?;
        }
        drop(pages);
        let (found, unreadable) = scanned.await.map_err(|error| broken(&error))?;
        let cut = reader.has_more().await?;
        let ids: Vec<RoomMessageId> = found.hits.iter().map(|hit| hit.message).collect();
        let messages = self.app.chat_messages(caller, room, &ids).await?;
        let (read, total) = (found.read, found.total);
        Ok(Searched::Here(Results { hits: with(found.hits, messages), total, read, unreadable, cut }))
    }
}

/// Reads page after page, and no more than is searched at most.
struct Reader<'a> {
    app: &'a App,
    caller: &'a Caller,
    room: RoomId,
    wanted: Wanted,
    below: Option<i64>,
    left: usize,
}

impl Reader<'_> {
    /// The next page; empty at the end.
    async fn next(&mut self) -> Result<Vec<SealedMessage>, Error> {
        let size = PAGE.min(self.left);
        if size == 0 {
            return Ok(Vec::new());
        }
        let page = self.read(size).await?;
        self.below = page.last().map(|message| message.seq).or(self.below);
        self.left = if page.len() < size { 0 } else { self.left - size };
        Ok(page)
    }

    /// Whether there is anything after what was read.
    async fn has_more(&self) -> Result<bool, Error> {
        Ok(self.below.is_some() && !self.read(1).await?.is_empty())
    }

    async fn read(&self, size: usize) -> Result<Vec<SealedMessage>, Error> {
        let limit = i64::try_from(size).unwrap_or(i64::MAX);
        self.app.read_back(self.caller, self.room, self.wanted, self.below, limit).await
    }
}

/// Decrypts and searches what comes; what was found, and how many messages could not be read.
fn scan(
    query: &Query,
    keys: &HeldKeys,
    mut pages: mpsc::Receiver<Vec<SealedMessage>>,
    limit: usize,
) -> (Found<RoomMessageId>, usize) {
    let (mut scan, mut unreadable) = (Scan::new(query), 0);
    while let Some(page) = pages.blocking_recv() {
        for message in page {
            match keys.open(&message.content) {
                Ok(text) => scan.read(message.id, &text),
                Err(_) => unreadable += 1,
            }
        }
    }
    (scan.end(limit), unreadable)
}

/// The hits with their messages; without those that were taken away a moment ago.
fn with(hits: Vec<Hit<RoomMessageId>>, mut messages: Vec<ChatMessage>) -> Vec<Hit<ChatMessage>> {
    let whole = hits.into_iter().filter_map(|hit| {
        let at = messages.iter().position(|message| message.id == hit.message)?;
        let Hit { message: _, score, matched_terms, context } = hit;
        Some(Hit { message: messages.swap_remove(at), score, matched_terms, context })
    });
    whole.collect()
}
