//! What is kept between conversations, readable by its owner only: for each server and person a token and the lines that were typed.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy as _;
use reqwest::Url;

use super::ChatError;
use crate::config::Secret;

/// The name of the file that says who logged in last.
const LAST: &str = "last-user";

/// The folder of one server.
pub(super) struct Keep {
    folder: PathBuf,
}

impl Keep {
    /// The folder for `server`, below the person's folder for the state of programs.
    pub(super) fn open(server: &Url) -> Result<Self, ChatError> {
        let folders = etcetera::choose_base_strategy()?;
        Ok(Self::below(&folders.state_dir().unwrap_or_else(|| folders.data_dir()), server)?)
    }

    fn below(folder: &Path, server: &Url) -> io::Result<Self> {
        let port = server.port_or_known_default().unwrap_or_default();
        let name = file_name(&format!("{}_{port}", server.host_str().unwrap_or_default()));
        let folder = folder.join("errand").join(name);
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        Ok(Self { folder })
    }

    /// Who logged in last.
    pub(super) fn last_user(&self) -> Option<String> {
        fs::read_to_string(self.folder.join(LAST)).ok().filter(|name| !name.is_empty())
    }

    /// The token of `user`'s last login.
    pub(super) fn token(&self, user: &str) -> Option<Secret> {
        fs::read_to_string(self.file(user, "token")).ok().map(Secret::from)
    }

    /// Keeps a login.
    pub(super) fn remember(&self, user: &str, token: &Secret) -> io::Result<()> {
        write_private(&self.file(user, "token"), token.expose())?;
        write_private(&self.folder.join(LAST), user)
    }

    /// Where the lines are that `user` typed; the file is there, and private.
    pub(super) fn history(&self, user: &str) -> io::Result<PathBuf> {
        let path = self.file(user, "history");
        OpenOptions::new().append(true).create(true).mode(0o600).open(&path)?;
        Ok(path)
    }

    fn file(&self, user: &str, kind: &str) -> PathBuf {
        self.folder.join(format!("{}.{kind}", file_name(&user.to_lowercase())))
    }
}

/// A name that stays in its folder, whatever was typed.
fn file_name(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || matches!(c, '-' | '.' | '@') { c } else { '_' }).collect()
}

/// Replaces the file as a whole, so that a token is never half there and never readable by others.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let draft = path.with_added_extension(format!("{}.new", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(text.as_bytes())?;
    fs::rename(draft, path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    #[test]
    fn a_login_is_kept_for_its_owner_and_server_only() {
        let folder = tempfile::tempdir().unwrap();
        let keep = |url: &str| Keep::below(folder.path(), &url.parse().unwrap()).unwrap();
        let here = keep("http://127.0.0.1:8000");
        assert!(here.last_user().is_none() && here.token("ann").is_none());
        here.remember("Ann", &Secret::from("abc".to_owned())).unwrap();
        assert_eq!(here.last_user().unwrap(), "Ann");
        assert_eq!(here.token("ann").unwrap().expose(), "abc");
        assert_eq!(fs::metadata(here.file("ann", "token")).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(here.history("ann").unwrap()).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(&here.folder).unwrap().mode() & 0o777, 0o700);
        assert!(keep("https://errand.example.com").token("ann").is_none());
    }

    #[test]
    fn names_stay_in_their_folder() {
        assert_eq!(file_name("../../a b@c.de"), ".._.._a_b@c.de");
    }
}
