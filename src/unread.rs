//! A request that is answered before its body was read (without a token, to a path that is none) keeps its connection.
//!
//! A body may come behind its head in a packet of its own. What nobody reads of it would make hyper end the connection without a word, and
//! a client that has sent its next request there already gets no answer to it. So what is left is read here, or, when it is too much
//! or too slow, the answer says that the connection ends.

use std::{
    mem,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{HeaderMap, HeaderValue, Version, header},
    middleware::Next,
    response::Response,
};
use http_body::{Frame, SizeHint};
use tokio::sync::oneshot;

/// The longest rest of a body, in bytes, that costs less than a new connection.
const MOST: usize = 64 << 10;

/// How long the rest may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// Answers, and reads what was left of the request.
pub(crate) async fn read(request: Request, next: Next) -> Response {
    let version = request.version();
    let waits = waits(request.headers());
    let (returned, mut left) = oneshot::channel();
    let mut response = next.run(request.map(|body| Body::new(Lent { body, back: Some(returned) }))).await;
    let whole = match left.try_recv() {
        Ok(body) => !waits && is_read(body).await,
        Err(_) => true, // it was read, or it is still being read
    };
    if !whole && version < Version::HTTP_2 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Whether the client sends its body only when it is asked to: then it must not be asked for a body that nobody wants.
fn waits(headers: &HeaderMap) -> bool {
    headers.get(header::EXPECT).is_some_and(|expected| expected.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

async fn is_read(body: Body) -> bool {
    matches!(tokio::time::timeout(PATIENCE, axum::body::to_bytes(body, MOST)).await, Ok(Ok(_)))
}

/// A body that comes back if it is not read to its end.
struct Lent {
    body: Body,
    back: Option<oneshot::Sender<Body>>,
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(back), false) = (self.back.take(), self.body.is_end_stream()) {
            let _ = back.send(mem::take(&mut self.body)); // the request itself was given up
        }
    }
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
