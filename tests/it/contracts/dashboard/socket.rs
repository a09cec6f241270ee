//! `/ws` in the dialect of `dashboard`.

mod events;
mod frames;
mod tokens;
mod turns;

use serde_json::Value;

use super::is_time;

/// What every frame to a client has, and nothing else.
fn is_frame(frame: &Value) -> bool {
    frame["type"].is_string()
        && frame["data"].is_object()
        && is_time(&frame["timestamp"])
        && frame["seq"].is_i64()
        && frame.as_object().unwrap().len() == 4
}
