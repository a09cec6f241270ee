//! How often somebody may try a password.
//!
//! Failures are counted three ways: of one account from one address, which stops who guesses a password; of one address, which stops
//! who tries one password on many accounts; and of one account from everywhere, which stops many machines together. By the last
//! alone nobody could log in to an account that others attack, so it lets addresses through from which its person is logged in.
//!
//! A try is counted before the password is looked at and given back when it was right: many at once are no way around.

use std::{net::IpAddr, sync::Arc};

use errand_core::{App, Result};
use sha2::{Digest as _, Sha256};

use crate::{
    config,
    limits::{Shared, TooMany, Windows},
};

/// The failures of late.
pub struct Attempts {
    /// Of one account from one address.
    pair: Windows<String>,
    /// Of one address.
    address: Windows<IpAddr>,
    /// Of one account.
    account: Windows<String>,
}

/// A try that was counted.
pub(super) struct Attempt {
    pair: String,
    address: IpAddr,
    /// None when there were too many of the account, and it was let through all the same.
    account: Option<String>,
}

impl Attempts {
    /// As the settings say; counted in `shared`, where there is one.
    #[must_use]
    pub fn new(limits: &config::Limits, shared: Option<&Arc<Shared>>) -> Self {
        let limit = |limit| limits.enabled.then_some(limit);
        Self {
            pair: Windows::new(limit(limits.login)).shared("login", shared),
            address: Windows::new(limit(limits.login_address)).shared("login_address", shared),
            account: Windows::new(limit(limits.login_account)).shared("login_account", shared),
        }
    }

    /// Counts a try to log in as `name`.
    pub(super) async fn begin(&self, app: &App, name: &str, address: IpAddr) -> Result<Result<Attempt, TooMany>> {
        let account = key(name);
        let pair = format!("{account}@{address}");
        if let Err(too_many) = self.pair.pass(pair.clone()).await {
            return Ok(Err(too_many));
        }
        if let Err(too_many) = self.address.pass(address).await {
            self.pair.give_back(pair).await; // it is not tried
            return Ok(Err(too_many));
        }
        let account = match self.account.pass(account.clone()).await {
            Ok(()) => Some(account),
            Err(_) if app.has_logged_in_from(name, &address.to_string()).await? => None,
            Err(too_many) => {
                self.pair.give_back(pair).await;
                self.address.give_back(address).await;
                return Ok(Err(too_many));
            }
        };
        Ok(Ok(Attempt { pair, address, account }))
    }

    /// The password was right: it was no failure.
    pub(super) async fn forgive(&self, Attempt { pair, address, account }: Attempt) {
        self.pair.give_back(pair).await;
        self.address.give_back(address).await;
        if let Some(account) = account {
            self.account.give_back(account).await;
        }
    }
}

/// What a name is counted by: whatever somebody types there, it is short, and not to be read in Redis.
fn key(name: &str) -> String {
    let hash = Sha256::digest(name.trim().to_lowercase());
    hash.iter().take(16).fold(String::new(), |key, byte| format!("{key}{byte:02x}"))
}
