//! The contracts' descriptions of themselves. That a change of an endpoint shows in review, its document is a snapshot.

use std::collections::BTreeSet;

use errand::faces::{self, Face, Listener, asyncapi, openapi};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    harness::{Backend, Server, answer},
    schemas::fits,
    script::Script,
};

/// The names of the world's time zones change with the world, not with us.
fn without_zones(mut document: Value) -> Value {
    fn walk(value: &mut Value) {
        match value {
            Value::Array(items) if items.iter().any(|item| item == "Europe/Madrid") => {
                *items = vec!["(the IANA zones)".into()];
            }
            Value::Array(items) => items.iter_mut().for_each(walk),
            Value::Object(fields) => fields.values_mut().for_each(walk),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    walk(&mut document);
    document
}

#[test]
fn the_documents() {
    for face in &faces::ALL {
        insta::assert_json_snapshot!(format!("openapi_{}", face.name), without_zones(openapi::document(face, None)));
    }
}

#[test]
fn every_operation_has_a_name_of_its_own_in_its_face() {
    for face in &faces::ALL {
        let routes = (face.routes)();
        let names: BTreeSet<_> = routes.iter().map(|route| route.name).collect();
        assert_eq!(names.len(), routes.len(), "{}", face.name);
    }
}

#[rstest]
#[tokio::test]
async fn a_listener_serves_the_documents_of_its_contracts(#[values(Backend::Sqlite)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let port = |base: &str| reqwest::Url::parse(base).unwrap().port().unwrap();
    let port_of = |face: &Face| match face.listener {
        Listener::Main => port(&server.base),
        Listener::Chasqui => port(&server.chasqui),
    };
    for (base, listener) in [(&server.base, Listener::Main), (&server.chasqui, Listener::Chasqui)] {
        let list = answer(server.http.get(format!("{base}/openapi"))).await.body;
        let mut listed = list["documents"].as_array().unwrap().iter();
        for face in faces::ALL.iter().filter(|face| listener == Listener::Main || face.listener == listener) {
            let line = listed.next().unwrap();
            let elsewhere = (face.listener != listener).then(|| port_of(face));
            assert_eq!((&line["face"], &line["port"]), (&json!(face.name), &json!(elsewhere)));
            let served = answer(server.http.get(format!("{base}{}", line["url"].as_str().unwrap()))).await;
            assert_eq!((served.status, served.body), (200, openapi::document(face, elsewhere)));
            assert_eq!(served.headers["content-type"], "application/json");
            if let Some(events) = line["events"].as_str() {
                let served = answer(server.http.get(format!("{base}{events}"))).await;
                assert_eq!((served.status, Some(served.body)), (200, asyncapi::document(face, port_of(face))));
            }
            assert_eq!(line["events"].is_string(), face.socket.is_some());
        }
        assert!(listed.next().is_none());
        let page = answer(server.http.get(format!("{base}/docs"))).await;
        assert_eq!((page.status, &page.headers["content-type"]), (200, &"text/html; charset=utf-8".parse().unwrap()));
        assert!(!page.headers["content-security-policy"].to_str().unwrap().contains("unsafe"));
    }
}

#[test]
fn every_event_has_an_example_that_fits_its_schema() {
    for face in &faces::ALL {
        let Some(document) = asyncapi::document(face, face.listener.port()) else { continue };
        for (name, message) in document["components"]["messages"].as_object().unwrap() {
            let example = &message["examples"][0]["payload"];
            let named = example.get("type").or(example.get("event"));
            assert_eq!(named, Some(&message["name"]), "{}: {name} has no example", face.name);
            assert_ne!(message["summary"], "", "{}: {name} says nothing of itself", face.name);
            fits(&document, &message["payload"], example);
        }
    }
}

#[test]
fn the_events() {
    for face in faces::ALL.iter().filter(|face| face.socket.is_some()) {
        insta::assert_json_snapshot!(
            format!("asyncapi_{}", face.name),
            without_zones(asyncapi::document(face, face.listener.port()).unwrap())
        );
    }
}
