//! The assistant as somebody: its account, and that it is in the chatrooms that want it.

use super::{App, chatrooms};
use crate::{
    account::Account,
    assistant::{Assistant, NAMES, NOWHERE, NewAssistant},
    error::{Error, Result},
    event::Topic,
    store::{Tx, accounts, assistant},
};

impl App {
    /// The assistant; none before the first start.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn assistant(&self) -> Result<Option<Assistant>> {
        assistant::find(&mut self.store.read().await?).await
    }

    /// Makes the assistant, unless there is one; the one there is. Of several instances that do so at once, one makes it.
    ///
    /// # Errors
    /// [`Error::Database`]; [`Error::Internal`] when people have all the names that it could have.
    pub async fn appoint_assistant(&self, new: NewAssistant) -> Result<Assistant> {
        let created_at = self.clock.now();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    for name in NAMES {
                        let (username, email) = (name.to_owned(), format!("{name}@{NOWHERE}"));
                        let account = Account { id: new.id, number: 0, username, email, time_zone: None, created_at };
                        if let Some(there) = appointed(tx, &account, &new).await? {
                            return Ok(there);
                        }
                    }
                    Err(Error::Internal(format!("people have all the names of the assistant: {}", NAMES.join(", "))))
                })
            })
            .await
    }

    /// Has the assistant come into the chatrooms that want it, and leave those that do not: rooms that are older than it is, or were
    /// changed by a service that did not know it. In how many it was amiss.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn seat_assistant(&self) -> Result<usize> {
        let rooms = assistant::amiss(&mut self.store.read().await?).await?;
        let (count, now) = (rooms.len(), self.clock.now());
        for room in rooms {
            let seated = self.store.write(move |tx| {
                Box::pin(async move {
                    tx.serialize(Topic::Room(room)).await?;
                    chatrooms::seat_assistant(tx, room, None, now).await
                })
            });
            match seated.await {
                // A room that was deleted meanwhile wants nobody.
                Ok(()) | Err(Error::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(count)
    }
}

/// The assistant that there is, or is now with this account; none when a person has its name.
///
/// Two instances that try the same name wait for each other at its row. Where one finds a name taken, whoever has it has committed: if
/// that is the assistant, it is found.
async fn appointed(tx: &mut Tx, account: &Account, new: &NewAssistant) -> Result<Option<Assistant>> {
    let free = accounts::by_login(&mut tx.conn, &account.username).await?.is_none();
    if let Some(there) = assistant::find(&mut tx.conn).await? {
        return Ok(Some(there));
    }
    if free {
        assistant::add(tx, account, new).await?;
    }
    assistant::find(&mut tx.conn).await
}
