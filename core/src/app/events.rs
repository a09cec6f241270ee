//! What there is to hear.

use super::App;
use crate::{account::Caller, error::Result, event::Topic, store::events};

impl App {
    /// The number of the newest event of the caller's own. As long as it stays the same, none of the caller's tasks, conversations
    /// and messages has changed: each change commits with an event.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn newest_event(&self, caller: &Caller) -> Result<i64> {
        events::newest(&mut self.store.read().await?, Topic::User(caller.user)).await
    }
}
