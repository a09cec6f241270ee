//! What a summary says while it is stored: one JSON text, which is encrypted with the room's key. All that comes out of what people
//! have written is in it, and nothing of it is beside it.

use errand_core::UserId;
use serde::{Deserialize, Serialize};

use super::{Method, Summary};

/// What a summary says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The summary.
    pub text: String,
    /// How it came to be.
    pub method: Method,
    /// Which model has written it.
    pub model: Option<String>,
    /// Whether a model was to write it and could not.
    pub fell_back: bool,
    /// Who wrote what it is about, whoever came first at first.
    pub participants: Vec<UserId>,
    /// As [`Summary::keywords`].
    pub keywords: Vec<String>,
    /// As [`Summary::sentiment`].
    pub sentiment: f64,
    /// As [`Summary::language`].
    pub language: String,
    /// How many messages could not be read: the assistant, or whoever asked, has no key for them.
    pub skipped: i64,
    /// How many messages there was no room for, the oldest ones.
    pub left_out: i64,
}

impl Document {
    /// What `summary` says.
    pub(super) fn new(summary: Summary, participants: Vec<UserId>) -> Self {
        let Summary { text, method, keywords, sentiment, language } = summary;
        let (language, model) = (language.to_owned(), None);
        let (fell_back, skipped, left_out) = (false, 0, 0);
        Self { text, method, model, fell_back, participants, keywords, sentiment, language, skipped, left_out }
    }
}
