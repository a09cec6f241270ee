//! `errand user`: accounts, for the operator.

use std::io::{self, IsTerminal as _};

use clap::Subcommand;
use errand_core::{Account, App, Clock, Store, account::Registration};

use super::{CliError, print};
use crate::config::Config;

/// What can be done to accounts.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Make an account; asks for the password.
    Add {
        /// 1-64 letters, digits, '_', '-' or '.'.
        name: String,
        /// An e-mail address.
        #[arg(long)]
        email: String,
        /// Read the password from the standard input instead of asking for it.
        #[arg(long)]
        password_stdin: bool,
    },
    /// List the accounts, the oldest first.
    List,
    /// Give an account a new password; asks for it.
    Password {
        /// Whose: name or e-mail address.
        name: String,
        /// Read the password from the standard input instead of asking for it.
        #[arg(long)]
        password_stdin: bool,
    },
}

/// Why there is no new password.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Nobody can be asked.
    #[error("there is no terminal to ask for the password; use --password-stdin")]
    NoTerminal,
    /// The second one was another.
    #[error("the two passwords are not the same")]
    Different,
    /// It cannot be read.
    #[error("the password cannot be read: {0}")]
    Unread(#[from] io::Error),
}

pub(super) async fn run(config: &Config, command: UserCommand) -> Result<(), CliError> {
    let open = async || Ok::<_, CliError>(App::new(Store::open(&config.database.options()).await?, Clock::System));
    let app = match command {
        UserCommand::Add { name, email, password_stdin } => {
            let password = new_password(password_stdin)?;
            let app = open().await?;
            let account = app.register(Registration { username: name, email, password }).await?;
            print::out(&format!("{} can log in now.\n", account.username))?;
            app
        }
        UserCommand::List => {
            let app = open().await?;
            print::out(&table(&app.accounts().await?))?;
            app
        }
        UserCommand::Password { name, password_stdin } => {
            let app = open().await?;
            let account = app.account_named(&name).await?;
            app.set_password(account.id, new_password(password_stdin)?).await?;
            print::out(&format!("{} has a new password.\n", account.username))?;
            app
        }
    };
    app.store.close().await;
    Ok(())
}

fn new_password(from_stdin: bool) -> Result<String, PasswordError> {
    if from_stdin {
        let mut line = String::new();
        io::stdin().read_line(&mut line)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    if !io::stdin().is_terminal() {
        return Err(PasswordError::NoTerminal);
    }
    let first = rpassword::prompt_password("Password: ")?;
    let second = rpassword::prompt_password("Again: ")?;
    if first == second { Ok(first) } else { Err(PasswordError::Different) }
}

fn table(accounts: &[Account]) -> String {
    let width =
        |text: fn(&Account) -> &str| accounts.iter().map(|account| text(account).chars().count()).max().unwrap_or(0);
    let (names, addresses) = (width(|account| &account.username), width(|account| &account.email));
    let line = |Account { username, email, created_at, .. }: &Account| {
        format!("{username:names$}  {email:addresses$}  since {}\n", created_at.format("%Y-%m-%d"))
    };
    accounts.iter().map(line).collect::<Vec<_>>().concat()
}
