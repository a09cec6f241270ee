//! `/api/ws/chat`.

use std::time::Duration;

use futures::future::join_all;
use rstest::rstest;
use serde_json::{Value, json};

use super::{Chat, Person, fields, post};
use crate::{
    harness::{Backend, Server, Socket},
    script::Script,
};

#[rstest]
#[tokio::test]
async fn two_people_talk(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let room = ann.with(&bob).await;
    let (mut anns, mut bobs) = (ann.socket().await, bob.socket().await);
    let joined = anns.join(&room).await;
    assert_eq!(joined, json!({"type": "Joined", "conversation_id": room, "seq": 0}));
    bobs.join(&room).await;
    anns.say(&room, "Hello world!").await;
    let heard = anns.hears("Hello world!").await;
    assert_eq!(bobs.hears("Hello world!").await, heard, "everybody hears the same");
    assert_eq!(fields(&heard["message"]), ["content", "conversation_id", "created_at", "id", "sender_id"]);
    assert_eq!((&heard["message"]["sender_id"], &heard["seq"]), (&json!(ann.id), &json!(1)));
    assert_eq!(heard["message"]["conversation_id"], json!(room));
    bobs.say(&room, "Hello Ann\nsecond line").await;
    let heard = anns.hears("Hello Ann\nsecond line").await;
    assert_eq!((&heard["message"]["sender_id"], &heard["seq"]), (&json!(bob.id), &json!(2)));
}

#[rstest]
#[tokio::test]
async fn every_joined_socket_of_every_participant_hears(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let eve = Person::new(&server, "eve").await;
    let group = json!({"type": "group", "participants": ["bob", "eve"]});
    let group = ann.post("/api/conversations", group).await.body["id"].as_str().unwrap().to_owned();
    let (direct, other) = (ann.with(&bob).await, bob.with(&eve).await);
    let (mut one, mut two, mut idle) = (ann.socket().await, ann.socket().await, ann.socket().await);
    let (mut bobs, mut eves) = (bob.socket().await, eve.socket().await);
    for socket in [&mut one, &mut two, &mut bobs, &mut eves] {
        socket.join(&group).await;
    }
    bobs.join(&direct).await;
    bobs.join(&other).await;
    one.say(&group, "to all").await;
    for socket in [&mut one, &mut two, &mut bobs, &mut eves] {
        assert_eq!(socket.hears("to all").await["message"]["conversation_id"], json!(group));
    }
    idle.heard_nothing().await;
    // One socket hears several conversations, each told apart and numbered by itself.
    one.say(&direct, "to bob").await;
    let heard = bobs.hears("to bob").await;
    assert_eq!((&heard["message"]["conversation_id"], &heard["seq"]), (&json!(direct), &json!(1)));
    eves.heard_nothing().await;
    two.heard_nothing().await;
}

#[rstest]
#[tokio::test]
async fn a_third_person_hears_nothing_and_says_nothing(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let eve = Person::new(&server, "eve").await;
    let room = ann.with(&bob).await;
    let (mut anns, mut eves) = (ann.socket().await, eve.socket().await);
    anns.join(&room).await;
    for frame in [
        json!({"type": "join", "conversation_id": room}),
        json!({"type": "join", "conversation_id": room, "since_seq": 0}),
        json!({"type": "message", "conversation_id": room, "content": "let me in"}),
    ] {
        eves.send(frame).await;
        let refused = eves.next().await;
        assert_eq!((&refused["type"], &refused["conversation_id"]), (&json!("Error"), &json!(room)));
        let unknown = format!("conv:{}", uuid::Uuid::nil());
        eves.send(json!({"type": "join", "conversation_id": unknown})).await;
        assert_eq!(json!(eves.is_refused().await), refused["message"], "as if there were no such conversation");
    }
    anns.say(&room, "a secret").await;
    anns.hears("a secret").await;
    eves.heard_nothing().await;
    assert_eq!(eve.history(&room, "").await.status, 404);
    assert_eq!(bob.history(&room, "").await.body.as_array().unwrap().len(), 1, "and nothing of eve's was stored");
}

/// Whoever says something wants to see that it was said.
#[rstest]
#[tokio::test]
async fn who_speaks_without_having_joined_has_joined(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let room = ann.with(&bob).await;
    let (mut anns, mut bobs) = (ann.socket().await, bob.socket().await);
    bobs.join(&room).await;
    anns.say(&room, "hello").await;
    anns.hears("hello").await;
    bobs.hears("hello").await;
    bobs.say(&room, "hello back").await;
    anns.hears("hello back").await;
}

