//! Everything that can go wrong, in our words. No status codes: each contract translates these for itself, in a match without a wildcard,
//! so that a new variant makes the compiler ask all of them.

use std::fmt;

use crate::{chatroom, scope::Scope};

/// What the verbs of [`crate::App`] answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request is not allowed by a rule; each problem names its field.
    #[error("{}", Problem::list(.0))]
    Invalid(Vec<Problem>),
    /// Wrong name or wrong password: never said which.
    #[error("wrong name or password")]
    Credentials,
    /// No token, or one that is not (or no longer) good.
    #[error("the access token is missing, wrong or expired")]
    Unauthenticated,
    /// A token that was good once. Contracts that do not tell it apart from [`Self::Unauthenticated`] say the same.
    #[error("the access token has expired")]
    Expired,
    /// A refresh token that is not, or no longer, good.
    #[error("the refresh token is wrong, used or expired")]
    RefreshToken,
    /// Somebody has that name or e-mail address.
    #[error("username or email already registered")]
    AlreadyRegistered,
    /// It exists and belongs to somebody else.
    #[error("this {0} belongs to somebody else")]
    Forbidden(Noun),
    /// The token that was shown does not let its holder do this.
    #[error("this needs the permission {0}, which was not granted")]
    OutOfScope(Scope),
    /// There is none.
    #[error("no such {0}")]
    NotFound(Noun),
    /// A title was given where an id was expected, and it does not name exactly one task.
    #[error("{}", unclear(.title, .candidates))]
    Unclear {
        /// What was asked for.
        title: String,
        /// Tasks that may have been meant, at most five: number and title.
        candidates: Vec<(i64, String)>,
    },
    /// The caller has seen an older version of the row than there is.
    #[error("it has changed since: the current version is {current}")]
    Stale {
        /// The version that is stored.
        current: i64,
    },
    /// There is no change left to take back.
    #[error("there is nothing to undo")]
    NothingToUndo,
    /// An idempotency key was used before for another request.
    #[error("this idempotency key was already used for a different request")]
    KeyReused,
    /// The conversation's last turn is still running.
    #[error("an answer is still being written in this conversation")]
    TurnRunning,
    /// A chatroom does not let the caller.
    #[error(transparent)]
    Chatroom(#[from] chatroom::Refused),
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The database's tables could not be brought up to date.
    #[error("the database could not be migrated: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// Something that should not happen; the text is for the log.
    #[error("{0}")]
    Internal(String),
}

/// A rule that a field of the request breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The field, as the core calls it.
    pub field: &'static str,
    /// What the rule is, as a sentence without the field's name.
    pub message: String,
    /// What kind of rule it is.
    pub rule: Rule,
}

/// The kinds of rules that a field can break, for contracts that tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It has to be there.
    Required,
    /// It has to have a form.
    Format,
    /// It is too long.
    Length,
    /// Any other.
    Value,
}

impl Problem {
    /// A problem with `field`.
    pub fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self { field, message: message.into(), rule: Rule::Value }
    }

    /// The same, of a rule of this kind.
    #[must_use]
    pub fn of(self, rule: Rule) -> Self {
        Self { rule, ..self }
    }

    fn list(problems: &[Self]) -> String {
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.message)
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Invalid(vec![problem])
    }
}

/// What an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    /// An account.
    Account,
    /// A task.
    Task,
    /// A conversation with the assistant.
    Conversation,
    /// A room.
    Room,
    /// A chatroom.
    Chatroom,
    /// Somebody in a chatroom.
    Member,
    /// A message in a chatroom.
    ChatMessage,
    /// A summary of what was said in a chatroom.
    Summary,
    /// A file in a chatroom.
    File,
    /// A program that was allowed something, or a token that a person made for themselves.
    Grant,
    /// Somebody being logged in somewhere.
    Login,
}

impl fmt::Display for Noun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Account => "account",
            Self::Task => "task",
            Self::Conversation => "conversation",
            Self::Room => "room",
            Self::Chatroom => "chatroom",
            Self::Member => "member",
            Self::ChatMessage => "message",
            Self::Summary => "summary",
            Self::File => "file",
            Self::Grant => "grant",
            Self::Login => "session",
        })
    }
}

fn unclear(title: &str, candidates: &[(i64, String)]) -> String {
    if candidates.is_empty() {
        return format!("no task is called \"{title}\"; use ids from list_tasks");
    }
    let list: Vec<_> = candidates.iter().map(|(number, title)| format!("t_{number} \"{title}\"")).collect();
    format!("\"{title}\" does not name exactly one task; use an id, perhaps {}", list.join(" or "))
}
