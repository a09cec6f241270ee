//! What signs the access tokens: the secret that was configured, or one that is made at the first start and kept in a file.
//!
//! The file holds text, so that it can be copied into `JWT_SECRET` when the service grows to several instances.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use crate::config::Config;

/// The least number of bytes: as many as HS256 puts out (RFC 7518, 3.2).
const SHORTEST: usize = 32;

/// Where the file is when the database is none beside which it could be.
const WITHOUT_DATABASE_FILE: &str = "data/errand.secret";

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The configured one is too short.
    #[error("the token secret (JWT_SECRET or auth.secret) has {0} bytes and must have at least {SHORTEST}")]
    TooShort(usize),
    /// The file's content is too short.
    #[error(
        "{} holds {bytes} bytes and must hold at least {SHORTEST}: \
         remove it and a new one is made (everybody has to log in again then)",
        .path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What it holds.
        bytes: usize,
    },
    /// Others can read the file.
    #[error("{0} can be read by others than its owner (mode {mode:04o}); make it private: chmod 600 {0}", .path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The file cannot be read or made.
    #[error("{} cannot be used to keep the token secret: {error}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The operating system gives no random bytes.
    #[error("no random bytes for a token secret: {0}")]
    Random(#[from] getrandom::Error),
}

/// The bytes that sign access tokens. Does not show itself.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenSecret(Vec<u8>);

/// The configured secret, else the one in the file, which is made if it is not there.
///
/// # Errors
/// [`SecretError`].
pub fn load(config: &Config) -> Result<TokenSecret, SecretError> {
    if let Some(configured) = &config.auth.secret {
        let bytes = configured.expose().as_bytes();
        return if bytes.len() < SHORTEST {
            Err(SecretError::TooShort(bytes.len()))
        } else {
            Ok(TokenSecret(bytes.to_vec()))
        };
    }
    if let Some(database) = config.database.file() {
        return TokenSecret::keep(&database.with_extension("secret"));
    }
    tracing::warn!(
        file = WITHOUT_DATABASE_FILE,
        "secret.local: tokens of other instances will be refused; give all of them the same JWT_SECRET"
    );
    TokenSecret::keep(Path::new(WITHOUT_DATABASE_FILE))
}

impl TokenSecret {
    /// The bytes, at least 32.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The secret in the file, which is made if it is not there.
    fn keep(path: &Path) -> Result<Self, SecretError> {
        let failed = |error| SecretError::File { path: path.to_owned(), error };
        if !path.try_exists().map_err(failed)? {
            make(path, &random()?).map_err(failed)?;
        }
        let file = File::open(path).map_err(failed)?;
        let mode = file.metadata().map_err(failed)?.mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(SecretError::Open { path: path.to_owned(), mode });
        }
        let text = io::read_to_string(file).map_err(failed)?;
        let bytes = text.trim().as_bytes();
        if bytes.len() < SHORTEST {
            return Err(SecretError::Damaged { path: path.to_owned(), bytes: bytes.len() });
        }
        Ok(Self(bytes.to_vec()))
    }
}

impl fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSecret(********)")
    }
}

/// 32 random bytes as 64 hexadecimal digits.
fn random() -> Result<String, getrandom::Error> {
    use fmt::Write as _;
    let mut bytes = [0; SHORTEST];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes everything");
        text
    }))
}

/// Makes the file with its whole content or not at all. When somebody else makes it meanwhile, theirs stays: a link, other than a
/// renaming, never replaces a file.
fn make(path: &Path, secret: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let draft = path.with_extension(format!("secret.{}.{}", std::process::id(), &secret[..8]));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let made = writeln!(file, "{secret}").and_then(|()| file.sync_all()).and_then(|()| fs::hard_link(&draft, path));
    fs::remove_file(&draft)?;
    match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.and_then(|()| File::open(folder)?.sync_all()),
    }
}

#[cfg(test)]
mod tests;