#[rstest]
#[case("")]
#[case("?token=nonsense")]
#[case("?token=a&token=b")]
#[case("?other=x")]
#[tokio::test]
async fn without_a_token_it_is_closed_with_1008(
    #[case] query: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let mut socket = Socket::connect(&server.chasqui, &format!("/api/ws/chat{query}")).await;
    assert_eq!(socket.receive().await, Err(Some(1008)));
}

#[rstest]
#[tokio::test]
async fn a_bearer_token_is_as_good(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let room = ann.with(&bob).await;
    let mut chat = Chat(
        Socket::connect_with(&server.chasqui, "/api/ws/chat", &[("authorization", &format!("Bearer {}", ann.token))])
            .await,
    );
    chat.join(&room).await;
}

#[rstest]
#[tokio::test]
async fn an_expired_token_closes_with_4401_unless_it_is_renewed(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let lifetime = Duration::from_secs(3);
    let Some(server) =
        Server::start_with(backend, Script::of([]), |config| config.auth.token_lifetime = lifetime).await
    else {
        return;
    };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let (mut left, mut renewed) = (ann.socket().await, ann.socket().await);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let login = json!({"username": "ann", "password": "correct horse"});
    let token = post(&server, "/api/login", &login).await.body["token"].clone();
    renewed.send(json!({"type": "auth", "data": {"token": "nonsense"}})).await;
    renewed.is_refused().await;
    renewed.send(json!({"type": "auth", "data": {"token": bob.token}})).await;
    renewed.is_refused().await;
    renewed.send(json!({"type": "auth", "data": {"token": token}})).await;
    assert_eq!(left.0.receive().await, Err(Some(4401)));
    renewed.heard_nothing().await;
    assert_eq!(renewed.0.receive().await, Err(Some(4401)));
}

#[rstest]
#[tokio::test]
async fn bad_frames_get_an_error_and_the_socket_stays_open(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let room = ann.with(&bob).await;
    let bare = room.strip_prefix("conv:").unwrap();
    let mut chat = ann.socket().await;
    let message = |content: Value| json!({"type": "message", "conversation_id": room, "content": content}).to_string();
    let cases = [
        ("not json".to_owned(), ""),
        ("[]".to_owned(), ""),
        ("{}".to_owned(), "type"),
        (json!({"type": "dance"}).to_string(), "dance"),
        (json!({"type": "join"}).to_string(), "conversation_id"),
        (json!({"type": "join", "conversation_id": bare}).to_string(), "conv:"),
        (json!({"type": "join", "conversation_id": 7}).to_string(), ""),
        (json!({"type": "join", "conversation_id": room, "since_seq": "x"}).to_string(), ""),
        (json!({"type": "join", "conversation_id": format!("conv:{}", uuid::Uuid::nil())}).to_string(), "not found"),
        (json!({"type": "message", "conversation_id": room}).to_string(), "content"),
        (message(json!("")), "content"),
        (message(json!(" \n ")), "content"),
        (message(json!("x".repeat(8001))), "8000"),
        (message(json!(7)), ""),
        (json!(["message", room, "hi"]).to_string(), "map"),
        (json!(["join", room]).to_string(), "map"),
        (json!({"type": "auth", "data": [ann.token]}).to_string(), "object"),
    ];
    for (frame, word) in cases {
        chat.0.send_text(&frame).await;
        let refused = chat.is_refused().await;
        assert!(refused.contains(word), "{frame:.80}: {refused}");
    }
    assert_eq!(bob.history(&room, "").await.body, json!([]));
    let longest = "é".repeat(8000);
    chat.say(&room, &longest).await;
    chat.hears(&longest).await;
}

#[rstest]
#[tokio::test]
async fn a_frame_that_is_too_large_closes_with_1009(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let mut chat = Person::new(&server, "ann").await.socket().await;
    chat.0.send_text(&"x".repeat(64 * 1024 + 1)).await;
    assert_eq!(chat.0.receive().await, Err(Some(1009)));
}

