//! The assistant's place in a room: it is there exactly while `auto_summary_enabled` says so.

use chrono::{DateTime, Utc};

use super::{found, members};
use crate::{
    chatroom::Role,
    error::Result,
    id::{RoomId, UserId},
    store::{
        Tx, assistant,
        chatrooms::{self, keys, members as people, mentions},
    },
};

/// Has the assistant come or go, if what the room wants and whether it is there are not the same; `by` has changed what the room wants.
/// Whoever calls this has [serialized](Tx::serialize) the room. What it leaves, it has no keys of any more, and nothing is kept of what it was asked there.
pub(in crate::app) async fn seat_assistant(
    tx: &mut Tx,
    room: RoomId,
    by: Option<UserId>,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(assistant) = assistant::user(&mut tx.conn).await? else { return Ok(()) };
    let wanted = found(chatrooms::by_id(&mut tx.conn, room).await?)?.auto_summary_enabled;
    let there = people::one(&mut tx.conn, room, assistant).await?.is_some();
    match (wanted, there) {
        (true, true) | (false, false) => Ok(()),
        (true, false) => members::enter(tx, room, assistant, Role::Member, now).await,
        (false, true) => {
            keys::take(tx, room, assistant).await?;
            mentions::remove_all(tx, room).await?;
            members::depart(tx, room, assistant, by, now).await
        }
    }
}
