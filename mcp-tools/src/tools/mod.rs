//! The tools, one a file: what the model reads, what it does, its tests.

mod complete_tasks;
mod create_tasks;
mod delete_tasks;
mod get_context;
mod get_tasks;
mod list_tasks;
mod undo;
mod update_tasks;

pub(crate) use self::list_tasks::open as open_tasks;
use crate::toolbox::Toolbox;

/// All tools, in the order in which they are listed: the one list.
#[must_use]
pub fn all() -> Toolbox {
    Toolbox::default()
        .with::<list_tasks::ListTasks>()
        .with::<get_tasks::GetTasks>()
        .with::<create_tasks::CreateTasks>()
        .with::<update_tasks::UpdateTasks>()
        .with::<complete_tasks::CompleteTasks>()
        .with::<delete_tasks::DeleteTasks>()
        .with::<undo::Undo>()
        .with::<get_context::GetContext>()
}

#[cfg(test)]
mod tests {
    use rmcp::model::ListToolsResult;
    use serde_json::Value;

    use super::all;

    fn listed() -> Value {
        serde_json::to_value(ListToolsResult::with_all_items(all().definitions().to_vec())).unwrap()
    }

    #[test]
    fn what_models_read() {
        insta::assert_json_snapshot!(listed()["tools"]);
    }

    #[test]
    fn the_whole_list_is_small() {
        let bytes = listed().to_string().len() + r#""ttlMs":60000,"cacheScope":"public","#.len();
        assert!(bytes < 8000, "{bytes} bytes");
        println!("tools/list has {bytes} bytes");
    }

    #[test]
    fn names_are_unique() {
        let names: std::collections::BTreeSet<_> = all().definitions().iter().map(|tool| tool.name.clone()).collect();
        assert_eq!(names.len(), all().definitions().len());
    }

    #[test]
    fn schemas_are_portable() {
        for tool in all().definitions() {
            let output = tool.output_schema.as_deref().unwrap();
            for schema in [&*tool.input_schema, output] {
                assert_eq!(schema["type"], "object", "{}", tool.name);
                portable(&tool.name, &Value::Object(schema.clone()));
            }
            closed(&tool.name, &Value::Object((*tool.input_schema).clone()));
        }
    }

    /// Only keywords that every host knows, and never a union with `null`.
    fn portable(tool: &str, schema: &Value) {
        const KNOWN: [&str; 12] = [
            "type",
            "description",
            "properties",
            "required",
            "additionalProperties",
            "items",
            "enum",
            "minItems",
            "maxItems",
            "minLength",
            "maxLength",
            "minimum",
        ];
        for (key, value) in schema.as_object().unwrap() {
            assert!(KNOWN.contains(&key.as_str()) || key == "maximum", "{tool}: {key} in {schema}");
            match key.as_str() {
                "type" => assert!(value.is_string(), "{tool}: {schema}"),
                "enum" => assert!(value.as_array().unwrap().iter().all(Value::is_string), "{tool}: {schema}"),
                "properties" => value.as_object().unwrap().values().for_each(|field| portable(tool, field)),
                "items" => portable(tool, value),
                _ => {}
            }
        }
    }

    /// Every object of an input names all of its fields.
    fn closed(tool: &str, schema: &Value) {
        if schema["type"] == "object" {
            assert_eq!(schema["additionalProperties"], false, "{tool}: {schema}");
        }
        schema["properties"].as_object().into_iter().flatten().for_each(|(_, field)| closed(tool, field));
        if schema["items"].is_object() {
            closed(tool, &schema["items"]);
        }
    }
}
