//! Files that people upload to a chatroom and attach to what they write there. What is in them is encrypted by those who upload them.
//!
//! Their bytes, and those of people's pictures, are [`Blob`]s in a store of files beside the database. A blob is named after what is in
//! it, so several rows may share one: it goes when the last of them has gone, and never before.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    id::{FileId, RoomId, UserId},
    text,
};

/// The largest file, in bytes.
pub const FILE_MAX: u64 = 10 << 20;
/// The largest thumbnail, in bytes.
pub const THUMBNAIL_MAX: u64 = 256 << 10;
/// The most files that a message has.
pub const ATTACHMENTS_MAX: usize = 10;
/// The longest name of a file, in characters.
const NAME_MAX: usize = 255;
/// The longest of each part of a media type (RFC 6838, 4.2).
const TYPE_MAX: usize = 127;
/// What a file is called whose name says nothing.
const NAMELESS: &str = "file";
/// The type of a file of which nobody knows better.
const BYTES: &str = "application/octet-stream";

/// Something in the store of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// What it is called there; the SHA-256 of the bytes is in it.
    pub name: String,
    /// How many bytes it has.
    pub size: i64,
}

/// A file that was uploaded to a chatroom.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct File {
    /// What messages and people see of it.
    #[sqlx(flatten)]
    pub shown: Attachment,
    /// Where.
    #[sqlx(rename = "room_id")]
    pub room: RoomId,
    /// By whom.
    #[sqlx(rename = "user_id")]
    pub uploader: UserId,
    /// What its bytes are called in the store of files.
    pub blob: String,
    /// The same of a smaller picture of it.
    pub thumbnail: Option<String>,
}

/// A file, as it is seen in a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Attachment {
    /// The id that travels.
    pub id: FileId,
    /// What it is called, without a path.
    pub filename: String,
    /// Its media type, as its uploader says.
    pub file_type: String,
    /// How many bytes it has.
    pub file_size: i64,
    /// Whether there is a smaller picture of it.
    pub has_thumbnail: bool,
    /// When it was uploaded.
    pub created_at: DateTime<Utc>,
}

/// A file to be added, whose bytes are in the store.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// What it was called where it comes from.
    pub filename: Option<String>,
    /// Its media type, as its uploader says.
    pub file_type: Option<String>,
    /// Its bytes.
    pub blob: Blob,
    /// A smaller picture of it.
    pub thumbnail: Option<Blob>,
}

/// The last part of what may be a path on any system, without what does not show.
pub(crate) fn name(given: Option<&str>) -> String {
    let last = given.and_then(|path| path.rsplit(['/', '\\']).next()).unwrap_or_default();
    let name: String = text::clean(last, false).chars().take(NAME_MAX).collect();
    if name.trim_matches(['.', ' ']).is_empty() { NAMELESS.to_owned() } else { name }
}

/// A media type without its parameters, where it is one.
pub(crate) fn media_type(given: Option<&str>) -> String {
    let essence = given.and_then(|given| given.split(';').next()).unwrap_or_default().trim().to_ascii_lowercase();
    let is_name = |part: &str| {
        let inside = |c: char| c.is_ascii_alphanumeric() || "!#$&-^_.+".contains(c);
        part.len() <= TYPE_MAX && part.starts_with(|c: char| c.is_ascii_alphanumeric()) && part.chars().all(inside)
    };
    match essence.split_once('/') {
        Some((kind, of)) if is_name(kind) && is_name(of) => essence,
        Some(_) | None => BYTES.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("notes.txt", "notes.txt")]
    #[case("../../etc/passwd", "passwd")]
    #[case(r"C:\Users\ann\boot.ini", "boot.ini")]
    #[case("a/..", "file")]
    #[case(".", "file")]
    #[case("", "file")]
    #[case("dir/", "file")]
    #[case(".bashrc", ".bashrc")]
    #[case("cv\u{202e}fdp.exe", "cvfdp.exe")]
    #[case("a\r\nSet-Cookie: b\u{0}", "a  Set-Cookie: b")]
    #[case("Übung №1 👩\u{200d}🚀.pdf", "Übung №1 👩\u{200d}🚀.pdf")]
    #[case(&"x".repeat(300), &"x".repeat(255))]
    fn names_are_no_paths(#[case] given: &str, #[case] expected: &str) {
        assert_eq!(name(Some(given)), expected);
    }

    #[rstest::rstest]
    #[case("image/png", "image/png")]
    #[case("Text/HTML; charset=utf-8", "text/html")]
    #[case("application/vnd.api+json", "application/vnd.api+json")]
    #[case("image", BYTES)]
    #[case("image/", BYTES)]
    #[case("image/png\r\nx: y", BYTES)]
    #[case("a/b/c", BYTES)]
    #[case(&format!("a/{}", "b".repeat(128)), BYTES)]
    fn types_are_well_formed(#[case] given: &str, #[case] expected: &str) {
        assert_eq!(media_type(Some(given)), expected);
        assert_eq!((media_type(None).as_str(), name(None).as_str()), (BYTES, "file"));
    }
}
