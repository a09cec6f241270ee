//! The store of files: a folder on this machine, or a bucket of anything that speaks like Amazon's S3.
//!
//! What arrives is written under a name of its own while it is counted and hashed, so it is never whole in memory. Only when it is there
//! to its last byte does it get the name by which it can be found, which has its SHA-256 in it. What is given up on the way is taken
//! away at once, and after a crash by `sweep`.

mod arrival;
pub(crate) mod picture;
pub(crate) mod sweep;

use std::{
    fs::DirBuilder,
    io,
    path::{Path as FilePath, PathBuf},
    sync::Arc,
    time::Duration,
};

use errand_core::{App, chatroom::Blob};
use object_store::{
    GetResult, ObjectStore, ObjectStoreExt as _, RetryConfig, aws::AmazonS3Builder, local::LocalFileSystem, path::Path,
    prefix::PrefixStore,
};
use tokio::sync::Semaphore;

pub(crate) use self::arrival::{Arrival, Arrived};
use self::picture::{Picture, PictureError};
use crate::config::{Config, FilesUrl};

/// Where the folder is when the database is none beside which it could be.
const WITHOUT_DATABASE_FILE: &str = "data/errand.files";
/// What has not arrived yet stands here.
const ARRIVING: &str = "arriving";
/// How often it is tried again when the same bytes go in the very moment in which they come.
pub(crate) const TRIES: u32 = 20;
/// How much of an arriving file is in memory: of a folder little; S3 takes no smaller parts.
const PART: usize = 256 << 10;
const PART_OF_S3: usize = 5 << 20;
/// For how long S3 is asked again.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why there is no store of files.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The folder cannot be made.
    #[error("{} cannot be used to keep files (files.url can name another place): {error}", .folder.display())]
    Folder {
        /// Which.
        folder: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The store cannot be used.
    #[error("the store of files, which files.url names, cannot be used: {0}")]
    Store(#[from] object_store::Error),
}

/// The store of files.
#[derive(Debug)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
    part: usize,
    /// None when it is not on this machine.
    folder: Option<PathBuf>,
    /// A large picture takes much memory while it is read: one at a time.
    pictures: Semaphore,
}

impl Files {
    /// The store that the settings name.
    ///
    /// # Errors
    /// [`FilesError`].
    pub fn open(config: &Config) -> Result<Self, FilesError> {
        match (&config.files.url, config.database.file()) {
            (Some(FilesUrl::Folder(folder)), _) => Self::folder(folder),
            (Some(FilesUrl::S3 { bucket, prefix }), _) => {
                let retry = RetryConfig { max_retries: 3, retry_timeout: PATIENCE, ..RetryConfig::default() };
                let bucket = AmazonS3Builder::from_env().with_bucket_name(bucket).with_retry(retry).build()?;
                let store = Arc::new(PrefixStore::new(bucket, prefix.as_str()));
                Ok(Self { store, part: PART_OF_S3, folder: None, pictures: Semaphore::new(1) })
            }
            (None, Some(database)) => Self::folder(&database.with_extension("files")),
            (None, None) => {
                tracing::warn!(
                    folder = WITHOUT_DATABASE_FILE,
                    "files.on_this_machine: other instances do not see them"
                );
                Self::folder(FilePath::new(WITHOUT_DATABASE_FILE))
            }
        }
    }

    fn folder(folder: &FilePath) -> Result<Self, FilesError> {
        let failed = |error| FilesError::Folder { folder: folder.to_owned(), error };
        private(folder).map_err(failed)?;
        let folder = folder.canonicalize().map_err(failed)?;
        let store = Arc::new(LocalFileSystem::new_with_prefix(&folder)?.with_fsync(true));
        Ok(Self { store, part: PART, folder: Some(folder), pictures: Semaphore::new(1) })
    }

    /// Takes in what comes.
    pub(crate) fn arrival(&self) -> Arrival {
        Arrival::new(Arc::clone(&self.store), self.part)
    }

    /// Gives what has arrived the name by which it can be found, and says that somebody is about to have it.
    ///
    /// # Errors
    /// The store's, or the database's.
    pub(crate) async fn keep(&self, app: &App, arrived: &Arrived, name: String) -> Result<Blob, KeepError> {
        const PAUSES: u32 = 100;
        const PAUSE: Duration = Duration::from_millis(50);
        let blob = Blob { name, size: i64::try_from(arrived.size).unwrap_or(i64::MAX) };
        for _ in 0..PAUSES {
            if app.expect_blob(&blob).await? {
                arrived.name(&Path::from(blob.name.as_str())).await?;
                return Ok(blob);
            }
            tokio::time::sleep(PAUSE).await; // the same bytes are just being taken out
        }
        Err(KeepError::Going)
    }

    /// Reads a picture, and writes it anew.
    ///
    /// # Errors
    /// [`PictureError`].
    pub(crate) async fn picture(&self, bytes: Vec<u8>) -> Result<Picture, PictureError> {
        let _alone = self.pictures.acquire().await; // it is never closed
        tokio::task::spawn_blocking(move || picture::anew(&bytes)).await.unwrap_or_else(|error| {
            tracing::error!(%error, "files.picture_panicked");
            Err(PictureError::Damaged)
        })
    }

    /// What has this name, to be read piece by piece; none when there is nothing.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn read(&self, name: &str) -> object_store::Result<Option<GetResult>> {
        match self.store.get(&Path::from(name)).await {
            Ok(found) => Ok(Some(found)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Takes out what has this name, if it is there.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn take_out(&self, name: &str) -> object_store::Result<()> {
        match self.store.delete(&Path::from(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Why something that has arrived could not be kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeepError {
    /// The store's reason.
    #[error(transparent)]
    Store(#[from] object_store::Error),
    /// The database's.
    #[error(transparent)]
    Core(#[from] errand_core::Error),
    /// Taking the same bytes out takes too long.
    #[error("the same bytes are being taken out of the store")]
    Going,
}

/// Makes a folder for its owner only, if it is not there.
fn private(folder: &FilePath) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.recursive(true).create(folder)
}
