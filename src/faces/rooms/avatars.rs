//! Pictures of people. They are shown by pages, which cannot send a token for them: whoever knows the address, in which the SHA-256 of
//! the picture is, can see it.

use axum::{
    body::Body,
    extract,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use errand_core::{
    Error, Noun,
    profile::{AVATARS, ProfileEdit},
};
use object_store::GetResult;

use super::{
    envelope::Envelope,
    failure::{Code, Failure, FileName, User},
    files,
    form::{self, Form},
    wire::MeJson,
};
use crate::{
    faces::{
        operation::{Content, Gives, Operation},
        schema::PictureForm,
    },
    files::{
        KeepError, TRIES,
        picture::{BYTES_MAX, PictureError},
    },
    state::State,
};

pub(super) async fn upload(
    extract::State(state): extract::State<State>,
    user: User,
    mut form: Form<PictureForm>,
) -> Result<axum::Json<Envelope<MeJson>>, Failure> {
    form::counted(&state, &user).await?;
    let mut bytes = None;
    while let Some(part) = form.next().await? {
        if part.name() == Some("file") {
            bytes = Some(part.whole(BYTES_MAX).await?);
        }
    }
    let bytes = form::required("file", bytes)?;
    form::filled("file", bytes.len() as u64)?;
    let picture = state.files.picture(bytes).await.map_err(refused)?;
    let mut arrival = state.files.arrival();
    arrival.put(picture.bytes.into()).await.map_err(form::failed)?;
    let arrived = arrival.end().await.map_err(form::failed)?;
    let name = format!("{AVATARS}{}.{}", arrived.hash, picture.extension);
    for _ in 0..TRIES {
        let blob = state.files.keep(&state.app, &arrived, name.clone()).await.map_err(files::unkept)?;
        let edit = ProfileEdit { avatar: Some(Some(format!("/{}", blob.name))), ..ProfileEdit::default() };
        match state.app.edit_profile(&user.caller, edit).await {
            Ok(profile) => return Ok(axum::Json(Envelope::of(profile.into(), "Avatar updated successfully"))),
            Err(Error::Invalid(_)) => {} // somebody had the same, and gave it up in that moment
            Err(error) => return Err(error.into()),
        }
    }
    Err(form::failed(KeepError::Going))
}

fn refused(error: PictureError) -> Failure {
    let (status, code) = match error {
        PictureError::Kind => (StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::FileTypeNotAllowed),
        PictureError::Large => (StatusCode::PAYLOAD_TOO_LARGE, Code::FileTooLarge),
        PictureError::Damaged => (StatusCode::UNPROCESSABLE_ENTITY, Code::FileUploadFailed),
    };
    Failure::new(status, code, error.to_string())
}

pub(super) async fn show(
    extract::State(state): extract::State<State>,
    FileName { value: name, .. }: FileName,
) -> Result<Shown, Failure> {
    let kind = kind(&name).ok_or(Error::NotFound(Noun::File))?;
    let found = state.files.read(&format!("{AVATARS}{name}")).await;
    let bytes = found.map_err(|error| Error::Internal(error.to_string()))?.ok_or(Error::NotFound(Noun::File))?;
    Ok(Shown { kind, bytes })
}

/// The media type of the picture with this name; none when no picture has such a name.
fn kind(name: &str) -> Option<&'static str> {
    let (hash, extension) = name.split_once('.')?;
    let is_hash = hash.len() == 64 && hash.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
    match extension {
        "jpg" if is_hash => Some("image/jpeg"),
        "png" if is_hash => Some("image/png"),
        _ => None,
    }
}

/// A picture, which never is another one at the same address.
pub(super) struct Shown {
    kind: &'static str,
    bytes: GetResult,
}

impl IntoResponse for Shown {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static(self.kind)),
            (header::CONTENT_LENGTH, self.bytes.meta.size.into()),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'")),
            (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        ];
        (headers, Body::from_stream(self.bytes.into_stream())).into_response()
    }
}

impl Gives for Shown {
    fn describe(operation: &mut Operation<'_>) {
        operation.answers.insert(StatusCode::OK, Content::Bytes(&["image/jpeg", "image/png"]));
    }
}
