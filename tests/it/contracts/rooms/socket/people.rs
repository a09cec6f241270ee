//! Who comes, who goes, and who hears nothing any more.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use super::{
    super::{Person, is_well, keys},
    Wire, hall, id,
};
use crate::{
    harness::{Backend, Server, answer},
    script::Script,
};

#[rstest]
#[tokio::test]
async fn coming_and_going_is_told(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let cat = Person::new(&server, "cat").await;
    let (mut bobs, mut cats) = (Wire::within(&bob, &room).await, Wire::open(&cat).await);
    ann.lets_in(&room, &cat).await;
    let told = bobs.hears("user_joined").await;
    let user = &told["user"];
    assert_eq!((&told["chatroom_id"], &user["id"]), (&json!(room), &json!(id(&cat).await)));
    let user = (&user["username"], &user["display_name"], &user["avatar_url"], &user["is_assistant"]);
    assert_eq!(user, (&json!("cat"), &json!("The cat"), &json!(null), &json!(false)));
    assert_eq!(cats.hears("user_joined").await["chatroom_id"], room, "who came hears where they are, on all screens");
    answer(cat.request(Method::POST, &format!("/chatrooms/{room}/leave"))).await;
    let told = bobs.hears("user_left").await;
    assert_eq!((&told["user_id"], &told["removed_by"]), (&json!(id(&cat).await), &json!(null)));
    assert_eq!(told["needed_key_version"], 2);
    assert_eq!(cats.hears("user_left").await["chatroom_id"], room);
    keys::give(&ann, &room, 2, &[&ann, &bob]).await;
    assert_eq!(bobs.hears("keys_changed").await["version"], 2);
    is_well(&ann.send(Method::PUT, &bob.in_room(&room).await, json!({"role": "moderator"})).await, 200);
    assert_eq!(bobs.hears("role_changed").await["role"], "moderator");
    is_well(&ann.send(Method::PUT, &format!("/chatrooms/{room}"), json!({"name": "The choir"})).await, 200);
    assert_eq!(bobs.hears("chatroom_updated").await["chatroom"]["name"], "The choir");
    answer(ann.request(Method::DELETE, &format!("/chatrooms/{room}"))).await;
    assert_eq!(bobs.hears("chatroom_deleted").await, json!({"chatroom_id": room}));
    bobs.heard_nothing().await;
    cats.heard_nothing().await;
}

#[rstest]
#[tokio::test]
async fn who_is_put_out_hears_nothing_after_that(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (room, ann, bob) = hall(&server).await;
    let (mut anns, mut joined, mut elsewhere) =
        (Wire::within(&ann, &room).await, Wire::within(&bob, &room).await, Wire::open(&bob).await);
    for round in ["once", "twice"] {
        is_well(&ann.send(Method::PUT, &format!("/chatrooms/{room}"), json!({"description": round})).await, 200);
        for socket in [&mut anns, &mut joined] {
            socket.hears("chatroom_updated").await;
        }
        answer(ann.request(Method::DELETE, &bob.in_room(&room).await)).await;
        assert_eq!(anns.hears("user_left").await["removed_by"], id(&ann).await);
        is_well(&ann.send(Method::PUT, &format!("/chatrooms/{room}"), json!({"description": "alone"})).await, 200);
        anns.hears("chatroom_updated").await;
        for socket in [&mut joined, &mut elsewhere] {
            let told = socket.hears("user_left").await;
            assert_eq!((&told["user_id"], &told["chatroom_id"]), (&json!(id(&bob).await), &json!(room)));
        }
        anns.say("typing_start", json!({"chatroom_id": room})).await;
        anns.heard_nothing().await;
        for socket in [&mut joined, &mut elsewhere] {
            socket.heard_nothing().await;
            socket.say("join_chatroom", json!({"chatroom_id": room, "since_seq": 0})).await;
            socket.is_refused("CHATROOM_ACCESS_DENIED").await;
        }
        // Once more: nothing of the first time is left over.
        ann.lets_in(&room, &bob).await;
        anns.hears("user_joined").await;
        for socket in [&mut joined, &mut elsewhere] {
            assert_eq!(socket.hears("user_joined").await["chatroom_id"], room);
        }
        joined.join(&room, None).await;
    }
}
