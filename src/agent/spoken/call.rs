//! What counts as a written call, once its beginning was found.

use serde_json::{Map, Value, json};

use super::{
    element::{self, element},
    opening::{self, FENCE, Opening, Start},
};

/// A call that was written as text; it has no id yet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Spoken {
    /// The tool, one of those that there are.
    pub(crate) name: String,
    /// The arguments; a string when they were not JSON.
    pub(crate) arguments: Value,
}

/// What an opening turned out to be.
pub(super) enum Found {
    /// It is too early to tell.
    Wait,
    /// No call; that many bytes are text.
    No(usize),
    /// Calls, up to that byte.
    Calls(usize, Vec<Spoken>),
}

/// Code blocks whose body may be a call in the manner of a programming language.
const CALL_LANGUAGES: [&str; 5] = ["tool_code", "tool_call", "tool_calls", "tool", "function_call"];

/// Reads the call that may begin with `opening` at the start of `text`. `end`: whether nothing will follow.
pub(super) fn find(text: &str, opening: Opening, names: &[String], end: bool) -> Found {
    match opening {
        Opening::Json => value(text, 0, names, end).unwrap_or(Found::No(1)),
        Opening::Function => function(text, 0, names, end).unwrap_or(Found::No(1)),
        Opening::Element => element(text, 0, names, end).unwrap_or(Found::No(1)),
        Opening::Mark(length) => body(text, length, true, names, end).unwrap_or(Found::No(length)),
        Opening::Fence => {
            let Some(language) = opening::language(text) else {
                return if end { Found::No(text.len()) } else { Found::Wait };
            };
            let length = FENCE.len() + language.len();
            let loose = CALL_LANGUAGES.contains(&language);
            match body(text, length, loose, names, end) {
                // The block is a block, whatever JSON it begins with.
                None | Some(Found::No(_)) => Found::No(length),
                Some(found) => found,
            }
        }
    }
}

/// The call behind an opening that ends at `from`; `None` if there is none. `loose`: also `name(…)` and `name{…}`.
fn body(text: &str, from: usize, loose: bool, names: &[String], end: bool) -> Option<Found> {
    let at = from + (text.len() - from - text[from..].trim_start().len());
    let rest = &text[at..];
    if rest.is_empty() {
        return if end { None } else { Some(Found::Wait) };
    }
    match opening::at(rest, true) {
        Start::Maybe if !end => Some(Found::Wait),
        Start::Here(Opening::Json) => value(text, at, names, end),
        Start::Here(Opening::Function) => function(text, at, names, end),
        Start::Here(Opening::Element) => element(text, at, names, end),
        // A model that writes only the marks says nothing.
        _ if !names.is_empty() && rest.starts_with("</") && text[..from].trim_end().ends_with('>') => {
            match rest.find('>') {
                Some(close) => Some(Found::Calls(at + close + 1, Vec::new())),
                None if end => None,
                None => Some(Found::Wait),
            }
        }
        Start::Here(Opening::Mark(length)) => body(text, at + length, true, names, end),
        Start::Here(Opening::Fence) if from > 0 && !text.starts_with(FENCE) => match opening::language(rest) {
            Some(language) => body(text, at + FENCE.len() + language.len(), true, names, end),
            None if end => None,
            None => Some(Found::Wait),
        },
        Start::No if loose && rest.starts_with('<') => element::named(text, at, names, end),
        Start::No if loose => named_call(text, at, names, end),
        Start::No | Start::Maybe | Start::Here(Opening::Fence) => None,
    }
}

/// The JSON value at `at`, if it is a call; one that is not is text as a whole.
fn value(text: &str, at: usize, names: &[String], end: bool) -> Option<Found> {
    match json_at(text, at) {
        Json::Short if end => None,
        Json::Short => Some(Found::Wait),
        Json::Not => None,
        Json::Value(value, behind) => Some(match calls(&value, names) {
            Some(calls) => Found::Calls(behind, calls),
            None => Found::No(behind),
        }),
    }
}

/// The end of `<function=name>`.
const DONE: &str = "</function>";
/// The beginning of one of its arguments.
const PARAMETER: &str = "<parameter=";

/// `<function=name>{…}`, or with `<parameter=name>value</parameter>` for each argument.
fn function(text: &str, at: usize, names: &[String], end: bool) -> Option<Found> {
    let wait = || if end { None } else { Some(Found::Wait) };
    let from = at + "<function=".len();
    let Some(close) = text[from..].find('>') else {
        return if text[from..].chars().all(|c| c.is_ascii_alphanumeric() || c == '_') { wait() } else { None };
    };
    let name = names.iter().find(|name| **name == text[from..from + close])?;
    let start = from + close + 1;
    let start = start + (text.len() - start - text[start..].trim_start().len());
    if text[start..].starts_with('{') {
        return object(text, start, name, end);
    }
    let rest = &text[start..];
    if !rest.starts_with(PARAMETER) && !rest.starts_with(DONE) {
        return if PARAMETER.starts_with(rest) || DONE.starts_with(rest) { wait() } else { None };
    }
    let Some(length) = rest.find(DONE) else { return wait() };
    let arguments: Map<String, Value> = rest[..length].split(PARAMETER).skip(1).filter_map(parameter).collect();
    Some(Found::Calls(start + length + DONE.len(), vec![Spoken { name: name.clone(), arguments: arguments.into() }]))
}

