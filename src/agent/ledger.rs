//! What was called in a turn: the same call twice is run once, and there is an end to calling.

use std::collections::{HashMap, HashSet};

use errand_core::conversation::{Outcome, ToolCall};
use serde_json::{Value, json};

use super::prompts;

/// The calls of a turn.
#[derive(Default)]
pub(super) struct Ledger {
    ids: HashSet<String>,
    outcomes: HashMap<String, Entry>,
    changes: u32,
    pub(super) count: u32,
}

struct Entry {
    outcome: Outcome,
    /// How many changes there were before it: a list that was read before a change is not good after it.
    changes: u32,
}

impl Ledger {
    /// Gives the call an id that no other call of the turn has; models repeat theirs, or leave them out.
    pub(super) fn name(&mut self, mut call: ToolCall) -> ToolCall {
        if call.id.is_empty() || self.ids.contains(&call.id) {
            call.id = format!("call_{}", errand_core::id::fresh().simple());
        }
        self.ids.insert(call.id.clone());
        call
    }

    /// The outcome of the same call, if it was made before and is still true.
    pub(super) fn known(&self, call: &ToolCall, reads: bool) -> Option<Outcome> {
        let entry = self.outcomes.get(&key(call))?;
        if reads && entry.changes != self.changes {
            return None;
        }
        let mut outcome = Outcome { call_id: call.id.clone(), ..entry.outcome.clone() };
        if !reads && let Value::Object(content) = &mut outcome.content {
            content.insert("repeated".into(), json!(prompts::repeat(&call.name)));
        }
        Some(outcome)
    }

    /// Takes down an outcome. What failed may be tried again.
    pub(super) fn note(&mut self, call: &ToolCall, reads: bool, outcome: &Outcome) {
        if outcome.is_error {
            return;
        }
        if !reads {
            self.changes += 1;
        }
        self.outcomes.insert(key(call), Entry { outcome: outcome.clone(), changes: self.changes });
    }
}

/// `serde_json` keeps the keys of objects sorted, so equal arguments have equal text.
fn key(call: &ToolCall) -> String {
    format!("{} {}", call.name, call.arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(name: &str, arguments: Value) -> ToolCall {
        ToolCall { id: String::new(), name: name.into(), arguments }
    }

    fn ok(call: &ToolCall) -> Outcome {
        Outcome { call_id: call.id.clone(), name: call.name.clone(), content: json!({"n": 1}), is_error: false }
    }

    #[test]
    fn a_change_is_made_once_and_a_list_is_read_again_after_it() {
        let mut ledger = Ledger::default();
        let list = ledger.name(call("list_tasks", json!({"status": "open", "limit": 5})));
        ledger.note(&list, true, &ok(&list));
        let same = ledger.name(call("list_tasks", json!({"limit": 5, "status": "open"})));
        assert_eq!(ledger.known(&same, true).map(|outcome| outcome.call_id), Some(same.id.clone()));

        let create = ledger.name(call("create_tasks", json!({"tasks": [{"title": "a"}]})));
        assert!(ledger.known(&create, false).is_none());
        ledger.note(&create, false, &ok(&create));
        let again = ledger.name(call("create_tasks", json!({"tasks": [{"title": "a"}]})));
        assert_ne!(create.id, again.id);
        assert!(ledger.known(&again, false).unwrap().content["repeated"].is_string());
        assert!(ledger.known(&list, true).is_none(), "a list from before the change");
    }

    #[test]
    fn what_failed_may_be_tried_again() {
        let mut ledger = Ledger::default();
        let create = ledger.name(call("create_tasks", json!({})));
        ledger.note(&create, false, &Outcome { is_error: true, ..ok(&create) });
        assert!(ledger.known(&create, false).is_none());
    }
}
