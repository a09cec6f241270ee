//! `errand token`: tokens with which a person's own programs use the tools, for the operator.

use clap::Subcommand;
use errand_core::{App, Caller, Clock, Door, GrantId, Scope, Scopes, Store, grant::Grant};

use super::{CliError, print};
use crate::config::Config;

/// What can be done to tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token and print it, alone on the standard output; it cannot be shown again.
    Add {
        /// Whose: name or e-mail address.
        #[arg(long, value_name = "NAME")]
        user: String,
        /// What it is for, 1-100 characters.
        #[arg(long, default_value = "command line")]
        name: String,
        /// It may see tasks and not change them.
        #[arg(long)]
        read_only: bool,
        /// How many days it is good; without, until it is removed.
        #[arg(long)]
        days: Option<i64>,
    },
    /// List somebody's tokens, the newest first.
    List {
        /// Whose: name or e-mail address.
        #[arg(long, value_name = "NAME")]
        user: String,
    },
    /// Take a token back; the next request with it is refused (within two seconds, where a server runs).
    Remove {
        /// Whose: name or e-mail address.
        #[arg(long, value_name = "NAME")]
        user: String,
        /// The token's id, which `errand token list` shows.
        id: GrantId,
    },
}

pub(super) async fn run(config: &Config, command: TokenCommand) -> Result<(), CliError> {
    let app = App::new(Store::open(&config.database.options()).await?, Clock::System);
    let caller = async |user: &str| app.account_named(user).await.map(|account| Caller::new(&account, Door::System));
    match command {
        TokenCommand::Add { user, name, read_only, days } => {
            let scopes: Scopes =
                Scope::ALL.into_iter().filter(|scope| !read_only || *scope == Scope::TasksRead).collect();
            let (_, secret) = app.add_personal_token(&caller(&user).await?, &name, scopes, days).await?;
            print::out(&format!("{}\n", secret.expose()))?;
        }
        TokenCommand::List { user } => print::out(&table(&app.personal_tokens(&caller(&user).await?).await?))?,
        TokenCommand::Remove { user, id } => {
            app.remove_personal_token(&caller(&user).await?, id).await?;
            print::out("It is not good any more.\n")?;
        }
    }
    app.store.close().await;
    Ok(())
}

fn table(tokens: &[Grant]) -> String {
    let width = tokens.iter().map(|token| token.name.chars().count()).max().unwrap_or(0);
    let day = |at: Option<chrono::DateTime<chrono::Utc>>| {
        at.map_or("never".to_owned(), |at| at.format("%Y-%m-%d").to_string())
    };
    let line = |token: &Grant| {
        let Grant { id, client: _, name, scopes, created_at, expires_at, last_used_at } = token;
        let (made, ends, used) = (day(Some(*created_at)), day(*expires_at), day(*last_used_at));
        format!("{id}  {name:width$}  {scopes}  made {made}, ends {ends}, used {used}\n")
    };
    print::harmless(&tokens.iter().map(line).collect::<Vec<_>>().concat())
}
