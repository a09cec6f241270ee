//! A file on its way into the store.

use std::{fmt::Write as _, sync::Arc};

use bytes::Bytes;
use object_store::{ObjectStore, ObjectStoreExt as _, buffered::BufWriter, path::Path};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;

use super::ARRIVING;

/// A file that is being written. When it is dropped nothing of it stays.
pub(crate) struct Arrival {
    store: Arc<dyn ObjectStore>,
    path: Path,
    writer: Option<BufWriter>,
    hash: Sha256,
    size: u64,
}

impl Arrival {
    pub(super) fn new(store: Arc<dyn ObjectStore>, part: usize) -> Self {
        let path = Path::from_iter([ARRIVING, &errand_core::id::fresh().to_string()]);
        let writer = BufWriter::with_capacity(Arc::clone(&store), path.clone(), part).with_max_concurrency(1);
        Self { store, path, writer: Some(writer), hash: Sha256::new(), size: 0 }
    }

    /// How many bytes there are.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Adds some more.
    ///
    /// # Errors
    /// The store's; what there is goes then.
    pub(crate) async fn put(&mut self, bytes: Bytes) -> object_store::Result<()> {
        self.hash.update(&bytes);
        self.size += bytes.len() as u64;
        match &mut self.writer {
            Some(writer) => writer.put(bytes).await,
            None => Ok(()),
        }
    }

    /// Ends it: all of it is in the store then.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn end(mut self) -> object_store::Result<Arrived> {
        let hash = self.hash.finalize_reset();
        let hash = hash.iter().fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}"); // a String takes it all
            hex
        });
        // From here on what is there goes with this.
        let arrived = Arrived { store: Arc::clone(&self.store), path: self.path.clone(), hash, size: self.size };
        if let Some(mut writer) = self.writer.take() {
            writer
                .shutdown()
                .await
                .map_err(|error| object_store::Error::Generic { store: "files", source: error.into() })?;
        }
        Ok(arrived)
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        if let Some(mut writer) = self.writer.take() {
            tokio::spawn(async move { writer.abort().await });
        }
    }
}

/// A file that is whole. When it is dropped, it stays only under the names that it was given.
pub(crate) struct Arrived {
    store: Arc<dyn ObjectStore>,
    path: Path,
    /// The SHA-256 of its bytes, in hexadecimal digits.
    pub(crate) hash: String,
    /// How many they are.
    pub(crate) size: u64,
}

impl Arrived {
    /// Gives it a name; it stays here until it is dropped, for another try.
    pub(super) async fn name(&self, name: &Path) -> object_store::Result<()> {
        self.store.copy(&self.path, name).await
    }
}

impl Drop for Arrived {
    fn drop(&mut self) {
        let (store, path) = (Arc::clone(&self.store), self.path.clone());
        tokio::spawn(async move { store.delete(&path).await });
    }
}
