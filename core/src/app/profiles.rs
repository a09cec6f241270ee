//! What people show of themselves.

use super::App;
use crate::{
    account::Caller,
    error::{Error, Noun, Problem, Result},
    profile::{Profile, ProfileEdit},
    store::{accounts, blobs},
};

impl App {
    /// The caller's own profile.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn profile(&self, caller: &Caller) -> Result<Profile> {
        let profile = accounts::profile(&mut self.store.read().await?, caller.user).await?;
        profile.ok_or(Error::NotFound(Noun::Account))
    }

    /// Changes the caller's own profile; answers it as it is then.
    ///
    /// # Errors
    /// [`Error::Invalid`], also for a picture of this service's that is not there.
    pub async fn edit_profile(&self, caller: &Caller, edit: ProfileEdit) -> Result<Profile> {
        let (user, now) = (caller.user, self.clock.now());
        let edit = self.store.write(move |tx| {
            Box::pin(async move {
                let before = accounts::hold_profile(tx, user).await?.ok_or(Error::NotFound(Noun::Account))?;
                let profile = edit.applied(before.clone())?;
                if profile.avatar != before.avatar {
                    if let Some(name) = profile.stored_avatar()
                        && !blobs::hold(tx, name).await?
                    {
                        return Err(Problem::new("avatar_url", "must be a picture that is there").into());
                    }
                    if let Some(name) = before.stored_avatar() {
                        blobs::loosen(tx, name, now).await?;
                    }
                }
                accounts::set_profile(tx, &profile).await.map(|()| profile)
            })
        });
        let profile = edit.await?;
        self.blobs_are_loose();
        Ok(profile)
    }
}
