//! What there is to hear.

use super::App;
use crate::{account::Caller, error::Result, event::Topic, id::UserId, store::events};

impl App {
    /// The number of the newest event of one of the caller's own topics: [`Topic::User`] or [`Topic::Rooms`]. As long as it stays the
    /// same, none of the caller's tasks, conversations and messages has changed, or none of the rooms in which the caller takes part:
    /// each change commits with an event.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn newest_event(&self, caller: &Caller, topic: fn(UserId) -> Topic) -> Result<i64> {
        events::newest(&mut self.store.read().await?, topic(caller.user)).await
    }
}
