//! Logins on which something hangs that has to end with them: sockets.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use super::App;
use crate::{
    error::Result,
    id::LoginId,
    store::{Driver, logins},
};

/// The logins that are watched in this process.
#[derive(Clone, Default)]
pub(super) struct Watched(Arc<Mutex<HashMap<LoginId, watch::Sender<bool>>>>);

impl Watched {
    pub(super) fn watch(&self, login: LoginId) -> LoginWatch {
        let ended = self.lock().entry(login).or_insert_with(|| watch::Sender::new(false)).subscribe();
        LoginWatch { login, ended, all: self.clone() }
    }

    /// Tells whoever watches that a login has ended.
    pub(super) fn end(&self, login: LoginId) {
        if let Some(ended) = self.lock().get(&login) {
            ended.send_replace(true);
        }
    }

    fn logins(&self) -> Vec<LoginId> {
        self.lock().keys().copied().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<LoginId, watch::Sender<bool>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner) // nothing in it can be half done
    }
}

/// Tells when a login ends.
pub struct LoginWatch {
    login: LoginId,
    ended: watch::Receiver<bool>,
    all: Watched,
}

impl LoginWatch {
    /// Resolves when it has ended.
    pub fn ended(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut ended = self.ended.clone();
        async move {
            if ended.wait_for(|ended| *ended).await.is_err() {
                std::future::pending::<()>().await; // nobody is left who could end it
            }
        }
    }
}

impl Drop for LoginWatch {
    fn drop(&mut self) {
        let mut all = self.all.lock();
        if all.get(&self.login).is_some_and(|ended| ended.receiver_count() <= 1) {
            all.remove(&self.login);
        }
    }
}

impl App {
    /// Looks which of the watched logins have been ended by other processes. Where several share the database this is to be asked
    /// about once a second.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn look_after_logins(&self) -> Result<()> {
        let watched = self.shared.watched.logins();
        if watched.is_empty() {
            return Ok(());
        }
        let mut conn = self.store.read().await?;
        let Driver::Postgres(conn) = conn.driver() else { return Ok(()) }; // nobody else writes to our `SQLite` file
        let living = logins::living(conn, &watched).await?;
        watched.into_iter().filter(|login| !living.contains(login)).for_each(|login| self.shared.watched.end(login));
        Ok(())
    }
}
