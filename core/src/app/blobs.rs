//! What is in the store of files. The bytes are the caller's to put there and to take out; here is known who has them.
//!
//! To add a blob: [`App::expect_blob`], then its bytes into the store, then the verb that says who has it. What nobody has in the end is
//! found by [`App::loose_blobs`], after a crash, too.

use chrono::TimeDelta;

use super::App;
use crate::{
    chatroom::Blob,
    error::Result,
    store::{blobs, chatrooms::files},
};

/// How long bytes may take into the store, and until somebody has them.
const ON_THE_WAY: TimeDelta = TimeDelta::hours(1);
/// How long bytes may take out of the store; then somebody else tries.
const GOING: TimeDelta = TimeDelta::minutes(10);
/// How long an upload waits to be attached to a message.
const UNATTACHED: TimeDelta = TimeDelta::hours(24);

impl App {
    /// Says that somebody is about to have these bytes; then they may be put into the store. False while they are being taken out of it:
    /// that is over in a moment.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn expect_blob(&self, blob: &Blob) -> Result<bool> {
        let (blob, check_at) = (blob.clone(), self.clock.now() + ON_THE_WAY);
        self.store.write(move |tx| Box::pin(async move { blobs::expect(tx, &blob, check_at).await })).await
    }

    /// Waits until there may be something in the store that nobody has.
    pub async fn blobs_loosened(&self) {
        self.shared.loose.notified().await;
    }

    pub(super) fn blobs_are_loose(&self) {
        self.shared.loose.notify_one();
    }

    /// Names of what nobody has any more; the caller takes these out of the store, and says so of each with [`App::forget_blob`].
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn loose_blobs(&self) -> Result<Vec<String>> {
        let now = self.clock.now();
        let names = blobs::to_check(&mut self.store.read().await?, now).await?;
        let mut loose = Vec::new();
        for name in names {
            let of = name.clone();
            let release =
                self.store.write(move |tx| Box::pin(async move { blobs::release(tx, &of, now, now + GOING).await }));
            if release.await? {
                loose.push(name);
            }
        }
        Ok(loose)
    }

    /// Says that it is no longer in the store.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn forget_blob(&self, name: &str) -> Result<()> {
        let name = name.to_owned();
        self.store.write(move |tx| Box::pin(async move { blobs::forget(tx, &name).await })).await
    }

    /// Deletes the files that were uploaded to be attached to a message, and for a day were not.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn forget_unattached_files(&self) -> Result<()> {
        let now = self.clock.now();
        let since = now - UNATTACHED;
        self.store.write(move |tx| Box::pin(async move { files::delete_unattached(tx, since, now).await })).await
    }
}
