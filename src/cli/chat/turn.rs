//! One turn, as its frames tell it: what the assistant writes, what it does, and how it ended.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use super::link::Frame;

/// Something to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// A piece of the answer.
    Text(String),
    /// What was written so far does not count.
    Void,
    /// What a tool did, in one line.
    Did(String),
    /// The turn is over.
    Answered,
    /// The turn is over, without an answer, and why.
    Failed(String),
}

/// What came of one message of this person.
pub(super) struct Turn {
    session: String,
    client_id: String,
    /// Whether the answer is shown while it is written, or only when it is there.
    streaming: bool,
    /// The turn's id, known as soon as the message is stored.
    id: Option<String>,
    written: String,
    /// Whether a call with this id completes tasks or reopens them.
    reopening: HashMap<String, bool>,
}

/// A stored message.
#[derive(Deserialize)]
struct Message {
    id: String,
    role: String,
    content: String,
    #[serde(rename = "message_type")]
    kind: String,
    turn_id: Option<String>,
    client_message_id: Option<String>,
    tool_call: Option<Call>,
    tool_result: Option<Outcome>,
    /// Why the turn failed; the frame that ends it says so, too.
    code: Option<String>,
}

#[derive(Deserialize)]
struct Call {
    id: String,
    arguments: Value,
}

#[derive(Deserialize)]
struct Outcome {
    call_id: String,
    name: String,
    content: Value,
    is_error: bool,
}

impl Turn {
    pub(super) fn new(session: &str, streaming: bool) -> Self {
        Self {
            session: session.to_owned(),
            client_id: errand_core::id::fresh().to_string(),
            streaming,
            id: None,
            written: String::new(),
            reopening: HashMap::new(),
        }
    }

    /// The id under which the message is sent, and sent again when an answer was lost: it runs once.
    pub(super) fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Whether the server has the message.
    pub(super) fn is_stored(&self) -> bool {
        self.id.is_some()
    }

    /// What `frame` says about this turn.
    pub(super) fn hear(&mut self, frame: &Frame) -> Vec<Said> {
        let data = &frame.data;
        match frame.kind.as_str() {
            "message_created" => {
                let message = Message::deserialize(&data["message"]).ok();
                message
                    .filter(|_| data["message"]["session_id"] == *self.session)
                    .map_or_else(Vec::new, |message| self.stored(message))
            }
            "assistant_delta" if self.is_here(data) && self.is_stored() => self.delta(data),
            "turn_completed" if self.is_mine(data) => vec![Said::Answered],
            "turn_failed" if self.is_mine(data) => vec![Said::Failed(text(data, "message"))],
            "session_deleted" if self.is_here(data) => vec![Said::Failed("the conversation was deleted".to_owned())],
            "error" if data["client_message_id"] == *self.client_id => vec![Said::Failed(text(data, "message"))],
            "sync_response" if data["gap"] == true => {
                vec![Said::Failed("too much happened meanwhile to tell; the conversation has it".to_owned())]
            }
            _ => Vec::new(),
        }
    }

    fn is_here(&self, data: &Value) -> bool {
        data["session_id"] == *self.session
    }

    /// Other windows may have turns in the same conversation.
    fn is_mine(&self, data: &Value) -> bool {
        self.is_here(data) && self.id.as_ref().is_some_and(|id| data["turn_id"] == **id)
    }

    fn delta(&mut self, data: &Value) -> Vec<Said> {
        let mut said = Vec::new();
        if data["reset"] == true && !self.written.is_empty() {
            self.written.clear();
            said.push(Said::Void);
        }
        let text = text(data, "text");
        if self.streaming && !text.is_empty() {
            self.written.push_str(&text);
            said.push(Said::Text(text));
        }
        said
    }

    fn stored(&mut self, message: Message) -> Vec<Said> {
        if message.client_message_id.as_deref() == Some(&self.client_id) {
            self.id = Some(message.turn_id.unwrap_or(message.id));
            return Vec::new();
        }
        if self.id.is_none() || message.turn_id != self.id {
            return Vec::new();
        }
        if let Some(call) = message.tool_call {
            self.reopening.insert(call.id, call.arguments["completed"] == false);
            return Vec::new();
        }
        if let Some(outcome) = message.tool_result {
            let reopening = self.reopening.get(&outcome.call_id).copied().unwrap_or(false);
            return vec![Said::Did(did(&outcome, reopening))];
        }
        let answers = message.role == "assistant" && message.kind == "text" && message.code.is_none();
        if answers { self.answer(message.content) } else { Vec::new() }
    }

