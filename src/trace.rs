//! What every request passes, whatever it is for: it has an id, which is on its answer and in every line of the log that it causes.
//!
//! Work that a request leaves behind in a task of its own takes the span with it: `tokio::spawn(work.in_current_span())`.

use axum::{
    Router,
    body::Body,
    http::{HeaderName, HeaderValue, Request},
    middleware::from_fn,
};
use tower::ServiceBuilder;
use tower_http::{
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer},
    trace::TraceLayer,
};

use crate::unread;

const ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that a client may give.
const LONGEST: usize = 128;

/// Gives each request of `router` an id and a span.
pub(crate) fn traced(router: Router) -> Router {
    router.layer(
        ServiceBuilder::new()
            .map_request(without_strange_id)
            .layer(SetRequestIdLayer::new(ID, MakeRequestUuid))
            .layer(TraceLayer::new_for_http().make_span_with(span))
            .layer(PropagateRequestIdLayer::new(ID))
            .layer(from_fn(unread::read)),
    )
}

/// A client may name its request, in a way that a log can take. Of two names neither holds.
fn without_strange_id(mut request: Request<Body>) -> Request<Body> {
    let ids: Vec<_> = request.headers().get_all(ID).iter().collect();
    if !matches!(ids.as_slice(), [id] if is_sane(id)) {
        request.headers_mut().remove(ID);
    }
    request
}

fn is_sane(id: &HeaderValue) -> bool {
    (1..=LONGEST).contains(&id.len()) && id.as_bytes().iter().all(u8::is_ascii_graphic)
}

/// At the level of errors, so that it is there whatever the log leaves out.
fn span(request: &Request<Body>) -> tracing::Span {
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok()).unwrap_or_default();
    // The path only: the query of a socket has its token.
    tracing::error_span!("request", id, method = %request.method(), path = request.uri().path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("a", true)]
    #[case("0198a3b1-7c3e-7d35-9f0a-2a6a4be1c0de", true)]
    #[case("!~", true)]
    #[case(&"x".repeat(128), true)]
    #[case(&"x".repeat(129), false)]
    #[case("", false)]
    #[case("a b", false)]
    #[case("a\tb", false)]
    #[case("é", false)]
    fn ids_of_clients(#[case] id: &str, #[case] sane: bool) {
        assert_eq!(is_sane(&HeaderValue::from_bytes(id.as_bytes()).unwrap()), sane);
    }
}
