//! A room with very many sockets.

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use errand_bench::{Broken, per_second};
use futures::{StreamExt, TryStreamExt, stream};

use crate::{
    server::{PEOPLE, Server},
    wire::{SENTENCE, Wire},
};

const MESSAGES: usize = 200;
/// How long until what was made for opening sockets is given back.
const SETTLED: Duration = Duration::from_secs(3);
/// How many bytes an idle socket may cost.
const MEMORY: u64 = 16 * 1024;

pub(crate) async fn measure(sockets: usize) -> Result<bool, Broken> {
    let server = Server::start().await?;
    let mut writer = Wire::open(&server.room, 0, None, false).await?;
    tokio::time::sleep(SETTLED).await;
    let before = server.memory()?;
    let opened = stream::iter(0..sockets)
        .map(|number| Wire::open(&server.room, number % PEOPLE, None, false))
        .buffer_unordered(16)
        .try_collect::<Vec<_>>()
        .await?;
    tokio::time::sleep(SETTLED).await;
    let each = server.memory()?.saturating_sub(before) / sockets as u64;
    println!("fan-out  {sockets} sockets in one room, {each} bytes for each idle one (goal {MEMORY})");

    let written: Arc<Vec<OnceLock<Instant>>> = Arc::new((0..MESSAGES).map(|_| OnceLock::new()).collect());
    let (began, first) = (Instant::now(), Arc::new(OnceLock::new()));
    let readers: Vec<_> =
        opened.into_iter().map(|wire| tokio::spawn(read(wire, Arc::clone(&written), Arc::clone(&first)))).collect();
    for number in 0..MESSAGES {
        let _ = written[number].set(Instant::now()); // each is set once
        writer.write(0, number, SENTENCE).await?;
        let own = writer.message().await?;
        first.get_or_init(|| own.seq);
    }
    let acknowledged = began.elapsed();
    let mut delays = Vec::with_capacity(sockets * MESSAGES);
    for reader in readers {
        delays.extend(reader.await??);
    }
    let (all, took) = (delays.len(), began.elapsed());
    delays.sort_unstable();
    let at = |hundredth: usize| delays[(all - 1) * hundredth / 100].as_secs_f64() * 1e3;
    println!(
        "fan-out  {MESSAGES} messages acknowledged in {:.2} s, {all} deliveries in {:.2} s ({:.0} a second), in order; \
        after {:.0} ms p50, {:.0} ms p99",
        acknowledged.as_secs_f64(),
        took.as_secs_f64(),
        per_second(all, took.as_secs_f64()),
        at(50),
        at(99),
    );
    Ok(all == sockets * MESSAGES && each <= MEMORY)
}

/// How long each message took; an error when one is missing, comes twice or not in order.
async fn read(
    mut wire: Wire,
    written: Arc<Vec<OnceLock<Instant>>>,
    first: Arc<OnceLock<i64>>,
) -> Result<Vec<Duration>, Broken> {
    let (mut delays, mut numbers) = (Vec::with_capacity(MESSAGES), Vec::with_capacity(MESSAGES));
    for written in written.iter() {
        numbers.push(wire.message().await?.seq);
        delays.push(written.get().map_or(Duration::ZERO, Instant::elapsed));
    }
    let first = first.get().copied().ok_or("the writer has heard nothing")?;
    match (first..).zip(numbers).find(|(expected, seq)| expected != seq) {
        Some((expected, seq)) => Err(format!("{seq} came instead of {expected}").into()),
        None => Ok(delays),
    }
}
