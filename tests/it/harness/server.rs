//! A server.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use errand::{
    agent::model::Model,
    config::Config,
    crypto::{KeyPair, RestKey},
    serve::{Listeners, Service},
    state::State,
};
use errand_core::{App, Clock, Store, UserId, assistant::NewAssistant};
use serde_json::{Value, json};
use tokio::{sync::oneshot, task::JoinHandle};

use super::{Answer, Backend, Database, User, answer, config, settings::SECRET};

/// A running server.
pub(crate) struct Server {
    pub(crate) base: String,
    /// The listener of the contract `chasqui`.
    pub(crate) chasqui: String,
    pub(crate) app: App,
    pub(crate) state: State,
    pub(crate) http: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    running: Option<JoinHandle<()>>,
    config: Config,
    model: Arc<dyn Model>,
    /// None where the server shares the database of another one.
    database: Option<Database>,
}

impl Server {
    /// A server whose model is `model`; none where the database is missing.
    pub(crate) async fn start(backend: Backend, model: impl Model + 'static) -> Option<Self> {
        Self::start_with(backend, model, |_| {}).await
    }

    pub(crate) async fn start_with(
        backend: Backend,
        model: impl Model + 'static,
        change: impl FnOnce(&mut Config),
    ) -> Option<Self> {
        let database = Database::new(backend).await?;
        let mut config = config(&database);
        change(&mut config);
        Some(Self::on(database, config, Arc::new(model)).await)
    }

    pub(crate) async fn on(database: Database, config: Config, model: Arc<dyn Model>) -> Self {
        Self::at(Clock::System, database, config, model).await
    }

    pub(crate) async fn at(clock: Clock, database: Database, config: Config, model: Arc<dyn Model>) -> Self {
        Self { database: Some(database), ..Self::with(clock, config, model).await }
    }

    async fn with(clock: Clock, config: Config, model: Arc<dyn Model>) -> Self {
        appoint(&config, clock.clone()).await;
        let service = Service::with_model(&config, clock, model.clone()).await.unwrap();
        let listeners = Listeners::bind(&config.server).await.unwrap();
        let base = format!("http://{}", listeners.main.local_addr().unwrap());
        let chasqui = listeners.chasqui.as_ref().unwrap().local_addr().unwrap();
        let chasqui = format!("http://{chasqui}");
        let (app, state) = (service.state.app.clone(), service.state.clone());
        let (stop, stopped) = oneshot::channel::<()>();
        let running = tokio::spawn(async move {
            let stopped = async { stopped.await.unwrap_or(()) };
            service.run(listeners, stopped, Duration::from_secs(5)).await.unwrap();
        });
        let http = reqwest::Client::new();
        let (stop, running) = (Some(stop), Some(running));
        Self { base, chasqui, app, state, http, stop, running, config, model, database: None }
    }

    /// Stops it as a signal would, and starts it again at the same address.
    pub(crate) async fn restart(mut self) -> Self {
        let (database, mut config, model) = (self.database.take(), self.config.clone(), self.model.clone());
        config.server.listen = self.base.trim_start_matches("http://").parse().unwrap();
        self.stop().await;
        Self { database, ..Self::with(Clock::System, config, model).await }
    }

    /// Another instance on the same database.
    pub(crate) async fn another(&self, model: Arc<dyn Model>) -> Self {
        Self::with(Clock::System, self.config.clone(), model).await
    }

    /// Stops it as a signal would, and hands over its database.
    pub(crate) async fn stop(mut self) {
        let _ = self.stop.take().unwrap().send(());
        self.running.take().unwrap().await.unwrap();
    }

    /// The address of its database.
    pub(crate) fn database_url(&self) -> &str {
        self.config.database.url.expose()
    }

    /// Its database.
    pub(crate) fn database(&self) -> &Database {
        self.database.as_ref().unwrap()
    }

    /// The service on the same database, as another instance would have it.
    pub(crate) async fn another_app(&self) -> App {
        self.database.as_ref().unwrap().app().await
    }

    /// Where the database is, when it is a file.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.database.as_ref().unwrap().folder.path()
    }

    /// A new account, logged in.
    pub(crate) async fn user(&self, name: &str) -> User<'_> {
        let body = json!({"username": name, "email": format!("{name}@example.com"), "password": "correct horse"});
        let answer = self.post("/api/v1/auth/register", &body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let answer = self.post("/api/v1/auth/login", &json!({"username": name, "password": "correct horse"})).await;
        let token = answer.body["access_token"].as_str().unwrap().to_owned();
        User { server: self, token }
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        answer(self.http.post(format!("{}{path}", self.base)).json(body)).await
    }
}

/// Makes the assistant, as an instance might have that was there before. To make its keys takes longer than many a test, so all servers
/// under [`SECRET`] have the same; those under another one make their own.
async fn appoint(config: &Config, clock: Clock) {
    static MADE: OnceLock<NewAssistant> = OnceLock::new();
    if config.auth.secret.as_ref().is_none_or(|secret| secret.expose() != SECRET) {
        return;
    }
    let made = MADE.get_or_init(|| {
        let (id, pair, rest) = (UserId::fresh(), KeyPair::generate().unwrap(), RestKey::of(SECRET.as_bytes()).unwrap());
        let (public_key, sealed_key) = (pair.public().to_pem().unwrap(), pair.seal(&rest, &id.to_string()).unwrap());
        NewAssistant { id, public_key, sealed_key }
    });
    let app = App::new(Store::open(&config.database.options()).await.unwrap(), clock);
    app.appoint_assistant(made.clone()).await.unwrap();
    app.store.close().await;
}
