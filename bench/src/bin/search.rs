//! Search in an encrypted room: how long it takes to decrypt 10,000 messages of about 100 characters and to search them, as it is done
//! for one request, without the database.
//!
//! ```text
//! cargo run --release -p errand-bench --bin search
//! ```

use std::{process::ExitCode, time::Instant};

use errand::{
    crypto::{CryptoError, Envelope, RoomKey},
    search::{Query, SCAN_MAX, Scan},
};
use errand_bench::{Broken, ended, median};

/// How many milliseconds it may take.
const GOAL: f64 = 150.0;
const ROUNDS: usize = 21;
/// One word that is in each hundredth message, and several that are in nearly all.
const QUERIES: [&str; 2] = ["canary", "hall Friday \"book the\" straße"];
const WORDS: [&str; 20] = [
    "hall", "friday", "please", "book", "the", "and", "we", "meeting", "tomorrow", "dentist", "garden", "Straße",
    "naïve", "boat", "is", "a", "of", "house", "weather", "cake",
];

fn main() -> ExitCode {
    ended(measure())
}

/// Searches for each query; whether the goal is met.
fn measure() -> Result<bool, Broken> {
    let key = RoomKey::generate()?;
    let room =
        (0..SCAN_MAX).map(|number| key.seal(&message(number)).map(|sealed| (sealed.encrypted_data(), sealed.iv())));
    let room: Vec<(String, String)> = room.collect::<Result<_, CryptoError>>()?;
    let mut good = true;
    for asked in QUERIES {
        let (mut times, mut total) = (Vec::with_capacity(ROUNDS), 0);
        for _ in 0..ROUNDS {
            let began = Instant::now();
            let query = Query::parse(asked)?;
            let mut scan = Scan::new(&query);
            for (number, (data, iv)) in room.iter().enumerate() {
                scan.read(number, &key.open(Envelope::read(data, iv)?)?);
            }
            total = scan.end(20).total;
            times.push(began.elapsed().as_secs_f64() * 1000.0);
        }
        let time = median(times);
        println!("{asked:<32} {total:>6} of {SCAN_MAX} found, p50 {time:.1} ms (goal {GOAL})");
        good &= time <= GOAL;
    }
    Ok(good)
}

/// About 100 characters, always the same for a number.
fn message(number: usize) -> String {
    let mut text = if number.is_multiple_of(100) { "canary".to_owned() } else { String::new() };
    let mut state = number;
    while text.len() < 100 {
        state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345) % (1 << 31);
        text.push_str(if text.is_empty() { "" } else { " " });
        text.push_str(WORDS[(state >> 8) % WORDS.len()]);
    }
    text
}
