//! A request as the provider gets it.

use std::collections::HashSet;

use errand_core::conversation::{Outcome, ToolCall};
use serde_json::{Value, json};

use super::provider::Provider;
use crate::agent::{
    budget::plain,
    model::{Line, Request, ToolSpec},
};

/// The body of `POST /chat/completions`.
pub(super) fn body(provider: &Provider, request: &Request) -> Value {
    let mut body = json!({
        "model": provider.model,
        "messages": messages(request),
        "stream": true,
        "stream_options": {"include_usage": true},
    });
    // Without tools rather than with `tool_choice: none`, which some servers ignore.
    if request.may_call && !request.tools.is_empty() {
        body["tools"] = request.tools.iter().map(tool).collect();
    }
    if let Some(temperature) = provider.temperature {
        body["temperature"] = json!(temperature);
    }
    if let Some(most) = provider.max_tokens {
        // OpenAI's newer models refuse the old name, other servers do not know the new one.
        let key = if provider.base_url.contains("api.openai.com") { "max_completion_tokens" } else { "max_tokens" };
        body[key] = json!(most);
    }
    body
}

fn tool(tool: &ToolSpec) -> Value {
    json!({"type": "function", "function": {"name": tool.name, "description": tool.description, "parameters": tool.schema}})
}

/// The conversation, in which every call has exactly one outcome right behind it: providers refuse everything else, and would go on
/// refusing the conversation for ever.
fn messages(request: &Request) -> Vec<Value> {
    let mut messages = vec![json!({"role": "system", "content": request.system})];
    let mut open: Vec<&ToolCall> = Vec::new();
    let mut told = HashSet::new();
    for line in &request.lines {
        match line {
            Line::User(text) => {
                close(&mut messages, &mut open);
                messages.push(json!({"role": "user", "content": text}));
            }
            Line::Assistant { text, calls } => {
                close(&mut messages, &mut open);
                open = calls.iter().filter(|call| told.insert(call.id.as_str())).collect();
                messages.extend(assistant(text, &open));
            }
            Line::Outcome(outcome) => {
                if let Some(at) = open.iter().position(|call| call.id == outcome.call_id) {
                    open.remove(at);
                    messages.push(result(outcome));
                }
            }
        }
    }
    close(&mut messages, &mut open);
    messages
}

fn assistant(text: &str, calls: &[&ToolCall]) -> Option<Value> {
    if calls.is_empty() {
        return (!text.is_empty()).then(|| json!({"role": "assistant", "content": text}));
    }
    let calls: Vec<Value> = calls.iter().map(|call| self::call(call)).collect();
    let content = if text.is_empty() { Value::Null } else { json!(text) };
    Some(json!({"role": "assistant", "content": content, "tool_calls": calls}))
}

fn call(call: &ToolCall) -> Value {
    // Some servers parse the arguments of earlier calls, and fail where they are not an object.
    let arguments = match &call.arguments {
        object @ Value::Object(_) => object.to_string(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
            json!({"not_an_object": plain(other)}).to_string()
        }
    };
    json!({"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}})
}

fn result(outcome: &Outcome) -> Value {
    let content = plain(&outcome.content);
    let content = if outcome.is_error { format!("Error: {content}") } else { content };
    json!({"role": "tool", "tool_call_id": outcome.call_id, "content": content})
}

/// Closes calls whose outcome is not in the conversation.
fn close(messages: &mut Vec<Value>, open: &mut Vec<&ToolCall>) {
    const LOST: &str = "Error: the outcome of this call is not known; look before you repeat it";
    messages.extend(open.drain(..).map(|call| json!({"role": "tool", "tool_call_id": call.id, "content": LOST})));
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::TimeZone;
    use tokio::time::Instant;

    use super::*;

    fn request(lines: Vec<Line>) -> Request {
        Request {
            system: "sys".into(),
            lines,
            tools: vec![ToolSpec {
                name: "undo".into(),
                description: "Undo".into(),
                schema: json!({"type": "object"}),
            }]
            .into(),
            now: chrono_tz::UTC.with_ymd_and_hms(2026, 11, 21, 9, 0, 0).unwrap(),
            may_call: true,
            deadline: Instant::now() + Duration::from_mins(1),
            private: false,
        }
    }

    fn provider(base_url: &str) -> Provider {
        Provider {
            base_url: base_url.into(),
            api_key: None,
            model: "m".into(),
            timeout: Duration::from_secs(1),
            retries: 0,
            temperature: Some(0.5),
            max_tokens: Some(64),
        }
    }

    fn made(id: &str, arguments: Value) -> ToolCall {
        ToolCall { id: id.into(), name: "undo".into(), arguments }
    }

    fn outcome(id: &str) -> Line {
        Line::Outcome(Outcome { call_id: id.into(), name: "undo".into(), content: json!({"ok": 1}), is_error: false })
    }

    #[tokio::test]
    async fn calls_and_outcomes_are_always_in_pairs() {
        let lines = vec![
            outcome("lost"),
            Line::User("a".into()),
            Line::Assistant { text: String::new(), calls: vec![made("1", json!({"x": 1})), made("2", json!("{brok"))] },
            outcome("2"),
            outcome("2"),
            Line::Assistant { text: String::new(), calls: vec![] },
            Line::Assistant { text: "b".into(), calls: vec![made("1", json!({}))] },
            Line::User("c".into()),
        ];
        let messages = messages(&request(lines));
        let short: Vec<String> = messages
            .iter()
            .map(|message| {
                let calls = message["tool_calls"].as_array().map(Vec::len);
                format!(
                    "{} {} {calls:?}",
                    message["role"].as_str().unwrap(),
                    message["tool_call_id"].as_str().unwrap_or("-")
                )
            })
            .collect();
        let expected = [
            "system - None",
            "user - None",
            "assistant - Some(2)",
            "tool 2 None",
            "tool 1 None",
            "assistant - None",
            "user - None",
        ];
        assert_eq!(short, expected);
        assert_eq!(messages[2]["tool_calls"][1]["function"]["arguments"], json!(r#"{"not_an_object":"{brok"}"#));
        assert_eq!(messages[3]["content"], json!(r#"{"ok":1}"#));
    }

    #[tokio::test]
    async fn a_model_that_must_answer_in_words_is_given_no_tools() {
        let mut request = request(vec![Line::User("a".into())]);
        assert_eq!(body(&provider("http://localhost"), &request)["tools"][0]["function"]["name"], "undo");
        request.may_call = false;
        assert_eq!(body(&provider("http://localhost"), &request).get("tools"), None);
    }

    #[tokio::test]
    async fn the_limit_has_the_name_that_the_provider_knows() {
        let request = request(vec![]);
        assert_eq!(body(&provider("https://api.openai.com/v1"), &request)["max_completion_tokens"], 64);
        assert_eq!(body(&provider("http://localhost/v1"), &request)["max_tokens"], 64);
    }
}
