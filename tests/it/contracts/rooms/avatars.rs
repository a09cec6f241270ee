//! Pictures of people.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{
    Person,
    files::{Part, posted, stored, stored_are},
    is_error, is_well, text,
};
use crate::{
    harness::{Answer, Backend, Server, answer},
    script::Script,
};

/// A PNG that says it is 30,000 pixels wide and high, and has none of them.
pub(super) fn bomb() -> Vec<u8> {
    let side = 30_000_u32.to_be_bytes();
    let chunk = [&b"IHDR"[..], &side, &side, &[8, 6, 0, 0, 0]].concat();
    let mut crc = flate2::Crc::new();
    crc.update(&chunk);
    [&b"\x89PNG\r\n\x1a\n\0\0\0\x0d"[..], &chunk, &crc.sum().to_be_bytes()].concat()
}

/// Red above, blue below.
fn two_colours(width: u32, height: u32) -> DynamicImage {
    let pixel = |_, y| if y < height / 2 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) };
    RgbImage::from_fn(width, height, pixel).into()
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

async fn upload(person: &Person<'_>, name: &str, bytes: &[u8]) -> Answer {
    let parts = [Part::file(name, "image/png", bytes)];
    posted(person.request(Method::POST, "/users/me/avatar"), &parts).await
}

