//! `errand mcp`: the tools for an agent that starts a program and talks to it over its standard input and output.
//!
//! Without a token it works on the database by itself ([`local`]); when a server uses that, it goes through the server, as the person
//! whose files these are may. With a token it goes through a server anywhere ([`bridge`]). Nothing but messages is written to the
//! standard output; the log is on the standard error.

mod bridge;
mod link;
mod local;

use std::io;

use clap::Args;
use errand_core::{Account, App, Clock, Store};

use super::{CliError, TOKEN_VARIABLE, chat};
use crate::{
    auth::Keys,
    config::{Config, Secret},
    lock::{Lock, LockError},
    mcp_board::BoardError,
    secret::{self, SecretError},
};

/// For whom, and through which server.
#[derive(Debug, Args)]
#[command(after_help = "Examples, as an agent's settings have them:
  errand mcp                                           the only account of ./data, with or without a server running there
  errand --config /path/to/errand.toml mcp --user ann
  ERRAND_TOKEN=… errand mcp --server https://errand.example.com")]
pub struct McpOptions {
    /// Whose tasks: name or e-mail address [default: the only account there is]. For the database of these settings.
    #[arg(long, value_name = "NAME", conflicts_with = "server")]
    user: Option<String>,
    /// An access token, for a server.
    #[arg(long, env = TOKEN_VARIABLE, hide_env_values = true, value_name = "TOKEN", value_parser = chat::secret)]
    token: Option<Secret>,
    /// The server to go through [default with a token: where the settings say that it listens].
    #[arg(long, value_name = "URL")]
    server: Option<reqwest::Url>,
}

/// Why an agent cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum McpError {
    /// A server was named, and no token for it.
    #[error("{0} needs a token: set {TOKEN_VARIABLE}, or give --token")]
    NoToken(reqwest::Url),
    /// There is nobody whose tasks these could be.
    #[error("there is no account yet; `errand user add NAME --email ADDRESS` makes one")]
    NoAccount,
    /// There are several people.
    #[error("whose tasks? there are several accounts; say --user with one of: {0}")]
    SeveralAccounts(String),
    /// Somebody uses the database, and does not say where.
    #[error("{0}; end it, or set {TOKEN_VARIABLE} and give --server to go through it")]
    Taken(#[from] LockError),
    /// The secret that signs our own tokens.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The board that the agent's host shows.
    #[error("the board cannot be put together: {0}")]
    Board(#[from] BoardError),
    /// The connection to the server.
    #[error("the connection cannot be made: {0}")]
    Connection(#[from] reqwest::Error),
    /// The standard input or output.
    #[error("the agent cannot be read or answered: {0}")]
    Agent(#[from] io::Error),
    /// The protocol.
    #[error("the agent cannot be served: {0}")]
    Protocol(String),
}

/// What is shown to a server.
enum Token {
    /// What was given.
    Given(Secret),
    /// One that is signed here, anew each time: whoever has the service's secret may.
    Own(Box<(Keys, Account)>),
}

impl Token {
    fn text(&self) -> errand_core::Result<String> {
        match self {
            Self::Given(token) => Ok(token.expose().to_owned()),
            Self::Own(own) => own.0.issue(&own.1, None, own.0.lifetime(), Clock::System.now()),
        }
    }
}

pub(super) async fn run(config: &Config, options: McpOptions) -> Result<(), CliError> {
    match options {
        McpOptions { user: None, token: Some(token), server } => {
            let server = server.unwrap_or_else(|| chat::own_server(config));
            Ok(bridge::run(&server, Token::Given(token)).await?)
        }
        McpOptions { token: None, server: Some(server), .. } => Err(McpError::NoToken(server).into()),
        McpOptions { user, .. } => on_database(config, user.as_deref()).await,
    }
}

async fn on_database(config: &Config, user: Option<&str>) -> Result<(), CliError> {
    let app = App::new(Store::open(&config.database.options()).await?, Clock::System);
    let account = account(&app, user).await?;
    let secret = secret::load(config).map_err(McpError::from)?;
    match Lock::shared(config) {
        Ok(_lock) => local::run(&app, &account, secret.as_bytes()).await?,
        Err(LockError::Taken { server: Some(server), path }) => {
            let taken = LockError::Taken { server: None, path };
            let server = server.parse().map_err(|_| McpError::Taken(taken))?;
            let keys = Keys::new(secret.as_bytes(), config.auth.token_lifetime);
            app.store.close().await;
            bridge::run(&server, Token::Own(Box::new((keys, account)))).await?;
        }
        Err(error) => return Err(McpError::Taken(error).into()),
    }
    app.store.close().await;
    Ok(())
}

/// Whose tasks.
async fn account(app: &App, user: Option<&str>) -> Result<Account, CliError> {
    if let Some(user) = user {
        return Ok(app.account_named(user).await?);
    }
    let mut accounts = app.accounts().await?;
    match accounts.len() {
        0 => Err(McpError::NoAccount.into()),
        1 => Ok(accounts.remove(0)),
        _ => {
            let names = accounts.into_iter().map(|account| account.username).collect::<Vec<_>>();
            Err(McpError::SeveralAccounts(names.join(", ")).into())
        }
    }
}
