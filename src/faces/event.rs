//! The events of the contracts' sockets, read off the types of their frames: `--list-ws` and the `AsyncAPI` documents are made of them.
//!
//! Whatever a socket says is a variant of its face's frames, so nothing can be said that is not in the list.
//! To add an event: a variant in the face's `frames.rs`, and an example of it beside.

use axum::routing::MethodRouter;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::schema::Schemas;
use crate::state::State;

/// A contract's socket.
pub struct Socket {
    /// Its whole path.
    pub path: &'static str,
    /// What it is for, in a sentence.
    pub about: &'static str,
    /// None where another contract has it, too, and opens it.
    pub(super) open: Option<fn() -> MethodRouter<State>>,
    pub(super) events: fn(&mut Schemas) -> Vec<Event>,
}

impl Socket {
    /// Everything that is said on it.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        (self.events)(&mut Schemas::new())
    }
}

/// What can be said on a socket.
#[derive(Debug)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// Who says it.
    pub direction: Direction,
    /// When, in a sentence.
    pub about: String,
    /// One of them.
    pub example: Value,
    /// All of them.
    pub schema: Value,
}

/// Who says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The client.
    FromClient,
    /// The server.
    ToClient,
}

impl std::fmt::Display for Direction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::FromClient => "client -> server",
            Self::ToClient => "server -> client",
        })
    }
}

/// By what frames are told apart.
pub(crate) const TYPE: &str = "type";
pub(crate) const EVENT: &str = "event";

/// The events that clients say: the variants of `T`, which `tag` tells apart.
pub(crate) fn from_client<T: JsonSchema + Serialize>(schemas: &mut Schemas, tag: &str, examples: &[T]) -> Vec<Event> {
    variants(&schemas.read_whole::<T>(), Direction::FromClient, tag, examples)
}

/// The events that clients are told.
pub(crate) fn to_client<T: JsonSchema + Serialize>(schemas: &mut Schemas, tag: &str, examples: &[T]) -> Vec<Event> {
    variants(&schemas.written_whole::<T>(), Direction::ToClient, tag, examples)
}

fn variants<T: Serialize>(frames: &Value, direction: Direction, tag: &str, examples: &[T]) -> Vec<Event> {
    let examples: Vec<Value> = examples.iter().map(|example| serde_json::json!(example)).collect();
    let every = frames.as_object().cloned().unwrap_or_default();
    let variants = frames["oneOf"].as_array().into_iter().flatten().filter_map(Value::as_object);
    variants
        .map(|variant| {
            let schema = merged(every.clone(), variant);
            let name = schema["properties"][tag]["const"].as_str().unwrap_or_default().to_owned();
            let about = variant.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
            let example = examples.iter().find(|example| example[tag] == *name).cloned().unwrap_or_default();
            Event { name, direction, about, example, schema }
        })
        .collect()
}

/// What holds for every frame, and what holds for this one.
fn merged(mut every: Map<String, Value>, variant: &Map<String, Value>) -> Value {
    every.remove("oneOf");
    every.remove("description");
    every.remove("title");
    for (key, value) in variant {
        match (every.get_mut(key), value) {
            (Some(Value::Object(all)), Value::Object(more)) => all.extend(more.clone()),
            (Some(Value::Array(all)), Value::Array(more)) => all.extend(more.clone()),
            _ => {
                every.insert(key.clone(), value.clone());
            }
        }
    }
    every.into()
}
