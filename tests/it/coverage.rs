//! Walks the tables of routes: whatever stands there is served, wants a token, keeps other people's rows, refuses other methods, and has
//! a test of its own. There are no exceptions; that an endpoint is public is its signature's word, not a list's.

use std::{collections::BTreeMap, path::Path};

use errand::{
    crypto::{PublicKey, RoomKey},
    faces::{self, Face, Listener, Route, openapi},
};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Backend, Server, User, answer},
    schemas::{self, sample},
    script::{Act, Script},
};

/// Every operation: its contract with its document, its route, what the document says of it.
fn operations() -> Vec<(&'static Face, Value, Route, Value)> {
    let of = |face: &'static Face| {
        let document = openapi::document(face, None);
        let described = |route: Route| {
            let operation = document["paths"][face.path(&route)][route.method.as_str().to_ascii_lowercase()].clone();
            (face, document.clone(), route, operation)
        };
        (face.routes)().into_iter().map(described).collect::<Vec<_>>()
    };
    faces::ALL.iter().flat_map(of).collect()
}

fn is_public(operation: &Value) -> bool {
    operation["security"] == json!([])
}

fn base<'a>(server: &'a Server, face: &Face) -> &'a str {
    match face.listener {
        Listener::Main => &server.base,
        Listener::Chasqui => &server.chasqui,
    }
}

