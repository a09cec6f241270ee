//! The load: so many clients, each on a keep-alive connection of its own, each asking again as soon as it is answered.
//!
//! Straight on hyper's connections, because a client with pools and redirects would take more of the processor than a server does.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures::future::try_join_all;
use http_body_util::{BodyExt, Full};
use hyper::{Request, StatusCode, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::{Broken, median};

/// What every client sends, and to whom.
#[derive(Clone)]
pub struct Load {
    address: SocketAddr,
    request: Request<Full<Bytes>>,
}

/// What a server did under load.
pub struct Round {
    /// Requests that were answered before the time was over, per second.
    pub per_second: f64,
    /// Half of them were answered within this time, in milliseconds.
    pub p50_ms: f64,
    /// 99 % of them.
    pub p99_ms: f64,
    /// How many were answered with 200, also after the time was over.
    pub acknowledged: u64,
    /// How many were answered with something else.
    pub errors: u64,
    /// How many bytes the bodies of those answers have that say 200.
    pub bytes: u64,
}

/// What one client saw: how long each answer took, and how many were none.
#[derive(Default)]
struct Seen {
    in_time: u32,
    took: Vec<Duration>,
    errors: u64,
    bytes: usize,
}

impl Load {
    /// JSON that is posted to `path`.
    ///
    /// # Errors
    /// For a path that is none.
    pub fn post(address: SocketAddr, path: &str, body: impl Into<Bytes>) -> Result<Self, Broken> {
        let request = Request::post(path)
            .header(header::HOST, address.to_string())
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(body.into()))?;
        Ok(Self { address, request })
    }

    /// The same with a header more.
    ///
    /// # Errors
    /// For a value that no header can have.
    pub fn with(mut self, name: &'static str, value: &str) -> Result<Self, Broken> {
        self.request.headers_mut().insert(name, value.parse()?);
        Ok(self)
    }

    /// Asks once; the body of the answer.
    ///
    /// # Errors
    /// When the answer is not 200, or no JSON.
    pub async fn ask(&self) -> Result<Value, Broken> {
        let answer = connect(self.address).await?.send_request(self.request.clone()).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        if status != StatusCode::OK {
            return Err(format!("{}: {status}: {}", self.request.uri(), String::from_utf8_lossy(&body)).into());
        }
        Ok(serde_json::from_slice(&body)?)
    }

    /// Asks for `time`; a request that has begun is waited for.
    ///
    /// # Errors
    /// When a connection breaks.
    pub async fn run(&self, clients: u64, time: Duration) -> Result<Round, Broken> {
        let mut connections = Vec::new();
        for _ in 0..clients {
            connections.push(connect(self.address).await?);
        }
        let end = Instant::now() + time;
        let seen =
            connections.into_iter().map(|connection| tokio::spawn(client(connection, self.request.clone(), end)));
        let seen = try_join_all(seen).await?.into_iter().collect::<Result<Vec<_>, _>>()?;
        let mut took: Vec<Duration> = seen.iter().flat_map(|seen| seen.took.iter().copied()).collect();
        took.sort_unstable();
        let at =
            |percent: usize| took.get(took.len() * percent / 100).map_or(f64::NAN, |took| took.as_secs_f64() * 1000.0);
        Ok(Round {
            per_second: f64::from(seen.iter().map(|seen| seen.in_time).sum::<u32>()) / time.as_secs_f64(),
            p50_ms: at(50),
            p99_ms: at(99),
            acknowledged: u64::try_from(took.len())?,
            errors: seen.iter().map(|seen| seen.errors).sum(),
            bytes: u64::try_from(seen.iter().map(|seen| seen.bytes).sum::<usize>())?,
        })
    }
}

/// How servers are loaded that are compared: in turns, so that what else the machine does falls on all of them.
#[derive(Clone, Copy)]
pub struct Turns {
    /// How many clients ask at once, each on a connection of its own.
    pub clients: u64,
    /// How long each server is loaded in a round.
    pub time: Duration,
    /// How often each is loaded, besides once before, for a second at most, to fill its caches.
    pub rounds: u64,
}

impl Turns {
    /// Puts the `loads` on their servers; what each of them did. `tell` hears of each round as it ends: its number, whose it was, and
    /// what was done. The number 0 is the one that fills caches.
    ///
    /// # Errors
    /// As [`Load::run`].
    pub async fn run<const N: usize>(
        self,
        loads: [&Load; N],
        mut tell: impl FnMut(u64, usize, &Round),
    ) -> Result<[Rounds; N], Broken> {
        let mut all = [(); N].map(|()| Rounds { before: None, counted: Vec::new() });
        for number in 0..=self.rounds {
            let time = if number == 0 { self.time.min(Duration::from_secs(1)) } else { self.time };
            for (at, (load, rounds)) in loads.iter().zip(&mut all).enumerate() {
                let round = load.run(self.clients, time).await?;
                tell(number, at, &round);
                if number == 0 { rounds.before = Some(round) } else { rounds.counted.push(round) }
            }
        }
        Ok(all)
    }
}

/// What a server did in its turns.
pub struct Rounds {
    /// In the round that filled its caches.
    pub before: Option<Round>,
    /// In those that count.
    pub counted: Vec<Round>,
}

impl Rounds {
    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Round> {
        self.before.iter().chain(&self.counted)
    }

    /// How many requests were answered with 200 in all of them.
    #[must_use]
    pub fn acknowledged(&self) -> u64 {
        self.all().map(|round| round.acknowledged).sum()
    }

    /// The median of a figure over the rounds that count.
    #[must_use]
    pub fn median(&self, figure: impl Fn(&Round) -> f64) -> f64 {
        median(self.counted.iter().map(figure).collect())
    }
}

async fn connect(address: SocketAddr) -> Result<http1::SendRequest<Full<Bytes>>, Broken> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection); // what goes wrong with it is told to the sender
    Ok(sender)
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
        let bytes = answer.into_body().collect().await?.to_bytes().len();
        if status != StatusCode::OK {
            seen.errors += 1;
            continue;
        }
        seen.took.push(began.elapsed());
        seen.bytes += bytes;
        seen.in_time += u32::from(Instant::now() < end);
    }
}
