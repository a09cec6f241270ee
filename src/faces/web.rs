//! The web app, and the page of the contracts' documents: files of the folder `web/`, embedded in the binary, read from disk in debug builds.

use axum::{
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "web/"]
struct Files;

/// Nothing from elsewhere, nothing inline.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
     connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The text of a file by its path in the folder, if it is there and a text.
pub(crate) fn text(path: &str) -> Option<String> {
    String::from_utf8(Files::get(path)?.data.into_owned()).ok()
}

/// The file at `path`; `/` is the page, `/docs` the one to try the contracts' endpoints.
pub(crate) fn file(method: &Method, path: &str, asked: &HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    let name = match path {
        "/" => "index.html",
        "/docs" | "/docs/" => "docs/index.html",
        file => file.trim_start_matches('/'),
    };
    let Some(file) = Files::get(name) else {
        return (StatusCode::NOT_FOUND, "There is nothing at this address.").into_response();
    };
    let tag = tag(&file.metadata.sha256_hash());
    let mut headers = HeaderMap::new();
    let mut set = |name, value: &str| HeaderValue::from_str(value).map(|value| headers.insert(name, value));
    let _ = set(header::CONTENT_TYPE, &content_type(file.metadata.mimetype()));
    let _ = set(header::ETAG, &tag);
    let _ = set(header::CACHE_CONTROL, "no-cache"); // ask again each time: a new binary is a new page
    let _ = set(header::CONTENT_SECURITY_POLICY, CSP);
    let _ = set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    let _ = set(header::REFERRER_POLICY, "no-referrer");
    if asked.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, file.data.into_owned()).into_response()
}

fn content_type(mime: &str) -> String {
    if mime.starts_with("text/") { format!("{mime}; charset=utf-8") } else { mime.to_owned() }
}

/// An entity tag from the file's hash.
fn tag(hash: &[u8; 32]) -> String {
    let start = hash.first_chunk().copied().unwrap_or_default();
    format!("\"{:016x}\"", u64::from_be_bytes(start))
}
