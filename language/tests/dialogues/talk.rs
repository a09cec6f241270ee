//! A conversation with the assistant and the toolbox in memory that it calls.

use chrono::{DateTime, TimeZone};
use chrono_tz::Tz;
use errand_language::{Line, Step, next_step};
use serde_json::{Value, json};

/// A conversation and the tasks it is about.
pub(crate) struct Talk {
    pub(crate) lines: Vec<Line>,
    pub(crate) tasks: Vec<Value>,
    before: Vec<Vec<Value>>,
    made: usize,
}

pub(crate) fn now() -> DateTime<Tz> {
    chrono_tz::Europe::Madrid.with_ymd_and_hms(2026, 3, 4, 10, 0, 0).single().expect("a moment that exists once")
}

pub(crate) fn text<'a>(task: &'a Value, key: &str) -> &'a str {
    task[key].as_str().unwrap_or("")
}

impl Talk {
    /// Tasks as `title` or `title @ due`.
    pub(crate) fn about(tasks: &[&str]) -> Self {
        let mut talk = Self { lines: Vec::new(), tasks: Vec::new(), before: Vec::new(), made: 0 };
        for task in tasks {
            let (title, due) = task.split_once(" @ ").map_or((*task, None), |(t, d)| (t, Some(d)));
            talk.make(&json!({ "title": title, "due": due }));
        }
        talk
    }

    fn make(&mut self, draft: &Value) -> Value {
        self.made += 1;
        let mut task = json!({ "id": format!("t_{}", 811 + self.made), "status": "pending", "priority": "medium" });
        for key in ["title", "description", "priority", "due"] {
            if !draft[key].is_null() {
                task[key] = draft[key].clone();
            }
        }
        self.tasks.push(task.clone());
        task
    }

    /// Says it and returns the answer.
    pub(crate) fn say(&mut self, sentence: &str) -> String {
        self.lines.push(Line::User(sentence.to_owned()));
        for step in 0..8 {
            match next_step(&self.lines, now()) {
                Step::Say(text) => {
                    self.lines.push(Line::Assistant(text.clone()));
                    return text;
                }
                Step::Call(calls) => {
                    for (i, call) in calls.into_iter().enumerate() {
                        let id = format!("c{step}{i}");
                        let (content, is_error) = self.run(&call.name, &call.arguments);
                        self.lines.push(Line::Call { id: id.clone(), name: call.name, arguments: call.arguments });
                        self.lines.push(Line::Outcome { call_id: id, content, is_error });
                    }
                }
            }
        }
        panic!("{sentence}: no answer after eight steps")
    }

    fn run(&mut self, tool: &str, input: &Value) -> (Value, bool) {
        let before = self.tasks.clone();
        let outcome = match tool {
            "list_tasks" => (self.list(input), false),
            "get_tasks" => self.each(&input["ids"], "tasks", |_, task, _| Some(task.clone())),
            "create_tasks" => {
                let drafts = input["tasks"].as_array().cloned().unwrap_or_default();
                (json!({ "tasks": drafts.iter().map(|d| self.make(d)).collect::<Vec<_>>(), "errors": [] }), false)
            }
            "complete_tasks" => {
                let status = if input["completed"] == json!(false) { "pending" } else { "completed" };
                self.each(&input["ids"], "tasks", |tasks, task, at| {
                    tasks[at]["status"] = json!(status);
                    Some(json!({ "id": task["id"], "title": task["title"], "status": status }))
                })
            }
            "delete_tasks" => self.each(&input["ids"], "deleted", |tasks, task, at| {
                tasks.remove(at);
                Some(json!({ "id": task["id"], "title": task["title"] }))
            }),
            "update_tasks" => self.each(&input["updates"], "tasks", |tasks, update, at| {
                for key in ["title", "description", "priority", "status", "due"] {
                    if !update[key].is_null() {
                        tasks[at][key] = update[key].clone();
                    }
                }
                for key in update["clear"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                    tasks[at][key] = Value::Null;
                }
                Some(tasks[at].clone())
            }),
            "undo" => return self.undo(),
            other => panic!("there is no tool {other}"),
        };
        if !matches!(tool, "list_tasks" | "get_tasks") && !outcome.1 {
            self.before.push(before);
        }
        outcome
    }

    fn list(&self, input: &Value) -> Value {
        let status = text(input, "status");
        let day = |task: &Value| text(task, "due").get(..10).unwrap_or("").to_owned();
        let fits = |task: &&Value| {
            let open = matches!(text(task, "status"), "pending" | "in_progress");
            (status == "all" || text(task, "status") == status || (status == "open" && open))
                && input["due_from"].as_str().is_none_or(|from| !day(task).is_empty() && day(task).as_str() >= from)
                && input["due_to"].as_str().is_none_or(|to| !day(task).is_empty() && day(task).as_str() <= to)
                && input["priority"].as_str().is_none_or(|p| text(task, "priority") == p)
        };
        let words = text(input, "query").to_lowercase();
        let found = |task: &&Value| words.split(' ').all(|w| text(task, "title").to_lowercase().contains(w));
        let tasks: Vec<&Value> = self.tasks.iter().filter(fits).filter(found).collect();
        let from: usize = text(input, "cursor").parse().unwrap_or(0);
        let to = (from + usize::try_from(input["limit"].as_u64().unwrap_or(20)).unwrap_or(20)).min(tasks.len());
        let next = (to < tasks.len()).then(|| to.to_string());
        json!({ "tasks": tasks[from..to], "total": tasks.len(), "next_cursor": next })
    }

    /// Applies `change` to each task that `items` (ids or updates with an id) name.
    fn each(
        &mut self,
        items: &Value,
        key: &str,
        change: impl Fn(&mut Vec<Value>, &Value, usize) -> Option<Value>,
    ) -> (Value, bool) {
        let (mut done, mut errors) = (Vec::new(), Vec::new());
        for item in items.as_array().into_iter().flatten() {
            let id = item.as_str().unwrap_or_else(|| text(item, "id"));
            match self.tasks.iter().position(|t| text(t, "id") == id) {
                Some(at) => {
                    let subject = if item.is_string() { self.tasks[at].clone() } else { item.clone() };
                    done.extend(change(&mut self.tasks, &subject, at));
                }
                None => errors.push(json!({ "id": id, "code": "not_found", "message": "there is no such task" })),
            }
        }
        let nothing = done.is_empty();
        (json!({ key: done, "errors": errors }), nothing)
    }

    fn undo(&mut self) -> (Value, bool) {
        match self.before.pop() {
            Some(before) => {
                self.tasks = before;
                (json!({ "undone": "the last change", "tasks": [] }), false)
            }
            None => (json!("There is nothing to undo."), true),
        }
    }

    /// The tasks as `title | due | priority | status`, without what is usual.
    pub(crate) fn state(&self) -> String {
        let line = |t: &Value| {
            let mut parts = vec![text(t, "title").to_owned()];
            parts.extend(t["due"].as_str().map(|d| d.get(..16).unwrap_or(d).to_owned()));
            parts.extend(Some(text(t, "priority").to_owned()).filter(|p| p != "medium"));
            parts.extend(Some(text(t, "status").to_owned()).filter(|s| s != "pending"));
            parts.join(" | ")
        };
        self.tasks.iter().map(line).collect::<Vec<_>>().join("; ")
    }
}
