//! What the framework or a shared rule refuses before a handler runs. Each face says it in its own words.

use std::time::Duration;

use errand_core::Problem;

/// Why a request did not reach a handler, or did not get through it.
#[derive(Debug)]
pub enum Refusal {
    /// The body is not JSON, or no object.
    Body(Problem),
    /// A field of the body is not there, or not of the right type.
    Field {
        /// Which, as a path from the body.
        name: String,
        /// Whether it is not there.
        missing: bool,
        /// What is wrong, said of the body.
        problem: Problem,
    },
    /// The body is not declared as JSON.
    ContentType,
    /// The body is larger than is allowed.
    TooLarge,
    /// The path has an id of the wrong form: there can be no such row.
    PathId,
    /// The query string is wrong.
    Query(Problem),
    /// The path knows other methods.
    Method,
    /// The path is a socket's, and the request is not for one.
    NotASocket,
    /// There is no such path.
    NoSuchPath,
    /// Too often.
    TooMany {
        /// When it may be asked again.
        retry_after: Duration,
    },
    /// A handler panicked.
    Panicked,
}

impl Refusal {
    /// `Retry-After` in whole seconds, at least one.
    #[must_use]
    pub fn seconds(retry_after: Duration) -> u64 {
        retry_after.as_secs() + u64::from(retry_after.subsec_nanos() > 0)
    }
}
