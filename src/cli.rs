//! The command line: serving, and what the operator does beside it.
//!
//! To add a command: a variant of `Command` whose comment is its help, a line in [`run`], a file in `cli/` when it is more than a few lines.
//!
//! Exit codes: 0 done, 1 failed (one sentence on the standard error says why), 2 wrong usage.

mod chat;
mod list;
mod mcp;
mod print;
mod token;
mod user;

use std::{path::PathBuf, process::ExitCode};

use clap::{CommandFactory as _, Parser, Subcommand, error::ErrorKind};
use errand_core::Store;

use crate::{
    config::{Config, ConfigError, Settings, Sources},
    serve::{self, StartError},
    telemetry::{self, TelemetryError},
};

pub use self::{
    chat::{ChatError, ChatOptions, TOKEN_VARIABLE},
    mcp::{McpError, McpOptions},
    token::TokenCommand,
    user::{PasswordError, UserCommand},
};

/// A chat assistant that does what it says: a sentence becomes a task on every screen.
#[derive(Debug, Parser)]
#[command(name = "errand", version, about, arg_required_else_help = false, max_term_width = 100)]
#[command(after_help = "Examples:
  errand                                      serve on http://127.0.0.1:8000 (and chasqui on 8080), data in ./data
  ERRAND_LISTEN=0.0.0.0:8000 errand serve     let other machines in
  OPENAI_API_KEY=sk-… errand                  with a language model
  errand user add ann --email ann@example.com
  errand chat --user ann                      talk to the running server in this terminal
  echo 'what is due today?' | errand chat     the same from a script
  errand config                               which settings hold, and where they come from
  errand --list-api                           the endpoints, by contract; --list-ws: the sockets' events")]
pub struct Cli {
    /// Settings: this file instead of ./errand.toml (the environment wins over it).
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print the endpoints of every contract, one a line, and end.
    #[arg(long, exclusive = true)]
    list_api: bool,
    /// Print the events of every contract's socket, one a line with an example, and end.
    #[arg(long, exclusive = true)]
    list_ws: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

impl Cli {
    /// What clap's own rules cannot say: a list is printed beside no command.
    fn checked(&self) -> Result<(), clap::Error> {
        let lists = [("--list-api", self.list_api), ("--list-ws", self.list_ws)];
        match (lists.iter().find(|(_, asked)| *asked), &self.command) {
            (Some((list, _)), Some(_)) => Err(Self::command()
                .error(ErrorKind::ArgumentConflict, format!("the argument '{list}' cannot be used with a command"))),
            (Some(_), None) | (None, _) => Ok(()),
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve until SIGTERM or Ctrl-C (what happens without a command, too).
    Serve,
    /// Print the settings that hold, as TOML; what is not a default says where it came from, secrets are masked.
    Config,
    /// Bring the database up to date and end; `serve` does it by itself.
    Migrate,
    /// Accounts.
    #[command(subcommand)]
    User(UserCommand),
    /// Tokens with which somebody's own programs use the tools at /mcp.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Talk to a running server in this terminal.
    Chat(ChatOptions),
    /// Offer the tools to an agent that starts this program (MCP over standard input and output).
    Mcp(McpOptions),
    /// Print completions for a shell: `errand completions bash > /etc/bash_completion.d/errand`.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The log.
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    /// The service.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A verb of the service.
    #[error(transparent)]
    Core(#[from] errand_core::Error),
    /// A new password.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The conversation in the terminal.
    #[error(transparent)]
    Chat(#[from] ChatError),
    /// Somebody's agent.
    #[error(transparent)]
    Mcp(#[from] McpError),
    /// The standard output.
    #[error("the output cannot be written: {0}")]
    Output(#[from] std::io::Error),
    /// The process's own needs.
    #[error("{0}")]
    Process(String),
}

/// Does what the process's arguments say.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Err(error) = cli.checked() {
        error.exit();
    }
    let done =
        tokio::runtime::Runtime::new().map_err(|error| CliError::Process(error.to_string())).and_then(|runtime| {
            let done = runtime.block_on(run(cli));
            runtime.shutdown_background(); // a thread may still wait for the terminal
            done
        });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads our output (`head`) has seen enough.
        Err(CliError::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("errand: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Does what `cli` says.
///
/// # Errors
/// [`CliError`].
pub async fn run(cli: Cli) -> Result<(), CliError> {
    if cli.list_api {
        return Ok(print::out(&list::api())?);
    }
    if cli.list_ws {
        return Ok(print::out(&list::sockets())?);
    }
    let settings = || Sources::of_process(cli.config.clone()).read();
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(logged(settings()?)?).await?,
        Command::Config => {
            let settings = settings()?;
            warn_of_strangers(&settings);
            print::out(&settings.to_toml().map_err(|error| CliError::Process(error.to_string()))?)?;
        }
        Command::Migrate => {
            let config = logged(settings()?)?;
            Store::open(&config.database.options()).await?.close().await;
            print::out(&format!("The {} database is up to date.\n", config.database.kind()))?;
        }
        Command::Token(command) => token::run(&settings()?.config, command).await?,
        Command::User(command) => user::run(&settings()?.config, command).await?,
        Command::Chat(options) => chat::run(&settings()?.config, options).await?,
        Command::Mcp(options) => mcp::run(&logged(settings()?)?, options).await?,
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "errand", &mut script);
            print::bytes(&script)?;
        }
    }
    Ok(())
}

/// Starts the log, and says what in the environment may be a mistake.
fn logged(settings: Settings) -> Result<Config, TelemetryError> {
    telemetry::start(&settings.config.telemetry)?;
    for variable in &settings.strangers {
        tracing::warn!(variable, "config.unknown_variable");
    }
    Ok(settings.config)
}

fn warn_of_strangers(settings: &Settings) {
    for variable in &settings.strangers {
        eprintln!("errand: the environment variable {variable} is no setting");
    }
}

#[cfg(test)]
mod tests;
