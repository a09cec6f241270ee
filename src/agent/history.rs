//! What the model is shown of a conversation: every call with its outcome, always.

use errand_core::conversation::{Author, Body, Message, Outcome, ToolCall};
use serde_json::json;

use super::{Called, model::Line};

/// The lines for the model. A call that has no outcome (it should have one) gets an outcome that says so: providers refuse a
/// conversation in which a call stays open.
pub(super) fn lines(messages: &[Message]) -> Vec<Line> {
    let mut lines = Vec::with_capacity(messages.len());
    let mut open: Vec<ToolCall> = Vec::new();
    for message in messages {
        match &message.body {
            Body::Command { call: Some(call) } => {
                match lines.last_mut() {
                    Some(Line::Assistant { calls, .. }) => calls.push(call.clone()),
                    _ => lines.push(Line::Assistant { text: String::new(), calls: vec![call.clone()] }),
                }
                open.push(call.clone());
            }
            Body::Response { outcome: Some(outcome) } => {
                let known = open.iter().position(|call| call.id == outcome.call_id);
                if let Some(known) = known {
                    open.remove(known);
                    lines.push(Line::Outcome(outcome.clone()));
                }
            }
            Body::Text { .. } | Body::Error { .. } => {
                close(&mut lines, &mut open);
                lines.push(said(message));
            }
            Body::Command { call: None } | Body::Response { outcome: None } => {} // stored by a client, called by nobody
        }
    }
    close(&mut lines, &mut open);
    lines
}

fn said(message: &Message) -> Line {
    match message.author {
        Author::User => Line::User(message.content.clone()),
        Author::Assistant | Author::System => Line::Assistant { text: message.content.clone(), calls: Vec::new() },
    }
}

fn close(lines: &mut Vec<Line>, open: &mut Vec<ToolCall>) {
    for call in open.drain(..) {
        let content = json!("The outcome of this call is not known.");
        lines.push(Line::Outcome(Outcome { call_id: call.id, name: call.name, content, is_error: true }));
    }
}

/// The calls of a turn with their outcomes, in order.
pub(super) fn called(messages: &[Message]) -> Vec<Called> {
    let outcome = |id: &str| {
        messages.iter().find_map(|message| match &message.body {
            Body::Response { outcome: Some(outcome) } if outcome.call_id == id => Some(outcome.clone()),
            Body::Response { .. } | Body::Text { .. } | Body::Command { .. } | Body::Error { .. } => None,
        })
    };
    let calls = messages.iter().filter_map(|message| match &message.body {
        Body::Command { call } => call.clone(),
        Body::Response { .. } | Body::Text { .. } | Body::Error { .. } => None,
    });
    calls.filter_map(|call| outcome(&call.id).map(|outcome| Called { call, outcome })).collect()
}

#[cfg(test)]
mod tests {
    use errand_core::{ConversationId, MessageId};

    use super::*;

    fn message(author: Author, content: &str, body: Body) -> Message {
        Message {
            id: MessageId::fresh(),
            number: 0,
            conversation: ConversationId::fresh(),
            turn: None,
            author,
            content: content.into(),
            body,
            client_id: None,
            created_at: chrono::DateTime::UNIX_EPOCH,
        }
    }

    fn call(id: &str) -> Body {
        Body::Command { call: Some(ToolCall { id: id.into(), name: "list_tasks".into(), arguments: json!({}) }) }
    }

    fn outcome(id: &str) -> Body {
        let content = json!({"tasks": []});
        Body::Response {
            outcome: Some(Outcome { call_id: id.into(), name: "list_tasks".into(), content, is_error: false }),
        }
    }

    #[test]
    fn an_open_call_is_closed_and_an_orphan_outcome_is_left_out() {
        let messages = [
            message(Author::System, "", outcome("cut off")),
            message(Author::User, "hi", Body::TEXT),
            message(Author::Assistant, "", call("a")),
            message(Author::Assistant, "", call("b")),
            message(Author::System, "", outcome("a")),
            message(Author::User, "and?", Body::TEXT),
        ];
        let lines = lines(&messages);
        let shape: Vec<_> = lines
            .iter()
            .map(|line| match line {
                Line::User(text) => format!("user {text}"),
                Line::Assistant { calls, .. } => format!("calls {}", calls.len()),
                Line::Outcome(outcome) => format!("{} {}", outcome.call_id, outcome.is_error),
            })
            .collect();
        assert_eq!(shape, ["user hi", "calls 2", "a false", "b true", "user and?"]);
    }
}
