//! What an endpoint takes and gives, read off its handler's signature: the documents cannot say anything else than the code does.
//!
//! To add an extractor: `impl Takes` for it. To add a kind of answer: a type in `answers.rs` with `impl Gives`.

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    extract::{self, ConnectInfo},
    handler::Handler,
    http::{HeaderMap, StatusCode},
};
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

use super::schema::Schemas;
use crate::{auth::Visitor, state::State};

/// An operation of a document in the making.
pub(crate) struct Operation<'a> {
    /// What has a name goes here, once for all operations.
    pub(crate) schemas: &'a mut Schemas,
    /// The names in the path, in their order.
    pub(crate) path: Vec<&'static str>,
    /// Whether it wants a token.
    pub(crate) token: bool,
    pub(crate) parameters: Vec<Value>,
    pub(crate) body: Option<Body>,
    /// What it answers when all is well.
    pub(crate) answers: BTreeMap<StatusCode, Content>,
    /// With which statuses it refuses.
    pub(crate) refusals: BTreeSet<StatusCode>,
    /// Whether it is about a row that may be somebody else's.
    pub(crate) row: bool,
}

/// What the body of a request is.
pub(crate) enum Body {
    /// JSON.
    Json(Schema),
    /// A form with files in it.
    Form(Schema),
}

/// What the body of an answer is.
pub(crate) enum Content {
    /// There is none.
    None,
    /// JSON.
    Json(Schema),
    /// Text or bytes, of this media type.
    Media(&'static str),
    /// Bytes, of one of these media types.
    Bytes(&'static [&'static str]),
}

impl<'a> Operation<'a> {
    pub(crate) fn new(path: &'static str, schemas: &'a mut Schemas) -> Self {
        let path = path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        let refusals = BTreeSet::from([StatusCode::INTERNAL_SERVER_ERROR]);
        let (parameters, answers) = (Vec::new(), BTreeMap::new());
        Self { schemas, path, token: false, parameters, body: None, answers, refusals, row: false }
    }

    /// Answers `status` with a `T`.
    pub(crate) fn gives<T: JsonSchema>(&mut self, status: StatusCode) {
        let schema = self.schemas.written::<T>();
        self.answers.insert(status, Content::Json(schema));
    }
}

/// Something that a handler takes.
pub(crate) trait Takes {
    /// What that means for the operation.
    fn describe(operation: &mut Operation<'_>);
}

/// Something that a handler gives.
pub(crate) trait Gives {
    /// What that means for the operation.
    fn describe(operation: &mut Operation<'_>);
}

/// A handler whose signature says what it takes and gives.
pub(crate) trait Endpoint<T>: Handler<T, State> {
    /// All of it.
    fn describe(operation: &mut Operation<'_>);
}

macro_rules! endpoints {
    ($(($($takes:ident),+))+) => {$(
        impl<F, Fut, M, $($takes),+> Endpoint<(M, $($takes,)+)> for F
        where
            F: FnOnce($($takes),+) -> Fut + Handler<(M, $($takes,)+), State>,
            Fut: Future<Output: Gives>,
            $($takes: Takes,)+
        {
            fn describe(operation: &mut Operation<'_>) {
                $($takes::describe(operation);)+
                Fut::Output::describe(operation);
            }
        }
    )+};
}

endpoints! { (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) }

/// Nothing that a client sends.
macro_rules! of_our_own {
    ($($kind:ty)+) => {$(
        impl Takes for $kind {
            fn describe(_: &mut Operation<'_>) {}
        }
    )+};
}

of_our_own! { extract::State<State> ConnectInfo<std::net::SocketAddr> HeaderMap Visitor }

impl<T: Gives, E> Gives for Result<T, E> {
    fn describe(operation: &mut Operation<'_>) {
        T::describe(operation);
    }
}

/// The parameters of a query string, one for each field of `schema`.
pub(crate) fn query(schema: &Schema) -> Vec<Value> {
    let needed = schema.get("required").and_then(Value::as_array);
    let required = |name: &str| needed.is_some_and(|names| names.iter().any(|needed| needed == name));
    let fields = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    fields
        .map(|(name, field)| {
            let mut field = field.clone();
            if field.get("default").is_some_and(Value::is_null) {
                field.as_object_mut().and_then(|field| field.remove("default")); // nobody can write `null` in a query
            }
            let about = field.as_object_mut().and_then(|field| field.remove("description"));
            let mut parameter = json!({"name": name, "in": "query", "required": required(name), "schema": field});
            if let Some(about) = about {
                parameter["description"] = about;
            }
            parameter
        })
        .collect()
}
