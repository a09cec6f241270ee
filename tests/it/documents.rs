//! The contracts' descriptions of themselves. That a change of an endpoint shows in review, its document is a snapshot.

use std::collections::BTreeSet;

use errand::faces::{self, openapi};
use rstest::rstest;
use serde_json::Value;

use crate::{
    harness::{Backend, Server, answer},
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
        insta::assert_json_snapshot!(format!("openapi_{}", face.name), without_zones(openapi::document(face)));
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
async fn a_document_is_served_for_each_face(#[values(Backend::Sqlite)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    for face in &faces::ALL {
        let served = answer(server.http.get(format!("{}/openapi/{}.json", server.base, face.name))).await;
        assert_eq!((served.status, served.body), (200, openapi::document(face)));
        assert_eq!(served.headers["content-type"], "application/json");
    }
}
