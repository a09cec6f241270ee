//! What the endpoint refuses, and how it says so.

use reqwest::{Method, header::HeaderMap};
use rstest::rstest;
use serde_json::{Value, json};

use super::{asked, begin, initialize, message, modern, ping};
use crate::{
    harness::{Answer, Backend, Server, User, answer},
    script::Script,
};

async fn server() -> Server {
    let settings =
        |config: &mut errand::config::Config| config.server.public_url = Some("https://errand.example".into());
    Server::start_with(Backend::Sqlite, Script::adding(), settings).await.unwrap()
}

/// A refusal: a status, and an error of JSON-RPC.
#[track_caller]
fn is_refused(refused: &Answer, status: u16, code: i64) {
    assert_eq!(refused.status, status, "{refused:?}");
    assert_eq!(refused.headers["content-type"], "application/json", "{refused:?}");
    assert_eq!(
        (&refused.body["jsonrpc"], &refused.body["error"]["code"]),
        (&json!("2.0"), &json!(code)),
        "{refused:?}"
    );
    assert!(refused.body["error"]["message"].as_str().is_some_and(|text| !text.is_empty()), "{refused:?}");
}

const INVALID: i64 = -32600;

#[tokio::test]
async fn without_a_token_it_says_where_to_get_one() {
    let server = server().await;
    let url = format!("{}/mcp", server.base);
    let nobody = answer(server.http.post(&url).json(&initialize())).await;
    is_refused(&nobody, 401, INVALID);
    let challenge = nobody.headers["www-authenticate"].to_str().unwrap();
    assert!(challenge.starts_with("Bearer resource_metadata=\"https://errand.example/.well-known/"), "{challenge}");
    assert!(challenge.contains("scope=\"tasks:read tasks:write\""), "{challenge}");
    for method in [Method::GET, Method::DELETE, Method::PUT] {
        is_refused(&answer(server.http.request(method, &url)).await, 401, INVALID);
    }
    let bad = answer(server.http.post(&url).bearer_auth("no token").json(&initialize())).await;
    is_refused(&bad, 401, INVALID);
    assert!(bad.headers["www-authenticate"].to_str().unwrap().contains("error=\"invalid_token\""));
}

#[tokio::test]
async fn a_token_in_the_query_is_none() {
    let server = server().await;
    let ann = server.user("ann").await;
    for name in ["token", "access_token"] {
        let url = format!("{}/mcp?{name}={}", server.base, ann.token);
        is_refused(&answer(server.http.post(url).json(&initialize())).await, 401, INVALID);
    }
}

#[rstest]
#[case::its_own("origin", "https://errand.example", true)]
#[case::this_machine("origin", "http://localhost:6274", true)]
#[case::allowed("origin", "https://app.example.com", true)]
#[case::allowed_by_another_port("origin", "https://app.example.com:8443", false)]
#[case::allowed_by_another_scheme("origin", "http://app.example.com", false)]
#[case::any_port("origin", "https://tool.example.com:8443", true)]
#[case::somebody("origin", "https://evil.example", false)]
#[case::like_ours("origin", "https://errand.example.evil.example", false)]
#[case::like_this_machine("origin", "http://localhost.evil.example", false)]
#[case::none("origin", "null", false)]
#[case::nonsense("origin", "errand", false)]
#[case::public_name("host", "errand.example", true)]
#[case::this_machines_name("host", "localhost:1", true)]
#[case::digits("host", "192.168.1.7:8000", true)]
#[case::allowed_name("host", "errand.lan", true)]
#[case::a_name_that_points_here("host", "evil.example", false)]
#[case::with_digits_in_front("host", "127.0.0.1.evil.example", false)]
#[tokio::test]
async fn from_where_and_by_which_name(#[case] header: &'static str, #[case] value: &'static str, #[case] taken: bool) {
    let settings = |config: &mut errand::config::Config| {
        config.server.public_url = Some("https://errand.example".into());
        config.mcp.allowed_hosts = vec!["errand.lan".into()];
        let origins = json!(["https://app.example.com", "https://tool.example.com:*"]);
        config.mcp.allowed_origins = serde_json::from_value(origins).unwrap();
    };
    let server = Server::start_with(Backend::Sqlite, Script::adding(), settings).await.unwrap();
    let ann = server.user("ann").await;
    let asked = answer(asked(&ann, Method::POST).header(header, value).json(&initialize())).await;
    if taken {
        assert_eq!(asked.status, 200, "{asked:?}");
    } else {
        is_refused(&asked, 403, INVALID);
        assert!(!asked.headers.contains_key("access-control-allow-origin"));
    }
}

#[tokio::test]
async fn a_client_in_a_web_page_can_ask_and_read() {
    let server = server().await;
    let ann = server.user("ann").await;
    let url = format!("{}/mcp", server.base);
    let preflight = |origin: &'static str| {
        server
            .http
            .request(Method::OPTIONS, &url)
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,mcp-protocol-version,mcp-param-value")
    };
    let told = answer(preflight("http://localhost:6274")).await;
    assert_eq!(told.status, 200);
    assert_eq!(told.headers["access-control-allow-origin"], "http://localhost:6274");
    assert_eq!(told.headers["access-control-allow-headers"], "authorization,mcp-protocol-version,mcp-param-value");
    assert!(!answer(preflight("https://evil.example")).await.headers.contains_key("access-control-allow-origin"));
    let asked = answer(asked(&ann, Method::POST).header("origin", "http://localhost:6274").json(&initialize())).await;
    let exposed = asked.headers["access-control-expose-headers"].to_str().unwrap().to_owned();
    assert!(exposed.contains("mcp-session-id") && exposed.contains("www-authenticate"), "{exposed}");
    let nobody = answer(server.http.post(&url).header("origin", "http://localhost:6274")).await;
    assert_eq!(
        (nobody.status, &nobody.headers["access-control-allow-origin"]),
        (401, &"http://localhost:6274".parse().unwrap())
    );
}

