//! Whether a person has agreed to what an agent is about to take away.

use errand_core::task::Task;

/// What a person is asked before somebody else's agent may do it.
#[derive(Clone, Debug)]
pub struct Question {
    /// What is about to be done, as a command: `Delete`.
    pub verb: &'static str,
    /// To which tasks.
    pub tasks: Vec<Task>,
}

/// Whether a person has agreed to a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Assent {
    /// Nobody has to be asked.
    #[default]
    Unneeded,
    /// They have, in an answer that is good for one call.
    Given {
        /// What tells this answer from others.
        answer: String,
    },
    /// The client cannot ask: only what `undo` can take back may be done, and the result has to say so.
    Unavailable,
}
