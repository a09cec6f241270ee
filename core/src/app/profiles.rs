//! What people show of themselves.

use super::App;
use crate::{
    account::Caller,
    error::{Error, Noun, Result},
    profile::{Profile, ProfileEdit},
    store::accounts,
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
    /// [`Error::Invalid`].
    pub async fn edit_profile(&self, caller: &Caller, edit: ProfileEdit) -> Result<Profile> {
        let user = caller.user;
        let edit = self.store.write(move |tx| {
            Box::pin(async move {
                let profile = accounts::hold_profile(tx, user).await?.ok_or(Error::NotFound(Noun::Account))?;
                let profile = edit.applied(profile)?;
                accounts::set_profile(tx, &profile).await.map(|()| profile)
            })
        });
        edit.await
    }
}
