//! Files in a bucket.

use errand_core::chatroom::file::FILE_MAX;
use rstest::rstest;

use super::{
    super::{is_error, is_well, text},
    alone,
    form::{Part, form, typed},
};
use crate::{
    bucket::Bucket,
    crash::Process,
    harness::{Backend, Database, answer},
};

#[rstest]
#[tokio::test]
async fn upload_file_to_a_bucket(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let bucket = Bucket::start().await;
    let process = Process::start_with(
        &database,
        &[
            ("ERRAND_FILES__URL", "s3://bucket/of/ours"),
            ("AWS_ENDPOINT", &bucket.url),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "ann"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
        ],
    )
    .await;
    let http = reqwest::Client::new();
    let (token, room) = alone(&http, &process.base).await;
    let request = |path: &str| typed(http.post(format!("{}{path}", process.base)).bearer_auth(&token));
    let upload = async |bytes: &[u8]| {
        let form = form(&[Part::room(&room), Part::file("a", "image/png", bytes)]);
        answer(request("/upload/file").body(form)).await
    };
    let large = vec![7; 6 << 20]; // in two parts
    for bytes in [b"small".as_slice(), &large] {
        let sent = upload(bytes).await;
        let file = &is_well(&sent, 201)["file"];
        let url = format!("{}{}", process.base, text(&file["encrypted_url"]));
        let got = http.get(url).bearer_auth(&token).send().await.unwrap();
        assert_eq!((got.status().as_u16(), got.bytes().await.unwrap().as_ref()), (200, bytes));
    }
    let too_large = vec![7; usize::try_from(FILE_MAX).unwrap() + 1];
    is_error(&upload(&too_large).await, 413, "FILE_TOO_LARGE");
    bucket.has(2, "of/ours/files/").await;
    let gone = http.delete(format!("{}/chatrooms/{room}", process.base)).bearer_auth(&token);
    assert_eq!(answer(gone).await.status, 200);
    bucket.has(0, "").await;
}
