//! Who talks: a name and a password, asked in a terminal, become a token that is kept.

use std::io;

use tokio::task::block_in_place;

use super::{ChatError, api::Api, input, keep::Keep};
use crate::{cli::print, config::Secret};

/// How often a name and a password may be wrong.
const TRIES: usize = 3;

/// Asks who it is until it is right, and keeps the token.
pub(super) async fn log_in(api: &Api, keep: &Keep, user: Option<String>) -> Result<(String, Secret), ChatError> {
    if !input::is_terminal() {
        return Err(ChatError::LoggedOut);
    }
    for _ in 0..TRIES {
        let (name, password) = block_in_place(|| ask_who(user.as_deref()))?;
        match api.log_in(&name, &password).await {
            Ok(token) => {
                keep.remember(&name, &token)?;
                return Ok((name, token));
            }
            Err(ChatError::Credentials) => print::out("Wrong name or password.\n")?,
            Err(error) => return Err(error),
        }
    }
    Err(ChatError::Credentials)
}

fn ask_who(user: Option<&str>) -> io::Result<(String, String)> {
    let name = if let Some(user) = user {
        user.to_owned()
    } else {
        print::out("Name: ")?;
        let mut name = String::new();
        io::stdin().read_line(&mut name)?;
        name.trim().to_owned()
    };
    let password = rpassword::prompt_password(format!("Password of {name}: "))?;
    Ok((name, password))
}
