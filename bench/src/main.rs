//! Durable creates per second over HTTP: Errand against the usual handler, on one disk, in one run.
//!
//! ```text
//! cargo run --release -p errand-bench
//! cargo run --release -p errand-bench -- --seconds 20 --dir /mnt/disk
//! ```
//!
//! Two servers in this process, [`usual`] and [ours](errand_bench::ours), each with a fresh `SQLite` file that loses nothing it has
//! acknowledged (WAL, `synchronous=FULL`). They are loaded in turns, so that what else the machine does falls on both, by the same
//! [clients](errand_bench::load) on a thread of their own. Afterwards every acknowledged task must be in the database.
//!
//! Exits with 1 when Errand makes fewer than 2 times the usual handler's creates, or its p99 is above half the usual one's.
//! Both are of medians over the rounds. The folder must be on a disk: on `tmpfs` a commit costs nothing.
//!
//! To measure another way to serve: a file beside `usual.rs` that answers a [`Target`], and a line in `measure`.

mod usual;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::Parser;
use errand::telemetry;
use errand_bench::{
    Broken, ended,
    kept::Kept,
    load::{Load, Round, Rounds, Turns},
    median,
    ours::{self, Errand},
};
use tokio::runtime::Builder;

/// How many times the usual handler's creates per second ours must make.
const FASTER: f64 = 2.0;
/// How much of the usual handler's p99 ours may have.
const SOONER: f64 = 0.5;

/// What every client sends.
const TASK: &str = r#"{"title":"Call the dentist","description":"Ask about the wisdom tooth",
    "priority":"urgent","due_date":"2026-11-22T09:00:00+01:00"}"#;

/// A server that makes tasks.
struct Target {
    /// What the table calls it.
    name: &'static str,
    /// How a task is posted to it.
    load: Load,
    /// What must be there for every task; ours also its event and its line in the journal.
    kept: Kept,
}

/// Durable creates per second: Errand against axum + sqlx with one INSERT a transaction.
#[derive(Parser)]
struct Arguments {
    /// Where the databases are made, on the disk to measure; they are gone afterwards.
    #[arg(long, default_value = "target/bench")]
    dir: PathBuf,
    /// How long each server is loaded in a round.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// How often each server is loaded.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=99))]
    rounds: u64,
    /// How many clients ask at once, each on a connection of its own.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u64).range(1..=1000))]
    clients: u64,
}

fn main() -> ExitCode {
    ended(measure(&Arguments::parse()))
}

/// Runs the rounds and prints the table; whether the goal is met.
fn measure(arguments: &Arguments) -> Result<bool, Broken> {
    std::fs::create_dir_all(&arguments.dir)?;
    let folder = tempfile::tempdir_in(&arguments.dir)?;
    let servers = Builder::new_multi_thread().enable_all().build()?;
    let clients = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    println!("one write that reaches the disk: {:.2} ms (median)", durable_write(folder.path())?);
    let targets = servers
        .block_on(async { Ok::<_, Broken>([usual::start(folder.path()).await?, serve(folder.path()).await?]) })?;
    println!("\n{:<8}{:>6}{:>12}{:>10}{:>10}{:>8}", "", "round", "creates/s", "p50 ms", "p99 ms", "errors");
    let time = Duration::from_secs(arguments.seconds);
    let turns = Turns { clients: arguments.clients, time, rounds: arguments.rounds };
    let loads = targets.each_ref().map(|target| &target.load);
    let rounds = clients.block_on(turns.run(loads, |number, at, round| {
        if number > 0 {
            print(targets[at].name, &number.to_string(), round);
        }
    }))?;
    println!();
    let mut complete = true;
    for (target, rounds) in targets.iter().zip(&rounds) {
        complete &= servers.block_on(target.kept.has(target.name, rounds.acknowledged()))?;
    }
    servers.shutdown_background();
    Ok(verdict(&targets, &rounds) && complete)
}

/// Serves Errand on a fresh file in `folder`, its log included, with one account that is logged in.
async fn serve(folder: &Path) -> Result<Target, Broken> {
    let database = folder.join("errand.db");
    let config = ours::config(&format!("sqlite:{}", database.display()), folder)?;
    telemetry::start(&config.telemetry)?;
    let errand = Errand::start(&config).await?;
    let token = errand.bearer(&errand.register("ann").await?).await?;
    let load = Load::post(errand.main, "/api/tasks/", TASK)?.with("authorization", &token)?;
    Ok(Target { name: "errand", load, kept: Kept { database, counts: Kept::OURS } })
}

/// How long a page takes to reach the disk, in milliseconds: what a commit cannot go below.
fn durable_write(folder: &Path) -> Result<f64, Broken> {
    use std::io::Write as _;
    let mut file = std::fs::File::create(folder.join("disk"))?;
    let mut times = Vec::new();
    for _ in 0..100 {
        let began = std::time::Instant::now();
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        times.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(median(times))
}

/// Prints the medians and their ratios; whether both are good enough.
fn verdict(targets: &[Target; 2], rounds: &[Rounds; 2]) -> bool {
    let medians = rounds.each_ref().map(|rounds| Round {
        per_second: rounds.median(|round| round.per_second),
        p50_ms: rounds.median(|round| round.p50_ms),
        p99_ms: rounds.median(|round| round.p99_ms),
        acknowledged: rounds.acknowledged(),
        errors: rounds.all().map(|round| round.errors).sum(),
        bytes: rounds.all().map(|round| round.bytes).sum(),
    });
    println!();
    for (target, round) in targets.iter().zip(&medians) {
        print(target.name, "median", round);
    }
    let [usual, ours] = medians;
    let (faster, sooner) = (ours.per_second / usual.per_second, ours.p99_ms / usual.p99_ms);
    let good = faster >= FASTER && sooner <= SOONER && ours.errors == 0;
    println!("\ncreates {faster:.2} times (at least {FASTER}), p99 {sooner:.3} times (at most {SOONER})");
    println!("{}", if good { "the goal is met" } else { "the goal is MISSED" });
    good
}

fn print(name: &str, round: &str, Round { per_second, p50_ms, p99_ms, errors, .. }: &Round) {
    println!("{name:<8}{round:>6}{per_second:>12.0}{p50_ms:>10.2}{p99_ms:>10.2}{errors:>8}");
}
