//! A folder a contract: each line of its text, and the way it fails.

mod assistant;
mod chasqui;
mod dashboard;
mod rooms;
mod v1;

use serde_json::Value;

/// Whether it is an instant in UTC, as all contracts write them.
fn is_time(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(text).is_ok())
}

/// One field of each row of a list.
fn each(list: &Value, field: &str) -> Vec<Value> {
    list.as_array().unwrap().iter().map(|row| row[field].clone()).collect()
}