    /// The answer as it is stored; most of it has been shown already.
    fn answer(&mut self, content: String) -> Vec<Said> {
        let written = std::mem::take(&mut self.written);
        match content.strip_prefix(&written) {
            Some("") => Vec::new(),
            Some(rest) => vec![Said::Text(rest.to_owned())],
            None => vec![Said::Void, Said::Text(content)],
        }
    }
}

fn text(data: &Value, key: &str) -> String {
    data[key].as_str().unwrap_or_default().to_owned()
}

/// What a tool did, in the words of a person.
fn did(outcome: &Outcome, reopening: bool) -> String {
    let Outcome { name, content, is_error, .. } = outcome;
    let verb = match name.as_str() {
        "create_tasks" => "created",
        "update_tasks" => "changed",
        "complete_tasks" if reopening => "reopened",
        "complete_tasks" => "completed",
        "delete_tasks" => "deleted",
        "get_tasks" => "read",
        _ if *is_error => return format!("{name} failed: {}", why(content)),
        "list_tasks" => return format!("looked at the tasks: {} found", content["total"]),
        "get_context" => return "looked at the clock".to_owned(),
        "undo" => return format!("took back: {}", text(content, "undone")),
        other => return other.to_owned(),
    };
    let named = |task: &Value| format!("{verb} {} {}", text(task, "id"), text(task, "title"));
    let failed = |error: &Value| format!("{}: {}", text(error, "id"), text(error, "message"));
    let done = items(content, "tasks").chain(items(content, "deleted")).map(named);
    let line = done.chain(items(content, "errors").map(failed)).collect::<Vec<_>>().join(", ");
    if line.is_empty() { format!("{name}: {}", why(content)) } else { line }
}

fn items<'a>(content: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    content[key].as_array().into_iter().flatten()
}

