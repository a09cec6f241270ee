//! Calls that are written as an element of a markup language.

use serde_json::{Map, json};

use super::{
    call::{Found, Spoken, object},
    opening,
};

/// `<function name="…" arguments='{…}'/>`: the arguments are read as JSON, whatever quotes stand around them.
pub(super) fn element(text: &str, at: usize, names: &[String], end: bool) -> Option<Found> {
    const NAME: &str = "name=";
    const ARGUMENTS: &str = "arguments=";
    let wait = || if end { None } else { Some(Found::Wait) };
    let rest = text[at + opening::ELEMENT.len()..].trim_start();
    let Some(quoted) = rest.strip_prefix(NAME) else {
        return if NAME.starts_with(rest) { wait() } else { None };
    };
    let mut characters = quoted.chars();
    let Some(quote) = characters.next() else { return wait() };
    let (true, name) = (matches!(quote, '"' | '\''), characters.as_str()) else { return None };
    let Some(length) = name.find(quote) else {
        return if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') { wait() } else { None };
    };
    let (name, rest) = (names.iter().find(|known| **known == name[..length])?, name[length + 1..].trim_start());
    let Some(quoted) = rest.strip_prefix(ARGUMENTS) else {
        return if ARGUMENTS.starts_with(rest) { wait() } else { None };
    };
    let json = quoted.trim_start_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'');
    match json.chars().next() {
        None => wait(),
        Some('{') => match object(text, text.len() - json.len(), name, end)? {
            Found::Calls(behind, calls) => closed(text, behind, calls, end),
            other => Some(other),
        },
        Some(_) => None,
    }
}

/// The end of an element behind its arguments: a quote, and `/>` or `>`.
fn closed(text: &str, at: usize, calls: Vec<Spoken>, end: bool) -> Option<Found> {
    let rest = text[at..].trim_start_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'');
    let behind = text.len() - rest.len();
    match rest.as_bytes() {
        [b'/', b'>', ..] => Some(Found::Calls(behind + 2, calls)),
        [b'>', ..] => Some(Found::Calls(behind + 1, calls)),
        [] | [b'/'] if !end => Some(Found::Wait),
        [] | [b'/'] => Some(Found::Calls(text.len(), calls)),
        _ => None,
    }
}

/// `<name key="…" key='…'/>`, each value being JSON or else the text that it is.
pub(super) fn named(text: &str, at: usize, names: &[String], end: bool) -> Option<Found> {
    let wait = || if end { None } else { Some(Found::Wait) };
    let rest = &text[at + 1..];
    let Some(length) = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) else {
        return if names.iter().any(|name| name.starts_with(rest)) { wait() } else { None };
    };
    let name = names.iter().find(|name| **name == rest[..length])?;
    let (mut rest, mut arguments) = (rest[length..].trim_start(), Map::new());
    loop {
        if let Some(behind) = rest.strip_prefix("/>").or_else(|| rest.strip_prefix('>')) {
            let spoken = Spoken { name: name.clone(), arguments: arguments.into() };
            return Some(Found::Calls(text.len() - behind.len(), vec![spoken]));
        }
        let Some((key, quoted)) = rest.split_once('=') else {
            return if rest.chars().all(|c| c.is_ascii_alphanumeric() || "_/ ".contains(c)) { wait() } else { None };
        };
        let mut characters = quoted.trim_start().chars();
        let Some(quote) = characters.next() else { return wait() };
        if !matches!(quote, '"' | '\'') {
            return None;
        }
        let Some((value, behind)) = characters.as_str().split_once(quote) else { return wait() };
        arguments.insert(key.trim().to_owned(), serde_json::from_str(value).unwrap_or_else(|_| json!(value)));
        rest = behind.trim_start();
    }
}
