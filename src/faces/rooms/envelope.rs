//! What is around every answer when all is well.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

/// An answer with data.
#[derive(Serialize)]
pub(super) struct Envelope<T> {
    success: bool,
    data: T,
    message: &'static str,
}

impl<T> Envelope<T> {
    /// `data`, and for people what was done.
    pub(super) fn of(data: T, message: &'static str) -> Self {
        Self { success: true, data, message }
    }
}

impl<T: JsonSchema> JsonSchema for Envelope<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Envelope_of_{}", T::schema_name()).into()
    }

    fn json_schema(schemas: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "required": ["success", "data", "message"],
            "properties": {
                "success": {"const": true},
                "data": schemas.subschema_for::<T>(),
                "message": {"type": "string"},
            },
        })
    }
}

/// An answer that only says what was done.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Said {
    success: bool,
    message: &'static str,
}

impl Said {
    /// That it was done.
    pub(super) fn of(message: &'static str) -> axum::Json<Self> {
        axum::Json(Self { success: true, message })
    }
}
