//! What the framework refuses, on every contract: each says it in its own words, as JSON, with the id of the request.
//!
//! To cover a new contract: its line in [`FACES`].

use std::collections::BTreeSet;

use futures::stream;
use reqwest::{Body, Method, RequestBuilder};
use rstest::rstest;
use serde_json::Value;

use crate::{
    harness::{Answer, Backend, Server, User, answer},
    script::Script,
};

/// A contract, and what of it is asked here.
struct Face {
    name: &'static str,
    /// Where it is served.
    base: fn(&Server) -> &str,
    /// An endpoint that takes JSON.
    makes: (Method, &'static str),
    /// A text that it takes, and how it refuses what is none.
    field: (&'static str, u16),
    /// What a wrong method is told in `Allow`.
    allow: &'static str,
    /// An endpoint with an id, up to the id.
    one: (Method, &'static str),
    /// An endpoint with a wrong query, where there are queries.
    query: Option<&'static str>,
    /// A path that there is not.
    nowhere: &'static str,
    /// Whether this is how the contract words an error of this status.
    words: fn(u16, &Value) -> bool,
}

impl Face {
    fn asked(&self, user: &User<'_>, method: &Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", (self.base)(user.server));
        user.server.http.request(method.clone(), url).bearer_auth(&user.token)
    }
}

const FACES: [Face; 5] = [
    Face {
        name: "dashboard",
        base: |server| &server.base,
        makes: (Method::POST, "/api/tasks/"),
        field: ("title", 400),
        allow: "POST",
        one: (Method::DELETE, "/api/tasks/"),
        query: None,
        nowhere: "/api/nothing",
        words: |status, body| match status {
            400 | 413 | 415 => has(body, &["error", "details"]) && body["details"].is_object(),
            _ => has(body, &["error", "message"]) && body["message"].is_string(),
        },
    },
    Face {
        name: "assistant",
        base: |server| &server.base,
        makes: (Method::POST, "/api/tasks"),
        field: ("title", 400),
        allow: "POST",
        one: (Method::GET, "/api/conversations/"),
        query: None,
        nowhere: "/api/conversations/1/messages",
        words: |_, body| has(body, &["error", "code"]) && body["code"].is_string(),
    },
    Face {
        name: "v1",
        base: |server| &server.base,
        makes: (Method::PUT, "/api/v1/tasks/1"),
        field: ("title", 400),
        allow: "PUT,DELETE",
        one: (Method::DELETE, "/api/v1/tasks/"),
        query: Some("/api/v1/tasks?limit=many"),
        nowhere: "/api/v1/nothing",
        words: |_, body| has(body, &["detail"]) && body["detail"].is_string(),
    },
    Face {
        name: "chasqui",
        base: |server| &server.chasqui,
        makes: (Method::POST, "/api/tasks"),
        field: ("title", 400),
        allow: "GET,HEAD,POST",
        one: (Method::GET, "/api/conversations/"),
        query: Some("/api/conversations/conv:00000000-0000-0000-0000-000000000000/messages?limit=many"),
        nowhere: "/api/nothing",
        words: |_, body| has(body, &["error"]) && body["error"].is_string(),
    },
    Face {
        name: "rooms",
        base: |server| &server.base,
        makes: (Method::PUT, "/users/me"),
        field: ("display_name", 422),
        allow: "GET,HEAD,PUT",
        one: (Method::DELETE, "/auth/sessions/"),
        query: None,
        nowhere: "/users/nothing",
        words: |_, body| {
            has(body, &["success", "error"])
                && body["success"] == false
                && has(&body["error"], &["code", "message", "details"])
                && body["error"]["code"].is_string()
        },
    },
];

/// These fields and no others.
fn has(body: &Value, fields: &[&str]) -> bool {
    body.as_object()
        .is_some_and(|body| body.len() == fields.len() && fields.iter().all(|field| body.contains_key(*field)))
}

#[test]
fn every_contract_has_its_line() {
    let served: BTreeSet<_> = errand::faces::ALL.iter().map(|face| face.name).collect();
    let here: BTreeSet<_> = FACES.iter().map(|face| face.name).collect();
    assert_eq!(served, here);
}

fn is_refused(face: &Face, refused: &Answer, status: u16) {
    assert_eq!(refused.status, status, "{}: {refused:?}", face.name);
    assert!((face.words)(status, &refused.body), "{}: {refused:?}", face.name);
    assert_eq!(refused.headers["content-type"], "application/json", "{}", face.name);
    assert!(refused.headers.contains_key("x-request-id"), "{}", face.name);
    let allow = refused.headers.get("allow").map(|allow| allow.to_str().unwrap());
    assert_eq!(allow, (status == 405).then_some(face.allow), "{}", face.name);
}

const JSON: Option<&str> = Some("application/json");

#[rstest]
#[case::malformed(400, JSON, "{\"title\": ")]
#[case::nothing(400, JSON, "")]
#[case::more_than_one_value(400, JSON, "{\"title\": \"a\"} {}")]
#[case::not_an_object(400, JSON, "[1]")]
#[case::a_list_of_what_the_fields_may_be(400, JSON, "[null, null]")]
#[case::a_field_of_a_wrong_type(422, JSON, "{\"title\": {}}")]
#[case::a_field_twice(422, JSON, "{\"title\": \"a\", \"title\": \"b\"}")]
#[case::not_utf_8(400, JSON, b"{\"title\": \"\xff\"}".to_vec())]
#[case::half_a_surrogate(400, JSON, "{\"title\": \"\\ud83d\"}")]
#[case::too_deep(400, JSON, "[".repeat(100_000))]
#[case::no_content_type(415, None, "{\"title\": \"a\"}")]
#[case::another_content_type(415, Some("text/plain"), "{\"title\": \"a\"}")]
#[case::a_form(415, Some("application/x-www-form-urlencoded"), "title=a")]
#[case::too_large(413, JSON, " ".repeat(3 << 20))]
#[tokio::test]
async fn every_contract_refuses_a_bad_body_in_its_own_words(
    #[case] status: u16,
    #[case] kind: Option<&str>,
    #[case] body: impl Into<Vec<u8>>,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, body) = (server.user("ann").await, body.into());
    for face in &FACES {
        let (field, invalid) = face.field;
        let request = face.asked(&ann, &face.makes.0, face.makes.1).body(with_field(&body, field));
        let request = kind.into_iter().fold(request, |request, kind| request.header("content-type", kind));
        is_refused(face, &answer(request).await, if status == 422 { invalid } else { status });
    }
    assert!(ann.tasks().await.is_empty());
}

/// The same body about another field than `title`. It need not be text.
fn with_field(body: &[u8], field: &str) -> Vec<u8> {
    let parts: Vec<&[u8]> = body.split(|byte| *byte == b'"').collect();
    let named = parts.into_iter().map(|part| if part == b"title" { field.as_bytes() } else { part });
    named.collect::<Vec<_>>().join(&b'"')
}

/// What is wrong with a request that is not its body.
#[derive(Clone, Copy)]
enum Wrong {
    Token(Option<&'static str>),
    Method(&'static str),
    Path(&'static str),
    Id(&'static str),
    Query,
    EndlessBody,
}

impl Wrong {
    /// None where the contract has no place for it.
    fn request(self, face: &Face, ann: &User<'_>) -> Option<RequestBuilder> {
        let makes = |request: RequestBuilder| request.header("content-type", "application/json");
        Some(match self {
            Self::Token(value) => {
                let request = ann
                    .server
                    .http
                    .request(face.makes.0.clone(), format!("{}{}", (face.base)(ann.server), face.makes.1));
                let request = makes(request).body("{\"title\": \"a\"}");
                value.into_iter().fold(request, |request, value| request.header("authorization", value))
            }
            Self::Method(method) => face.asked(ann, &method.parse().unwrap(), face.makes.1),
            Self::Path(method) => makes(face.asked(ann, &method.parse().unwrap(), face.nowhere)).body("{}"),
            Self::Id(id) => face.asked(ann, &face.one.0, &format!("{}{id}", face.one.1)),
            Self::Query => face.asked(ann, &Method::GET, face.query?),
            Self::EndlessBody => {
                let chunks = (0..48).map(|_| Ok::<_, std::io::Error>(vec![b' '; 64 << 10]));
                makes(face.asked(ann, &face.makes.0, face.makes.1)).body(Body::wrap_stream(stream::iter(chunks)))
            }
        })
    }
}

#[rstest]
#[case::no_token(401, Wrong::Token(None))]
#[case::an_empty_token(401, Wrong::Token(Some("Bearer ")))]
#[case::another_scheme(401, Wrong::Token(Some("Basic YW5uOmhvcnNl")))]
#[case::wrong_method(405, Wrong::Method("PATCH"))]
#[case::unknown_method(405, Wrong::Method("DANCE"))]
#[case::unknown_path(404, Wrong::Path("GET"))]
#[case::unknown_path_to_write(404, Wrong::Path("POST"))]
#[case::an_id_of_another_form(404, Wrong::Id("seven"))]
#[case::an_id_that_is_too_large(404, Wrong::Id("99999999999999999999999999999999999999999"))]
#[case::an_id_that_is_not_utf_8(404, Wrong::Id("%ff"))]
#[case::a_wrong_query(400, Wrong::Query)]
#[case::too_large_in_chunks(413, Wrong::EndlessBody)]
#[tokio::test]
async fn every_contract_refuses_in_its_own_words(
    #[case] status: u16,
    #[case] wrong: Wrong,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    for face in &FACES {
        let Some(request) = wrong.request(face, &ann) else { continue };
        is_refused(face, &answer(request).await, status);
    }
}

#[rstest]
#[tokio::test]
async fn the_socket_refuses_in_the_words_of_dashboard(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ask = |method, path: &str| answer(server.http.request(method, format!("{}{path}", server.base)));
    for (method, path, status) in [(Method::GET, "/ws", 426), (Method::POST, "/ws", 405)] {
        let refused = ask(method, path).await;
        assert_eq!(refused.status, status, "{refused:?}");
        assert!((FACES[0].words)(status, &refused.body), "{refused:?}");
        assert!(refused.headers.contains_key("x-request-id"));
    }
}
