//! Why the service could not be started.

use std::{io, net::SocketAddr};

use super::listeners::CHASQUI;
use crate::{
    assistant::AssistantError, auth::IssuerError, files::FilesError, lock::LockError, mcp_board::BoardError, secret,
};

/// Why the service could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store, or a verb at start.
    #[error(transparent)]
    Core(#[from] errand_core::Error),
    /// The secret that signs tokens.
    #[error(transparent)]
    Secret(#[from] secret::SecretError),
    /// The assistant's account and keys.
    #[error(transparent)]
    Assistant(#[from] AssistantError),
    /// The store of files.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The outside identity service.
    #[error(transparent)]
    Issuer(#[from] IssuerError),
    /// The address of Redis.
    #[error("redis.url cannot be used: {0}")]
    Redis(#[from] redis::RedisError),
    /// The client for other programs' descriptions.
    #[error("there is no HTTP client: {0}")]
    Client(#[from] reqwest::Error),
    /// The board that agents' hosts show.
    #[error("the board cannot be put together: {0}")]
    Board(#[from] BoardError),
    /// The tools' server in this process.
    #[error("the tools cannot be started: {0}")]
    Tools(String),
    /// The provider's settings.
    #[error("the language model's provider cannot be used: {0}")]
    Provider(String),
    /// The address.
    #[error("cannot listen on {address}, which {setting} names: {error}{}", advice(setting))]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Which setting says so.
        setting: &'static str,
        /// Why not.
        error: io::Error,
    },
    /// Connections could not be taken any more.
    #[error("serving ended: {0}")]
    Serve(#[source] io::Error),
    /// Another recorder than ours counts in this process.
    #[error("nothing can be counted: {0}")]
    Metrics(#[from] &'static metrics_exporter_prometheus::BuildError),
    /// Another process uses the same file.
    #[error(transparent)]
    Locked(#[from] LockError),
}

/// Where else it can listen.
fn advice(setting: &str) -> &'static str {
    if setting == CHASQUI { "; it can name another address, or be \"off\"" } else { "" }
}