#[rstest]
#[case::half(r#"{"jsonrpc": "2.0", "id": 1"#, -32700)]
#[case::nothing("", -32700)]
#[case::batch("[]", INVALID)]
#[case::no_message("{}", INVALID)]
#[case::text("\"ping\"", INVALID)]
#[tokio::test]
async fn what_is_no_message(#[case] body: &'static str, #[case] code: i64) {
    let server = server().await;
    let ann = server.user("ann").await;
    let sent = asked(&ann, Method::POST).header("content-type", "application/json").body(body);
    is_refused(&answer(sent).await, 400, code);
}

/// A body of nothing but brackets must neither crash the server nor keep it busy.
#[rstest]
#[case::in_arguments(
    r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_tasks","arguments":{"query":"#,
    "}}}"
)]
#[case::in_an_unknown_field(r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"#, "}}")]
#[case::bare("", "")]
#[tokio::test]
async fn deep_json(#[case] before: &'static str, #[case] after: &'static str) {
    let server = server().await;
    let ann = server.user("ann").await;
    let depth = 200_000;
    let body = format!("{before}{}{}{after}", "[".repeat(depth), "]".repeat(depth));
    let sent = asked(&ann, Method::POST).header("content-type", "application/json").body(body);
    is_refused(&answer(sent).await, 400, -32700);
    assert_eq!(ping(&ann, &begin(&ann).await).await.status, 200);
}

#[tokio::test]
async fn a_body_that_is_too_long() {
    let server = server().await;
    let ann = server.user("ann").await;
    let long = message("ping", &json!({"x": "x".repeat(1 << 20)}));
    is_refused(&answer(asked(&ann, Method::POST).json(&long)).await, 413, INVALID);
}

#[tokio::test]
async fn media_types_and_methods() {
    let server = server().await;
    let ann = server.user("ann").await;
    let text = asked(&ann, Method::POST).header("content-type", "text/plain").body(initialize().to_string());
    is_refused(&answer(text).await, 415, INVALID);
    let json_only = ann.request(Method::POST, "/mcp").header("accept", "application/json").json(&initialize());
    is_refused(&answer(json_only).await, 406, INVALID);
    let put = answer(asked(&ann, Method::PUT)).await;
    is_refused(&put, 405, INVALID);
    assert_eq!(put.headers["allow"], "GET, POST, DELETE");
    let modern_get = asked(&ann, Method::GET).header("mcp-protocol-version", "2026-07-28");
    is_refused(&answer(modern_get).await, 405, INVALID);
}

/// The headers of a message as clients of 2026-07-28 send it, with one of them otherwise.
async fn with(user: &User<'_>, header: &'static str, value: Option<&'static str>) -> Answer {
    let mut request = modern(user, "tools/call", json!({"name": "get_context", "arguments": {}})).build().unwrap();
    let headers: &mut HeaderMap = request.headers_mut();
    match value {
        Some(value) => headers.insert(header, value.parse().unwrap()),
        None => headers.remove(header),
    };
    let response = user.server.http.execute(request).await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, body: response.json().await.unwrap_or(Value::Null) }
}

#[rstest]
#[case::another_method("mcp-method", Some("tools/list"), 400, -32020)]
#[case::no_method("mcp-method", None, 400, -32020)]
#[case::another_tool("mcp-name", Some("undo"), 400, -32020)]
#[case::no_tool("mcp-name", None, 400, -32020)]
#[case::another_version("mcp-protocol-version", Some("2025-11-25"), 400, -32020)]
#[case::no_version("mcp-protocol-version", None, 400, -32020)]
#[tokio::test]
async fn headers_say_what_the_body_says(
    #[case] header: &'static str,
    #[case] value: Option<&'static str>,
    #[case] status: u16,
    #[case] code: i64,
) {
    let server = server().await;
    let ann = server.user("ann").await;
    assert_eq!(with(&ann, "x-nothing", None).await.status, 200);
    is_refused(&with(&ann, header, value).await, status, code);
}

#[tokio::test]
async fn versions_and_methods_that_there_are_not() {
    let server = server().await;
    let ann = server.user("ann").await;
    let mut future = message("tools/list", &json!({}));
    future["params"]["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "1900-01-01",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let headers = [("mcp-protocol-version", "1900-01-01"), ("mcp-method", "tools/list")];
    let request =
        headers.iter().fold(asked(&ann, Method::POST), |request, (name, value)| request.header(*name, *value));
    let refused = answer(request.json(&future)).await;
    is_refused(&refused, 400, -32022);
    assert!(
        refused.body["error"]["data"]["supported"].as_array().unwrap().contains(&json!("2026-07-28")),
        "{refused:?}"
    );
    is_refused(&answer(modern(&ann, "tasks/everything", json!({}))).await, 404, -32601);
}