/// The path with `ids` in the places for them; the last one in all that are left.
fn filled(path: &str, ids: &str) -> String {
    let last = ids.rsplit('/').next().unwrap();
    let mut ids = ids.split('/');
    let parts = path.split('/').map(|part| if part.starts_with('{') { ids.next().unwrap_or(last) } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// Asks with a body that fits the document, when it wants one.
async fn ask(
    server: &Server,
    (face, document, route, operation): &(&Face, Value, Route, Value),
    user: Option<&User<'_>>,
    id: &str,
) -> Answer {
    let url = format!("{}{}", base(server, face), filled(&face.path(route), id));
    let mut request = server.http.request(route.method.clone(), url);
    if let Some(user) = user {
        request = request.bearer_auth(&user.token);
    }
    if let Some(schema) = operation.pointer("/requestBody/content/application~1json/schema") {
        let mut body = sample(document, schema).to_string();
        if let Some(user) = user {
            let me = id_of(user).await;
            body = body.replace(&uuid::Uuid::nil().to_string(), &me); // somebody who is there
        }
        request = request.header("content-type", "application/json").body(body);
    }
    answer(request).await
}

async fn id_of(user: &User<'_>) -> String {
    user.get("/users/me").await.body["data"]["id"].as_str().unwrap().to_owned()
}

/// That the answer has this status, which the document names, and its body is as the document says.
fn is_as_said(document: &Value, operation: &Value, answer: &Answer, status: u16) {
    let name = format!("{} {answer:?}", operation["operationId"]);
    assert_eq!(answer.status, status, "{name}");
    let said = schemas::resolved(document, &operation["responses"][status.to_string()]);
    assert!(said.is_object(), "not in the document: {name}");
    assert!(answer.headers.contains_key("x-request-id"), "{name}");
    if let Some(schema) = said.pointer("/content/application~1json/schema") {
        schemas::fits(document, schema, &answer.body);
    }
}

#[rstest]
#[tokio::test]
async fn every_operation_is_served_and_wants_a_token(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    for asked in operations() {
        let (_, document, route, operation) = &asked;
        let answer = ask(&server, &asked, None, &uuid::Uuid::nil().to_string()).await;
        if is_public(operation) {
            let status = answer.status;
            let names_nothing = status == 404 && route.path.contains('{') && answer.body["error"]["code"].is_string();
            assert!(names_nothing || ![404, 405, 500].contains(&status), "{} {answer:?}", operation["operationId"]);
            is_as_said(document, operation, &answer, status);
        } else {
            is_as_said(document, operation, &answer, 401);
        }
    }
}

#[rstest]
#[tokio::test]
async fn every_path_refuses_other_methods(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let mut paths: BTreeMap<(u16, String), (&Face, Vec<Method>)> = BTreeMap::new();
    for (face, _, route, _) in operations() {
        let path = filled(&face.path(&route), "1");
        paths.entry((face.listener.port(), path)).or_insert((face, Vec::new())).1.push(route.method);
    }
    let all = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    for ((_, path), (face, known)) in paths {
        for method in all.iter().filter(|method| !known.contains(method)) {
            let url = format!("{}{path}", base(&server, face));
            let refused = answer(server.http.request(method.clone(), url).bearer_auth(&ann.token)).await;
            assert_eq!(refused.status, 405, "{method} {path} {refused:?}");
            let allowed = refused.headers["allow"].to_str().unwrap();
            assert!(known.iter().all(|known| allowed.contains(known.as_str())), "{method} {path} {allowed}");
            let words = ["error", "detail"].iter().any(|field| !refused.body[field].is_null());
            assert!(words, "{method} {path} {refused:?}");
        }
    }
}

/// A row of `ann`'s that a path of this contract can name; two, with a slash between them, where the path names one in another.
async fn row(server: &Server, ann: &User<'_>, carl: &User<'_>, face: &Face, route: &Route) -> String {
    let post = async |path: &str, body: Value| {
        answer(server.http.post(format!("{}{path}", base(server, face))).bearer_auth(&ann.token).json(&body)).await.body
    };
    let made = match (face.name, route.path.split('/').nth(1)) {
        ("dashboard", Some("chat")) => post("/api/chat/sessions", json!({"title": "Ann's"})).await["id"].clone(),
        ("dashboard", Some("tasks")) => post("/api/tasks/", json!({"title": "Ann's"})).await["id"].clone(),
        ("assistant", Some("conversations")) => {
            post("/api/chat", json!({"message": "Ann's"})).await["conversation_id"].clone()
        }
        ("v1", Some("tasks")) => post("/api/v1/tasks", json!({"title": "Ann's"})).await["id"].clone(),
        ("rooms", Some("auth")) => another_session(server, ann).await,
        ("rooms", Some("files")) => file(ann, carl).await,
        ("rooms", Some("chatrooms")) => match route.path.split('/').nth(3) {
            Some("messages") => message(ann, carl).await,
            Some("summary") => json!(summarised(ann, carl).await),
            Some("keys") => json!(format!("{}/1", chatroom(ann, carl).await.0)),
            Some(_) | None => {
                let (room, carl) = chatroom(ann, carl).await;
                json!(format!("{room}/{carl}"))
            }
        },
        ("chasqui", Some("tasks")) => post("/api/tasks", json!({"title": "Ann's"})).await["id"].clone(),
        ("chasqui", Some("conversations")) => {
            let group = json!({"type": "group", "name": "Ann's", "participants": ["carl"]});
            post("/api/conversations", group).await["id"].clone()
        }
        (name, group) => panic!("say here how a row of {name} {group:?} is made"),
    };
    made.as_str().map_or_else(|| made.to_string(), str::to_owned)
}

/// A chatroom of `ann`'s that `carl` is in, and him; she has a public key.
async fn chatroom(ann: &User<'_>, carl: &User<'_>) -> (String, String) {
    let key = json!({"public_key": include_str!("contracts/rooms/key.pem")});
    assert_eq!(answer(ann.request(Method::PUT, "/users/me").json(&key)).await.status, 200);
    let room = ann.post("/chatrooms", json!({"name": "Ann's"})).await.body["data"]["chatroom"]["id"].clone();
    let room = room.as_str().unwrap();
    let invited = ann.post(&format!("/chatrooms/{room}/invite"), json!({})).await;
    let code = invited.body["data"]["invitation"]["invite_code"].as_str().unwrap().to_owned();
    assert_eq!(carl.post(&format!("/chatrooms/join/{code}"), json!({})).await.status, 200);
    (room.to_owned(), id_of(carl).await)
}

/// Such a chatroom, a message of hers in it, and a reaction.
async fn message(ann: &User<'_>, carl: &User<'_>) -> Value {
    let (room, _) = chatroom(ann, carl).await;
    let keys = json!({"keys": [{"user_id": id_of(ann).await, "wrapped_key": format!("{}==", "A".repeat(342))}]});
    let keys = answer(ann.request(Method::PUT, &format!("/chatrooms/{room}/keys/1")).json(&keys)).await;
    assert_eq!(keys.status, 200, "{keys:?}");
    let content = json!({"encrypted_data": "A".repeat(24), "iv": "A".repeat(16), "key_version": 1});
    let sent = ann.post(&format!("/chatrooms/{room}/messages"), json!({"content": content})).await;
    json!(format!("{room}/{}/%2B1", sent.body["data"]["message"]["id"].as_str().unwrap()))
}

/// Such a chatroom whose key the assistant was given, with a message and a summary.
async fn summarised(ann: &User<'_>, carl: &User<'_>) -> String {
    let (room, _) = chatroom(ann, carl).await;
    let path = format!("/chatrooms/{room}");
    let (key, keys) = (RoomKey::generate().unwrap(), ann.get(&format!("{path}/keys")).await);
    let members = keys.body["data"]["members"].as_array().unwrap().iter().filter(|one| !one["public_key"].is_null());
    let wrap = |member: &Value| {
        let public_key = PublicKey::from_pem(member["public_key"].as_str().unwrap()).unwrap();
        json!({"user_id": member["user_id"], "wrapped_key": public_key.wrap(&key).unwrap()})
    };
    let keys = json!({"keys": members.map(wrap).collect::<Vec<_>>()});
    let keys = answer(ann.request(Method::PUT, &format!("{path}/keys/1")).json(&keys)).await;
    assert_eq!(keys.status, 200, "{keys:?}");
    let sealed = key.seal("The hall is booked for the party.").unwrap();
    let content = json!({"encrypted_data": sealed.encrypted_data(), "iv": sealed.iv(), "key_version": 1});
    assert_eq!(ann.post(&format!("{path}/messages"), json!({"content": content})).await.status, 201);
    assert_eq!(ann.post(&format!("{path}/summary"), json!({})).await.status, 201);
    room
}

/// A file of hers in such a chatroom, with a thumbnail.
async fn file(ann: &User<'_>, carl: &User<'_>) -> Value {
    let (room, _) = chatroom(ann, carl).await;
    let part =
        |name: &str, value: &str| format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let body =
        [part("chatroom_id", &room), part("file", "large"), part("thumbnail", "small"), "--x--\r\n".into()].concat();
    let request = ann.request(Method::POST, "/upload/file").header("content-type", "multipart/form-data; boundary=x");
    answer(request.body(body)).await.body["data"]["file"]["id"].clone()
}

/// A session of `ann`'s beside the one in which she asks.
async fn another_session(server: &Server, ann: &User<'_>) -> Value {
    let login = json!({"username": "ann", "password": "correct horse"});
    assert_eq!(server.post("/auth/login", &login).await.status, 200);
    ann.get("/auth/sessions").await.body["data"]["sessions"][0]["id"].clone()
}

#[rstest]
#[tokio::test]
async fn every_row_is_its_owners(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([Act::Say("Hello."), Act::Say("Hello.")])).await else {
        return;
    };
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let carl = server.user("carl").await;
    for asked in operations() {
        let (face, document, route, operation) = &asked;
        let foreign = face.failures.foreign.as_str();
        if !route.path.contains('{') || operation["responses"][foreign].is_null() {
            continue; // it names no row, or something that is good for whoever has it
        }
        let id = row(&server, &ann, &carl, face, route).await;
        let foreign = ask(&server, &asked, Some(&bob), &id).await;
        is_as_said(document, operation, &foreign, face.failures.foreign.as_u16());
        let own = ask(&server, &asked, Some(&ann), &id).await;
        assert!((200..300).contains(&own.status), "{} {own:?}", operation["operationId"]);
        is_as_said(document, operation, &own, own.status);
    }
}

/// All sources of a contract's tests.
fn sources(face: &Face) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/contracts");
    let own = std::fs::read_to_string(folder.join(format!("{}.rs", face.name))).unwrap_or_default();
    own + &sources_below(&folder.join(face.name))
}

fn sources_below(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries
        .map(|path| if path.is_dir() { sources_below(&path) } else { std::fs::read_to_string(path).unwrap() })
        .collect()
}

#[test]
fn every_operation_has_a_test_that_is_named_after_it() {
    let mut without = Vec::new();
    for face in &faces::ALL {
        let sources = sources(face);
        let tests: Vec<&str> =
            sources.split("#[tokio::test]").skip(1).filter_map(|test| test.split("fn ").nth(1)).collect();
        for route in (face.routes)() {
            let own = |test: &&str| test.strip_prefix(route.name).is_some_and(|rest| rest.starts_with(['_', '(']));
            if !tests.iter().any(own) {
                without.push(format!("{}: {} ({} {})", face.name, route.name, route.method, route.path));
            }
        }
    }
    assert!(
        without.is_empty(),
        "no test in tests/it/contracts has a name that begins with it:\n{}",
        without.join("\n")
    );
}
