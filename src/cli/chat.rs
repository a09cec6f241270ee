//! `errand chat`: a conversation with a running server, in a terminal or from a script.
//!
//! [`api`] asks over HTTP, [`link`] is the socket, [`turn`] makes lines out of frames, [`screen`] shows them,
//! [`input`] reads what is typed, [`log_in`] asks who it is, [`keep`] has the files of this person, [`talk`] puts them together.
//!
//! To add a command that begins with `/`: a line in [`talk::HELP`], an arm in `Talk::command`.

mod api;
mod input;
mod keep;
mod link;
mod log_in;
mod screen;
mod talk;
mod turn;

use std::{io, time::Duration};

use clap::Args;

use crate::config::{Config, Secret};

/// An access token for `errand chat`.
pub const TOKEN_VARIABLE: &str = "ERRAND_TOKEN";

/// How the conversation is begun.
#[derive(Debug, Args)]
#[command(
    after_help = "In the conversation: /help lists the commands, Ctrl-C stops the answer (twice: leaves), Ctrl-D leaves.
From a script: one message a line on the standard input; exit code 1 when an answer failed. Needs a token, or an earlier login of --user."
)]
pub struct ChatOptions {
    /// The server [default: where the settings say that it listens].
    #[arg(long, value_name = "URL")]
    server: Option<reqwest::Url>,
    /// Who you are: name or e-mail address [default: whoever logged in here last; else it is asked].
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// An access token, instead of logging in.
    #[arg(long, env = TOKEN_VARIABLE, hide_env_values = true, value_name = "TOKEN", value_parser = secret)]
    token: Option<Secret>,
}

#[expect(clippy::unnecessary_wraps, reason = "clap's parsers answer a Result")]
pub(super) fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::from(text.to_owned()))
}

/// Why the conversation could not go on.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// Nobody answers there.
    #[error("there is no Errand at {} ({why}); `errand serve` starts one", .server.as_str().trim_end_matches('/'))]
    Unreachable {
        /// Where.
        server: reqwest::Url,
        /// What the network says.
        why: String,
    },
    /// The server was there and is not any more.
    #[error("the connection to the server was lost and does not come back ({0})")]
    Lost(String),
    /// The server does not do it.
    #[error("the server refused: {0}")]
    Refused(String),
    /// The server's answer is not one of Errand's.
    #[error("the server gives an answer that is not Errand's: {0}")]
    Strange(String),
    /// No token, or not a good one.
    #[error("you are not logged in; run `errand chat` in a terminal once, or set {TOKEN_VARIABLE}")]
    LoggedOut,
    /// Wrong name or password.
    #[error("wrong name or password")]
    Credentials,
    /// For scripts: what failed was said before.
    #[error("{0} of {1} messages got no answer")]
    Unanswered(usize, usize),
    /// The person's folder.
    #[error("no folder for what is kept between conversations: {0}")]
    Folder(#[from] etcetera::HomeDirError),
    /// The terminal, or a file.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The line editor.
    #[error("the terminal cannot be read: {0}")]
    Terminal(#[from] rustyline::error::ReadlineError),
}

/// How long the server may take for anything but an answer of the assistant.
const PATIENCE: Duration = Duration::from_secs(15);

pub(super) async fn run(config: &Config, options: ChatOptions) -> Result<(), ChatError> {
    let server = options.server.unwrap_or_else(|| own_server(config));
    Box::pin(talk::run(server, options.user, options.token)).await
}

/// The server that these settings describe, as seen from this machine.
pub(super) fn own_server(config: &Config) -> reqwest::Url {
    let mut address = config.server.listen;
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            std::net::SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            std::net::SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    let local = format!("http://{address}");
    let url = config.server.public_url.as_deref().unwrap_or(&local);
    reqwest::Url::parse(url).expect("the settings were checked, and an address and a port make a URL")
}
