//! The load: so many clients, each on a keep-alive connection of its own, each asking again as soon as it is answered.
//!
//! Straight on hyper's connections, because a client with pools and redirects would take more of the processor than a server does.

use std::{
    net::SocketAddr,
    path::PathBuf,
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures::future::try_join_all;
use http_body_util::{BodyExt, Full};
use hyper::{Request, StatusCode, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::Broken;

/// What every client sends.
const TASK: &str = r#"{"title":"Call the dentist","description":"Ask about the wisdom tooth",
    "priority":"urgent","due_date":"2026-11-22T09:00:00+01:00"}"#;

/// A server that makes tasks.
pub(crate) struct Target {
    /// What the table calls it.
    pub(crate) name: &'static str,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Where tasks are posted to.
    pub(crate) path: &'static str,
    /// The token that it wants.
    pub(crate) token: Option<String>,
    /// Its file.
    pub(crate) database: PathBuf,
    /// What must be there for every task: a name, and the SQL that counts it.
    pub(crate) counts: &'static [(&'static str, &'static str)],
}

/// What a server did under load.
pub(crate) struct Round {
    /// Tasks that were made before the time was over, per second.
    pub(crate) per_second: f64,
    /// Half of the creates were answered within this time, in milliseconds.
    pub(crate) p50_ms: f64,
    /// 99 % of them.
    pub(crate) p99_ms: f64,
    /// How many were answered with 200, also after the time was over.
    pub(crate) acknowledged: u64,
    /// How many were answered with something else.
    pub(crate) errors: u64,
}

/// What one client saw: how long each create took, and how many failed.
#[derive(Default)]
struct Seen {
    in_time: u32,
    took: Vec<Duration>,
    errors: u64,
}

/// Loads `target` for `time`; a request that has begun is waited for.
pub(crate) async fn run(target: &Target, clients: u64, time: Duration) -> Result<Round, Broken> {
    let mut connections = Vec::new();
    for _ in 0..clients {
        connections.push(connect(target.address).await?);
    }
    let request = request(target)?;
    let end = Instant::now() + time;
    let seen = connections.into_iter().map(|connection| tokio::spawn(client(connection, request.clone(), end)));
    let seen = try_join_all(seen).await?.into_iter().collect::<Result<Vec<_>, _>>()?;
    let mut took: Vec<Duration> = seen.iter().flat_map(|seen| seen.took.iter().copied()).collect();
    took.sort_unstable();
    let at = |percent: usize| took.get(took.len() * percent / 100).map_or(f64::NAN, |took| took.as_secs_f64() * 1000.0);
    Ok(Round {
        per_second: f64::from(seen.iter().map(|seen| seen.in_time).sum::<u32>()) / time.as_secs_f64(),
        p50_ms: at(50),
        p99_ms: at(99),
        acknowledged: u64::try_from(took.len())?,
        errors: seen.iter().map(|seen| seen.errors).sum(),
    })
}

async fn connect(address: SocketAddr) -> Result<http1::SendRequest<Full<Bytes>>, Broken> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection); // what goes wrong with it is told to the sender
    Ok(sender)
}

fn request(target: &Target) -> Result<Request<Full<Bytes>>, Broken> {
    let mut request = Request::post(target.path)
        .header(header::HOST, target.address.to_string())
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(token) = &target.token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    Ok(request.body(Full::new(Bytes::from_static(TASK.as_bytes())))?)
}

async fn client(
    mut sender: http1::SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
    end: Instant,
) -> Result<Seen, Broken> {
    let mut seen = Seen::default();
    loop {
        let began = Instant::now();
        if began >= end {
            return Ok(seen);
        }
        sender.ready().await?;
        let answer = sender.send_request(request.clone()).await?;
        let status = answer.status();
        answer.into_body().collect().await?;
        if status != StatusCode::OK {
            seen.errors += 1;
            continue;
        }
        seen.took.push(began.elapsed());
        seen.in_time += u32::from(Instant::now() < end);
    }
}
