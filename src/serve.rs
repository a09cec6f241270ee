//! From the settings to a running service, and its graceful end.

mod error;
mod listeners;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use errand_core::{App, Clock, Store};
use errand_mcp_tools::InProcess;
use futures::{
    FutureExt as _,
    future::{self, OptionFuture},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use self::{error::StartError, listeners::Listeners};
use crate::{
    agent::{
        Agent, Bounds, Builtin,
        model::Model,
        openai::{OpenAi, Provider},
    },
    assistant::Assistant,
    auth::{Attempts, Issuer, Keys},
    config::Config,
    faces::{self, Listener, kept::Lists},
    files::{Files, sweep},
    limits::{Shared, Windows},
    lock::Lock,
    mcp::Mcp,
    mention::Mentions,
    metrics::{Metrics, counted},
    notices,
    oauth::{self, Oauth},
    presence::Presence,
    public_url::PublicUrl,
    secret,
    state::{Limits, State},
    summary::Summaries,
    trace::traced,
};

/// Where models are asked for when only a key is set.
const OPENAI: &str = "https://api.openai.com/v1";

/// A service that is ready to answer.
pub struct Service {
    /// What its handlers reach.
    pub state: State,
    mcp: Mcp,
    max_body: usize,
    lock: Option<Lock>,
}

impl Service {
    /// Opens the store, closes what a crash left open, and puts the service together.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn open(config: &Config) -> Result<Self, StartError> {
        let model = model(config)?;
        Self::with_model(config, Clock::System, model).await
    }

    /// As [`Service::open`], with a model and a clock of the caller's: for tests.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn with_model(config: &Config, clock: Clock, model: Arc<dyn Model>) -> Result<Self, StartError> {
        let metrics = Metrics::new(&config.telemetry)?.map(Arc::new);
        let store = Store::open(&config.database.options()).await?;
        let lock = Lock::alone(config)?;
        let app = App::new(store.clone(), clock);
        let closed = app.close_abandoned_turns(!store.is_shared()).await?;
        if closed > 0 {
            tracing::warn!(closed, "turns.closed_after_crash");
        }
        let files = Arc::new(Files::open(config)?);
        let secret = secret::load(config)?;
        let keys = Keys::new(secret.as_bytes(), config.auth.token_lifetime);
        let assistant = Assistant::appoint(app.clone(), &secret).await?;
        let issuer = Issuer::new(&config.auth)?.map(Arc::new);
        let tools = InProcess::start(app.clone()).await.map_err(|error| StartError::Tools(error.to_string()))?;
        tracing::info!(model = model.name(), database = config.database.kind(), "service.opened");
        let model_time = config.agent.model_call_timeout;
        let summaries = Summaries::new(app.clone(), assistant.clone(), Arc::clone(&model), model_time);
        let agent = Agent::new(app.clone(), tools, model, bounds(config));
        let limit = |limit| config.limits.enabled.then_some(limit);
        let shared = config.redis.url.as_ref().map(|url| Shared::new(url.expose()).map(Arc::new)).transpose()?;
        let oauth = Arc::new(Oauth::new(config, &secret, shared.as_ref())?);
        let limits = Limits {
            mcp: Windows::new(limit(config.limits.mcp)).shared("mcp", shared.as_ref()),
            chat: Windows::new(limit(config.limits.chat)).shared("chat", shared.as_ref()),
            v1: Windows::new(limit(config.limits.v1)).shared("v1", shared.as_ref()),
            rooms: Windows::new(limit(config.limits.rooms)).shared("rooms", shared.as_ref()),
            rooms_published: config.limits.rooms,
            uploads: Windows::new(limit(config.limits.uploads)).shared("uploads", shared.as_ref()),
        };
        let attempts = Arc::new(Attempts::new(&config.limits, shared.as_ref()));
        let proxies = config.server.trusted_proxies.clone();
        let public_url = PublicUrl::new(&config.server);
        let (keys, limits) = (Arc::new(keys), Arc::new(limits));
        let lists = Arc::new(Lists::new());
        let sockets = if config.limits.enabled { config.limits.sockets } else { usize::MAX };
        let presence = Presence::new(app.clone(), sockets, shared.as_ref());
        let (redis, rooms) = (shared, config.rooms.clone());
        let state = State {
            app,
            agent,
            assistant,
            keys,
            presence,
            files,
            attempts,
            redis,
            rooms,
            issuer,
            oauth,
            summaries,
            limits,
            lists,
            public_url,
            metrics,
            proxies,
        };
        let mcp = Mcp::new(state.clone(), config, secret.as_bytes())?;
        Ok(Self { state, mcp, max_body: config.server.max_body, lock })
    }

    /// Serves on `listeners` until `stop` resolves; then lets turns end for at most `grace`.
    ///
    /// # Errors
    /// A listener's.
    pub async fn run(
        mut self,
        listeners: Listeners,
        stop: impl Future<Output = ()> + Send + 'static,
        grace: Duration,
    ) -> io::Result<()> {
        let agent = self.state.agent.clone();
        if let Some(lock) = &mut self.lock {
            lock.announce(&format!("http://{}", listeners.main.local_addr()?))?;
        }
        let heart = self.state.app.store.is_shared().then(|| tokio::spawn(heartbeat(self.state.app.clone())));
        let sort = self.state.metrics.clone().map(|metrics| tokio::spawn(async move { metrics.sort().await }));
        let logins = self.state.app.store.is_shared().then(|| tokio::spawn(look_after_logins(self.state.app.clone())));
        let presence = tokio::spawn(self.state.presence.clone().keep());
        let redis = self.state.redis.clone().filter(|_| self.state.app.store.is_shared());
        let notices = redis.map(|redis| tokio::spawn(notices::keep(self.state.app.clone(), redis)));
        let summaries = tokio::spawn(self.state.summaries.clone().keep_up());
        let mentions = tokio::spawn(Mentions::new(&self.state).keep_up());
        let (mcp, sweep) = (self.mcp.clone(), tokio::spawn(self.mcp.clone().sweep()));
        let files = tokio::spawn(sweep::sweep(self.state.app.clone(), Arc::clone(&self.state.files)));
        let over = CancellationToken::new();
        let ports = listeners.ports()?;
        let router = |listener| faces::router(listener, ports, self.state.clone(), self.max_body);
        let mcp_router = counted("mcp", self.mcp.router());
        let oauth_router = counted("oauth", oauth::router(self.state.clone()));
        let main = router(Listener::Main).merge(mcp_router).merge(oauth_router);
        let main = serve(listeners.main, traced(main), over.clone());
        let chasqui = traced(router(Listener::Chasqui));
        let chasqui = listeners.chasqui.map(|socket| serve(socket, chasqui, over.clone()));
        tokio::spawn(async move {
            stop.await;
            tracing::info!("service.stopping");
            let late = tokio::time::Instant::now() + grace;
            mcp.stop_telling();
            agent.stop(grace).await;
            over.cancel();
            tokio::time::sleep_until(late).await;
            mcp.stop(); // a call may wait for an answer that never comes
        });
        let served = tokio::spawn(future::try_join(main, OptionFuture::from(chasqui).map(Option::transpose)));
        let result = served.await.unwrap_or_else(|error| Err(io::Error::other(error))).map(|_| ());
        let always = [presence, summaries, mentions, files, sweep].map(Some);
        [heart, logins, sort, notices].into_iter().chain(always).flatten().for_each(|task| task.abort());
        self.mcp.stop();
        self.state.app.store.close().await;
        result
    }
}

