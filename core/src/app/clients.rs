//! Programs that register themselves.

use chrono::TimeDelta;

use super::App;
use crate::{
    error::Result,
    grant::{self, Client},
    id,
    store::clients,
};

/// How long a registration is kept that nobody has allowed anything.
const UNUSED: TimeDelta = TimeDelta::days(7);

impl App {
    /// Registers a client; whether these are addresses to which people may be sent is the caller's to say. Registrations that were
    /// never used go.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn register_client(&self, name: &str, redirect_uris: Vec<String>) -> Result<Client> {
        let name = grant::client_name(name, "A program without a name");
        let client = Client { id: format!("errand_client_{}", id::fresh().simple()), name, redirect_uris };
        let (now, stored) = (self.clock.now(), client.clone());
        let register = self.store.write(move |tx| {
            Box::pin(async move {
                clients::forget_unused(tx, now - UNUSED).await?;
                clients::add(tx, &stored, now).await
            })
        });
        register.await?;
        tracing::info!(client = client.id, "oauth.client_registered");
        Ok(client)
    }

    /// The registered client with this id.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn registered_client(&self, id: &str) -> Result<Option<Client>> {
        clients::by_id(&mut self.store.read().await?, id).await
    }
}
