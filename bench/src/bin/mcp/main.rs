//! Our tools over MCP against a bare server on rmcp: what authorization, journal and events cost, and what the store wins back.
//!
//! ```text
//! cargo run --release -p errand-bench --bin mcp
//! cargo run --release -p errand-bench --bin mcp -- --seconds 10 --dir /mnt/disk
//! ```
//!
//! Two servers in this process, [`bare`] and [ours](errand_itself), each with a fresh `SQLite` file that loses nothing it has
//! acknowledged. They are loaded in turns, so that what else the machine does falls on both, by the same
//! [clients](errand_bench::load) on a thread of their own, with requests of MCP 2026-07-28: each stands for itself. Ours are
//! authorized by a personal token. Who lists has 50 tasks and gets a page of 20; who creates is another user.
//!
//! Judged by the medians over the rounds; exits with 1 when a goal is missed. To measure another call: a line in [`CALLS`].

mod bare;
mod errand_itself;
mod target;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::Parser;
use errand_bench::{
    Broken, ended,
    load::{Round, Rounds, Turns},
};
use tokio::runtime::Builder;

use self::target::Tool;

/// What is measured: the name, the load, how many clients, and what is good.
const CALLS: [(&str, Tool, u64, Goal); 3] = [
    ("list_tasks", Tool::List, 1, Goal::Soon(1.25)),
    ("list_tasks", Tool::List, 32, Goal::Many(0.75)),
    ("create_tasks", Tool::Create, 32, Goal::Many(1.5)),
];

/// What is wanted of the ratio of ours to the bare server's.
#[derive(Clone, Copy)]
enum Goal {
    /// At most so many times its time to answer.
    Soon(f64),
    /// At least so many times its calls a second.
    Many(f64),
}

/// Our tools over MCP against a bare server on rmcp.
#[derive(Parser)]
struct Arguments {
    /// Where the databases are made, on the disk to measure; they are gone afterwards.
    #[arg(long, default_value = "target/bench")]
    dir: PathBuf,
    /// How long each server is loaded with each call in a round.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// How often.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u64).range(1..=99))]
    rounds: u64,
}

fn main() -> ExitCode {
    ended(measure(&Arguments::parse()))
}

/// Runs the rounds and prints the table; whether the goals are met.
fn measure(arguments: &Arguments) -> Result<bool, Broken> {
    std::fs::create_dir_all(&arguments.dir)?;
    let folder = tempfile::tempdir_in(&arguments.dir)?;
    let servers = Builder::new_multi_thread().enable_all().build()?;
    let clients = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let targets = servers.block_on(async {
        Ok::<_, Broken>([bare::start(folder.path()).await?, errand_itself::start(folder.path()).await?])
    })?;
    let time = Duration::from_secs(arguments.seconds);
    let (mut good, mut made) = (true, [0; 2]);
    println!("{:<14}{:>8}{:>12}{:>12}{:>12}{:>8}", "", "clients", "", "bare", "errand", "ratio");
    for (name, tool, many, goal) in CALLS {
        let turns = Turns { clients: many, time, rounds: arguments.rounds };
        let rounds = clients.block_on(turns.run(targets.each_ref().map(|target| target.load(tool)), |_, _, _| ()))?;
        good &= verdict(name, many, goal, &rounds) && (tool == Tool::Create || rounds.iter().all(even));
        if tool == Tool::Create {
            made = [0, 1].map(|at| made[at] + rounds[at].acknowledged());
        }
    }
    for (target, made) in targets.iter().zip(made) {
        good &= servers.block_on(target.kept.has(target.name, made))?;
    }
    servers.shutdown_background();
    println!("{}", if good { "the goals are met" } else { "a goal is MISSED" });
    Ok(good)
}

/// Prints the medians over the rounds and their ratio; whether it is good.
fn verdict(name: &str, clients: u64, goal: Goal, rounds: &[Rounds; 2]) -> bool {
    let (unit, figure): (_, fn(&Round) -> f64) = match goal {
        Goal::Soon(_) => ("p50 ms", |round| round.p50_ms),
        Goal::Many(_) => ("calls/s", |round| round.per_second),
    };
    let [bare, ours] = rounds.each_ref().map(|rounds| rounds.median(figure));
    let ratio = ours / bare;
    let (good, wanted) = match goal {
        Goal::Soon(most) => (ratio <= most, format!("at most {most}")),
        Goal::Many(least) => (ratio >= least, format!("at least {least}")),
    };
    let errors: u64 = rounds.iter().flat_map(Rounds::all).map(|round| round.errors).sum();
    let missed = if good { "" } else { "  MISSED" };
    println!("{name:<14}{clients:>8}{unit:>12}{bare:>12.2}{ours:>12.2}{ratio:>8.2}  ({wanted}){missed}");
    if errors > 0 {
        println!("{errors} requests were REFUSED");
    }
    good && errors == 0
}

/// Whether all answers were as long as each other: tools refuse with 200 too, and shorter.
fn even(rounds: &Rounds) -> bool {
    let long = rounds.all().next().map_or(0, |round| round.bytes / round.acknowledged.max(1));
    let even = rounds.all().all(|round| round.bytes == round.acknowledged * long);
    if !even {
        println!("not every answer was as LONG as the first");
    }
    even
}
