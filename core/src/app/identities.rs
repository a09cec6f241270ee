//! The accounts of people who log in elsewhere.

use std::sync::PoisonError;

use chrono::{DateTime, Utc};

use super::{App, accounts::REMEMBERED};
use crate::{
    account::Account,
    error::{Error, Result},
    identity::{self, Identity, Subject},
    store::{Tx, accounts},
};

/// How often an account is tried to be made while others take the names that were free a moment before.
const TRIES: usize = 5;

impl App {
    /// The account of somebody whom an identity service vouches for; made when they come for the first time. It has no password.
    ///
    /// An account that was registered here is never taken for theirs because the e-mail address is the same: whoever can have the
    /// service write that address into a token (many do not check it) would get somebody else's account.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when issuer or subject are nothing that can be stored.
    pub async fn account_of(&self, identity: Identity) -> Result<Account> {
        let subject = identity.subject.clone().checked()?;
        let known = self.shared.subjects.read().unwrap_or_else(PoisonError::into_inner).get(&subject).copied();
        if let Some(id) = known {
            return self.account(id).await;
        }
        let found = accounts::by_subject(&mut self.store.read().await?, &subject).await?;
        let account = match found {
            Some(account) => account,
            None => self.admit(identity).await?,
        };
        self.remember_subject(subject, &account);
        Ok(account)
    }

    async fn admit(&self, identity: Identity) -> Result<Account> {
        let now = self.clock.now();
        let account = self.store.write(move |tx| Box::pin(async move { admit(tx, &identity, now).await })).await?;
        tracing::info!(user = %account.id, "account.made_for_outside_identity");
        Ok(account)
    }

    fn remember_subject(&self, subject: Subject, account: &Account) {
        let mut subjects = self.shared.subjects.write().unwrap_or_else(PoisonError::into_inner);
        if subjects.len() >= REMEMBERED {
            subjects.clear();
        }
        subjects.insert(subject, account.id);
        drop(subjects);
        self.remember(account.clone());
    }
}

/// Two first requests may get here at once: the row of one of them is not added, and it finds the other's.
async fn admit(tx: &mut Tx, identity: &Identity, now: DateTime<Utc>) -> Result<Account> {
    for _ in 0..TRIES {
        let username = free(tx, &identity.username()).await?;
        let email = match identity.address() {
            Some(address) => free(tx, address).await?,
            None => None,
        };
        let account = identity::account(identity, username, email, now);
        if let Some(added) = accounts::admit(tx, account, &identity.subject).await? {
            return Ok(added);
        }
        if let Some(found) = accounts::by_subject(&mut tx.conn, &identity.subject).await? {
            return Ok(found);
        }
    }
    Err(Error::Internal("no free name was found for an outside identity".into()))
}

/// `wish`, if nobody has it as a name or an address.
async fn free(tx: &mut Tx, wish: &str) -> Result<Option<String>> {
    let taken = accounts::by_login(&mut tx.conn, wish).await?.is_some();
    Ok((!taken).then(|| wish.to_owned()))
}
