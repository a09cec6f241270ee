//! Whether a value fits a schema of a document, and values that do.

use serde_json::{Value, json};

/// Follows `$ref`.
pub(crate) fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(place) => resolved(document, document.pointer(place.trim_start_matches('#')).unwrap()),
        None => value,
    }
}

/// Panics unless `value` fits `schema`, which stands in `document`.
pub(crate) fn fits(document: &Value, schema: &Value, value: &Value) {
    let whole = json!({"allOf": [schema], "components": document["components"]});
    let validator = jsonschema::options().should_validate_formats(true).build(&whole).unwrap();
    let wrong: Vec<_> =
        validator.iter_errors(value).map(|error| format!("{} at {}", error, error.instance_path())).collect();
    assert!(wrong.is_empty(), "{wrong:?} in {value}");
}

/// The least that fits a schema of a request.
pub(crate) fn sample(document: &Value, schema: &Value) -> Value {
    let schema = resolved(document, schema);
    if let Some(words) = schema["enum"].as_array() {
        return words[0].clone();
    }
    if let Some(example) = schema["examples"].get(0) {
        return example.clone();
    }
    if let Some(choice) = schema["oneOf"].get(0).or_else(|| schema["anyOf"].get(0)) {
        return sample(document, choice);
    }
    match schema["type"].as_str() {
        Some("object") => {
            let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            required.map(|name| (name.to_owned(), sample(document, &schema["properties"][name]))).collect()
        }
        Some("array") => json!([sample(document, &schema["items"])]),
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        _ if schema["format"] == "uuid" => json!(uuid::Uuid::nil()),
        _ => json!("something"),
    }
}
