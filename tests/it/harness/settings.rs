//! The settings of a test's server.

use errand::config::{Config, Sources};

use super::Database;

/// The secret of tests that do not bring their own.
pub(super) const SECRET: &str = "a secret for tests that is long enough";

/// Settings for a test: a fresh database, no limits.
pub(crate) fn config(database: &Database) -> Config {
    let files = format!("file:{}", database.folder.path().join("files").display());
    let variables = [
        ("ERRAND_DATABASE_URL", database.url.as_str()),
        ("ERRAND_FILES__URL", files.as_str()),
        ("ERRAND_LISTEN", "127.0.0.1:0"),
        ("ERRAND_LISTEN_CHASQUI", "127.0.0.1:0"),
        ("ERRAND_RATE_LIMITS", "off"),
        ("JWT_SECRET", SECRET),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    Sources { file: None, folder: database.folder.path().to_owned(), variables }.read().unwrap().config
}

/// The settings without any change.
pub(crate) fn defaults() -> Config {
    Sources { file: None, folder: std::env::temp_dir().join("nothing here"), variables: Vec::new() }
        .read()
        .unwrap()
        .config
}
