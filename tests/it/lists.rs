//! Long lists: whoever has one already is told so, and whoever wants it in pages gets pages.

use errand_core::{Caller, Door, room::PersonRef, task::NewTask};
use reqwest::{Method, RequestBuilder, header};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Backend, Server, User, answer},
    script::Script,
};

/// Those with a tag; what has no `:` in front is on the main listener.
const LISTS: [&str; 4] = ["/api/tasks/sync", "/api/chat/sessions", "/api/conversations", "chasqui:/api/tasks"];
/// The one that changes when others make rooms, and not with the caller's own things.
const ROOMS: &str = "chasqui:/api/conversations";

impl User<'_> {
    fn list(&self, path: &str) -> RequestBuilder {
        let (base, path) = match path.strip_prefix("chasqui:") {
            Some(path) => (&self.server.chasqui, path),
            None => (&self.server.base, path),
        };
        self.server.http.get(format!("{base}{path}")).bearer_auth(&self.token)
    }

    async fn get_list(&self, path: &str) -> Answer {
        answer(self.list(path)).await
    }

    async fn get_unless(&self, path: &str, known: &str) -> Answer {
        answer(self.list(path).header(header::IF_NONE_MATCH, known)).await
    }

    async fn tag(&self, path: &str) -> String {
        let answer = self.get_list(path).await;
        assert_eq!((answer.status, &answer.headers["cache-control"]), (200, &"private, no-cache".parse().unwrap()));
        assert_eq!(answer.headers["vary"], "authorization, accept-encoding");
        answer.headers["etag"].to_str().unwrap().to_owned()
    }

    async fn make_room(&self, room: Value) {
        let made = self.server.http.post(format!("{}/api/conversations", self.server.chasqui)).json(&room);
        assert_eq!(answer(made.bearer_auth(&self.token)).await.status, 201);
    }
}

#[rstest]
#[tokio::test]
async fn a_list_that_is_as_it_was_is_not_sent_again(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[values(LISTS[0], LISTS[1], LISTS[2], LISTS[3])] path: &str,
) {
    let Some(server) = Server::start(backend, Script::adding()).await else { return };
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let mut tag = ann.tag(path).await;
    for known in [tag.as_str(), &format!("\"x\", {tag} , W/\"y\""), tag.trim_start_matches("W/"), "*"] {
        let unchanged = ann.get_unless(path, known).await;
        assert_eq!((unchanged.status, &unchanged.body), (304, &Value::Null), "{known}");
        assert_eq!(unchanged.headers["etag"], tag);
    }
    for stranger in [bob.tag(path).await.as_str(), "", "W/", "\"\"", "nonsense", &"x,".repeat(1000)] {
        assert_eq!(ann.get_unless(path, stranger).await.status, 200, "{stranger}");
    }
    let nobody = User { server: &server, token: "nobody's".into() };
    assert_eq!(nobody.get_unless(path, "*").await.status, 401);
    // Whatever changes, is told.
    let task = ann.post("/api/tasks/", json!({"title": "one"})).await.body;
    let session = ann.session().await;
    let (task, session) =
        (format!("/api/tasks/{}", task["id"].as_str().unwrap()), format!("/api/chat/sessions/{session}"));
    let said = json!({"role": "user", "content": "hello"});
    for (method, changed, body) in [
        (Method::PUT, task.clone(), json!({"status": "in_progress"})),
        (Method::PATCH, session.clone(), json!({"title": "another"})),
        (Method::POST, format!("{session}/messages"), said),
        (Method::POST, "/api/chat".into(), json!({"message": "add milk to my list"})),
        (Method::DELETE, task, Value::Null),
        (Method::DELETE, session, Value::Null),
    ] {
        let done = ann.send(method.clone(), &changed, body).await;
        assert!(done.status < 300, "{method} {changed}: {done:?}");
        assert_eq!(ann.get_unless(path, &tag).await.status, 200, "{method} {changed}");
        tag = ann.tag(path).await;
        assert_eq!(ann.get_unless(path, &tag).await.status, 304, "{method} {changed}");
    }
}

