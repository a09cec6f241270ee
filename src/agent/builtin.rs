//! The built-in assistant: no provider, no key, nothing to install. It understands English sentences about tasks by rules
//! (`errand_language`) and, being a [`Model`], works through the same calls, in the same loop, as any other.

use errand_core::conversation::ToolCall;
use errand_language::{Line as Said, Step};
use futures::future::BoxFuture;

use super::model::{Heard, Line, Model, ModelError, Reply, Request, Usage};

/// The built-in assistant.
pub struct Builtin;

impl Model for Builtin {
    fn name(&self) -> &'static str {
        "built-in"
    }

    fn writes(&self) -> bool {
        false
    }

    fn reply<'a>(
        &'a self,
        request: &'a Request,
        heard: &'a (dyn Fn(Heard<'_>) + Send + Sync),
    ) -> BoxFuture<'a, Result<Reply, ModelError>> {
        Box::pin(async move {
            let lines: Vec<_> = request.lines.iter().flat_map(said).collect();
            let (place, now) = (lines.len(), request.now);
            // Away from the threads that serve others: a long message takes a while.
            let step = tokio::task::spawn_blocking(move || errand_language::next_step(&lines, now)).await;
            let step = step.map_err(|error| ModelError::Nonsense { detail: error.to_string() })?;
            Ok(match step {
                Step::Say(text) => {
                    heard(Heard::Text(&text));
                    Reply { text, calls: Vec::new(), usage: Usage::default() }
                }
                Step::Call(calls) => {
                    let calls = calls.into_iter().enumerate().map(|(number, call)| ToolCall {
                        id: format!("call_{place}_{number}"),
                        name: call.name,
                        arguments: call.arguments,
                    });
                    Reply { text: String::new(), calls: calls.collect(), usage: Usage::default() }
                }
            })
        })
    }
}

fn said(line: &Line) -> Vec<Said> {
    match line {
        Line::User(text) => vec![Said::User(text.clone())],
        Line::Assistant { text, calls } => {
            let text = (!text.is_empty()).then(|| Said::Assistant(text.clone()));
            let calls = calls.iter().map(|call| Said::Call {
                id: call.id.clone(),
                name: call.name.clone(),
                arguments: call.arguments.clone(),
            });
            text.into_iter().chain(calls).collect()
        }
        Line::Outcome(outcome) => vec![Said::Outcome {
            call_id: outcome.call_id.clone(),
            content: outcome.content.clone(),
            is_error: outcome.is_error,
        }],
    }
}
