//! Many people who write at once.

use std::time::Instant;

use errand_bench::{Broken, per_second};

use crate::{
    server::{Room, Server},
    wire::{SENTENCE, Wire},
};

const WRITERS: usize = 20;
const EACH: usize = 500;

pub(crate) async fn measure() -> Result<bool, Broken> {
    let server = Server::start().await?;
    let mut wires = Vec::new();
    for person in 0..WRITERS {
        wires.push(Wire::open(&server.room, person, None, false).await?);
    }
    let began = Instant::now();
    let writing: Vec<_> =
        wires.into_iter().enumerate().map(|(person, wire)| tokio::spawn(write(wire, person))).collect();
    let mut seen = Vec::new();
    for writer in writing {
        seen.push(writer.await??);
    }
    let took = began.elapsed().as_secs_f64();
    let (first, all) = (&seen[0], WRITERS * EACH);
    let gapless = first.windows(2).all(|pair| pair[1].0 == pair[0].0 + 1);
    let alike = seen.iter().all(|other| other == first);
    let again = replayed(&server.room, first[0].0 - 1, all).await? == *first;
    println!(
        "crowd    {WRITERS} people, {EACH} messages each, in {took:.1} s ({:.0} a second): {} of {all} seen by everybody, \
        same order: {alike}, no hole and no double: {gapless}, told again the same: {again}",
        per_second(all, took),
        first.len(),
    );
    Ok(gapless && alike && again && first.len() == all)
}

/// Writes, each message after the one before has come back; answers all that was heard.
async fn write(mut wire: Wire, person: usize) -> Result<Vec<(i64, String)>, Broken> {
    let mut heard = Vec::with_capacity(WRITERS * EACH);
    for number in 0..EACH {
        wire.write(person, number, SENTENCE).await?;
        let name = format!("{person}-{number}");
        loop {
            let message = wire.message().await?;
            heard.push((message.seq, message.id));
            if message.client_id.as_deref() == Some(&name) {
                break;
            }
        }
    }
    while heard.len() < WRITERS * EACH {
        let message = wire.message().await?;
        heard.push((message.seq, message.id));
    }
    Ok(heard)
}

/// All of it as somebody hears it who comes later.
async fn replayed(room: &Room, since: i64, all: usize) -> Result<Vec<(i64, String)>, Broken> {
    let mut wire = Wire::open(room, 0, Some(since), false).await?;
    let mut heard = Vec::with_capacity(all);
    while heard.len() < all {
        let message = wire.message().await?;
        heard.push((message.seq, message.id));
    }
    Ok(heard)
}
