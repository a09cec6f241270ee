//! A piece of a streamed answer as servers really send it: every field may be missing, null, or of another type.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

/// One event of the stream.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Chunk {
    /// The answer; empty in the chunk that only tells the usage.
    #[serde(default, deserialize_with = "lenient")]
    pub(super) choices: Vec<Choice>,
    /// What the call cost, mostly in the last chunk.
    #[serde(default, deserialize_with = "lenient")]
    pub(super) usage: Option<Tokens>,
    /// A failure after the answer had begun.
    #[serde(default)]
    pub(super) error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Choice {
    /// What is new. Some servers send the last piece as `message`.
    #[serde(default, alias = "message", deserialize_with = "lenient")]
    pub(super) delta: Delta,
    /// Why the answer ends here; "stop" also with calls, on some servers.
    #[serde(default, deserialize_with = "lenient")]
    pub(super) finish_reason: Option<String>,
}

/// `reasoning_content` and its like are not read: nobody is shown what the model thinks by itself.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Delta {
    /// A string, null, or a list of `{"type":"text","text"}`.
    #[serde(default)]
    content: Value,
    /// What the model says when it does not want to answer.
    #[serde(default, deserialize_with = "lenient")]
    refusal: Option<String>,
    /// Pieces of calls.
    #[serde(default, deserialize_with = "lenient")]
    pub(super) tool_calls: Vec<Piece>,
}

/// A piece of a call.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Piece {
    /// Which call of the answer.
    #[serde(default, deserialize_with = "lenient")]
    pub(super) index: Option<u64>,
    /// The call's id, in its first piece.
    #[serde(default, deserialize_with = "lenient")]
    pub(super) id: Option<String>,
    /// What is called.
    #[serde(default, deserialize_with = "lenient")]
    pub(super) function: Function,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Function {
    /// The tool, in the call's first piece; some servers repeat it.
    #[serde(default, deserialize_with = "lenient")]
    pub(super) name: Option<String>,
    /// A piece of the arguments' JSON, or the arguments themselves as an object.
    #[serde(default)]
    pub(super) arguments: Value,
}

/// Tokens.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct Tokens {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) prompt_tokens: u64,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) completion_tokens: u64,
}

impl Delta {
    /// The words in it.
    pub(super) fn text(&self) -> String {
        let mut text = match &self.content {
            Value::String(text) => text.clone(),
            Value::Array(parts) => parts.iter().filter_map(|part| part.get("text")?.as_str()).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => String::new(),
        };
        text.push_str(self.refusal.as_deref().unwrap_or_default());
        text
    }
}

/// A value that is missing when it is null or not what it should be.
fn lenient<'de, D: Deserializer<'de>, T: Default + DeserializeOwned>(deserializer: D) -> Result<T, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).unwrap_or_default())
}
