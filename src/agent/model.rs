//! What a language model is to the agent: something that is told a conversation and answers in words, in tool calls or in both.
//!
//! To add a model: a type that implements [`Model`] in a file beside this one. It streams what it says through `heard`, retries for
//! itself what is worth retrying (and then says [`Heard::Again`]), and stops when its future is dropped.

use std::{ops::AddAssign, sync::Arc, time::Duration};

use chrono::DateTime;
use chrono_tz::Tz;
use errand_core::conversation::{Outcome, ToolCall};
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tracing::field::DisplayValue;

/// One call of the model.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who the assistant is and what holds for it (see `prompts`).
    pub system: String,
    /// What was said so far, oldest first; fitted to the model's window by `budget::fit`.
    pub lines: Vec<Line>,
    /// The tools that there are.
    pub tools: Arc<[ToolSpec]>,
    /// The user's local time.
    pub now: DateTime<Tz>,
    /// Whether it may call tools; if not, it must answer in words.
    pub may_call: bool,
    /// When the turn has to be over: nothing is waited for beyond that.
    pub deadline: Instant,
    /// Whether it was said in an encrypted room: it must be in no log, and what a provider says to it may repeat it.
    pub private: bool,
}

impl Request {
    /// What the log may show of an error that this request was answered with.
    #[must_use]
    pub fn shown<'a>(&self, error: &'a ModelError) -> Option<DisplayValue<&'a ModelError>> {
        (!self.private).then(|| tracing::field::display(error))
    }
}

/// Something said in the conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// By the user.
    User(String),
    /// By the model: words, calls or both.
    Assistant {
        /// The words; empty when it only called.
        text: String,
        /// The calls, each answered by an [`Outcome`] with its id.
        calls: Vec<ToolCall>,
    },
    /// What a call came back with.
    Outcome(Outcome),
}

/// A tool as the model is told of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolSpec {
    /// What it is called by.
    pub name: String,
    /// What it does and when to use it.
    pub description: String,
    /// JSON Schema of its arguments.
    pub schema: serde_json::Value,
}

/// What a model says while it is saying it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard<'a> {
    /// The next piece of the text.
    Text(&'a str),
    /// What was heard so far is void: the call is tried again.
    Again,
}

/// A model's whole reply. Both `text` and `calls` empty means that it said nothing at all, which models do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    /// The words: exactly what was heard since the last [`Heard::Again`].
    pub text: String,
    /// The calls, in the model's order; ids are unique in the request's lines and here.
    pub calls: Vec<ToolCall>,
    /// What it cost.
    pub usage: Usage,
}

/// What calls of a model cost, in the provider's tokens; zero when the provider does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens read.
    pub input: u64,
    /// Tokens written.
    pub output: u64,
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.input = self.input.saturating_add(other.input);
        self.output = self.output.saturating_add(other.output);
    }
}

/// Something that can be told a conversation and answers.
pub trait Model: Send + Sync {
    /// What it is called, for the log and for people.
    fn name(&self) -> &str;

    /// Whether it can write about whatever it is told. One that cannot is only asked in conversations about tasks.
    fn writes(&self) -> bool {
        true
    }

    /// Answers `request`; pieces of the text go to `heard` as they come. Dropping the future stops the call.
    /// After an error what was heard is void too.
    fn reply<'a>(
        &'a self,
        request: &'a Request,
        heard: &'a (dyn Fn(Heard<'_>) + Send + Sync),
    ) -> BoxFuture<'a, Result<Reply, ModelError>>;
}

/// Why a model did not answer. The texts are for the log: they never hold a key, and users are not shown them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// No answer, or no end of it, in time.
    #[error("no complete answer within {} ms", after.as_millis())]
    TimedOut {
        /// How long it was waited for.
        after: Duration,
    },
    /// Too many requests for the provider's taste.
    #[error("rate limited (429){}", wait(*retry_after))]
    RateLimited {
        /// When the provider wants to be asked again, if it says so.
        retry_after: Option<Duration>,
    },
    /// The provider cannot be reached, or is out of order for now.
    #[error("unavailable{}: {detail}{}", code(*status), wait(*retry_after))]
    Unavailable {
        /// The HTTP status, if it came to that.
        status: Option<u16>,
        /// When the provider wants to be asked again, if it says so.
        retry_after: Option<Duration>,
        /// What happened.
        detail: String,
    },
    /// The answer ended before its end.
    #[error("the answer broke off: {detail}")]
    BrokenOff {
        /// What happened.
        detail: String,
    },
    /// The provider does not accept the request: a wrong key, model, address or shape. Asking again does not help.
    #[error("refused ({status}): {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What the provider says.
        message: String,
    },
    /// The answer is not what such a provider answers. Asking again does not help.
    #[error("not an answer: {detail}")]
    Nonsense {
        /// What was wrong with it.
        detail: String,
    },
}

impl ModelError {
    /// Whether the same call may succeed if it is tried again.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::TimedOut { .. } | Self::RateLimited { .. } | Self::Unavailable { .. } | Self::BrokenOff { .. } => {
                true
            }
            Self::Refused { .. } | Self::Nonsense { .. } => false,
        }
    }

    /// When the provider wants to be asked again, if it said so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after } | Self::Unavailable { retry_after, .. } => *retry_after,
            Self::TimedOut { .. } | Self::BrokenOff { .. } | Self::Refused { .. } | Self::Nonsense { .. } => None,
        }
    }
}

fn wait(retry_after: Option<Duration>) -> String {
    retry_after.map(|wait| format!(", retry after {} s", wait.as_secs_f32())).unwrap_or_default()
}

fn code(status: Option<u16>) -> String {
    status.map(|status| format!(" ({status})")).unwrap_or_default()
}
