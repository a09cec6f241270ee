//! What the measurements share: the [`load`], Errand [as it is served](ours), what it is compared with stands [on](plain), and whether
//! a server [kept] what it acknowledged.
//!
//! Each measurement is a binary: `main.rs`, and those in `bin/`. To add one: a file there, and its line in `README.md`.

pub mod kept;
pub mod load;
pub mod ours;
pub mod plain;

use std::process::ExitCode;

/// All servers have what the command `errand` has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Whatever ends a measurement: there is nothing to do about it but say so.
pub type Broken = Box<dyn std::error::Error + Send + Sync>;

/// How a measurement ends its process: 0 when the goals are met, 1 when one is missed, 2 when it broke off.
#[must_use]
pub fn ended(measured: Result<bool, Broken>) -> ExitCode {
    match measured {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("the measurement broke off: {error}");
            ExitCode::from(2)
        }
    }
}

/// How many of `count` there were in each of so many seconds.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "what is counted here has far less than 52 bits")]
pub fn per_second(count: usize, seconds: f64) -> f64 {
    count as f64 / seconds
}

/// The middle one of `values`; not a number when there are none.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