/// A picture as everybody can have it: its address, its type and its bytes.
async fn shown(server: &Server, answer: &Answer) -> (String, String, Vec<u8>) {
    let path = text(&is_well(answer, 200)["avatar_url"]);
    let response = server.http.get(format!("{}{path}", server.base)).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    for (name, value) in
        [("x-content-type-options", "nosniff"), ("cache-control", "public, max-age=31536000, immutable")]
    {
        assert_eq!(response.headers()[name], value);
    }
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    (path, kind, response.bytes().await.unwrap().to_vec())
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[rstest]
#[tokio::test]
async fn upload_avatar_answers_the_profile(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    let clear: DynamicImage = RgbaImage::from_pixel(300, 100, Rgba([0, 255, 0, 100])).into();
    for (format, image, kind) in [
        (ImageFormat::Jpeg, two_colours(400, 300), "image/jpeg"),
        (ImageFormat::Png, two_colours(16, 16), "image/jpeg"),
        (ImageFormat::Gif, two_colours(100, 600), "image/jpeg"),
        (ImageFormat::Png, clear, "image/png"),
    ] {
        let answer = upload(&ann, "anything.txt", &encoded(&image, format)).await;
        assert_eq!(is_well(&ann.get("/users/me").await, 200), is_well(&answer, 200));
        let (_, said, bytes) = shown(&server, &answer).await;
        assert_eq!(said, kind);
        let image = image::load_from_memory(&bytes).unwrap();
        assert_eq!((image.width(), image.height()), (256, 256));
    }
    stored_are(&server, 1).await; // those before it went
}

#[rstest]
#[tokio::test]
async fn upload_avatar_refuses_what_is_no_picture(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    let mut damaged = encoded(&two_colours(100, 100), ImageFormat::Png);
    damaged.truncate(60);
    let wide = [&b"GIF89a"[..], &30_000_u16.to_le_bytes(), &30_000_u16.to_le_bytes(), &[0, 0, 0, b';']].concat();
    let page = b"<!doctype html><script>alert(1)</script>".as_slice();
    for (name, bytes, status, code) in [
        ("a.png", page, 415, "FILE_TYPE_NOT_ALLOWED"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "FILE_TYPE_NOT_ALLOWED"),
        ("a.webp", b"RIFF\x24\0\0\0WEBPVP8 ", 415, "FILE_TYPE_NOT_ALLOWED"),
        ("a.png", &bomb(), 413, "FILE_TOO_LARGE"),
        ("a.gif", &wide, 413, "FILE_TOO_LARGE"),
        ("a.png", &vec![0; (5 << 20) + 1], 413, "FILE_TOO_LARGE"),
        ("a.png", &damaged, 422, "FILE_UPLOAD_FAILED"),
        ("a.png", b"", 422, "VALIDATION_INVALID_VALUE"),
    ] {
        is_error(&upload(&ann, name, bytes).await, status, code);
    }
    let empty = posted(ann.request(Method::POST, "/users/me/avatar"), &[]).await;
    is_error(&empty, 422, "VALIDATION_REQUIRED_FIELD");
    assert_eq!(is_well(&ann.get("/users/me").await, 200)["avatar_url"], Value::Null);
    assert!(stored(&server).is_empty());
}

#[rstest]
#[tokio::test]
async fn upload_avatar_keeps_nothing_but_the_picture(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    // Exif: one entry, the orientation 6 (to be turned to the right), and where it was taken.
    let jpeg = encoded(&two_colours(400, 200), ImageFormat::Jpeg);
    let entry = [&0x0112_u16.to_be_bytes()[..], &3_u16.to_be_bytes(), &1_u32.to_be_bytes(), &[0, 6, 0, 0]].concat();
    let exif = [b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01", &entry[..], &[0; 4], b"41.3874 N, 2.1686 E"].concat();
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    let with_exif = [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat();
    let (_, _, bytes) = shown(&server, &upload(&ann, "a.jpg", &with_exif).await).await;
    assert!(!has(&bytes, b"Exif") && !has(&bytes, b"41.3874"));
    let image = image::load_from_memory(&bytes).unwrap().to_rgb8();
    let (left, right) = (image.get_pixel(20, 128).0, image.get_pixel(235, 128).0);
    assert!(left[2] > 200 && right[0] > 200, "what was above is on the right: {left:?} {right:?}");
    // A GIF with a comment, and a page behind its end.
    let gif = encoded(&two_colours(40, 40), ImageFormat::Gif);
    let script = b"<script>alert(1)</script>";
    let comment = [&[0x21, 0xfe, u8::try_from(script.len()).unwrap()], &script[..], &[0]].concat();
    let (before, end) = gif.split_at(gif.len() - 1);
    let with_script = [before, &comment, end, script].concat();
    let (_, kind, bytes) = shown(&server, &upload(&ann, "a.gif", &with_script).await).await;
    assert!(!has(&bytes, b"script") && kind == "image/jpeg");
}

#[rstest]
#[tokio::test]
async fn get_avatar_as_long_as_somebody_has_it(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let picture = encoded(&two_colours(300, 300), ImageFormat::Png);
    let (path, _, _) = shown(&server, &upload(&ann, "a.png", &picture).await).await;
    let (same, _, _) = shown(&server, &upload(&bob, "b.png", &picture).await).await;
    assert_eq!(path, same, "its name is what is in it");
    let other = encoded(&two_colours(300, 200).rotate90(), ImageFormat::Png);
    let (next, _, _) = shown(&server, &upload(&ann, "a.png", &other).await).await;
    assert_ne!(path, next);
    let get = async |path: &str| answer(server.http.get(format!("{}{path}", server.base))).await;
    stored_are(&server, 2).await; // bob has it still
    let cleared = bob.send(Method::PUT, "/users/me", json!({"avatar_url": null})).await;
    is_well(&cleared, 200);
    stored_are(&server, 1).await;
    is_error(&get(&path).await, 404, "FILE_NOT_FOUND");
    let back = bob.send(Method::PUT, "/users/me", json!({"avatar_url": path})).await;
    is_error(&back, 422, "VALIDATION_INVALID_VALUE");
    is_well(&bob.send(Method::PUT, "/users/me", json!({"avatar_url": next})).await, 200);
    for nothing in ["/avatars/x", "/avatars/..%2Ffiles%2Fx.png", &format!("/avatars/{}.svg", "0".repeat(64))] {
        is_error(&get(nothing).await, 404, "FILE_NOT_FOUND");
    }
}
