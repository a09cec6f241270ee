//! The log: structured lines on the standard error, for people or for machines, filtered by `telemetry.log`.
//!
//! A line is a dotted name and fields with their units in the names: `tracing::info!(took_ms, "turn.completed")`.

use std::io::{self, IsTerminal};

use tracing_subscriber::{EnvFilter, util::TryInitError};

use crate::config::{LogFormat, Telemetry};

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter is none; [`crate::config`] has checked it before.
    #[error("the log's filter cannot be read: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The process has a log already.
    #[error("the log cannot be started: {0}")]
    Started(#[from] TryInitError),
}

/// Starts the log of this process.
///
/// # Errors
/// [`TelemetryError`].
pub fn start(settings: &Telemetry) -> Result<(), TelemetryError> {
    use tracing_subscriber::util::SubscriberInitExt as _;
    let filter = EnvFilter::try_new(&settings.log)?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(colours());
    match settings.format {
        LogFormat::Text => log.finish().try_init()?,
        LogFormat::Json => log.json().flatten_event(true).finish().try_init()?,
    }
    Ok(())
}

/// What is wrong with a filter, if anything.
#[must_use]
pub fn problem(filter: &str) -> Option<String> {
    EnvFilter::try_new(filter).err().map(|error| format!("must be a filter such as \"info,errand=debug\": {error}"))
}

/// Colours are for terminals, and not for everybody there (<https://no-color.org>).
fn colours() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
