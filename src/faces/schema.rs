//! JSON Schemas of what the contracts read and write, made from the types themselves.
//!
//! `OpenAPI` 3.1 and `AsyncAPI` 3 both take JSON Schema 2020-12, which is what `schemars` makes for the agents' tools, too.

use std::borrow::Cow;

use axum::http::StatusCode;
use errand_core::{
    Slice,
    chatroom::{
        file::ATTACHMENTS_MAX,
        invite::{HOURS, USES},
        settings::{MEMBERS, THRESHOLD},
    },
};
use schemars::{
    JsonSchema, Schema, SchemaGenerator,
    generate::SchemaSettings,
    json_schema,
    transform::{RecursiveTransform, Transform},
};
use serde_json::{Map, Value};

/// The last page of a list that a contract counts pages of: the rows before any later one could not be counted.
pub(crate) const PAGE_MAX: i64 = i64::MAX / Slice::LIMIT_MAX;

/// The schemas of one document; what has a name stands under `components/schemas`.
pub(crate) struct Schemas {
    read: SchemaGenerator,
    write: SchemaGenerator,
}

impl Schemas {
    pub(crate) fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12()
                .with(|settings| {
                    settings.definitions_path = "/components/schemas".into();
                    settings.meta_schema = None;
                })
                .with_transform(RecursiveTransform(words))
        };
        Self { read: settings().for_deserialize().into_generator(), write: settings().for_serialize().into_generator() }
    }

    /// What a `T` is read from.
    pub(crate) fn read<T: JsonSchema>(&mut self) -> Schema {
        self.read.subschema_for::<T>()
    }

    /// What a `T` is read from, all of it in place.
    pub(crate) fn read_in_place<T: JsonSchema>(&mut self) -> Schema {
        let mut settings = self.read.settings().clone();
        settings.inline_subschemas = true;
        settings.into_generator().into_root_schema_for::<T>()
    }

    /// What a `T` is read from, itself without a name.
    pub(crate) fn read_whole<T: JsonSchema>(&mut self) -> Value {
        whole::<T>(&mut self.read)
    }

    /// What a `T` is written as, itself without a name.
    pub(crate) fn written_whole<T: JsonSchema>(&mut self) -> Value {
        whole::<T>(&mut self.write)
    }

    /// What a `T` is written as.
    pub(crate) fn written<T: JsonSchema>(&mut self) -> Schema {
        self.write.subschema_for::<T>()
    }

    /// The schema that `make` makes of something written.
    pub(crate) fn failure(&mut self, make: FailureSchema, status: StatusCode) -> Schema {
        make(&mut self.write, status)
    }

    /// Everything that has a name.
    pub(crate) fn named(mut self) -> Map<String, Value> {
        let mut all = self.read.take_definitions(true);
        for (name, schema) in self.write.take_definitions(true) {
            let same = all.insert(name.clone(), schema.clone()).is_none_or(|read| read == schema);
            assert!(same, "`{name}` is written otherwise than it is read: it needs two names");
        }
        all
    }
}

fn whole<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    let mut schema = T::json_schema(generator);
    RecursiveTransform(words).transform(&mut schema);
    schema.to_value()
}

/// The schema of a face's error body with this status.
pub(crate) type FailureSchema = fn(&mut SchemaGenerator, StatusCode) -> Schema;

/// A list of words is easier to read than a choice of constants, which is how documented variants come.
fn words(schema: &mut Schema) {
    let Some(choices) = schema.get("oneOf").and_then(Value::as_array) else { return };
    let words: Option<Vec<Value>> = choices
        .iter()
        .map(|choice| match choice.get("enum") {
            Some(Value::Array(words)) => Some(words.clone()),
            Some(_) => None,
            None => choice.get("const").map(|word| vec![word.clone()]),
        })
        .collect::<Option<Vec<_>>>()
        .map(|words| words.concat());
    if let Some(words) = words {
        schema.remove("oneOf");
        schema.insert("type".into(), "string".into());
        schema.insert("enum".into(), words.into());
    }
}

