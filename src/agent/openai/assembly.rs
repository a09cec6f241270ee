//! Puts the pieces of a streamed answer together.

use std::collections::HashSet;

use errand_core::conversation::ToolCall;
use serde_json::{Value, json};

use super::chunk::{Chunk, Piece, Tokens};
use crate::agent::{
    model::{Line, ModelError, Request, Usage},
    spoken::Spoken,
};

/// More calls in one answer are nonsense.
const MOST_CALLS: usize = 128;
/// A longer answer is nonsense: text and arguments together, in bytes.
const LONGEST: usize = 512 * 1024;

/// An answer as far as it has come.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    calls: Vec<Call>,
    usage: Tokens,
    finished: bool,
    size: usize,
}

/// A call as far as it has come.
#[derive(Debug, Default)]
struct Call {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
}

impl Assembly {
    /// Adds `chunk`; returns its words.
    ///
    /// # Errors
    /// [`ModelError::Nonsense`] when the answer is beyond all measure.
    pub(super) fn add(&mut self, chunk: Chunk) -> Result<String, ModelError> {
        if let Some(usage) = chunk.usage {
            self.usage = usage;
        }
        // Only one answer was asked for.
        let Some(choice) = chunk.choices.into_iter().next() else { return Ok(String::new()) };
        self.finished |= choice.finish_reason.is_some_and(|reason| !reason.is_empty());
        let text = choice.delta.text();
        self.size += text.len();
        for piece in choice.delta.tool_calls {
            self.piece(piece);
        }
        if self.size > LONGEST || self.calls.len() > MOST_CALLS {
            return Err(ModelError::Nonsense { detail: "an answer without end".into() });
        }
        Ok(text)
    }

    /// Whether the model said that it was at its end.
    pub(super) fn is_finished(&self) -> bool {
        self.finished
    }

    fn piece(&mut self, piece: Piece) {
        let id = piece.id.unwrap_or_default();
        let name = piece.function.name.unwrap_or_default();
        // A tool's name with arguments begins a call; a name alone may be a repetition.
        let begins =
            !name.is_empty() && !matches!(&piece.function.arguments, Value::Null) && piece.function.arguments != "";
        let at = self.calls.iter().rposition(|call| call.is_meant(piece.index, &id, begins, self.calls.last()));
        let at = at.unwrap_or_else(|| {
            self.calls.push(Call { index: piece.index, ..Call::default() });
            self.calls.len() - 1
        });
        let call = &mut self.calls[at];
        if call.id.is_empty() {
            call.id = id;
        }
        if call.name != name && call.arguments.is_empty() {
            call.name.push_str(&name);
        }
        let arguments = match piece.function.arguments {
            Value::String(text) => text,
            Value::Null => String::new(),
            whole @ (Value::Object(_) | Value::Array(_) | Value::Bool(_) | Value::Number(_)) => whole.to_string(),
        };
        self.size += arguments.len() + name.len();
        call.arguments.push_str(&arguments);
    }

    /// The calls with ids that are unique in the conversation, and the cost. Calls that were `spoken` count when none was made properly.
    pub(super) fn end(self, spoken: Vec<Spoken>, request: &Request) -> (Vec<ToolCall>, Usage) {
        let usage = Usage { input: self.usage.prompt_tokens, output: self.usage.completion_tokens };
        if !request.may_call {
            return (Vec::new(), usage);
        }
        let mut taken: HashSet<String> = request.lines.iter().flat_map(ids).collect();
        let made = self.calls.into_iter().filter(|call| !call.name.is_empty());
        let mut calls: Vec<ToolCall> =
            made.map(|call| ToolCall { id: call.id, name: call.name, arguments: arguments(call.arguments) }).collect();
        if calls.is_empty() {
            let call = |call: Spoken| ToolCall { id: String::new(), name: call.name, arguments: call.arguments };
            calls = spoken.into_iter().map(call).collect();
        }
        for call in &mut calls {
            while call.id.is_empty() || !taken.insert(call.id.clone()) {
                call.id = fresh_id(taken.len());
            }
        }
        (calls, usage)
    }
}

impl Call {
    /// Whether a piece belongs to this call. By the id, where both have one; else by the index; else it is the `last` call that goes
    /// on. Servers that number all calls 0, or give no ids: a piece that `begins` a call does not belong to one that is complete.
    fn is_meant(&self, index: Option<u64>, id: &str, begins: bool, last: Option<&Self>) -> bool {
        if !id.is_empty() && !self.id.is_empty() {
            return self.id == id && self.index == index;
        }
        let goes_on = match index {
            Some(_) => self.index == index,
            None => last.is_some_and(|last| std::ptr::eq(last, self)) && (id.is_empty() || self.name.is_empty()),
        };
        goes_on && !(begins && serde_json::from_str::<Value>(&self.arguments).is_ok())
    }
}

fn ids(line: &Line) -> Vec<String> {
    match line {
        Line::Assistant { calls, .. } => calls.iter().map(|call| call.id.clone()).collect(),
        Line::User(_) | Line::Outcome(_) => Vec::new(),
    }
}

/// Arguments as JSON; what is none is kept as a string, so that the model can be told.
fn arguments(text: String) -> Value {
    match serde_json::from_str(&text) {
        Ok(Value::Null) => json!({}),
        // Written twice over: JSON in a string.
        Ok(Value::String(inner)) => match serde_json::from_str(&inner) {
            Ok(object @ Value::Object(_)) => object,
            Ok(_) | Err(_) => Value::String(inner),
        },
        Ok(value) => value,
        Err(_) if text.trim().is_empty() => json!({}),
        Err(_) => Value::String(text),
    }
}

/// An id for a call that came without one. `number` tells it from the others if the system has no randomness to give.
fn fresh_id(number: usize) -> String {
    format!("call_{:016x}_{number}", getrandom::u64().unwrap_or_default())
}
