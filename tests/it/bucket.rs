//! As much of Amazon's S3 as the store of files needs, in memory.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};

#[derive(Default)]
struct Objects {
    whole: BTreeMap<String, Bytes>,
    /// Uploads of several parts that were not ended, by their ids.
    parts: BTreeMap<String, BTreeMap<u32, Bytes>>,
}

/// A bucket with the name `bucket`.
pub(crate) struct Bucket {
    pub(crate) url: String,
    objects: Arc<Mutex<Objects>>,
}

impl Bucket {
    pub(crate) async fn start() -> Self {
        let objects = Arc::new(Mutex::new(Objects::default()));
        let router = Router::new().fallback(answer).layer(DefaultBodyLimit::disable()).with_state(Arc::clone(&objects));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, objects }
    }

    /// Waits until there are so many, all of which begin like this, and nothing is on its way.
    pub(crate) async fn has(&self, count: usize, prefix: &str) {
        let state = || {
            let objects = self.objects.lock().unwrap();
            (objects.whole.keys().cloned().collect::<Vec<_>>(), objects.parts.len())
        };
        for _ in 0..100 {
            let (names, parts) = state();
            if names.len() == count && parts == 0 && names.iter().all(|name| name.starts_with(prefix)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{:?}", state());
    }
}

async fn answer(
    State(objects): State<Arc<Mutex<Objects>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    assert!(headers["authorization"].to_str().unwrap().starts_with("AWS4-HMAC-SHA256 "));
    let key = uri.path().strip_prefix("/bucket").unwrap().trim_start_matches('/').to_owned();
    let query: BTreeMap<&str, &str> = uri
        .query()
        .into_iter()
        .flat_map(|query| query.split('&'))
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .collect();
    let (upload, part) = (query.get("uploadId").copied(), query.get("partNumber").copied());
    let mut objects = objects.lock().unwrap();
    match (method, upload) {
        (Method::PUT, Some(upload)) => {
            objects.parts.get_mut(upload).unwrap().insert(part.unwrap().parse().unwrap(), body);
            ([("etag", "\"a part\"")], "").into_response()
        }
        (Method::PUT, None) => {
            let copied = headers.get("x-amz-copy-source").map(|source| {
                let source = source.to_str().unwrap().trim_start_matches('/');
                objects.whole[source.strip_prefix("bucket/").unwrap()].clone()
            });
            let answer = if copied.is_some() { "<CopyObjectResult><ETag>\"x\"</ETag></CopyObjectResult>" } else { "" };
            objects.whole.insert(key, copied.unwrap_or(body));
            ([("etag", "\"x\"")], answer).into_response()
        }
        (Method::POST, None) if query.contains_key("uploads") => {
            let id = errand_core::id::fresh().to_string();
            objects.parts.insert(id.clone(), BTreeMap::new());
            let result = "InitiateMultipartUploadResult";
            format!("<{result}><UploadId>{id}</UploadId></{result}>").into_response()
        }
        (Method::POST, Some(upload)) => {
            let parts = objects.parts.remove(upload).unwrap();
            let parts: Vec<Bytes> = parts.into_values().collect();
            assert!(parts.iter().rev().skip(1).all(|part| part.len() >= 5 << 20), "S3 takes no smaller parts");
            objects.whole.insert(key, parts.concat().into());
            let result = "CompleteMultipartUploadResult";
            format!("<{result}><ETag>\"x\"</ETag></{result}>").into_response()
        }
        (Method::POST, None) if query.contains_key("delete") => {
            let text = String::from_utf8(body.to_vec()).unwrap();
            let names = text.split("<Key>").skip(1).map(|rest| rest.split("</Key>").next().unwrap());
            let gone = names.map(|name| {
                objects.whole.remove(name);
                format!("<Deleted><Key>{name}</Key></Deleted>")
            });
            format!("<DeleteResult>{}</DeleteResult>", gone.collect::<String>()).into_response()
        }
        (Method::DELETE, Some(upload)) => {
            objects.parts.remove(upload);
            StatusCode::NO_CONTENT.into_response()
        }
        (Method::DELETE, None) => {
            objects.whole.remove(&key);
            StatusCode::NO_CONTENT.into_response()
        }
        (Method::GET, None) if query.contains_key("list-type") => {
            let prefix = query.get("prefix").unwrap_or(&"").replace("%2F", "/");
            let line = |(name, bytes): (&String, &Bytes)| {
                let when = "<LastModified>2026-01-01T00:00:00Z</LastModified>";
                format!("<Contents><Key>{name}</Key><Size>{}</Size>{when}</Contents>", bytes.len())
            };
            let found: String = objects.whole.iter().filter(|(name, _)| name.starts_with(&prefix)).map(line).collect();
            format!("<ListBucketResult>{found}</ListBucketResult>").into_response()
        }
        (Method::GET, None) => match objects.whole.get(&key) {
            Some(bytes) => {
                let headers = [("etag", "\"x\""), ("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT")];
                (headers, bytes.clone()).into_response()
            }
            None => StatusCode::NOT_FOUND.into_response(),
        },
        (method, _) => panic!("{method} {uri}"),
    }
}
