//! Whole conversations against a small toolbox in memory: what is done, what is asked, what is left alone.
//!
//! One more: a case of [`single`] (one sentence and the tasks after it) or a test of its own with [`Talk`].

use chrono::{DateTime, TimeZone};
use chrono_tz::Tz;
use errand_language::{Line, Step, next_step};
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

/// A conversation and the tasks it is about.
struct Talk {
    lines: Vec<Line>,
    tasks: Vec<Value>,
    before: Vec<Vec<Value>>,
    made: usize,
}

fn now() -> DateTime<Tz> {
    chrono_tz::Europe::Madrid.with_ymd_and_hms(2026, 3, 4, 10, 0, 0).single().expect("a moment that exists once")
}

fn text<'a>(task: &'a Value, key: &str) -> &'a str {
    task[key].as_str().unwrap_or("")
}

impl Talk {
    /// Tasks as `title` or `title @ due`.
    fn about(tasks: &[&str]) -> Self {
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
    fn say(&mut self, sentence: &str) -> String {
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
        let tasks: Vec<&Value> = self.tasks.iter().filter(fits).collect();
        json!({ "tasks": tasks, "total": tasks.len() })
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
    fn state(&self) -> String {
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

const MEETINGS: [&str; 3] =
    ["Design meeting @ 2026-03-05T10:00:00+01:00", "Budget meeting @ 2026-03-06T10:00:00+01:00", "Buy bread"];

#[rstest]
#[case("remind me to call the dentist tomorrow at 9, it's urgent", "Call the dentist | 2026-03-05T09:00 | urgent")]
#[case("buy milk and call mom tomorrow", "Buy milk | 2026-03-05; Call mom | 2026-03-05")]
#[case("dinner with tom and ann on friday at 8", "Dinner with tom and ann | 2026-03-06T20:00")]
#[case("add \"tomorrow never dies\" to my list", "Tomorrow never dies")]
#[case("olly please set an alarm for five thirty", "Alarm | 2026-03-04T17:30")]
#[case("put milk, eggs and bread on my shopping list", "Milk; Eggs; Bread")]
#[case("set a low priority reminder to clean the attic", "Clean the attic | low")]
#[case("play some music", "")]
#[case("email george about the meeting tomorrow", "")]
#[case("set the volume to low", "")]
#[case("add this song to my playlist", "")]
#[case("add this to my list", "")]
#[case("i went to walmart today", "")]
#[case("what's the weather tomorrow", "")]
#[case("???", "")]
fn single(#[case] sentence: &str, #[case] tasks: &str) {
    let mut talk = Talk::about(&[]);
    let answer = talk.say(sentence);
    assert_eq!(talk.state(), tasks, "{answer}");
}

#[rstest]
#[case("the second one", "Design meeting | 2026-03-05T10:00; Buy bread")]
#[case("the design one", "Budget meeting | 2026-03-06T10:00; Buy bread")]
#[case("both", "Buy bread")]
#[case("the one tomorrow", "Budget meeting | 2026-03-06T10:00; Buy bread")]
#[case("never mind", "Design meeting | 2026-03-05T10:00; Budget meeting | 2026-03-06T10:00; Buy bread")]
fn several_that_fit_are_asked_about(#[case] answer: &str, #[case] left: &str) {
    let mut talk = Talk::about(&MEETINGS);
    let before = talk.state();
    assert!(talk.say("delete the meeting").contains("Which one"));
    assert_eq!(talk.state(), before);
    talk.say(answer);
    assert_eq!(talk.state(), left);
}

#[test]
fn a_group_goes_only_after_a_yes() {
    let mut talk = Talk::about(&MEETINGS);
    let before = talk.state();
    assert!(talk.say("clear my calendar").contains("Shall I go ahead?"));
    talk.say("no");
    assert_eq!(talk.state(), before);
    talk.say("delete everything");
    talk.say("yes please");
    assert_eq!(talk.state(), "");
    talk.say("undo");
    assert_eq!(talk.state(), before);
}

#[test]
fn what_was_shown_can_be_pointed_at() {
    let mut talk = Talk::about(&MEETINGS);
    talk.say("show my tasks");
    talk.say("mark the first and third as done");
    assert_eq!(
        talk.state(),
        "Design meeting | 2026-03-05T10:00 | completed; Budget meeting | 2026-03-06T10:00; Buy bread | completed"
    );
}

#[test]
fn a_task_is_changed_step_by_step() {
    let mut talk = Talk::about(&[]);
    talk.say("add call sam tomorrow at 3pm");
    talk.say("make that friday");
    assert_eq!(talk.state(), "Call sam | 2026-03-06T15:00");
    talk.say("push it back an hour");
    assert_eq!(talk.state(), "Call sam | 2026-03-06T16:00");
    talk.say("call it Call Samira instead");
    talk.say("it's urgent");
    assert_eq!(talk.state(), "Call Samira | 2026-03-06T16:00 | urgent");
    talk.say("remove its due date");
    talk.say("start working on it");
    assert_eq!(talk.state(), "Call Samira | urgent | in_progress");
    talk.say("i'm done with it");
    assert_eq!(talk.state(), "Call Samira | urgent | completed");
}

#[test]
fn the_other_one_takes_the_first_back() {
    let mut talk = Talk::about(&MEETINGS);
    talk.say("delete the meeting");
    talk.say("the first one");
    assert_eq!(talk.state(), "Budget meeting | 2026-03-06T10:00; Buy bread");
    talk.say("no, the other one");
    assert_eq!(talk.state(), "Design meeting | 2026-03-05T10:00; Buy bread");
}

#[test]
fn a_vague_wish_is_asked_about_and_then_done() {
    let mut talk = Talk::about(&[]);
    assert!(talk.say("set reminder").ends_with('?'));
    assert_eq!(talk.state(), "");
    talk.say("buy milk tomorrow");
    assert_eq!(talk.state(), "Buy milk | 2026-03-05");
}

#[test]
fn nothing_that_fits_means_nothing_done() {
    let mut talk = Talk::about(&["Buy bread"]);
    for sentence in ["delete the elephant", "complete the spaceship", "move the unicorn to friday", "i sold the boat"] {
        let answer = talk.say(sentence);
        assert!(answer.contains("nothing was changed"), "{sentence}: {answer}");
        assert_eq!(talk.state(), "Buy bread");
    }
}

#[test]
fn a_refusal_of_a_tool_is_told() {
    let lines = [
        Line::User("add buy milk".to_owned()),
        Line::Call { id: "1".to_owned(), name: "create_tasks".to_owned(), arguments: json!({}) },
        Line::Outcome { call_id: "1".to_owned(), content: json!("the store is full"), is_error: true },
    ];
    let Step::Say(text) = next_step(&lines, now()) else { panic!("an answer was due") };
    assert!(text.contains("the store is full") && !text.contains("Added"), "{text}");
}

#[test]
fn a_very_long_wish_keeps_its_text() {
    let mut talk = Talk::about(&[]);
    talk.say(&format!("remind me to {}", "read the long text ".repeat(420)));
    let made = &talk.tasks[0];
    assert!(text(made, "title").chars().count() <= 200 && text(made, "description").chars().count() == 1000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_conversation_ends(sentences in proptest::collection::vec("\\PC{0,40}|((delete|move|the|second|one|it|to|friday|yes|no|undo|all|meeting|add|remind|me|and|show|done|at|five|make|that|call|urgent|, |\\?|\"|\\*\\*|t_812) ?){1,9}", 1..6)) {
        let mut talk = Talk::about(&MEETINGS);
        for sentence in sentences {
            prop_assert!(!talk.say(&sentence).trim().is_empty());
        }
    }

    #[test]
    fn a_history_cut_at_the_front_is_survived(cut in 0usize..12) {
        let mut talk = Talk::about(&MEETINGS);
        for sentence in ["show my tasks", "delete the meeting", "the first one", "no, the other one"] {
            talk.say(sentence);
        }
        let lines = talk.lines.split_off(cut.min(talk.lines.len()));
        talk.lines = lines;
        prop_assert!(!talk.say("delete all of them").is_empty());
    }
}
