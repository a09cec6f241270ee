//! Extractors that refuse in the words of a face: `F` is the face's failure. Each face names them once, as aliases.

use std::{error::Error as _, marker::PhantomData};

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request, rejection::BytesRejection},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use errand_core::{Account, Caller, Door, Error, Problem};
use schemars::{JsonSchema, Schema, json_schema};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{
    Refusal,
    operation::{self, Body, Operation, Takes},
};
use crate::{
    auth::{self, Grant},
    state::State,
};

/// Who asks, through an endpoint.
pub(crate) struct User<F> {
    /// The caller that the `App` is asked as.
    pub(crate) caller: Caller,
    /// The account.
    pub(crate) account: Account,
    /// What the token grants.
    pub(crate) grant: Grant,
    face: PhantomData<F>,
}

impl<F: From<Error> + IntoResponse> FromRequestParts<State> for User<F> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        // Where the limit is by user, that had to be known before.
        let known = parts.extensions.remove::<Known>().map(|Known(account, grant)| (account, grant));
        let who = match known {
            Some(known) => Ok(known),
            None => auth::authenticate(state, auth::bearer(&parts.headers)).await,
        };
        let (account, grant) = who.map_err(|error| F::from(error).into_response())?;
        Ok(Self { caller: Caller::new(&account, Door::Rest), account, grant, face: PhantomData })
    }
}

/// Who asks, in a request whose token was looked at already.
#[derive(Clone)]
pub(super) struct Known(pub(super) Account, pub(super) Grant);

impl<F> Takes for User<F> {
    fn describe(operation: &mut Operation<'_>) {
        operation.token = true;
        operation.refusals.insert(StatusCode::UNAUTHORIZED);
    }
}

/// A JSON body.
pub(crate) struct Json<T, F> {
    /// What it says.
    pub(crate) body: T,
    face: PhantomData<F>,
}

impl<T: DeserializeOwned, F: From<Refusal> + IntoResponse> FromRequest<State> for Json<T, F> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &State) -> Result<Self, Response> {
        let body = json(request, state).await.map_err(|refusal| F::from(refusal).into_response())?;
        Ok(Self { body, face: PhantomData })
    }
}

impl<T: JsonSchema, F> Takes for Json<T, F> {
    fn describe(operation: &mut Operation<'_>) {
        operation.body = Some(Body::Json(operation.schemas.read::<T>()));
        operation.refusals.extend([
            StatusCode::BAD_REQUEST,
            StatusCode::PAYLOAD_TOO_LARGE,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ]);
    }
}

async fn json<T: DeserializeOwned>(request: Request, state: &State) -> Result<T, Refusal> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind != "application/json" && !(kind.starts_with("application/") && kind.ends_with("+json")) {
        return Err(Refusal::ContentType);
    }
    let body = Bytes::from_request(request, state).await.map_err(|rejection| match rejection {
        BytesRejection::FailedToBufferBody(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Refusal::TooLarge
        }
        _ => Refusal::Body(Problem::new("body", "could not be read to its end")),
    })?;
    read(&body)
}

/// What a JSON object says.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    // serde would read the fields from a list, too, in their order.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(Refusal::Body(Problem::new("body", "must be a JSON object")));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        let message = error.to_string();
        // serde names what is missing only in its message, and the path is that of the object around it.
        let missing = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
        let name = match (missing, path.as_str()) {
            (Some(missing), ".") => missing.to_owned(),
            (Some(missing), object) => format!("{object}.{missing}"),
            (None, path) => path.to_owned(),
        };
        let missing = missing.is_some();
        let message = if path == "." { message } else { format!("has a wrong field `{path}`: {message}") };
        let problem = Problem::new("body", message);
        if error.is_data() { Refusal::Field { name, missing, problem } } else { Refusal::Body(problem) }
    })?;
    deserializer.end().map_err(|error| Refusal::Body(Problem::new("body", error.to_string())))?;
    Ok(value)
}

/// The id in a path, which names a row.
pub(crate) struct Path<T, F> {
    /// What it is.
    pub(crate) value: T,
    face: PhantomData<F>,
}

impl<T: DeserializeOwned + Send, F: From<Refusal> + IntoResponse> FromRequestParts<State> for Path<T, F> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self { value, face: PhantomData }),
            Err(_) => Err(F::from(Refusal::PathId).into_response()),
        }
    }
}

