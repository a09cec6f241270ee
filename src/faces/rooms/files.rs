//! Files for chatrooms: uploading, and downloading for those who are there.

use axum::{
    body::Body,
    extract,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use errand_core::{
    Error, FileId, Noun, Problem, RoomId,
    chatroom::{
        Attachment, Blob, NewFile,
        file::{FILE_MAX, THUMBNAIL_MAX},
    },
    error::Rule,
};
use object_store::GetResult;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    envelope::Envelope,
    failure::{Failure, FilePath, User},
    form::{self, Form, Part},
};
use crate::{
    faces::{
        answers::Created,
        operation::{Content, Gives, Operation},
        schema::FileForm,
    },
    files::{Arrived, KeepError, TRIES},
    state::State,
};

/// As much is read of a body, so that who sends a file that is too large hears of it.
pub(super) const BODY_MAX: usize = 40 << 20;
/// A UUID in any of its forms.
const ID_MAX: usize = 64;

#[derive(Serialize, JsonSchema)]
pub(super) struct Uploaded {
    file: FileJson,
}

pub(super) async fn upload(
    extract::State(state): extract::State<State>,
    user: User,
    mut form: Form<FileForm>,
) -> Result<Created<Envelope<Uploaded>>, Failure> {
    form::counted(&state, &user).await?;
    let (mut file, mut thumbnail, mut room) = (None, None, None);
    while let Some(part) = form.next().await? {
        match part.name() {
            Some("file") => {
                let (name, kind) = (part.file_name(), part.content_type());
                file = Some((name, kind, arrived(&state, part, FILE_MAX).await?));
            }
            Some("thumbnail") => thumbnail = Some(arrived(&state, part, THUMBNAIL_MAX).await?),
            Some("chatroom_id") => {
                let id = self::room(&part.whole(ID_MAX).await?)?;
                state.app.may_upload(&user.caller, id).await?; // before more comes
                room = Some(id);
            }
            Some(_) | None => {}
        }
    }
    let ((filename, file_type, file), room) = (form::required("file", file)?, form::required("chatroom_id", room)?);
    form::filled("file", file.size)?;
    let thumbnail = thumbnail.filter(|thumbnail| thumbnail.size > 0);
    for _ in 0..TRIES {
        let blob = kept(&state, &file).await?;
        let thumbnail = match &thumbnail {
            Some(thumbnail) => Some(kept(&state, thumbnail).await?),
            None => None,
        };
        let new = NewFile { filename: filename.clone(), file_type: file_type.clone(), blob, thumbnail };
        if let Some(file) = state.app.add_file(&user.caller, room, new).await? {
            return Ok(Created(Envelope::of(Uploaded { file: file.shown.into() }, "File uploaded successfully")));
        }
    }
    Err(form::failed(KeepError::Going))
}

fn room(text: &[u8]) -> Result<RoomId, Failure> {
    let id = std::str::from_utf8(text).ok().and_then(|text| text.trim().parse().ok());
    id.ok_or_else(|| Error::from(Problem::new("chatroom_id", "must be a UUID").of(Rule::Format)).into())
}

async fn arrived(state: &State, mut part: Part<'_>, max: u64) -> Result<Arrived, Failure> {
    let mut arrival = state.files.arrival();
    while let Some(bytes) = part.chunk().await? {
        if arrival.size() + bytes.len() as u64 > max {
            drop(arrival);
            return Err(part.too_large(max).await);
        }
        arrival.put(bytes).await.map_err(form::failed)?;
    }
    arrival.end().await.map_err(form::failed)
}

async fn kept(state: &State, arrived: &Arrived) -> Result<Blob, Failure> {
    let name = format!("files/{}", arrived.hash);
    state.files.keep(&state.app, arrived, name).await.map_err(unkept)
}

/// Why something could not be kept.
pub(super) fn unkept(error: KeepError) -> Failure {
    match error {
        KeepError::Core(error) => error.into(),
        KeepError::Store(_) | KeepError::Going => form::failed(error),
    }
}

pub(super) async fn download(
    extract::State(state): extract::State<State>,
    user: User,
    FilePath { value: id, .. }: FilePath<FileId>,
) -> Result<Download, Failure> {
    let file = state.app.file(&user.caller, id).await?;
    Ok(Download { filename: file.shown.filename, bytes: read(&state, &file.blob).await? })
}

pub(super) async fn thumbnail(
    extract::State(state): extract::State<State>,
    user: User,
    FilePath { value: id, .. }: FilePath<FileId>,
) -> Result<Download, Failure> {
    let file = state.app.file(&user.caller, id).await?;
    let name = file.thumbnail.ok_or(Error::NotFound(Noun::File))?;
    Ok(Download { filename: format!("{}.thumbnail", file.shown.filename), bytes: read(&state, &name).await? })
}

async fn read(state: &State, name: &str) -> Result<GetResult, Error> {
    let found = state.files.read(name).await.map_err(|error| Error::Internal(error.to_string()))?;
    found.ok_or_else(|| {
        tracing::warn!(name, "files.bytes_missing"); // they may have gone a moment ago
        Error::NotFound(Noun::File)
    })
}

/// Bytes to be saved, never to be shown: nobody knows what they are.
pub(super) struct Download {
    filename: String,
    bytes: GetResult,
}

impl IntoResponse for Download {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
            (header::CONTENT_LENGTH, self.bytes.meta.size.into()),
            (header::CONTENT_DISPOSITION, disposition(&self.filename)),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'")),
            (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable")),
        ];
        (headers, Body::from_stream(self.bytes.into_stream())).into_response()
    }
}

impl Gives for Download {
    fn describe(operation: &mut Operation<'_>) {
        operation.answers.insert(StatusCode::OK, Content::Bytes(&["application/octet-stream"]));
    }
}

/// To be saved under this name (RFC 6266), in words for those who read only ASCII, too.
fn disposition(filename: &str) -> HeaderValue {
    let plain = |c: char| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') { c } else { '_' };
    let ascii: String = filename.chars().map(plain).collect();
    let encoded: String = filename.bytes().map(encoded).collect();
    let value = format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}");
    HeaderValue::from_str(&value).unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

/// As RFC 8187 has it.
fn encoded(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

/// A file, for those who are in its chatroom.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "File")]
pub(super) struct FileJson {
    id: FileId,
    filename: String,
    /// As its uploader says.
    file_type: String,
    file_size: i64,
    /// Where its bytes are, as they were uploaded.
    encrypted_url: String,
    /// Where there is a smaller picture of it.
    thumbnail_url: Option<String>,
    upload_date: DateTime<Utc>,
}

impl From<Attachment> for FileJson {
    fn from(file: Attachment) -> Self {
        let Attachment { id, filename, file_type, file_size, has_thumbnail, created_at: upload_date } = file;
        let encrypted_url = format!("/files/{id}");
        let thumbnail_url = has_thumbnail.then(|| format!("{encrypted_url}/thumbnail"));
        Self { id, filename, file_type, file_size, encrypted_url, thumbnail_url, upload_date }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("a.txt", "attachment; filename=\"a.txt\"; filename*=UTF-8''a.txt")]
    #[case(
        "naïve \"€\".pdf",
        "attachment; filename=\"na_ve____.pdf\"; filename*=UTF-8''na%C3%AFve%20%22%E2%82%AC%22.pdf"
    )]
    #[case("50%'s;", "attachment; filename=\"50_'s;\"; filename*=UTF-8''50%25%27s%3B")]
    fn names_travel_in_a_header(#[case] filename: &str, #[case] expected: &str) {
        assert_eq!(disposition(filename), expected);
    }
}
