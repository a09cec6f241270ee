//! Reads what models send as arguments: strict about what is meant, lenient about how it is written.
//!
//! The tool's own schema says what is wanted, so every limit that is advertised is checked here, and no tool has to. Written another
//! way and still without doubt, and therefore accepted: `null` for an optional field, `"20"` for a number, `"true"` for a truth
//! value, `12` for a string, `"In Progress"` for a word of a list, one value (or a string with the JSON of an array) where an array
//! is wanted. Everything else is refused with a text that names the place and what belongs there.
//!
//! The objects of an array are the items of a batch: they are read one by one by [`crate::batch::Batch`], so that a bad one is
//! that item's error and the others go through.

use rmcp::model::JsonObject;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// `value` as `schema` wants it, and as the type that the schema was made from.
///
/// # Errors
/// A text that names what is wrong and what belongs there.
pub(crate) fn read<T: DeserializeOwned>(schema: &JsonObject, value: Value) -> Result<(Value, T), String> {
    let value = fit("", schema, value)?;
    let input = serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
    Ok((value, input))
}

fn fit(place: &str, schema: &JsonObject, value: Value) -> Result<Value, String> {
    match schema.get("type").and_then(Value::as_str) {
        Some("object") => object(place, schema, value),
        Some("array") => array(place, schema, value),
        Some("string") => string(place, schema, value),
        Some("integer") => integer(place, schema, &value),
        Some("boolean") => boolean(place, value),
        Some(_) | None => Ok(value),
    }
}

fn object(place: &str, schema: &JsonObject, value: Value) -> Result<Value, String> {
    let fields = match unpacked(value) {
        Value::Object(fields) => fields,
        other => return Err(format!("{} must be an object, not {}", named(place), shown(&other))),
    };
    let none = Map::new();
    let known = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .map_or_else(Vec::new, |names| names.iter().filter_map(Value::as_str).collect());
    let mut fitted = Map::new();
    for (name, value) in fields {
        let Some(Value::Object(wanted)) = known.get(&name) else {
            let names: Vec<_> = known.keys().map(String::as_str).collect();
            let names =
                if names.is_empty() { "there are none".into() } else { format!("there are {}", names.join(", ")) };
            return Err(format!("unknown field {}; {names}", within(place, &name)));
        };
        let optional = !required.contains(&name.as_str());
        let filler = value.is_null() || (wanted.contains_key("enum") && value == "");
        if !(optional && filler) {
            fitted.insert(name.clone(), fit(&within(place, &name), wanted, value)?);
        }
    }
    match required.iter().find(|name| !fitted.contains_key(**name)) {
        Some(missing) => Err(format!("{} is missing", within(place, missing))),
        None => Ok(Value::Object(fitted)),
    }
}

fn array(place: &str, schema: &JsonObject, value: Value) -> Result<Value, String> {
    let items = match unpacked(value) {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        one => vec![one],
    };
    let bound = |name| schema.get(name).and_then(Value::as_u64).and_then(|bound| usize::try_from(bound).ok());
    let (least, most) = (bound("minItems").unwrap_or(0), bound("maxItems").unwrap_or(usize::MAX));
    if !(least..=most).contains(&items.len()) {
        return Err(format!("{place} must have from {least} to {most} items, this has {}", items.len()));
    }
    let Some(Value::Object(wanted)) = schema.get("items") else { return Ok(Value::Array(items)) };
    if wanted.get("type").is_some_and(|name| name == "object") {
        return Ok(Value::Array(items));
    }
    let fitted = items.into_iter().enumerate().map(|(at, item)| fit(&format!("{place}[{at}]"), wanted, item));
    fitted.collect::<Result<_, _>>().map(Value::Array)
}

fn string(place: &str, schema: &JsonObject, value: Value) -> Result<Value, String> {
    let text = match value {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        other => return Err(format!("{place} must be a string, not {}", shown(&other))),
    };
    let Some(Value::Array(words)) = schema.get("enum") else { return Ok(Value::String(text)) };
    let word = Value::String(text.trim().to_lowercase().replace([' ', '-'], "_"));
    if words.contains(&word) {
        return Ok(word);
    }
    let words: Vec<_> = words.iter().filter_map(Value::as_str).collect();
    Err(format!("{place} must be one of {}, not \"{text}\"", words.join(", ")))
}

fn integer(place: &str, schema: &JsonObject, value: &Value) -> Result<Value, String> {
    let wrong = || format!("{place} must be a whole number, not {}", shown(value));
    let number: i64 = match value {
        Value::String(text) => text.trim().parse().map_err(|_| wrong())?,
        Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)).ok_or_else(wrong)?,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return Err(wrong()),
    };
    let bound = |name| schema.get(name).and_then(|bound| bound.as_i64().or_else(|| whole(bound.as_f64()?)));
    let (least, most) = (bound("minimum").unwrap_or(i64::MIN), bound("maximum").unwrap_or(i64::MAX));
    if (least..=most).contains(&number) {
        Ok(number.into())
    } else {
        Err(format!("{place} must lie between {least} and {most}, this is {number}"))
    }
}

/// `20.0` is 20: some models know no other numbers.
fn whole(number: f64) -> Option<i64> {
    format!("{number:.0}").parse().ok().filter(|_| number.fract() == 0.0)
}

