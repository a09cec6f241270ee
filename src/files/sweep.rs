//! Takes out of the store what nobody has any more.

use std::{fs, io, path::Path as FilePath, sync::Arc, time::Duration};

use errand_core::App;
use futures::TryStreamExt as _;
use object_store::{ObjectStoreExt as _, path::Path};

use super::{ARRIVING, Files};

/// How often it is looked for what a crash has left.
const OFTEN: Duration = Duration::from_hours(1);
/// Nothing takes longer to arrive.
const LATE: Duration = Duration::from_hours(1);

/// Takes out what nobody has any more: as soon as that may be, and now and then what a crash has left.
pub(crate) async fn sweep(app: App, files: Arc<Files>) {
    let mut rounds = tokio::time::interval(OFTEN);
    loop {
        tokio::select! {
            _ = rounds.tick() => {
                if let Err(error) = app.forget_unattached_files().await {
                    tracing::warn!(%error, "files.unattached_not_forgotten");
                }
                if let Err(error) = late(&app, &files).await {
                    tracing::warn!(%error, "files.late_not_taken_out");
                }
            }
            () = app.blobs_loosened() => {}
        }
        if let Err(error) = loose(&app, &files).await {
            tracing::warn!(%error, "files.loose_not_looked_for");
        }
    }
}

/// What the database knows that nobody has.
async fn loose(app: &App, files: &Files) -> errand_core::Result<()> {
    loop {
        let names = app.loose_blobs().await?;
        if names.is_empty() {
            return Ok(());
        }
        for name in names {
            match files.take_out(&name).await {
                Ok(()) => app.forget_blob(&name).await?,
                Err(error) => tracing::warn!(%error, name, "files.not_taken_out"), // it is tried again later
            }
        }
    }
}

/// What began to arrive before a crash.
async fn late(app: &App, files: &Files) -> object_store::Result<()> {
    if let Some(folder) = files.folder.clone() {
        let swept = tokio::task::spawn_blocking(move || late_in(&folder.join(ARRIVING))).await;
        return swept
            .unwrap_or_else(|error| Err(io::Error::other(error)))
            .map_err(|error| object_store::Error::Generic { store: "files", source: error.into() });
    }
    let since = app.clock.now() - LATE;
    let mut arriving = files.store.list(Some(&Path::from(ARRIVING)));
    while let Some(object) = arriving.try_next().await? {
        if object.last_modified < since {
            files.store.delete(&object.location).await?;
        }
    }
    Ok(())
}

/// In a folder there is also what has no name in the store yet.
fn late_in(folder: &FilePath) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default(); // the clock was set back
        if age > LATE {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
