//! The biggest results that there can be.

use std::fmt::Write as _;

use errand_core::task::{BATCH_MAX, DESCRIPTION_MAX, TITLE_MAX};
use rmcp::model::CallToolResult;
use rstest::rstest;
use serde_json::json;

use super::*;
use crate::{
    bench::{Bench, ids},
    tools,
};

/// A result with everything that goes out, in bytes.
const BOUND: usize = 40_000;

/// What tasks are filled with: what takes most room in UTF-8, in JSON, and in JSON inside a string.
const FILLINGS: [&str; 5] = ["🦷", "\"", "\\", "é\n", "x"];

/// As many characters, of which the first tell it from others.
fn filled(filling: &str, number: usize, characters: usize) -> String {
    format!("{number:02} ").chars().chain(filling.chars().cycle()).take(characters).collect()
}

fn full(filling: &str, number: usize) -> Value {
    json!({"title": filled(filling, number, TITLE_MAX), "description": filled(filling, number, DESCRIPTION_MAX),
        "due": "2026-11-22T09:00:00+01:00", "status": "in_progress", "priority": "medium"})
}

/// What a tool answers is small enough, and still what its schema says.
#[track_caller]
fn is_bounded(tool: &str, output: &Value, is_error: bool) {
    let result = if is_error { CallToolResult::structured_error } else { CallToolResult::structured }(output.clone());
    let bytes = serde_json::to_string(&result).unwrap().len();
    assert!(bytes < BOUND - 500, "{tool}: {bytes} bytes, and some more around it");
    let boxed = tools::all();
    let definition = boxed.definitions().iter().find(|definition| definition.name == tool).unwrap();
    let schema = Value::Object(definition.output_schema.as_deref().unwrap().clone());
    let problems: Vec<_> =
        jsonschema::validator_for(&schema).unwrap().iter_errors(output).map(|e| e.to_string()).collect();
    assert!(problems.is_empty(), "{tool}: {problems:?}");
    assert!(output.get("shortened").is_none_or(|note| note == NOTE), "{tool}: {output}");
}

#[rstest]
#[tokio::test]
async fn no_tool_answers_too_much(#[values(0, 1, 2, 3, 4)] filling: usize) {
    let (bench, filling) = (Bench::new().await, FILLINGS[filling]);
    let all: Vec<_> = (0..BATCH_MAX).map(|number| full(filling, number)).collect();
    let made = bench.ok("create_tasks", json!({"tasks": all})).await;
    is_bounded("create_tasks", &made, false);
    let made = ids(&made);
    assert_eq!(made.len(), BATCH_MAX, "none is left out");
    let updates: Vec<_> = made.iter().map(|id| json!({"id": id, "priority": "high"})).collect();
    for (tool, arguments) in [
        ("list_tasks", json!({"detail": "full", "limit": 100})),
        ("list_tasks", json!({"limit": 100})),
        ("get_tasks", json!({"ids": made})),
        ("update_tasks", json!({"updates": updates})),
        ("complete_tasks", json!({"ids": made})),
        ("complete_tasks", json!({"ids": made, "completed": false})),
        ("delete_tasks", json!({"ids": made})),
        ("undo", json!({})),
        ("get_context", json!({})),
    ] {
        is_bounded(tool, &bench.ok(tool, arguments).await, false);
    }
    let one = bench.ok("get_tasks", json!({"ids": [made[7]]})).await;
    assert_eq!(one["tasks"][0]["description"], filled(filling, 7, DESCRIPTION_MAX).trim(), "one is told whole");
    assert!(one.get("shortened").is_none());
}

/// Every item is refused, repeats what it was sent, and comes with candidates.
#[rstest]
#[tokio::test]
async fn no_refusal_is_too_much(#[values(0, 1, 2, 3, 4)] filling: usize) {
    let (bench, filling) = (Bench::new().await, FILLINGS[filling]);
    let alike: Vec<_> = (0..10).map(|_| json!({"title": filled(filling, 1, TITLE_MAX)})).collect();
    bench.ok("create_tasks", json!({"tasks": alike})).await;
    for name in [filled(filling, 1, TITLE_MAX), filled(filling, 1, 5_000), filled(filling, 1, 9)] {
        let names = vec![name.clone(); BATCH_MAX];
        let updates: Vec<_> = names.iter().map(|id| json!({"id": id, "title": "x"})).collect();
        for (tool, arguments) in [
            ("get_tasks", json!({"ids": names})),
            ("update_tasks", json!({"updates": updates})),
            ("complete_tasks", json!({"ids": names, "completed": false})),
            ("delete_tasks", json!({"ids": names})),
        ] {
            let (output, is_error) = bench.call(tool, arguments).await;
            assert!(is_error, "{output}");
            is_bounded(tool, &output, true);
            assert_eq!(output["errors"].as_array().unwrap().len(), BATCH_MAX);
            assert!(output["errors"][0]["message"].as_str().unwrap().contains("id"), "{}", output["errors"][0]);
        }
    }
    for field in ["status", "due_from", "cursor", &filled(filling, 1, 5_000)] {
        let arguments = Value::Object([(field.to_owned(), filled(filling, 1, 5_000).into())].into_iter().collect());
        let why = bench.refused("list_tasks", arguments).await;
        assert!(of(&Value::String(why.clone())) < 5_000, "{} bytes", why.len());
    }
}

#[tokio::test]
async fn what_is_left_out_is_said_and_ids_and_dates_stay() {
    let bench = Bench::new().await;
    let all: Vec<_> = (0..BATCH_MAX).map(|number| full("word ", number)).collect();
    let made = ids(&bench.ok("create_tasks", json!({"tasks": all})).await);
    let output = bench.ok("get_tasks", json!({"ids": made})).await;
    assert_eq!(ids(&output), made);
    assert_eq!(output["shortened"], NOTE);
    for (number, task) in output["tasks"].as_array().unwrap().iter().enumerate() {
        let description = task["description"].as_str().unwrap();
        assert!(description.starts_with(&format!("{number:02} word word")) && description.contains(CUT), "{task}");
        assert_eq!((&task["due"], &task["status"]), (&json!("2026-11-22T09:00:00+01:00"), &json!("in_progress")));
    }
    let ten = bench.ok("get_tasks", json!({"ids": made[..10]})).await;
    assert!(ten.get("shortened").is_none(), "as many as fit are told whole");
}

#[test]
fn both_ends_stay() {
    let cut_to = |text: &str, longest| {
        let mut text = text.to_owned();
        cut(&mut text, longest);
        text
    };
    assert_eq!(cut_to("abcdefghijklmnopqrstuvwxyz", 52), "abcdefghijklmnopqrstuvwxyz");
    assert_eq!(cut_to("abcdefghijklmnopqrstuvwxyz", 40), "abcdefghij[…]vwxyz");
    assert_eq!(cut_to(&"🦷".repeat(20), 60), "🦷🦷🦷🦷[…]🦷🦷");
}

#[test]
fn a_text_weighs_what_goes_out() {
    let mut text = String::new();
    for c in (0..0x300).filter_map(char::from_u32).chain("€🦷".chars()) {
        write!(text, "{c}").unwrap();
        let data = Value::String(c.into());
        let out = data.to_string() + &Value::String(data.to_string()).to_string();
        assert_eq!(weight(c) + r#""""\"\"""#.len(), out.len(), "{c:?}");
    }
    let data = json!({"a": [text]});
    let out = data.to_string().len() + Value::String(data.to_string()).to_string().len();
    assert_eq!(of(&data) + r#""""#.len(), out);
}
