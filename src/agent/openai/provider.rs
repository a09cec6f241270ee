//! Which provider, which model, and how patient we are with it.

use std::time::Duration;

use crate::config::Secret;

/// An OpenAI-compatible provider and the model that is asked there.
#[derive(Clone, Debug)]
pub(crate) struct Provider {
    /// The address before `/chat/completions`, for example `https://api.openai.com/v1`.
    pub(crate) base_url: String,
    /// The key, if the provider wants one; local servers mostly don't.
    pub(crate) api_key: Option<Secret>,
    /// The model's name there.
    pub(crate) model: String,
    /// The longest that one try may take, from the connection to the last byte.
    pub(crate) timeout: Duration,
    /// How often a try that failed in passing is repeated.
    pub(crate) retries: u32,
    /// How freely it writes, 0-2; the provider's default if none.
    pub(crate) temperature: Option<f32>,
    /// The longest answer, in tokens; the provider's default if none.
    pub(crate) max_tokens: Option<u32>,
}

/// Why a provider cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SetupError {
    /// The address is none.
    #[error("the provider's base_url is not an http or https address")]
    BaseUrl,
    /// The key has characters that no header may have.
    #[error("the provider's api_key has characters that cannot be sent")]
    ApiKey,
    /// The HTTP client could not be made.
    #[error("the HTTP client could not be made: {0}")]
    Client(#[from] reqwest::Error),
}
