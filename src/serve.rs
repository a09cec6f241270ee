//! From the settings to a running service, and its graceful end.

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use axum::Router;
use errand_core::{App, Clock, Store};
use errand_mcp_tools::InProcess;
use tokio::net::TcpListener;

use crate::{
    agent::{
        Agent, Bounds, Builtin,
        model::Model,
        openai::{OpenAi, Provider},
    },
    auth::Keys,
    config::Config,
    faces,
    limits::Windows,
    secret,
    state::{Limits, State},
    trace::traced,
};

/// Where models are asked for when only a key is set.
const OPENAI: &str = "https://api.openai.com/v1";

/// Why the service could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store, or a verb at start.
    #[error(transparent)]
    Core(#[from] errand_core::Error),
    /// The secret that signs tokens.
    #[error(transparent)]
    Secret(#[from] secret::SecretError),
    /// The tools' server in this process.
    #[error("the tools cannot be started: {0}")]
    Tools(String),
    /// The provider's settings.
    #[error("the language model's provider cannot be used: {0}")]
    Provider(String),
    /// The address.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        error: io::Error,
    },
    /// Another process serves from the same file.
    #[error("another process serves from this database already ({}); use PostgreSQL to run several", .0.display())]
    Locked(PathBuf),
}

/// A service that is ready to answer.
pub struct Service {
    /// What its handlers reach.
    pub state: State,
    router: Router,
    _lock: Option<std::fs::File>,
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
        let store = Store::open(&config.database.options()).await?;
        let lock = alone(config)?;
        let app = App::new(store.clone(), clock);
        let closed = app.close_abandoned_turns(!store.is_shared()).await?;
        if closed > 0 {
            tracing::warn!(closed, "turns.closed_after_crash");
        }
        let keys = Keys::new(secret::load(config)?.as_bytes(), config.auth.token_lifetime);
        let tools = InProcess::start(app.clone()).await.map_err(|error| StartError::Tools(error.to_string()))?;
        tracing::info!(model = model.name(), database = config.database.kind(), "service.opened");
        let agent = Agent::new(app.clone(), tools, model, bounds(config));
        let limit = |limit| config.limits.enabled.then_some(limit);
        let limits =
            Limits { chat: Windows::new(limit(config.limits.chat)), v1: Windows::new(limit(config.limits.v1)) };
        let proxies = config.server.trusted_proxies.clone();
        let state = State { app, agent, keys: Arc::new(keys), limits: Arc::new(limits), proxies };
        let router = traced(faces::router(state.clone(), config.server.max_body));
        Ok(Self { state, router, _lock: lock })
    }

    /// Serves on `listener` until `stop` resolves; then lets turns end for at most `grace`.
    ///
    /// # Errors
    /// The listener's.
    pub async fn run(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
        grace: Duration,
    ) -> io::Result<()> {
        let agent = self.state.agent.clone();
        let heart = self.state.app.store.is_shared().then(|| tokio::spawn(heartbeat(self.state.app.clone())));
        let stopping = async move {
            stop.await;
            tracing::info!("service.stopping");
            agent.stop(grace).await;
        };
        // Nagle's algorithm would hold small frames back for a delayed acknowledgement.
        let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "listener.nodelay_failed");
            }
        });
        let serving = axum::serve(listener, self.router.into_make_service_with_connect_info::<SocketAddr>());
        let served = serving.with_graceful_shutdown(stopping).into_future();
        let served = tokio::spawn(served);
        let result = served.await.unwrap_or_else(|error| Err(io::Error::other(error)));
        if let Some(heart) = heart {
            heart.abort();
        }
        self.state.app.store.close().await;
        result
    }
}

/// Serves with these settings until the process is told to stop.
///
/// # Errors
/// [`StartError`].
pub async fn run(config: Config) -> Result<(), StartError> {
    let address = config.server.listen;
    let listener = TcpListener::bind(address).await.map_err(|error| StartError::Listen { address, error })?;
    let service = Service::open(&config).await?;
    let address = listener.local_addr().unwrap_or(address);
    tracing::info!(%address, "service.listening");
    eprintln!("Errand is ready: http://{address}");
    let served = service.run(listener, signalled(), config.server.shutdown_grace).await;
    served.map_err(|error| StartError::Listen { address, error })
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

/// One process serves from a `SQLite` file: the others would not be told of its changes.
fn alone(config: &Config) -> Result<Option<std::fs::File>, StartError> {
    let Some(path) = config.database.file() else { return Ok(None) };
    let path = path.with_extension("lock");
    let lock = std::fs::File::create(&path).map_err(|error| errand_core::Error::Internal(error.to_string()))?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(_) => Err(StartError::Locked(path)),
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
