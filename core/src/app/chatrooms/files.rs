//! Files in a chatroom: adding one whose bytes are in the store, and finding one.

use super::admit;
use crate::{
    account::Caller,
    app::App,
    chatroom::{Attachment, File, NewFile, Verb, file as rules},
    error::{Error, Noun, Result},
    event::Topic,
    id::{FileId, RoomId},
    store::{blobs, chatrooms::files},
};

impl App {
    /// That the caller may upload files to a chatroom, before they do.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn may_upload(&self, caller: &Caller, room: RoomId) -> Result<()> {
        admit(&mut self.store.read().await?, caller, room, Verb::Write).await.map(|_| ())
    }

    /// Adds a file whose bytes are in the store by now, to be attached to a message of the caller's. None when they were taken out
    /// again: somebody had the same, and gave them up in that moment.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn add_file(&self, caller: &Caller, room: RoomId, new: NewFile) -> Result<Option<File>> {
        let shown = Attachment {
            id: FileId::fresh(),
            filename: rules::name(new.filename.as_deref()),
            file_type: rules::media_type(new.file_type.as_deref()),
            file_size: new.blob.size,
            has_thumbnail: new.thumbnail.is_some(),
            created_at: self.clock.now(),
        };
        let thumbnail = new.thumbnail.map(|thumbnail| thumbnail.name);
        let file = File { shown, room, uploader: caller.user, blob: new.blob.name, thumbnail };
        let caller = caller.clone();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    tx.serialize(Topic::Room(room)).await?; // it may be being deleted
                    admit(&mut tx.conn, &caller, room, Verb::Write).await?;
                    for name in [Some(&file.blob), file.thumbnail.as_ref()].into_iter().flatten() {
                        if !blobs::hold(tx, name).await? {
                            return Ok(None);
                        }
                    }
                    files::add(tx, &file).await.map(|()| Some(file))
                })
            })
            .await
    }

    /// A file of a chatroom that the caller is in.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn file(&self, caller: &Caller, id: FileId) -> Result<File> {
        let mut conn = self.store.read().await?;
        let file = files::by_id(&mut conn, id).await?.ok_or(Error::NotFound(Noun::File))?;
        admit(&mut conn, caller, file.room, Verb::Read).await?;
        Ok(file)
    }
}
