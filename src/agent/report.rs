//! What a turn tells, in messages and in words: calls with their outcomes, what was done, why it ended.

use errand_core::{
    change::{Change, Item},
    conversation::{Author, Body, Failure, NewMessage, Outcome, Receipt, ToolCall},
};
use serde_json::{Value, json};

/// What users read when a turn failed.
pub(super) fn why(failure: Failure) -> &'static str {
    match failure {
        Failure::Model => "The AI service did not answer. Your message is kept; please try again in a moment.",
        Failure::Cancelled => "Stopped.",
        Failure::Interrupted => "The answer was interrupted.",
        Failure::Internal => "Something went wrong on our side. Your message is kept; please try again.",
    }
}

/// A call and its outcome as messages.
pub(super) fn pair(call: &ToolCall, outcome: &Outcome) -> [NewMessage; 2] {
    let text = |value: &Value| format!("{} {value}", call.name);
    [
        NewMessage::new(Author::Assistant, text(&call.arguments), Body::Command { call: Some(call.clone()) }),
        NewMessage::new(Author::System, text(&outcome.content), Body::Response { outcome: Some(outcome.clone()) }),
    ]
}

pub(super) fn refused(call: &ToolCall, why: &str) -> Outcome {
    Outcome { call_id: call.id.clone(), name: call.name.clone(), content: json!(why), is_error: true }
}

/// What the journal has of a turn, in words.
pub(super) fn what_happened(done: &[Change]) -> String {
    if done.is_empty() {
        return "Nothing was changed.".to_owned();
    }
    format!("What was done: {}.", done.iter().map(Change::in_words).collect::<Vec<_>>().join("; "))
}

pub(super) fn receipts(done: &[Change]) -> Vec<Receipt> {
    let of = |change: &Change| {
        let call_id = change.call.as_ref().map(|call| call.id.clone()).unwrap_or_default();
        let verb = change.verb;
        change
            .items
            .iter()
            .filter_map(Item::task)
            .map(move |task| Receipt {
                call_id: call_id.clone(),
                task: task.id,
                number: task.number,
                title: task.title.clone(),
                verb,
            })
            .collect::<Vec<_>>()
    };
    done.iter().flat_map(of).collect()
}
