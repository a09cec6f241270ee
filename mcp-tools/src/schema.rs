//! JSON Schemas that every host's model adapter accepts.
//!
//! Some refuse `$ref`, unions with `null` or formats such as `uint64`, and refuse the whole list of tools with them. So everything
//! is inlined, `null` is left out (an optional field may still be `null`: [`crate::arguments`] takes it for absent), and only what
//! JSON itself knows remains.

use rmcp::model::JsonObject;
use schemars::{
    JsonSchema, Schema, SchemaGenerator,
    generate::SchemaSettings,
    json_schema,
    transform::{RecursiveTransform, Transform},
};
use serde_json::{Value, json};

/// The schema of what `T` is read from.
pub(crate) fn input<T: JsonSchema>() -> JsonObject {
    portable::<T>(SchemaSettings::draft2020_12())
}

/// The schema of what `T` is written as: which fields there are and of which type. Models read the results themselves; what more
/// could be said here would only make the list of tools longer, which hosts send with every request.
pub(crate) fn output<T: JsonSchema>() -> JsonObject {
    let mut schema = portable::<T>(SchemaSettings::draft2020_12().for_serialize());
    for field in
        schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flat_map(|all| all.values_mut())
    {
        if let Ok(field) = <&mut Schema>::try_from(field) {
            RecursiveTransform(brief).transform(field);
        }
    }
    schema
}

fn brief(schema: &mut Schema) {
    for detail in ["enum", "required"] {
        schema.remove(detail);
    }
    // A field may be called "description": what stands beside a type is text.
    if schema.get("description").is_some_and(Value::is_string) {
        schema.remove("description");
    }
}

/// The schema of a list of objects, for outputs whose items explain themselves.
pub(crate) fn objects(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "array", "items": {"type": "object"}})
}

fn portable<T: JsonSchema>(mut settings: SchemaSettings) -> JsonObject {
    settings.inline_subschemas = true;
    settings.meta_schema = None;
    let generator = settings.with_transform(RecursiveTransform(plain)).into_generator();
    let mut schema = std::mem::take(generator.into_root_schema_for::<T>().ensure_object());
    for of_the_type in ["title", "description"] {
        schema.remove(of_the_type);
    }
    // Some hosts refuse an object that does not say which fields it has, even when it has none.
    schema.entry("properties").or_insert_with(|| json!({}));
    schema
}

/// Takes `null` and the formats of Rust's integers out of one schema; `RecursiveTransform` walks the rest.
fn plain(schema: &mut Schema) {
    let Some(schema) = schema.as_object_mut() else { return };
    if let Some(Value::Array(types)) = schema.get("type") {
        let mut types = types.clone();
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            schema.insert("type".into(), only.clone());
        }
    }
    if let Some(Value::Array(words)) = schema.get_mut("enum") {
        words.retain(|word| !word.is_null());
    }
    if let Some(Value::Array(choices)) = schema.get("anyOf") {
        let mut choices = choices.clone();
        choices.retain(|choice| choice["type"] != "null");
        if let [Value::Object(only)] = choices.as_mut_slice() {
            let only = std::mem::take(only);
            schema.remove("anyOf");
            for (key, value) in only {
                schema.entry(key).or_insert(value);
            }
        }
    }
    if schema.get("type").is_some_and(|name| name == "integer") {
        schema.remove("format");
    }
}
