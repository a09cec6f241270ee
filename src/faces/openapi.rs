//! The `OpenAPI` 3.1 document of a contract, made from its table of routes: `GET /openapi/<face>.json`.

use axum::{
    http::{StatusCode, header},
    routing::{MethodRouter, get},
};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::{
    ALL, Face, Listener, Pace, Ports, Route, asyncapi,
    operation::{Body, Content, Operation},
    schema::Schemas,
};
use crate::state::State;

/// The documents of endpoints and sockets as a listener serves them, and the list of them at `/openapi`, each with its path.
pub(super) fn documents(listener: Listener, ports: Ports) -> Vec<(String, Value)> {
    // The main one has all that are served; a contract's own has only that.
    let faces = ALL.iter().filter(|face| listener == Listener::Main || face.listener == listener);
    let faces = faces.filter_map(|face| Some((face, ports.of(face.listener)?)));
    let mut list = Vec::new();
    let mut documents = Vec::new();
    for (face, port) in faces {
        let (url, events) = (format!("/openapi/{}.json", face.name), format!("/asyncapi/{}.json", face.name));
        let socket = asyncapi::document(face, port);
        list.push(json!({
            "face": face.name,
            "about": face.about,
            "url": url,
            "events": socket.as_ref().map(|_| &events),
            "port": (face.listener != listener).then_some(port),
        }));
        documents.push((url, document(face, (face.listener != listener).then_some(port))));
        documents.extend(socket.map(|socket| (events, socket)));
    }
    documents.push(("/openapi".to_owned(), json!({"documents": list})));
    documents
}

/// Answers always this.
pub(super) fn fixed(value: &Value) -> MethodRouter<State> {
    let text = Bytes::from(value.to_string());
    get(async move || ([(header::CONTENT_TYPE, "application/json")], text))
}

/// The document of `face`, for who reads it where the face is served, or else on another port than `port`.
#[must_use]
pub fn document(face: &Face, port: Option<u16>) -> Value {
    let mut schemas = Schemas::new();
    let mut refusals = Map::new();
    let mut paths = Map::new();
    for route in (face.routes)() {
        let operation = operation(face, &route, &mut schemas, &mut refusals);
        let path = paths.entry(face.path(&route)).or_insert_with(|| json!({}));
        path[route.method.as_str().to_ascii_lowercase()] = operation;
    }
    let server = port.map_or_else(|| "/".to_owned(), |port| format!("http://localhost:{port}"));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": format!("Errand: {}", face.name),
            "version": env!("CARGO_PKG_VERSION"),
            "description": face.about,
            "license": {"name": env!("CARGO_PKG_LICENSE"), "identifier": env!("CARGO_PKG_LICENSE")},
        },
        "servers": [{"url": server}],
        "paths": paths,
        "components": {
            "schemas": schemas.named(),
            "responses": refusals,
            "headers": all_headers(face),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    })
}

fn operation(face: &Face, route: &Route, schemas: &mut Schemas, refusals: &mut Map<String, Value>) -> Value {
    let mut about = Operation::new(route.path, schemas);
    (route.describe)(&mut about);
    let Operation { token, parameters, body, answers, refusals: mut statuses, row, .. } = about;
    statuses.extend(route.refuses);
    if row {
        statuses.extend([face.failures.foreign, StatusCode::NOT_FOUND]);
    }
    if body.is_some() || parameters.iter().any(|parameter| parameter["in"] == "query") {
        statuses.insert(face.failures.invalid);
    }
    if face.pace.is_some() {
        statuses.insert(StatusCode::TOO_MANY_REQUESTS);
    }
    let answer = |(status, schema): (StatusCode, _)| (status.as_str().to_owned(), answer(face, status, schema));
    let mut responses: Map<String, Value> = answers.into_iter().map(answer).collect();
    for status in statuses {
        let name = name(status);
        refusals
            .entry(&name)
            .or_insert_with(|| refusal(face, status, &schemas.failure(face.failures.body, status).to_value()));
        responses.insert(status.as_str().to_owned(), json!({"$ref": format!("#/components/responses/{name}")}));
    }
    let security = if token { json!([{"token": []}]) } else { json!([]) };
    let mut operation = json!({
        "operationId": route.name, "summary": route.summary, "tags": [group(route.path)],
        "security": security, "responses": responses,
    });
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if let Some(body) = body {
        let (kind, schema) = match body {
            Body::Json(schema) => ("application/json", schema),
            Body::Form(schema) => ("multipart/form-data", schema),
        };
        operation["requestBody"] = json!({"required": true, "content": {kind: {"schema": schema}}});
    }
    operation
}

/// `tasks` for `/tasks/{task_id}`.
fn group(path: &str) -> &str {
    path.split('/').find(|part| !part.is_empty()).unwrap_or_default()
}

fn answer(face: &Face, status: StatusCode, content: Content) -> Value {
    let mut answer = json!({"description": reason(status), "headers": headers(face, status)});
    match content {
        Content::None => {}
        Content::Json(schema) => answer["content"] = json!({"application/json": {"schema": schema}}),
        Content::Media(kind) => answer["content"] = json!({kind: {"schema": {"type": "string"}}}),
        Content::Bytes(kinds) => answer["content"] = kinds.iter().map(|kind| ((*kind).to_owned(), json!({}))).collect(),
    }
    answer
}

fn refusal(face: &Face, status: StatusCode, schema: &Value) -> Value {
    json!({
        "description": reason(status),
        "headers": headers(face, status),
        "content": {"application/json": {"schema": schema}},
    })
}

fn headers(face: &Face, status: StatusCode) -> Value {
    let told = face.pace.as_ref().map_or(&[][..], Pace::headers).iter().map(|(name, _)| *name);
    let again = (status == StatusCode::TOO_MANY_REQUESTS).then_some("Retry-After");
    let names = ["X-Request-Id"].into_iter().chain(told).chain(again);
    names.map(|name| (name.to_owned(), json!({"$ref": format!("#/components/headers/{name}")}))).collect()
}

/// What all the headers are that answers of `face` may have.
fn all_headers(face: &Face) -> Value {
    let mut headers = json!({
        "X-Request-Id": {
            "description": "The id of this request in the server's log; the client's own, when it sent one.",
            "schema": {"type": "string"},
        },
        "Retry-After": {
            "description": "In how many seconds it may be asked again.",
            "schema": {"type": "integer", "minimum": 1},
        },
    });
    for (name, about) in face.pace.as_ref().map_or(&[][..], Pace::headers) {
        headers[name] = json!({"description": about, "schema": {"type": "integer", "minimum": 0}});
    }
    headers
}

fn reason(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("?")
}

/// `NotFound` for 404.
fn name(status: StatusCode) -> String {
    reason(status).split_whitespace().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contract_that_is_not_served_is_not_listed() {
        for (chasqui, expected) in [(Some(9), json!(9)), (None, Value::Null)] {
            let documents = documents(Listener::Main, Ports { main: 8, chasqui });
            let all = &documents.last().unwrap().1["documents"];
            let of = |name| all.as_array().unwrap().iter().find(|document| document["face"] == name);
            assert_eq!(of("chasqui").map(|document| document["port"].clone()).unwrap_or_default(), expected);
            assert_eq!(of("chasqui").is_some(), chasqui.is_some());
            assert!(of("v1").unwrap()["port"].is_null(), "it is served here");
            let document = documents.iter().find(|(path, _)| path == "/openapi/chasqui.json");
            let server = document.map(|(_, document)| &document["servers"][0]["url"]);
            assert_eq!(server, chasqui.map(|_| json!("http://localhost:9")).as_ref());
        }
    }
}
