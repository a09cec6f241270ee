//! A room with very many sockets.

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use errand_bench::Broken;
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
    println!("fan-out  {sockets} sockets in one room, {:.1} kB for each idle one (goal 16)", each as f64 / 1024.0);

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
    let at = |part: f64| delays[((all - 1) as f64 * part) as usize].as_secs_f64() * 1e3;
    println!(
        "fan-out  {MESSAGES} messages acknowledged in {:.2} s, {all} deliveries in {:.2} s ({:.0} a second), in order; \
        after {:.0} ms p50, {:.0} ms p99",
        acknowledged.as_secs_f64(),
        took.as_secs_f64(),
        all as f64 / took.as_secs_f64(),
        at(0.5),
        at(0.99),
    );
    Ok(all == sockets * MESSAGES && each <= MEMORY)
}

/// How long each message took; an error when one is missing, comes twice or not in order.
async fn read(
    mut wire: Wire,
    written: Arc<Vec<OnceLock<Instant>>>,
    first: Arc<OnceLock<i64>>,
) -> Result<Vec<Duration>, Broken> {
    let (mut delays, mut last) = (Vec::with_capacity(MESSAGES), None);
    for number in 0..MESSAGES {
        let seq = wire.message().await?.seq;
        if last.is_some_and(|last| seq != last + 1) {
            return Err(format!("{seq} came after {last:?}").into());
        }
        last = Some(seq);
        delays.push(written[number].get().map_or(Duration::ZERO, Instant::elapsed));
    }
    let begins = last.map(|last| last + 1 - MESSAGES as i64);
    if begins != first.get().copied() {
        return Err(format!("it began with {begins:?}").into());
    }
    Ok(delays)
}
