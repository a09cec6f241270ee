//! What was said in a stretch of a room, read and decrypted for one summary, and forgotten with it.

use std::sync::Arc;

use errand_core::{
    App, Caller, Error, RoomId, UserId,
    chatroom::{NewSummary, Remark},
};
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

use super::{BYTES_MAX, Document, LINES_MAX, Line, SummaryError};
use crate::assistant::{HeldKeys, Missing};

/// How many messages are read at once: they can have 64 KiB each.
const PAGE: i64 = 100;

/// What was said, the oldest first.
#[derive(Default)]
pub(super) struct Talk {
    said: Vec<Said>,
    /// The numbers of all that was read, the newest first.
    read: Vec<i64>,
    /// How many messages there is no key for.
    pub(super) skipped: i64,
    /// How many older ones there are in the stretch.
    pub(super) left_out: i64,
}

struct Said {
    seq: i64,
    sender: UserId,
    from: String,
    version: i64,
    text: Zeroizing<String>,
    at: chrono::DateTime<chrono::Utc>,
}

impl Talk {
    /// The newest messages with numbers between these two, as many as are summarised.
    pub(super) async fn read(
        app: &App,
        caller: &Caller,
        room: RoomId,
        (after, mut before): (i64, i64),
        keys: &Arc<HeldKeys>,
    ) -> Result<Self, SummaryError> {
        let (mut talk, mut bytes) = (Self::default(), 0);
        'all: while talk.read.len() < LINES_MAX {
            let page = app.remarks(caller, room, (after, before), PAGE).await?;
            if page.is_empty() {
                break;
            }
            for (remark, text) in open(page, keys).await? {
                bytes += text.as_ref().map_or(0, |text| text.len());
                if talk.read.len() == LINES_MAX || bytes > BYTES_MAX {
                    break 'all;
                }
                before = remark.seq;
                talk.read.push(before);
                match text {
                    Some(text) => talk.said.push(Said::new(remark, text)),
                    None => talk.skipped += 1,
                }
            }
        }
        talk.left_out = app.count_remarks(caller, room, (after, before)).await?;
        talk.said.reverse();
        Ok(talk)
    }

    /// As it is summarised.
    pub(super) fn lines(&self) -> Vec<Line<'_>> {
        self.said.iter().map(|said| Line { from: &said.from, text: &said.text }).collect()
    }

    /// Who said something, whoever did first at first.
    pub(super) fn participants(&self) -> Vec<UserId> {
        let mut known = std::collections::HashSet::new();
        self.said.iter().map(|said| said.sender).filter(|sender| known.insert(*sender)).collect()
    }

    /// What is stored of it: `document`, encrypted. None when nothing was said.
    pub(super) fn sealed(&self, document: &Document, keys: &HeldKeys) -> Result<Option<NewSummary>, SummaryError> {
        let (Some(first), Some(last)) = (self.said.first(), self.said.last()) else { return Ok(None) };
        let json = serde_json::to_string(document).map_err(|error| Error::Internal(error.to_string()))?;
        let sealed = keys.seal(&Zeroizing::new(json)).map_err(|error| Error::Internal(error.to_string()))?;
        let Some(content) = sealed else {
            return Err(SummaryError::NoKey(keys.missing().unwrap_or(Missing::NotGiven)));
        };
        let read = self.read.iter().filter(|seq| (first.seq..=last.seq).contains(seq)).count();
        let count = |number| i64::try_from(number).unwrap_or(i64::MAX);
        Ok(Some(NewSummary {
            first_seq: first.seq,
            last_seq: last.seq,
            message_count: count(self.said.len()),
            read: count(read),
            oldest_version: self.said.iter().map(|said| said.version).fold(first.version, i64::min),
            start_at: first.at,
            end_at: last.at,
            content,
        }))
    }
}

impl Said {
    fn new(remark: Remark, text: Zeroizing<String>) -> Self {
        let Remark { seq, sender, display_name: from, content, created_at: at } = remark;
        Self { seq, sender, from, version: content.key_version, text, at }
    }
}

/// The messages of a page with what they say, where there is a key for it. Away from the threads that serve others.
async fn open(
    page: Vec<Remark>,
    keys: &Arc<HeldKeys>,
) -> Result<Vec<(Remark, Option<Zeroizing<String>>)>, SummaryError> {
    let keys = Arc::clone(keys);
    let open = move || {
        let opened = |remark: Remark| {
            let text = keys.open(&remark.content).ok();
            (remark, text)
        };
        page.into_iter().map(opened).collect()
    };
    spawn_blocking(open).await.map_err(SummaryError::from)
}