impl<T: JsonSchema, F> Takes for Path<T, F> {
    fn describe(operation: &mut Operation<'_>) {
        operation.row = true;
        let schema = operation.schemas.read::<T>();
        let parameter = |name| json!({"name": name, "in": "path", "required": true, "schema": schema});
        operation.parameters.extend(operation.path.iter().map(parameter));
    }
}

/// The two ids in a path, of a row in another.
pub(crate) struct Pair<A, B, F> {
    /// What they are.
    pub(crate) value: (A, B),
    face: PhantomData<F>,
}

impl<A, B, F> FromRequestParts<State> for Pair<A, B, F>
where
    A: DeserializeOwned + Send,
    B: DeserializeOwned + Send,
    F: From<Refusal> + IntoResponse,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let Path { value, .. } = Path::<(A, B), F>::from_request_parts(parts, state).await?;
        Ok(Self { value, face: PhantomData })
    }
}

impl<A: JsonSchema, B: JsonSchema, F> Takes for Pair<A, B, F> {
    fn describe(operation: &mut Operation<'_>) {
        operation.row = true;
        let schemas = [operation.schemas.read::<A>(), operation.schemas.read::<B>()];
        let parameter = |(name, schema)| json!({"name": name, "in": "path", "required": true, "schema": schema});
        operation.parameters.extend(operation.path.iter().zip(schemas).map(parameter));
    }
}

/// The two ids in a path, and a word that says something of the row.
pub(crate) struct Said<A, B, F> {
    /// What they are.
    pub(crate) value: (A, B, String),
    face: PhantomData<F>,
}

impl<A, B, F> FromRequestParts<State> for Said<A, B, F>
where
    A: DeserializeOwned + Send,
    B: DeserializeOwned + Send,
    F: From<Refusal> + IntoResponse,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let Path { value, .. } = Path::<(A, B, String), F>::from_request_parts(parts, state).await?;
        Ok(Self { value, face: PhantomData })
    }
}

impl<A: JsonSchema, B: JsonSchema, F> Takes for Said<A, B, F> {
    fn describe(operation: &mut Operation<'_>) {
        operation.row = true;
        let schemas = [operation.schemas.read::<A>(), operation.schemas.read::<B>(), word()];
        let parameter = |(name, schema)| json!({"name": name, "in": "path", "required": true, "schema": schema});
        operation.parameters.extend(operation.path.iter().zip(schemas).map(parameter));
    }
}

fn word() -> Schema {
    json_schema!({"type": "string", "minLength": 1})
}

/// A word in a path that is no row's id: whoever has it may use it.
pub(crate) struct Word<F> {
    /// What it is.
    pub(crate) value: String,
    face: PhantomData<F>,
}

impl<F: From<Refusal> + IntoResponse> FromRequestParts<State> for Word<F> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let Path { value, .. } = Path::<String, F>::from_request_parts(parts, state).await?;
        Ok(Self { value, face: PhantomData })
    }
}

impl<F> Takes for Word<F> {
    fn describe(operation: &mut Operation<'_>) {
        let parameter = |name| json!({"name": name, "in": "path", "required": true, "schema": word()});
        operation.parameters.extend(operation.path.iter().map(parameter));
    }
}

/// The parameters of a query string.
pub(crate) struct Query<T, F> {
    /// What they are.
    pub(crate) value: T,
    face: PhantomData<F>,
}

impl<T: DeserializeOwned, F: From<Refusal> + IntoResponse> FromRequestParts<State> for Query<T, F> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Response> {
        match axum::extract::Query::try_from_uri(&parts.uri) {
            Ok(axum::extract::Query(value)) => Ok(Self { value, face: PhantomData }),
            Err(rejection) => {
                // Beneath axum's sentence about the query string is serde's about the parameter.
                let why = rejection.source().map_or_else(|| rejection.to_string(), ToString::to_string);
                Err(F::from(Refusal::Query(Problem::new("query", format!("has a wrong parameter: {why}"))))
                    .into_response())
            }
        }
    }
}

impl<T: JsonSchema, F> Takes for Query<T, F> {
    fn describe(operation: &mut Operation<'_>) {
        let schema = operation.schemas.read_in_place::<T>();
        operation.parameters.extend(operation::query(&schema));
        operation.refusals.insert(StatusCode::BAD_REQUEST);
    }
}
