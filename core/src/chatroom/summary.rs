//! Summaries of what was said in a chatroom. What they say is encrypted with the room's key as the messages are, so it is read and
//! written outside of this crate.
//!
//! A room is summarised by itself once so many messages were written since the last time as its settings say. Whoever is about to do
//! that claims it for a while: nobody else does it meanwhile, and if they die somebody else does it then.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Envelope;
use crate::{
    error::{Problem, Result},
    id::{ClaimId, RoomId, SummaryId, UserId},
};

/// Why a summary was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum SummaryKind {
    /// Enough was said.
    Automatic,
    /// Somebody wanted one.
    Manual,
}

/// A summary as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The id that travels.
    pub id: SummaryId,
    /// Of which room.
    pub room: RoomId,
    /// Why it was made.
    pub kind: SummaryKind,
    /// Who wanted it; none when nobody did.
    pub asked_by: Option<UserId>,
    /// What it is about, and what it says.
    pub made: NewSummary,
    /// When it was stored.
    pub created_at: DateTime<Utc>,
}

/// A summary to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSummary {
    /// The number of the first message that it is about.
    pub first_seq: i64,
    /// The number of the last one.
    pub last_seq: i64,
    /// How many it is about.
    pub message_count: i64,
    /// How many messages in words there were from the first one to the last when they were read, with those that could not be opened.
    pub read: i64,
    /// The oldest version of the room's key that one of them was encrypted with.
    pub oldest_version: i64,
    /// When the first one was written.
    pub start_at: DateTime<Utc>,
    /// When the last one was.
    pub end_at: DateTime<Utc>,
    /// What it says.
    pub content: Envelope,
}

/// A stretch of time, both ends within; what is `None` does not bound it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dates {
    /// From when on.
    pub from: Option<DateTime<Utc>>,
    /// Until when.
    pub to: Option<DateTime<Utc>>,
}

impl Dates {
    /// Checks that it does not end before it begins.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) for the field `date_to`.
    pub(crate) fn checked(self) -> Result<Self> {
        match (self.from, self.to) {
            (Some(from), Some(to)) if to < from => Err(Problem::new("date_to", "must not be before date_from").into()),
            (_, _) => Ok(self),
        }
    }
}

/// What somebody wrote, as far as a summary needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Its number in the room.
    pub seq: i64,
    /// Who wrote it.
    pub sender: UserId,
    /// How they want to be called.
    pub display_name: String,
    /// What it says.
    pub content: Envelope,
    /// When it was stored.
    pub created_at: DateTime<Utc>,
}

/// That a room is the claimant's to summarise, for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SummaryClaim {
    /// The room.
    pub room: RoomId,
    /// Of all who ever claimed it, which one.
    pub id: ClaimId,
    /// What has a higher number than this is to be summarised,
    pub after_seq: i64,
    /// up to what has this one.
    pub up_to_seq: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case(None, None, true)]
    #[case(Some(1), None, true)]
    #[case(None, Some(1), true)]
    #[case(Some(1), Some(1), true)]
    #[case(Some(2), Some(1), false)]
    fn a_stretch_does_not_end_before_it_begins(#[case] from: Option<i64>, #[case] to: Option<i64>, #[case] good: bool) {
        let at = |seconds: Option<i64>| seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        assert_eq!(Dates { from: at(from), to: at(to) }.checked().is_ok(), good);
    }
}