fn why(content: &Value) -> String {
    content.as_str().map_or_else(|| content.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "the calls read better")]
    fn frame(kind: &str, data: Value) -> Frame {
        serde_json::from_value(json!({"type": kind, "data": data, "timestamp": "2026-11-21T08:00:00Z", "seq": 1}))
            .unwrap()
    }

    #[expect(clippy::needless_pass_by_value, reason = "the calls read better")]
    fn message(more: Value) -> Frame {
        let mut message = json!({"id": "m", "session_id": "s", "role": "assistant", "content": "", "message_type": "text", "turn_id": "t"});
        message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        frame("message_created", json!({"message": message}))
    }

    /// A turn whose message the server has.
    fn begun(streaming: bool) -> Turn {
        let mut turn = Turn::new("s", streaming);
        let mine = message(json!({"id": "t", "role": "user", "client_message_id": turn.client_id()}));
        assert!(!turn.is_stored());
        assert!(turn.hear(&mine).is_empty());
        assert!(turn.is_stored());
        turn
    }

    fn delta(text: &str) -> Frame {
        frame("assistant_delta", json!({"session_id": "s", "message_id": "m", "text": text}))
    }

    #[test]
    fn an_answer_comes_in_pieces_and_is_shown_once() {
        let mut turn = begun(true);
        assert_eq!(turn.hear(&delta("On your ")), [Said::Text("On your ".into())]);
        assert_eq!(turn.hear(&message(json!({"content": "On your list."}))), [Said::Text("list.".into())]);
        let end =
            frame("turn_completed", json!({"session_id": "s", "turn_id": "t", "message_id": "m", "tool_calls": []}));
        assert_eq!(turn.hear(&end), [Said::Answered]);
    }

    #[test]
    fn without_streaming_it_comes_as_a_whole() {
        let mut turn = begun(false);
        assert!(turn.hear(&delta("On your ")).is_empty());
        assert_eq!(turn.hear(&message(json!({"content": "On your list."}))), [Said::Text("On your list.".into())]);
    }

    #[test]
    fn what_the_server_takes_back_is_void() {
        let mut turn = begun(true);
        turn.hear(&delta("Done!"));
        let again = frame("assistant_delta", json!({"session_id": "s", "message_id": "m", "text": "", "reset": true}));
        assert_eq!(turn.hear(&again), [Said::Void]);
        assert_eq!(turn.hear(&message(json!({"content": "I did nothing."}))), [Said::Text("I did nothing.".into())]);
    }

    #[test]
    fn an_answer_that_was_corrected_replaces_what_was_shown() {
        let mut turn = begun(true);
        turn.hear(&delta("Done!"));
        let corrected = message(json!({"content": "Nothing was done."}));
        assert_eq!(turn.hear(&corrected), [Said::Void, Said::Text("Nothing was done.".into())]);
    }

    #[rstest::rstest]
    #[case("create_tasks", json!({"tasks": [{"id": "t_12", "title": "Call the dentist"}], "errors": []}), "created t_12 Call the dentist")]
    #[case("delete_tasks", json!({"deleted": [{"id": "t_1", "title": "A"}, {"id": "t_2", "title": "B"}], "errors": [{"id": "t_9", "code": "not_found", "message": "no such task"}]}),
        "deleted t_1 A, deleted t_2 B, t_9: no such task")]
    #[case("list_tasks", json!({"tasks": [], "total": 3}), "looked at the tasks: 3 found")]
    #[case("undo", json!({"undone": "deleted 2 tasks", "tasks": []}), "took back: deleted 2 tasks")]
    #[case("update_tasks", json!("there is no such argument"), "update_tasks: there is no such argument")]
    fn tools_are_told_in_a_line(#[case] name: &str, #[case] content: Value, #[case] line: &str) {
        let outcome = json!({"call_id": "c", "name": name, "content": content, "is_error": content.is_string()});
        let said = begun(true).hear(&message(json!({"message_type": "response", "tool_result": outcome})));
        assert_eq!(said, [Said::Did(line.into())]);
    }

    #[test]
    fn reopening_is_called_so() {
        let mut turn = begun(true);
        let call = json!({"id": "c", "name": "complete_tasks", "arguments": {"ids": ["t_1"], "completed": false}});
        assert!(turn.hear(&message(json!({"message_type": "command", "tool_call": call}))).is_empty());
        let outcome = json!({"call_id": "c", "name": "complete_tasks", "content": {"tasks": [{"id": "t_1", "title": "A"}]}, "is_error": false});
        let said = turn.hear(&message(json!({"message_type": "response", "tool_result": outcome})));
        assert_eq!(said, [Said::Did("reopened t_1 A".into())]);
    }

    #[test]
    fn other_windows_and_conversations_are_not_mixed_in() {
        let mut turn = begun(true);
        assert!(turn.hear(&message(json!({"turn_id": "other", "content": "Hello"}))).is_empty());
        assert!(turn.hear(&message(json!({"session_id": "other", "content": "Hello"}))).is_empty());
        assert!(turn.hear(&frame("turn_completed", json!({"session_id": "s", "turn_id": "other"}))).is_empty());
        assert!(turn.hear(&frame("assistant_delta", json!({"session_id": "other", "text": "Hello"}))).is_empty());
        assert!(turn.hear(&frame("task_created", json!({"task": {"title": "x"}}))).is_empty());
    }

    #[test]
    fn failures_end_the_turn_with_their_reason() {
        let failed =
            frame("turn_failed", json!({"session_id": "s", "turn_id": "t", "code": "CANCELLED", "message": "stopped"}));
        let mut turn = begun(true);
        assert!(turn.hear(&message(json!({"content": "stopped", "code": "CANCELLED"}))).is_empty(), "it is told once");
        assert_eq!(turn.hear(&failed), [Said::Failed("stopped".into())]);
        let mut turn = Turn::new("s", true);
        let refused = json!({"session_id": "s", "client_message_id": turn.client_id(), "code": "VALIDATION_ERROR", "message": "too long"});
        assert_eq!(turn.hear(&frame("error", refused)), [Said::Failed("too long".into())]);
        assert!(turn.hear(&frame("error", json!({"code": "VALIDATION_ERROR", "message": "of another"}))).is_empty());
    }
}
