//! Who uses a `SQLite` file. One process serves from it: another would not be told of its changes. Agents' `errand mcp` share it as long as
//! nobody serves, and go through the server when somebody does; so the file that is the lock says where the server is.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use crate::config::Config;

/// A database that this process uses, until it is dropped.
#[derive(Debug)]
pub struct Lock(File);

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody else does.
    #[error(
        "another process uses this database already ({}): a server, or an agent's `errand mcp`; use PostgreSQL to run several",
        .path.display()
    )]
    Taken {
        /// The lock.
        path: PathBuf,
        /// Where the server is, when that is who uses it.
        server: Option<String>,
    },
    /// The lock itself.
    #[error("{}: {error}", .path.display())]
    File {
        /// The lock.
        path: PathBuf,
        /// What is wrong with it.
        error: io::Error,
    },
}

impl Lock {
    /// For the one process that serves; none where several may.
    ///
    /// # Errors
    /// [`LockError`].
    pub fn alone(config: &Config) -> Result<Option<Self>, LockError> {
        take(config, File::try_lock)
    }

    /// For a process that does not serve, beside others like it; none where anybody may.
    ///
    /// # Errors
    /// [`LockError`].
    pub fn shared(config: &Config) -> Result<Option<Self>, LockError> {
        take(config, File::try_lock_shared)
    }

    /// Says where this process serves.
    ///
    /// # Errors
    /// Of the file.
    pub fn announce(&mut self, server: &str) -> io::Result<()> {
        self.0.set_len(0)?;
        self.0.rewind()?;
        self.0.write_all(server.as_bytes())
    }
}

fn take(config: &Config, lock: fn(&File) -> Result<(), TryLockError>) -> Result<Option<Lock>, LockError> {
    let Some(database) = config.database.file() else { return Ok(None) };
    let path = database.with_extension("lock");
    let failed = |error| LockError::File { path: path.clone(), error };
    let file = open(&path).map_err(failed)?;
    match lock(&file) {
        Ok(()) => Ok(Some(Lock(file))),
        Err(TryLockError::WouldBlock) => Err(LockError::Taken { server: server(&file), path }),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

fn server(mut file: &File) -> Option<String> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    (!text.is_empty()).then_some(text)
}