/// Says of a field what its type does not: `#[schemars(with = "Option<Instant>")]`.
macro_rules! kinds {
    ($($(#[$doc:meta])+ $name:ident$(<const $max:ident>)?: $schema:tt)+) => {$(
        $(#[$doc])+
        pub(crate) struct $name$(<const $max: usize>)?;

        impl$(<const $max: usize>)? JsonSchema for $name$(<$max>)? {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )+};
}

kinds! {
    /// A text of at most so many characters, of which something remains when it is trimmed and cleaned of characters that do not
    /// show: what the core asks of titles and messages.
    Written<const MAX>: {
        "type": "string", "minLength": 1, "maxLength": MAX,
        "pattern": r"[^\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028-\u202f\u205f\u2066-\u2069\u3000\ufeff\ufff9-\ufffb]",
    }
    /// A text of at most so many characters.
    Text<const MAX>: {"type": "string", "maxLength": MAX}
    /// The name of a new account. What letters and digits are beyond ASCII no pattern can say that all readers of schemas take
    /// (`\p{L}` is unknown to some), so it says what is none of them.
    Username: {
        "type": "string", "minLength": 1, "maxLength": 64, "description": "Letters, digits, `_`, `-` and `.`.",
        "pattern": r"^\s*[^\u0000-\u002c\u002f\u003a-\u0040\u005b-\u005e\u0060\u007b-\u00a0]+\s*$",
    }
    /// The name of a new account, where a contract wants letters only.
    Letters: {
        "type": "string", "minLength": 1, "maxLength": 64, "description": "Letters only.",
        "pattern": r"^[^\u0000-\u0040\u005b-\u0060\u007b-\u00a9]+$",
    }
    /// The same, with the lengths of the contract `rooms`.
    Handle: {
        "type": "string", "minLength": 3, "maxLength": 50, "description": "Letters, digits, `_`, `-` and `.`.",
        "pattern": r"^[^\u0000-\u002c\u002f\u003a-\u0040\u005b-\u005e\u0060\u007b-\u00a0]+$",
    }
    /// How somebody wants to be called.
    DisplayName: {
        "type": "string", "minLength": 1, "maxLength": 100,
        "pattern": r"[^\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2064\u2066-\u2069\u3000\ufeff\ufff9-\ufffb]",
    }
    /// The e-mail address of a new account.
    Email: {"type": "string", "format": "email", "maxLength": 254}
    /// A new password.
    Password: {"type": "string", "format": "password", "minLength": 8, "maxLength": 128}
    /// How many people there may be allowed to be in a chatroom.
    MaxMembers: {"type": "integer", "minimum": MEMBERS.start(), "maximum": MEMBERS.end()}
    /// After how many messages a summary may be made.
    Threshold: {"type": "integer", "minimum": THRESHOLD.start(), "maximum": THRESHOLD.end()}
    /// How often an invitation may be used.
    InviteUses: {"type": "integer", "minimum": USES.start(), "maximum": USES.end()}
    /// For how many hours an invitation may be good.
    InviteHours: {"type": "integer", "minimum": HOURS.start(), "maximum": HOURS.end()}
    /// Which page of a list, from 1 on; beyond this number there is none of any list.
    PageNumber: {"type": "integer", "format": "int64", "minimum": 1, "maximum": PAGE_MAX}
    /// What a client encrypted, with its tag.
    Base64: {
        "type": "string", "minLength": 24, "contentEncoding": "base64", "examples": ["zZ7kIuqp0m9R3lBvC1dWx2nY8sQ="],
        "pattern": "^([A-Za-z0-9+/]{4})+([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$",
    }
    /// 12 bytes.
    Iv: {
        "type": "string", "pattern": "^[A-Za-z0-9+/]{16}$", "contentEncoding": "base64", "examples": ["q83vASNFZ4mrze8B"],
    }
    /// A version of a chatroom's key.
    KeyVersion: {"type": "integer", "format": "int64", "minimum": 1}
    /// As long as an RSA key of 2048 to 8192 bits.
    Wrapped: {
        "type": "string", "minLength": 344, "maxLength": 1368, "contentEncoding": "base64",
        "examples": [format!("{}==", "A".repeat(342))],
        "pattern": "^([A-Za-z0-9+/]{4})+([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$",
    }
    /// A client's own id for a message.
    ClientId<const MAX>: {"type": "string", "minLength": 1, "maxLength": MAX, "pattern": r"^[^\u0000-\u001f\u007f-\u009f]*$"}
    /// Files to attach to a message.
    Attachments: {"type": "array", "items": {"type": "string", "format": "uuid"}, "maxItems": ATTACHMENTS_MAX}
    /// A form with a file for a chatroom.
    FileForm: {
        "type": "object", "required": ["file", "chatroom_id"],
        "properties": {
            "file": {"type": "string", "format": "binary", "minLength": 1, "description": "Encrypted; at most 10 MiB."},
            "chatroom_id": {"type": "string", "format": "uuid"},
            "thumbnail": {
                "type": "string", "format": "binary", "minLength": 1,
                "description": "A smaller picture of it, encrypted; at most 256 KiB.",
            },
        },
    }
    /// A form with a picture.
    PictureForm: {
        "type": "object", "required": ["file"],
        "properties": {
            "file": {
                "type": "string", "format": "binary", "minLength": 1,
                "description": "A JPEG, PNG or GIF of at most 5 MiB and 25 million pixels.",
            },
        },
    }
    /// The id of a row, for contracts with integers.
    Number: {"type": "integer", "format": "int64", "minimum": 1, "maximum": i64::MAX}
    /// How many rows of a list are wanted.
    Limit: {"type": "integer", "minimum": 1, "maximum": Slice::LIMIT_MAX}
    /// How many rows of a list are passed over.
    Offset: {"type": "integer", "format": "int64", "minimum": 0, "maximum": i64::MAX}
    /// A place in a list: after the row with this number.
    RowCursor: {"type": "string", "pattern": "^c[1-9][0-9]{0,17}$"}
    /// A place in a list: after the row with this time and number.
    TimeCursor: {"type": "string", "pattern": r"^c[1-9][0-9]{0,15}\.[1-9][0-9]{0,17}$"}
    /// A place in a list: after the row with this id.
    IdCursor: {"type": "string", "pattern": "^c[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
    /// How many rows a page of a list may have.
    PageSize: {"type": "integer", "minimum": 1, "maximum": 100}
    /// An instant that a client sends; the core wants its year to have four digits.
    Instant: {"type": "string", "format": "date-time", "pattern": "^(19[7-9][0-9]|[2-8][0-9]{3})-"}
    /// The name of an IANA time zone; what is blank is none.
    Zone: {"anyOf": [{"type": "string", "enum": zones()}, {"type": "string", "pattern": r"^\s*$"}]}
}

fn zones() -> Vec<&'static str> {
    chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).collect()
}
