//! Who gets a file, and how.

use reqwest::Method;
use rstest::rstest;

use super::{
    super::{Person, is_error, is_well, messages::hall, text},
    download,
    form::Part,
    upload, uploaded,
};
use crate::{
    harness::{Backend, Server, answer},
    script::Script,
};

#[rstest]
#[tokio::test]
async fn get_file_is_for_members_and_is_never_shown(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let carl = Person::new(&server, "carl").await;
    let page = Part::file("naïve.html", "text/html", b"<script>alert(1)</script>");
    let sent = upload(&ann, &[Part::room(&room), page]).await;
    let path = text(&is_well(&sent, 201)["file"]["encrypted_url"]);
    let (headers, bytes) = download(&bob, &path).await;
    assert_eq!(bytes.as_ref(), page.bytes);
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        ("content-length", "25"),
        ("content-disposition", "attachment; filename=\"na_ve.html\"; filename*=UTF-8''na%C3%AFve.html"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'"),
    ] {
        assert_eq!(headers[name], value, "{name}");
    }
    assert!(headers["cache-control"].to_str().unwrap().starts_with("private"));
    is_error(&carl.get(&path).await, 403, "CHATROOM_ACCESS_DENIED");
    assert_eq!(answer(bob.request(Method::POST, &format!("/chatrooms/{room}/leave"))).await.status, 200);
    is_error(&bob.get(&path).await, 403, "CHATROOM_ACCESS_DENIED");
    is_error(&ann.get(&format!("/files/{}", uuid::Uuid::nil())).await, 404, "FILE_NOT_FOUND");
    is_error(&ann.get("/files/nothing").await, 404, "FILE_NOT_FOUND");
    let nobody = answer(server.http.get(format!("{}{path}", server.base))).await;
    is_error(&nobody, 401, "AUTH_TOKEN_INVALID");
}

#[rstest]
#[tokio::test]
async fn get_thumbnail_is_the_second_part(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let carl = Person::new(&server, "carl").await;
    let parts = [Part::thumbnail(b"small"), Part::file("a", "image/png", b"large"), Part::room(&room)];
    let sent = upload(&ann, &parts).await;
    let file = &is_well(&sent, 201)["file"];
    let path = text(&file["thumbnail_url"]);
    assert_eq!(path, format!("{}/thumbnail", text(&file["encrypted_url"])));
    let (headers, bytes) = download(&bob, &path).await;
    assert_eq!((bytes.as_ref(), &headers["x-content-type-options"]), (&b"small"[..], &"nosniff".parse().unwrap()));
    is_error(&carl.get(&path).await, 403, "CHATROOM_ACCESS_DENIED");
    let without = uploaded(&ann, &room, b"alone").await;
    is_error(&ann.get(&format!("/files/{without}/thumbnail")).await, 404, "FILE_NOT_FOUND");
}