fn boolean(place: &str, value: Value) -> Result<Value, String> {
    match &value {
        Value::Bool(_) => Ok(value),
        Value::String(text) if text.trim().eq_ignore_ascii_case("true") => Ok(true.into()),
        Value::String(text) if text.trim().eq_ignore_ascii_case("false") => Ok(false.into()),
        other => Err(format!("{place} must be true or false, not {}", shown(other))),
    }
}

/// The array or object whose JSON stands in a string; anything else as it is.
fn unpacked(value: Value) -> Value {
    match &value {
        Value::String(text) if text.trim_start().starts_with(['[', '{']) => match serde_json::from_str(text) {
            Ok(inner @ (Value::Array(_) | Value::Object(_))) => inner,
            Ok(_) | Err(_) => value,
        },
        _ => value,
    }
}

fn within(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
}

fn named(place: &str) -> &str {
    if place.is_empty() { "this" } else { place }
}

/// A value as it is shown in an error: its beginning is enough to know it again.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() > 60 { format!("{}…", text.chars().take(60).collect::<String>()) } else { text }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn schema() -> JsonObject {
        let schema = json!({"type": "object", "additionalProperties": false, "required": ["ids"], "properties": {
            "ids": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 3},
            "limit": {"type": "integer", "minimum": 1, "maximum": 100},
            "done": {"type": "boolean"},
            "status": {"type": "string", "enum": ["open", "in_progress"]},
            "query": {"type": "string"},
            "tasks": {"type": "array", "items": {"type": "object", "properties": {}}},
        }});
        let Value::Object(schema) = schema else { panic!("an object") };
        schema
    }

    #[rstest]
    #[case::plain(json!({"ids": ["t_1"], "limit": 20}), json!({"ids": ["t_1"], "limit": 20}))]
    #[case::null_is_absent(json!({"ids": ["t_1"], "query": null, "status": null}), json!({"ids": ["t_1"]}))]
    #[case::empty_word_is_absent(json!({"ids": ["t_1"], "status": ""}), json!({"ids": ["t_1"]}))]
    #[case::strings_for_numbers(json!({"ids": ["t_1"], "limit": "20", "done": "True"}), json!({"ids": ["t_1"], "limit": 20, "done": true}))]
    #[case::floats(json!({"ids": ["t_1"], "limit": 20.0}), json!({"ids": ["t_1"], "limit": 20}))]
    #[case::numbers_for_strings(json!({"ids": [12, "t_1"]}), json!({"ids": ["12", "t_1"]}))]
    #[case::one_for_many(json!({"ids": "t_1"}), json!({"ids": ["t_1"]}))]
    #[case::one_number_for_many(json!({"ids": 7}), json!({"ids": ["7"]}))]
    #[case::json_in_a_string(json!({"ids": "[\"t_1\", 2]"}), json!({"ids": ["t_1", "2"]}))]
    #[case::a_title_that_begins_like_json(json!({"ids": "[draft] letter"}), json!({"ids": ["[draft] letter"]}))]
    #[case::words_as_people_write_them(json!({"ids": ["t_1"], "status": " In Progress"}), json!({"ids": ["t_1"], "status": "in_progress"}))]
    #[case::items_are_left_to_the_batch(json!({"ids": ["t_1"], "tasks": "{\"any\": null}"}), json!({"ids": ["t_1"], "tasks": [{"any": null}]}))]
    fn understood(#[case] sent: Value, #[case] meant: Value) {
        assert_eq!(read::<Value>(&schema(), sent).unwrap().0, meant);
    }

    #[rstest]
    #[case(json!({}), "ids is missing")]
    #[case(json!({"ids": null}), "ids must have from 1 to 3 items, this has 0")]
    #[case(json!({"ids": []}), "ids must have from 1 to 3 items, this has 0")]
    #[case(json!({"ids": [1, 2, 3, 4]}), "ids must have from 1 to 3 items, this has 4")]
    #[case(json!({"ids": [{"id": "t_1"}]}), "ids[0] must be a string, not {\"id\":\"t_1\"}")]
    #[case(json!({"ids": ["t_1"], "limit": 0}), "limit must lie between 1 and 100, this is 0")]
    #[case(json!({"ids": ["t_1"], "limit": 101}), "limit must lie between 1 and 100, this is 101")]
    #[case(json!({"ids": ["t_1"], "limit": "many"}), "limit must be a whole number, not \"many\"")]
    #[case(json!({"ids": ["t_1"], "limit": 1.5}), "limit must be a whole number, not 1.5")]
    #[case(json!({"ids": ["t_1"], "limit": 1e300}), "limit must be a whole number, not 1e+300")]
    #[case(json!({"ids": ["t_1"], "done": "maybe"}), "done must be true or false, not \"maybe\"")]
    #[case(json!({"ids": ["t_1"], "status": "done"}), "status must be one of open, in_progress, not \"done\"")]
    #[case(json!({"ids": ["t_1"], "project": "x"}), "unknown field project; there are done, ids, limit, query, status, tasks")]
    fn refused(#[case] sent: Value, #[case] why: &str) {
        assert_eq!(read::<Value>(&schema(), sent).unwrap_err(), why);
    }
}
