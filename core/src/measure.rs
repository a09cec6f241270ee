//! What the service counts about itself, for whoever watches it: one list, from which all measures are described to Prometheus.
//!
//! To add one: a constant, its place in [`ALL`], and a line of the `metrics` crate where it happens. A label has few values: never
//! an id, a person's name, or anything else that a client makes up.

use metrics::{Unit, gauge, histogram};

/// Something that is counted.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// What it is called; the unit is its end.
    pub name: &'static str,
    /// How it is counted.
    pub kind: Kind,
    /// What its numbers are of.
    pub unit: Unit,
    /// What it tells, with its labels.
    pub about: &'static str,
}

/// How something is counted.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// It only grows.
    Counter,
    /// It goes up and down.
    Gauge,
    /// It is sorted into these buckets, by their upper ends.
    Histogram(&'static [f64]),
}

/// Of answers and of models, in seconds.
const SECONDS: Kind =
    Kind::Histogram(&[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0]);
/// Of the disk, in seconds.
const COMMITS: Kind =
    Kind::Histogram(&[0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0]);
/// Of a group of at most 64.
const GROUPS: Kind = Kind::Histogram(&[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]);

/// Requests over HTTP.
pub const REQUESTS: Measure = Measure {
    name: "errand_http_request_seconds",
    kind: SECONDS,
    unit: Unit::Seconds,
    about: "How long requests took to the head of the answer, by face, method and status",
};
/// Open sockets.
pub const SOCKETS: Measure =
    Measure { name: "errand_sockets", kind: Kind::Gauge, unit: Unit::Count, about: "Sockets that are open, by path" };
/// Turns that run.
pub const TURNS_RUNNING: Measure = Measure {
    name: "errand_turns_running",
    kind: Kind::Gauge,
    unit: Unit::Count,
    about: "Turns of the assistant that are running",
};
/// Turns that ended.
pub const TURNS: Measure = Measure {
    name: "errand_turn_seconds",
    kind: SECONDS,
    unit: Unit::Seconds,
    about: "How long turns of the assistant took, by outcome (completed, cancelled, failed)",
};
/// Calls of tools.
pub const TOOL_CALLS: Measure = Measure {
    name: "errand_tool_calls_total",
    kind: Kind::Counter,
    unit: Unit::Count,
    about: "Calls of tools, by tool, door (chat, mcp) and outcome (done, refused)",
};
/// Calls of the language model.
pub const MODEL: Measure = Measure {
    name: "errand_model_seconds",
    kind: SECONDS,
    unit: Unit::Seconds,
    about: "How long calls of the language model took, by model and outcome (answered, failed, cancelled)",
};
/// What the language model read and wrote.
pub const TOKENS: Measure = Measure {
    name: "errand_model_tokens_total",
    kind: Kind::Counter,
    unit: Unit::Count,
    about: "Tokens that the language model read (input) and wrote (output), as its provider counts them, by model",
};
/// Writes that wait.
pub const WAITING: Measure = Measure {
    name: "errand_store_waiting_writes",
    kind: Kind::Gauge,
    unit: Unit::Count,
    about: "Writes that wait for the writer (SQLite) or for a connection (PostgreSQL)",
};
/// Writes in a commit.
pub const GROUP: Measure = Measure {
    name: "errand_store_commit_writes",
    kind: GROUPS,
    unit: Unit::Count,
    about: "How many writes were committed together",
};
/// Commits.
pub const COMMIT: Measure = Measure {
    name: "errand_store_commit_seconds",
    kind: COMMITS,
    unit: Unit::Seconds,
    about: "How long the database took to commit",
};

/// All there are.
pub const ALL: [Measure; 10] =
    [REQUESTS, SOCKETS, TURNS_RUNNING, TURNS, TOOL_CALLS, MODEL, TOKENS, WAITING, GROUP, COMMIT];

/// One more of something that goes up and down, for as long as this lives.
#[must_use]
pub struct OneMore(metrics::Gauge);

impl OneMore {
    /// Counts one more in `gauge`.
    pub fn of(gauge: metrics::Gauge) -> Self {
        gauge.increment(1.0);
        Self(gauge)
    }

    /// A write that waits.
    pub(crate) fn waiting() -> Self {
        Self::of(gauge!(WAITING.name))
    }
}

impl Drop for OneMore {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

/// A commit that succeeded: of so many writes, in that time.
#[expect(clippy::cast_precision_loss, reason = "there are at most 64")]
pub(crate) fn committed(writes: usize, took: std::time::Duration) {
    histogram!(GROUP.name).record(writes as f64);
    histogram!(COMMIT.name).record(took);
}
