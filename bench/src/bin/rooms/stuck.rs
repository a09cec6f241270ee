//! A reader that does not read, among others who do.

use std::time::Instant;

use errand_bench::{Broken, median};

use crate::{
    server::Server,
    wire::{Heard, Wire},
};

const MESSAGES: usize = 5000;
const READERS: usize = 10;
/// Characters in each message: all of them are more than the buffers of the system and our queue hold.
const SIZE: usize = 2000;
/// The others' p99 with a stuck reader against the one without, at most.
const SLOWER: f64 = 1.10;
/// In so many turns, each with a stuck reader and without.
const TURNS: usize = 5;
/// By how much memory may grow: what waits for a socket at most, what the log and the pages of the database take aside.
const GROWTH: u64 = 64 << 20;

pub(crate) async fn measure() -> Result<bool, Broken> {
    let server = Server::start().await?;
    let mut writer = Writer { wire: Wire::open(&server.room, 0, None, false).await?, number: 0, newest: 0 };
    let mut others = Vec::new();
    for person in 1..=READERS {
        others.push(Wire::open(&server.room, person, None, false).await?);
    }
    writer.write(&mut others, MESSAGES / TURNS).await?; // to be warm
    let before = server.memory()?;
    let mut ratios = Vec::new();
    let mut all_closed = true;
    for _ in 0..TURNS {
        let mut stuck = Wire::open(&server.room, READERS + 1, None, true).await?;
        let began = writer.newest;
        let with = writer.write(&mut others, MESSAGES).await?;
        let (last, code) = until_closed(&mut stuck, began).await?;
        let without = writer.write(&mut others, MESSAGES).await?;
        ratios.push(with / without);
        let newest = writer.newest;
        let resumed = resume(&server, last, newest).await?;
        println!(
            "stuck    p99 {:.2} ms with a stuck reader, {:.2} ms without; it was closed with {code} after {last} of {newest}, \
            and heard the other {resumed} later",
            with * 1e3,
            without * 1e3
        );
        all_closed &= code == 4508 && resumed == newest - last;
    }
    let (ratio, grown) = (median(ratios), server.memory()?.saturating_sub(before));
    println!("stuck    p99 {ratio:.2} times the one without (goal {SLOWER}); {} MiB more memory", grown >> 20);
    Ok(all_closed && ratio <= SLOWER && grown <= GROWTH)
}

struct Writer {
    wire: Wire,
    number: usize,
    /// The number of the last message.
    newest: i64,
}

impl Writer {
    /// Writes messages one after the other, each when all others have the one before; the p99 in seconds after which they have it.
    async fn write(&mut self, others: &mut [Wire], messages: usize) -> Result<f64, Broken> {
        let mut delays = Vec::with_capacity(messages);
        for _ in 0..messages {
            self.number += 1;
            let written = Instant::now();
            self.wire.write(0, self.number, SIZE).await?;
            self.newest = self.wire.message().await?.seq;
            for other in others.iter_mut() {
                other.message().await?;
            }
            delays.push(written.elapsed().as_secs_f64());
        }
        delays.sort_by(f64::total_cmp);
        Ok(delays[messages * 99 / 100])
    }
}

/// Reads what is left: the number of the last message, and the code.
async fn until_closed(stuck: &mut Wire, mut last: i64) -> Result<(i64, u16), Broken> {
    loop {
        match stuck.hear().await? {
            Heard::Message(message) if message.seq == last + 1 => last = message.seq,
            Heard::Message(message) => return Err(format!("{} came after {last}", message.seq).into()),
            Heard::Closed(code) => return Ok((last, code)),
        }
    }
}

/// How many messages come after `since`, up to `newest`, one after the other.
async fn resume(server: &Server, since: i64, newest: i64) -> Result<i64, Broken> {
    let mut again = Wire::open(&server.room, READERS + 1, Some(since), false).await?;
    for seq in since + 1..=newest {
        if again.message().await?.seq != seq {
            return Err(format!("{seq} is missing").into());
        }
    }
    Ok(newest - since)
}