#[rstest]
#[tokio::test]
async fn a_list_that_was_asked_for_before_has_what_another_instance_changed(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::adding()).await else { return };
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let other = server.another_app().await;
    let account = other.log_in("ann", "correct horse").await.unwrap();
    let caller = Caller::new(&account, Door::Rest);
    let mut titles = Vec::new();
    for title in ["one", "two", "three"] {
        let task = NewTask { title: title.into(), ..NewTask::default() };
        other.add_task(&caller, task).await.unwrap();
        other.begin_conversation(&caller, title).await.unwrap();
        titles.push(json!(title));
        for path in LISTS {
            for _ in 0..2 {
                let mut listed: Vec<_> =
                    rows(&ann.get_list(path).await.body).iter().map(|row| row["title"].clone()).collect();
                if path != LISTS[0] {
                    listed.reverse(); // these have the newest first
                }
                assert_eq!(listed, titles, "{path}");
                assert_eq!(rows(&bob.get_list(path).await.body), [json!(null); 0], "{path}");
            }
        }
    }
    other.store.close().await;
}

#[rstest]
#[tokio::test]
async fn a_list_of_rooms_has_at_once_what_others_made(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[values("", "?limit=50")] query: &str,
) {
    let Some(server) = Server::start(backend, Script::adding()).await else { return };
    let (ann, bob, eve) = (server.user("ann").await, server.user("bob").await, server.user("eve").await);
    let (path, other) = (&format!("{ROOMS}{query}"), server.another_app().await);
    let elsewhere = Caller::new(&other.log_in("bob", "correct horse").await.unwrap(), Door::Rest);
    let (of_eve, tasks) = (eve.tag(path).await, ann.tag(LISTS[3]).await);
    let mut names = Vec::new();
    for (number, name) in [json!(null), json!("one"), json!("two"), json!("three")].into_iter().enumerate() {
        let tag = ann.tag(path).await;
        assert_eq!(ann.get_unless(path, &tag).await.status, 304);
        match number {
            0 => bob.make_room(json!({"type": "direct", "participants": ["ann"]})).await,
            1 => ann.make_room(json!({"type": "group", "participants": ["bob"], "name": name})).await,
            2 => bob.make_room(json!({"type": "group", "participants": ["ann"], "name": name})).await,
            _ => {
                let people = [PersonRef::Name("ann".into())];
                other.make_group(&elsewhere, name.as_str(), &people).await.unwrap();
            }
        }
        names.insert(0, name);
        for who in [&ann, &bob] {
            let listed = who.get_unless(path, &tag).await;
            let listed: Vec<_> = rows(&listed.body).into_iter().map(|room| room["name"].clone()).collect();
            assert_eq!(listed, names);
        }
    }
    // Opened again, it is the same room, and nothing to tell of.
    let tag = ann.tag(path).await;
    other.open_direct_room(&elsewhere, &[PersonRef::Name("ann".into())]).await.unwrap();
    ann.post("/api/tasks/", json!({"title": "one"})).await;
    for (who, path, tag, expected) in
        [(&ann, path.as_str(), &tag, 304), (&eve, path, &of_eve, 304), (&ann, LISTS[3], &tasks, 200)]
    {
        assert_eq!(who.get_unless(path, tag).await.status, expected, "{path}");
    }
    other.store.close().await;
}

#[rstest]
#[tokio::test]
async fn a_list_goes_compressed_to_those_who_take_it_so(
    #[values(LISTS[0], LISTS[1], LISTS[2], LISTS[3], ROOMS)] path: &str,
) {
    let server = Server::start(Backend::Sqlite, Script::adding()).await.unwrap();
    let (ann, _) = (server.user("ann").await, server.user("bob").await);
    ann.post("/api/tasks/", json!({"title": "one"})).await;
    ann.session().await;
    ann.make_room(json!({"type": "direct", "participants": ["bob"]})).await;
    let packed = ann.list(path).header(header::ACCEPT_ENCODING, "br, gzip").send().await.unwrap();
    assert_eq!((packed.status().as_u16(), &packed.headers()["content-encoding"]), (200, &"gzip".parse().unwrap()));
    assert_eq!(packed.headers()["content-type"], "application/json");
    let (tag, packed) = (packed.headers()["etag"].clone(), packed.bytes().await.unwrap());
    let unpacked: Value = serde_json::from_reader(flate2::read::GzDecoder::new(&packed[..])).unwrap();
    let plain = ann.get_list(path).await;
    assert!(plain.headers.get("content-encoding").is_none());
    assert_eq!((rows(&unpacked), &tag), (rows(&plain.body), &plain.headers["etag"]));
}