#[rstest]
#[tokio::test]
async fn joining_again_tells_what_was_missed(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start_with(backend, Script::of([]), |config| config.database.replay = 20).await else {
        return;
    };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let room = ann.with(&bob).await;
    let (mut anns, mut bobs) = (ann.socket().await, bob.socket().await);
    for number in 1..=30 {
        anns.say(&room, &format!("message {number}")).await;
        anns.hears(&format!("message {number}")).await;
    }
    bobs.send(json!({"type": "join", "conversation_id": room, "since_seq": 27})).await;
    assert_eq!(bobs.next().await, json!({"type": "Joined", "conversation_id": room, "seq": 27}));
    for number in 28..=30 {
        assert_eq!(bobs.hears(&format!("message {number}")).await["seq"], number);
    }
    // Joined already: nothing is told twice, nothing is lost.
    assert_eq!(bobs.join(&room).await["seq"], 30);
    bobs.send(json!({"type": "join", "conversation_id": room, "since_seq": 29})).await;
    assert_eq!(bobs.next().await["seq"], 29);
    bobs.hears("message 30").await;
    // Never there: the history has it.
    for since in [-1, 99] {
        bobs.send(json!({"type": "join", "conversation_id": room, "since_seq": since})).await;
        let joined = bobs.next().await;
        assert_eq!(joined, json!({"type": "Joined", "conversation_id": room, "seq": 30, "gap": true}));
    }
    anns.say(&room, "now").await;
    assert_eq!(bobs.hears("now").await["seq"], 31);
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_have_no_holes_after_several_senders_at_once(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    const EACH: usize = 40;
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let room = ann.with(&bob).await;
    let mut listener = bob.socket().await;
    listener.join(&room).await;
    let senders = [&ann, &bob, &ann, &bob].map(async |who| {
        let mut chat = who.socket().await;
        for number in 0..EACH {
            chat.say(&room, &format!("{number}")).await;
        }
        for seq in 1..=4 * EACH {
            // The first one joins by speaking, so it may begin later.
            let heard = chat.next().await["seq"].as_u64().unwrap();
            if heard == 4 * EACH as u64 {
                break;
            }
            assert!(heard >= seq as u64);
        }
    });
    join_all(senders).await;
    let mut heard = Vec::new();
    for seq in 1..=4 * EACH {
        let frame = listener.next().await;
        assert_eq!(frame["seq"], seq);
        heard.push(frame["message"].clone());
    }
    let newer = bob.history(&room, "?limit=100").await.body;
    let oldest = newer[0]["id"].as_str().unwrap();
    let older = bob.history(&room, &format!("?limit=100&before={oldest}")).await.body;
    let mut stored = older.as_array().unwrap().clone();
    stored.extend(newer.as_array().unwrap().clone());
    assert_eq!(stored, heard, "the history's order is the events' order");
}

#[tokio::test]
async fn a_reader_that_does_not_read_is_closed_with_4508_and_loses_nothing() {
    let server = Server::start(Backend::Sqlite, Script::of([])).await.unwrap();
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let room = ann.with(&bob).await;
    let path = format!("/api/ws/chat?token={}", bob.token);
    let mut stuck = Chat(Socket::narrow(&server.chasqui, &path).await);
    let mut anns = ann.socket().await;
    stuck.join(&room).await;
    anns.join(&room).await;
    // Far more than the buffers of the system and our queue hold together.
    let (writes, content) = (1200, "x".repeat(8000));
    for _ in 0..writes {
        anns.say(&room, &content).await;
        anns.hears(&content).await;
    }
    let mut last = 0;
    let code = loop {
        match stuck.0.receive().await {
            Ok(frame) => last = frame["seq"].as_i64().unwrap(),
            Err(code) => break code,
        }
    };
    assert_eq!(code, Some(4508), "closed after {last}");
    assert!(last < writes);
    let mut again = bob.socket().await;
    let since = writes - 500;
    again.send(json!({"type": "join", "conversation_id": room, "since_seq": since})).await;
    assert_eq!(again.next().await["seq"], since);
    for seq in since + 1..=writes {
        assert_eq!(again.next().await["seq"], seq);
    }
}

#[tokio::test]
async fn stopping_closes_sockets_on_both_listeners() {
    let server = Server::start(Backend::Sqlite, Script::of([])).await.unwrap();
    let ann = Person::new(&server, "ann").await;
    let (mut here, token) = (ann.socket().await, ann.token.clone());
    let mut there = Socket::open(&server, &format!("?token={token}")).await;
    there.sync(None).await;
    here.heard_nothing().await;
    server.stop().await;
    assert_eq!((here.0.receive().await, there.receive().await), (Err(Some(1001)), Err(Some(1001))));
}

/// What one instance stores, the sockets of the others hear.
#[tokio::test]
async fn an_instance_hears_what_is_said_on_another() {
    let Some(server) = Server::start(Backend::Postgres, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let room = ann.with(&bob).await;
    let mut bobs = bob.socket().await;
    bobs.join(&room).await;
    let other = server.another_app().await;
    let account = other.account_named("ann").await.unwrap();
    let caller = errand_core::Caller::new(&account, errand_core::Door::Rest);
    let id = room.strip_prefix("conv:").unwrap().parse().unwrap();
    for content in ["from", "elsewhere"] {
        other.say_in_room(&caller, id, content).await.unwrap();
    }
    bobs.hears("from").await;
    bobs.hears("elsewhere").await;
    other.store.close().await;
}
