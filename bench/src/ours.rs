//! Errand as it is served; only the limits are off.

use std::{future::pending, io, net::SocketAddr, path::Path, time::Duration};

use errand::{
    config::{Config, Sources},
    serve::{Listeners, Service},
    state::State,
};
use errand_core::{Account, account::Registration, login::Entrance};
use tokio::task::JoinHandle;

use crate::Broken;

/// Errand, serving.
pub struct Errand {
    /// What its handlers reach.
    pub state: State,
    /// Where it listens.
    pub main: SocketAddr,
    /// Where the contract `chasqui` listens.
    pub chasqui: SocketAddr,
    serving: JoinHandle<io::Result<()>>,
}

/// Settings for serving from the database `url`; what else there is of files lies in `folder`.
///
/// # Errors
/// When they make no sense.
pub fn config(url: &str, folder: &Path) -> Result<Config, Broken> {
    let variables = [
        ("ERRAND_DATABASE_URL", url),
        ("ERRAND_LISTEN", "127.0.0.1:0"),
        ("ERRAND_LISTEN_CHASQUI", "127.0.0.1:0"),
        ("ERRAND_RATE_LIMITS", "off"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    Ok(Sources { file: None, folder: folder.to_owned(), variables }.read()?.config)
}

impl Errand {
    /// Begins to serve.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn start(config: &Config) -> Result<Self, Broken> {
        let service = Service::open(config).await?;
        let state = service.state.clone();
        let listeners = Listeners::bind(&config.server).await?;
        let main = listeners.main.local_addr()?;
        let chasqui = listeners.chasqui.as_ref().ok_or("chasqui is served")?.local_addr()?;
        let serving = tokio::spawn(service.run(listeners, pending(), Duration::ZERO));
        Ok(Self { state, main, chasqui, serving })
    }

    /// A new account.
    ///
    /// # Errors
    /// When there is one of this name.
    pub async fn register(&self, name: &str) -> Result<Account, Broken> {
        let (username, email) = (name.to_owned(), format!("{name}@example.com"));
        Ok(self.state.app.register(Registration { username, email, password: "correct horse".into() }).await?)
    }

    /// What a login of `account` gives, as it is shown.
    ///
    /// # Errors
    /// When it cannot be stored or signed.
    pub async fn bearer(&self, account: &Account) -> Result<String, Broken> {
        let (app, keys) = (&self.state.app, &self.state.keys);
        let entrance = Entrance::new("bench", "127.0.0.1".into());
        let pass = app.begin_login(account.id, entrance, keys.lifetime()).await?;
        Ok(format!("Bearer {}", keys.issue(account, pass, keys.lifetime(), app.clock.now())?))
    }

    /// Ends it.
    pub async fn end(self) {
        self.serving.abort();
        self.state.app.store.close().await;
    }
}