/// The rows of an answer, whatever they are wrapped in.
fn rows(body: &Value) -> Vec<Value> {
    let rows = body.get("tasks").or_else(|| body.get("conversations")).unwrap_or(body);
    rows.as_array().unwrap().clone()
}

/// The next page's query.
fn next(answer: &Answer) -> Option<String> {
    let link = answer.headers.get("link")?.to_str().unwrap();
    Some(link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap().to_owned())
}

#[rstest]
#[case(0)]
#[case(1)]
#[case(2)]
#[case(3)]
#[case(4)]
#[case(5)]
#[tokio::test]
async fn pages_make_the_whole(#[case] which: usize, #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::adding()).await else { return };
    let (ann, _) = (server.user("ann").await, server.user("bob").await);
    let session = ann.session().await;
    for number in 0..12 {
        ann.post("/api/tasks/", json!({"title": format!("task {number}")})).await;
        ann.post("/api/chat/sessions", json!({"title": format!("conversation {number}")})).await;
        ann.make_room(json!({"type": "group", "participants": ["bob"], "name": format!("room {number}")})).await;
        let said = json!({"role": "user", "content": format!("message {number}")});
        ann.post(&format!("/api/chat/sessions/{session}/messages"), said).await;
    }
    let messages = format!("/api/chat/sessions/{session}/messages");
    let path = [LISTS[0], LISTS[1], LISTS[2], LISTS[3], ROOMS, &messages][which];
    let all = ann.get_list(path).await;
    assert_eq!(next(&all), None, "the whole list has no next page");
    let all = rows(&all.body);
    assert!(all.len() >= 12);
    for limit in [1, 5, 12, 13, 14, 100] {
        let mut pages: Vec<Vec<Value>> = Vec::new();
        let mut query = Some(format!("?limit={limit}"));
        while let Some(asked) = query {
            let page = ann.get_list(&format!("{path}{asked}")).await;
            assert_eq!(page.status, 200, "{page:?}");
            pages.push(rows(&page.body));
            query = next(&page);
        }
        assert!(pages.iter().all(|page| page.len() <= limit && !page.is_empty()), "{limit}");
        assert_eq!(pages.len(), all.len().div_ceil(limit), "no empty page at the end");
        if path == messages {
            pages.reverse(); // from the newest back, each page the oldest first
        }
        assert_eq!(pages.concat(), all, "{limit}");
    }
    for wrong in [
        "limit=0",
        "limit=101",
        "limit=many",
        "limit=",
        "cursor=x",
        "cursor=",
        "cursor=5",
        "cursor=0.5",
        "cursor=c",
        "limit=5&cursor=c1.2.3.4",
    ] {
        let refused = ann.get_list(&format!("{path}?{wrong}")).await;
        assert_eq!(refused.status, 400, "{wrong}: {refused:?}");
        assert!(refused.body["error"].is_string(), "{wrong}: {refused:?}");
    }
    assert_eq!(rows(&ann.get_list(&format!("{path}?unknown=1")).await.body), all);
}

#[tokio::test]
async fn a_tag_does_not_open_somebody_elses_row() {
    let server = Server::start(Backend::Sqlite, Script::adding()).await.unwrap();
    let (ann, bob) = (server.user("ann").await, server.user("bob").await);
    let path = format!("/api/chat/sessions/{}/messages?limit=5", ann.session().await);
    assert_eq!(bob.get_unless(&path, "*").await.status, 403);
}

#[rstest]
#[tokio::test]
async fn a_page_that_cannot_be_is_refused_whatever_the_client_has(
    #[values(LISTS[0], LISTS[1], LISTS[2], LISTS[3], ROOMS)] path: &str,
    #[values("limit=0", "limit=101", "cursor=nonsense", "cursor=")] query: &str,
) {
    let server = Server::start(Backend::Sqlite, Script::adding()).await.unwrap();
    let ann = server.user("ann").await;
    for known in ["*", ""] {
        assert_eq!(ann.get_unless(&format!("{path}?{query}"), known).await.status, 400, "{known:?}");
    }
}