/// Serves on one listener until `over`, and then what was begun.
async fn serve(listener: TcpListener, router: Router, over: CancellationToken) -> io::Result<()> {
    // Nagle's algorithm would hold small frames back for a delayed acknowledgement.
    let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "listener.nodelay_failed");
        }
    });
    let serving = axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>());
    serving.with_graceful_shutdown(over.cancelled_owned()).await
}

/// Serves with these settings until the process is told to stop.
///
/// # Errors
/// [`StartError`].
pub async fn run(config: Config) -> Result<(), StartError> {
    let listeners = Listeners::bind(&config.server).await?;
    let service = Service::open(&config).await?;
    let address = listeners.main.local_addr().unwrap_or(config.server.listen);
    tracing::info!(%address, "service.listening");
    if let Some(chasqui) = &listeners.chasqui
        && let Ok(address) = chasqui.local_addr()
    {
        tracing::info!(%address, face = "chasqui", "service.listening");
    }
    eprintln!("Errand is ready: http://{address}");
    service.run(listeners, signalled(), config.server.shutdown_grace).await.map_err(StartError::Serve)
}

/// Where several instances share a database: says that this one is alive, and closes what dead ones left open.
async fn heartbeat(app: App) {
    let mut beats = tokio::time::interval(Duration::from_secs(3));
    loop {
        beats.tick().await;
        match app.close_abandoned_turns(false).await {
            Ok(0) => {}
            Ok(closed) => tracing::warn!(closed, "turns.closed_after_crash"),
            Err(error) => tracing::error!(%error, "heartbeat.failed"),
        }
    }
}

/// Where several instances share a database: ends the sockets of logins that were ended elsewhere.
async fn look_after_logins(app: App) {
    let mut looks = tokio::time::interval(Duration::from_secs(1));
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        if let Err(error) = app.look_after_logins().await {
            tracing::warn!(%error, "logins.not_looked_after");
        }
    }
}

fn bounds(config: &Config) -> Bounds {
    let agent = &config.agent;
    Bounds {
        model_calls: agent.model_calls,
        tool_calls: agent.tool_calls,
        model_time: agent.model_call_timeout,
        turn_time: agent.turn_timeout,
        context_tokens: agent.context_tokens,
    }
}

fn model(config: &Config) -> Result<Arc<dyn Model>, StartError> {
    let Some(provider) = config.agent.provider() else { return Ok(Arc::new(Builtin)) };
    let provider = Provider {
        base_url: provider.base_url.clone().unwrap_or_else(|| OPENAI.to_owned()),
        api_key: provider.api_key.clone(),
        model: provider.model.clone(),
        timeout: config.agent.model_call_timeout,
        retries: provider.retries,
        temperature: provider.temperature,
        max_tokens: None,
    };
    let model = OpenAi::new(provider).map_err(|error| StartError::Provider(error.to_string()))?;
    Ok(Arc::new(model))
}

async fn signalled() {
    let interrupt = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! { () = interrupt => {}, () = terminate => {} }
}
