//! What a tool is.

use errand_core::{App, Caller, Error, Scope, app::Idempotency};
use rmcp::model::{JsonObject, ToolAnnotations};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    assent::{Assent, Question},
    watch::Watch,
};

/// One thing that an agent may do. The crate's documentation tells how to add one.
pub trait Tool: 'static {
    /// What it is called: a verb and a noun in `snake_case`, unique in the toolbox.
    const NAME: &'static str;
    /// The name for people.
    const TITLE: &'static str;
    /// What the model reads, besides the fields' own descriptions.
    const DESCRIPTION: &'static str;
    /// What it does to the user's data.
    const EFFECT: Effect;
    /// What it is asked; the fields' doc comments are shown to the model.
    type Input: DeserializeOwned + JsonSchema + Send;
    /// What it answers when at least something went through.
    type Output: Serialize + JsonSchema;

    /// Does it. Runs to its end or not at all: a call that is cancelled is dropped where it waits.
    ///
    /// # Errors
    /// [`Failure`] when nothing of the call went through.
    fn call(ask: &Ask<'_>, input: Self::Input) -> impl Future<Output = Result<Self::Output, Failure>> + Send;

    /// Whether a call with these arguments has the same answer for as long as nothing of the caller's changes: then it may be kept. Only
    /// for what reads, and not for what depends on the time.
    #[must_use]
    fn lasts(_: &JsonObject) -> bool {
        false
    }

    /// What a person has to agree to before somebody else's agent may do it. Nothing, for most tools: what they change `undo` brings
    /// back, and a person who is asked at each step reads no question. Our own assistant is told to do it by the person themselves.
    /// Only a tool whose effect [takes something away](Effect::takes_away) is asked for it.
    ///
    /// # Errors
    /// [`Failure`] as for the call itself.
    #[must_use = "nothing is asked until it is awaited"]
    fn question(_: &Ask<'_>, _: Self::Input) -> impl Future<Output = Result<Option<Question>, Failure>> + Send {
        std::future::ready(Ok(None))
    }
}

/// What a tool does to the user's data, for hosts that ask before some calls and not before others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It only reads.
    Reads,
    /// It adds and takes nothing away; the same call again adds again.
    Adds,
    /// It changes without losing anything; the same call again changes nothing more.
    Marks,
    /// It replaces or takes away; the same call again changes nothing more.
    Replaces,
    /// It replaces or takes away; the same call again goes further.
    Reverts,
}

impl Effect {
    /// What has to be granted for it.
    #[must_use]
    pub fn scope(self) -> Scope {
        match self {
            Self::Reads => Scope::TasksRead,
            Self::Adds | Self::Marks | Self::Replaces | Self::Reverts => Scope::TasksWrite,
        }
    }

    /// Whether something may be gone afterwards that was there before.
    #[must_use]
    pub fn takes_away(self) -> bool {
        match self {
            Self::Reads | Self::Adds | Self::Marks => false,
            Self::Replaces | Self::Reverts => true,
        }
    }

    /// The hints of MCP for this effect; "not read-only" and "not idempotent" are what is meant when nothing is said.
    /// All data is the user's own: no tool reaches into an open world.
    pub(crate) fn annotations(self) -> ToolAnnotations {
        let hints = ToolAnnotations::new().open_world(false);
        match self {
            Self::Reads => hints.read_only(true),
            Self::Adds => hints.destructive(false),
            Self::Marks => hints.destructive(false).idempotent(true),
            Self::Replaces => hints.destructive(true).idempotent(true),
            Self::Reverts => hints.destructive(true),
        }
    }
}

/// One call of a tool: whom to ask, for whom, and what was asked.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// The service.
    pub app: &'a App,
    /// Who calls.
    pub caller: &'a Caller,
    /// The tool's name.
    pub tool: &'static str,
    /// The arguments as they were understood.
    pub arguments: &'a Value,
    /// Who watches it.
    pub watch: &'a Watch,
    /// Whether a person has agreed to it.
    pub assent: &'a Assent,
}

impl Ask<'_> {
    /// The promise that a call with this key is the same call, bound to the tool and to everything else that was asked.
    /// An empty key is none: models fill in what they do not need. Neither is one from our own assistant: its turn knows what it
    /// has called, and one key for all its calls would make the second a mistake. A person's answer is a key too: it is good for
    /// one call, and the same call again is answered what it was answered before.
    #[must_use]
    pub fn once(&self, key: Option<String>) -> Option<Idempotency> {
        if self.caller.door.call().is_some() {
            return None;
        }
        let key = key.map(|key| key.trim().to_owned()).filter(|key| !key.is_empty());
        let key = key.or_else(|| match self.assent {
            Assent::Given { answer } => Some(format!("confirmation {answer}")),
            Assent::Unneeded | Assent::Unavailable => None,
        })?;
        let mut arguments = self.arguments.clone();
        if let Value::Object(fields) = &mut arguments {
            fields.remove("idempotency_key");
        }
        Some(Idempotency { key, fingerprint: fingerprint(self.tool, arguments) })
    }
}

/// What tells a call from others: the tool and its arguments, in whatever order they came.
pub(crate) fn fingerprint(tool: &str, mut arguments: Value) -> String {
    arguments.sort_all_objects();
    let hash = Sha256::digest(format!("{tool} {arguments}"));
    hash.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Nothing of a call went through.
#[derive(Debug)]
pub enum Failure {
    /// Why, and what to do next, for the model to read.
    Refused(String),
    /// Each item of the batch failed: the output that says so.
    Nothing(Value),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::KeyReused => Self::Refused(format!("{error}; leave the key out, or use a new one")),
            Error::Forbidden(noun) | Error::NotFound(noun) => Self::Refused(Error::NotFound(noun).to_string()),
            Error::Invalid(_)
            | Error::Unclear { .. }
            | Error::Stale { .. }
            | Error::OutOfScope(_)
            | Error::NothingToUndo
            | Error::Credentials
            | Error::Unauthenticated
            | Error::Expired
            | Error::RefreshToken
            | Error::AlreadyRegistered
            | Error::Chatroom(_)
            | Error::TurnRunning => Self::Refused(error.to_string()),
            Error::Database(_) | Error::Migration(_) | Error::Internal(_) => {
                tracing::error!(%error, "a tool failed");
                Self::Refused("the service has a fault; call list_tasks to see how things are, then try again".into())
            }
        }
    }
}