/// `name>value</parameter>`
fn parameter(text: &str) -> Option<(String, Value)> {
    let (name, value) = text.split_once('>')?;
    let value = value.rsplit_once("</parameter>").map_or(value, |(value, _)| value).trim();
    Some((name.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| json!(value))))
}

/// `name{…}`, `name({…})`, `name[ARGS]{…}` and `name(key=…, key=…)`.
fn named_call(text: &str, at: usize, names: &[String], end: bool) -> Option<Found> {
    let wait = || if end { None } else { Some(Found::Wait) };
    let mut at = at;
    for before in ["print(", "default_api.", "functions."] {
        let rest = &text[at..];
        if rest.starts_with(before) {
            at += before.len();
        } else if before.starts_with(rest) {
            return wait();
        }
    }
    let length = text[at..].find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let Some(length) = length else {
        return if names.iter().any(|name| name.starts_with(&text[at..])) { wait() } else { None };
    };
    let name = names.iter().find(|name| **name == text[at..at + length])?;
    let behind = text[at + length..].trim_start();
    let inner = match ["(", "[ARGS]", "{"].iter().find(|mark| behind.starts_with(**mark)) {
        Some(&"{") => behind,
        Some(mark) => behind[mark.len()..].trim_start(),
        None => return if "[ARGS]".starts_with(behind) { wait() } else { None },
    };
    let from = text.len() - inner.len();
    match inner.chars().next() {
        None => wait(),
        Some('{') => object(text, from, name, end),
        Some(_) if behind.starts_with('(') => keywords(text, from, name, end),
        Some(_) => None,
    }
}

/// `key=…, key=…)`, each value being JSON.
fn keywords(text: &str, from: usize, name: &str, end: bool) -> Option<Found> {
    let wait = || if end { None } else { Some(Found::Wait) };
    let mut arguments = Map::new();
    let mut at = from;
    loop {
        let rest = text[at..].trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        if rest.starts_with(')') {
            let spoken = Spoken { name: name.to_owned(), arguments: arguments.into() };
            return Some(Found::Calls(text.len() - rest.len() + 1, vec![spoken]));
        }
        let Some((key, value)) = rest.split_once('=') else {
            return if rest.chars().all(|c| c.is_ascii_alphanumeric() || "_ ".contains(c)) { wait() } else { None };
        };
        let value = value.trim_start();
        // A number or a word is complete only when something stands behind it.
        match json_at(text, text.len() - value.len()) {
            Json::Value(value, behind) if behind < text.len() => {
                arguments.insert(key.trim().to_owned(), value);
                at = behind;
            }
            Json::Value(..) | Json::Short => return wait(),
            Json::Not => return None,
        }
    }
}

/// The arguments of a call of `name`, a JSON object at `at`.
pub(super) fn object(text: &str, at: usize, name: &str, end: bool) -> Option<Found> {
    match json_at(text, at) {
        Json::Value(arguments, behind) => Some(Found::Calls(behind, vec![Spoken { name: name.to_owned(), arguments }])),
        Json::Short if !end => Some(Found::Wait),
        Json::Short | Json::Not => None,
    }
}

enum Json {
    /// It ends too early.
    Short,
    /// It is none.
    Not,
    /// It is one, up to that byte of the text.
    Value(Value, usize),
}

fn json_at(text: &str, at: usize) -> Json {
    let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>();
    match values.next() {
        Some(Ok(value)) => Json::Value(value, at + values.byte_offset()),
        Some(Err(error)) if !error.is_eof() => Json::Not,
        Some(Err(_)) | None => Json::Short,
    }
}

/// The calls that `value` stands for, if it stands for nothing else.
fn calls(value: &Value, names: &[String]) -> Option<Vec<Spoken>> {
    match value {
        Value::Array(items) if !items.is_empty() => {
            let calls: Option<Vec<_>> = items.iter().map(|item| calls(item, names)).collect();
            Some(calls?.concat())
        }
        Value::Object(fields) => {
            match ["tool_calls", "tool_call", "function_call"].iter().find_map(|key| fields.get(*key)) {
                Some(inner) => calls(inner, names),
                None => Some(vec![one(fields, names)?]),
            }
        }
        Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// The fields that a call without arguments may have.
const OF_A_BARE_CALL: [&str; 6] = ["name", "tool", "tool_name", "function", "id", "type"];

/// `{"name", "arguments"}` under the names that models give these two, bare or inside `"function"`.
fn one(fields: &Map<String, Value>, names: &[String]) -> Option<Spoken> {
    if let Some(Value::Object(function)) = fields.get("function") {
        return one(function, names);
    }
    let name = ["name", "tool", "tool_name", "function"].iter().find_map(|key| fields.get(*key)?.as_str())?;
    let name = names.iter().find(|known| *known == name)?;
    let arguments = ["arguments", "parameters", "args", "input"].iter().find_map(|key| fields.get(*key));
    let arguments = match arguments {
        Some(Value::Object(_)) => arguments?.clone(),
        Some(Value::String(text)) => match serde_json::from_str(text) {
            Ok(arguments @ Value::Object(_)) => arguments,
            Ok(_) | Err(_) => json!(text),
        },
        Some(Value::Null) => json!({}),
        // Only the name, and nothing that would make it a thing that happens to be called so.
        None if fields.keys().all(|key| OF_A_BARE_CALL.contains(&key.as_str())) => json!({}),
        Some(Value::Array(_) | Value::Bool(_) | Value::Number(_)) | None => return None,
    };
    Some(Spoken { name: name.clone(), arguments })
}
