//! What a handler leaves unread of a request does not cost the next request on its connection.

use std::time::Duration;

use rstest::rstest;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    harness::{Backend, Server},
    script::Script,
};

/// Requests that are answered without a look at their body.
const REFUSED: [(&str, u16); 4] =
    [("POST /mcp", 401), ("POST /api/chat", 401), ("PUT /health", 405), ("POST /api/nothing", 404)];

fn head(asked: &str, more: &str) -> String {
    format!("{asked} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n{more}\r\n\r\n")
}

/// The head of the next answer, in small letters; nothing if the connection ended. Its body is read too.
async fn answered(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { break };
        head.push(byte);
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.unwrap();
    head
}

async fn connected(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.base.trim_start_matches("http://")).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

async fn is_answered(stream: &mut TcpStream, asked: &str, status: u16) -> String {
    let head = tokio::time::timeout(Duration::from_secs(10), answered(stream)).await.expect("an answer in time");
    assert!(head.starts_with(&format!("http/1.1 {status} ")), "{asked}: {head:?}");
    head
}

#[tokio::test]
async fn a_body_that_comes_late_does_not_end_the_connection() {
    let server = Server::start(Backend::Sqlite, Script::of([])).await.unwrap();
    for (asked, status) in REFUSED {
        let mut stream = connected(&server).await;
        stream.write_all(head(asked, "content-length: 11").as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        stream.write_all(b"{\"a\": \"bc\"}").await.unwrap();
        stream.write_all(head("GET /health", "accept: */*").as_bytes()).await.unwrap();
        is_answered(&mut stream, asked, status).await;
        is_answered(&mut stream, asked, 200).await;
    }
}

#[rstest]
#[case::it_never_comes("content-length: 11")]
#[case::it_is_too_long("content-length: 100000000000")]
#[case::it_waits_to_be_asked_for("content-length: 11\r\nexpect: 100-continue")]
#[tokio::test]
async fn who_cannot_go_on_is_told(#[case] more: &str) {
    let server = Server::start(Backend::Sqlite, Script::of([])).await.unwrap();
    for (asked, status) in REFUSED {
        let mut stream = connected(&server).await;
        stream.write_all(head(asked, more).as_bytes()).await.unwrap();
        let head = is_answered(&mut stream, asked, status).await;
        assert!(head.contains("connection: close"), "{asked}: {head}");
        assert_eq!(stream.read(&mut [0]).await.unwrap(), 0, "it ends");
    }
}
