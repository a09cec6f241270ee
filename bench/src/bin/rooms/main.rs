//! Rooms under load: how far a message in a room goes, how fast, and what a socket costs. The server is a process of its own, so that
//! its memory can be read.
//!
//! ```text
//! cargo run --release -p errand-bench --bin rooms
//! cargo run --release -p errand-bench --bin rooms -- --sockets 500
//! ```
//!
//! Three measurements:
//!
//! - `fan-out`: a room with 2,000 sockets in which 200 messages are written. All must arrive, in order; an idle socket may cost 16 kB.
//! - `crowd`: 20 people who write 500 messages each, at once. All must see the same order, without a hole or a double.
//! - `stuck`: 5,000 messages while a reader does not read. It must be closed with 4508 and resume complete, the memory stays bounded,
//!   and the others' p99 must be within 10 % of the one without a stuck reader, measured in turns in the same run.
//!
//! To add one: a file beside this one, and its line in [`measure`].

mod crowd;
mod fan_out;
mod server;
mod stuck;
mod wire;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use errand_bench::{Broken, ended};

#[derive(Parser)]
struct Args {
    /// How many sockets there are in the room for `fan-out`.
    #[arg(long, default_value_t = 2000)]
    sockets: usize,
    /// Which one; all when none is named.
    #[command(subcommand)]
    only: Option<Only>,
}

#[derive(Clone, Copy, PartialEq, Eq, Subcommand)]
enum Only {
    FanOut,
    Crowd,
    Stuck,
    /// Makes a database for the others.
    #[command(hide = true)]
    Furnish,
    /// Serves it.
    #[command(hide = true)]
    Serve,
}

#[tokio::main]
async fn main() -> ExitCode {
    ended(measure(Args::parse()).await)
}

/// Whether all goals are met.
async fn measure(args: Args) -> Result<bool, Broken> {
    let Args { sockets, only } = args;
    match only {
        Some(Only::Furnish) => return server::furnish().await.map(|()| true),
        Some(Only::Serve) => return server::serve().await.map(|()| true),
        None | Some(Only::FanOut | Only::Crowd | Only::Stuck) => {}
    }
    let mut met = true;
    if matches!(only, None | Some(Only::FanOut)) {
        met &= fan_out::measure(sockets).await?;
    }
    if matches!(only, None | Some(Only::Crowd)) {
        met &= crowd::measure().await?;
    }
    if matches!(only, None | Some(Only::Stuck)) {
        met &= stuck::measure().await?;
    }
    Ok(met)
}
