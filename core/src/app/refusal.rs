//! Why an item of a batch did not go through, in a form that can be kept and told.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Why one item of a batch was refused, in a form that can be kept and told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// For programs.
    pub code: RefusalCode,
    /// For people and models: what to do about it.
    pub message: String,
    /// Tasks that may have been meant: number and title.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<(i64, String)>,
}

/// The kinds of [`Refusal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// There is no such task, or it is somebody else's, which is not told apart.
    NotFound,
    /// A title that does not name exactly one task.
    Ambiguous,
    /// The task has changed since.
    Conflict,
    /// A rule is broken.
    Invalid,
    /// It was not begun: the caller had changed their mind.
    Cancelled,
}

impl Refusal {
    /// The refusal for an error about one item; the error itself when it is about more than that.
    pub(super) fn of(error: Error) -> Result<Self> {
        let Some(code) = RefusalCode::of(&error) else { return Err(error) };
        let message = match code {
            RefusalCode::NotFound => "no such task; call list_tasks for the ids".to_owned(),
            RefusalCode::Ambiguous | RefusalCode::Conflict | RefusalCode::Invalid | RefusalCode::Cancelled => {
                error.to_string()
            }
        };
        let candidates = if let Error::Unclear { candidates, .. } = error { candidates } else { Vec::new() };
        Ok(Self { code, message, candidates })
    }

    /// The refusal of an item that had no turn.
    pub(super) fn cancelled() -> Self {
        let message = "not begun, because the call was cancelled before".to_owned();
        Self { code: RefusalCode::Cancelled, message, candidates: Vec::new() }
    }
}

impl RefusalCode {
    /// The code for an error about one item; none when it is about more than that.
    pub(super) fn of(error: &Error) -> Option<Self> {
        match error {
            Error::Invalid(_) => Some(Self::Invalid),
            Error::Forbidden(_) | Error::NotFound(_) => Some(Self::NotFound),
            Error::Unclear { .. } => Some(Self::Ambiguous),
            Error::Stale { .. } => Some(Self::Conflict),
            Error::Credentials
            | Error::Unauthenticated
            | Error::Expired
            | Error::RefreshToken
            | Error::AlreadyRegistered
            | Error::OutOfScope(_)
            | Error::NothingToUndo
            | Error::KeyReused
            | Error::TurnRunning
            | Error::Chatroom(_)
            | Error::Database(_)
            | Error::Migration(_)
            | Error::Internal(_) => None,
        }
    }
}
