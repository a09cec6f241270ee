//! Inviting, joining, leaving, putting out, and roles.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{Person, fields, is_error, is_time, is_well, text};
use crate::{
    harness::{Answer, Backend, Server, answer},
    script::Script,
};

async fn join(person: &Person<'_>, code: &str) -> Answer {
    answer(person.request(Method::POST, &format!("/chatrooms/join/{code}"))).await
}

async fn hall(person: &Person<'_>) -> String {
    person.room(&json!({"name": "The hall", "is_private": false})).await
}

#[rstest]
#[tokio::test]
async fn invite_answers_201_with_a_code(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    let path = format!("/chatrooms/{}/invite", hall(&ann).await);
    let made = ann.send(Method::POST, &path, json!({})).await;
    let invitation = &is_well(&made, 201)["invitation"];
    let expected = ["created_at", "current_uses", "expires_at", "id", "invite_code", "invite_url", "max_uses"];
    assert_eq!(fields(invitation), expected);
    assert_eq!((&invitation["max_uses"], &invitation["current_uses"]), (&json!(1), &json!(0)));
    let url = format!("{}/chatrooms/join/{}", server.base, text(&invitation["invite_code"]));
    assert_eq!(text(&invitation["invite_url"]), url);
    let at = |field: &str| chrono::DateTime::parse_from_rfc3339(invitation[field].as_str().unwrap()).unwrap();
    assert!(is_time(&invitation["expires_at"]));
    assert_eq!((at("expires_at") - at("created_at")).num_hours(), 24);
    for wrong in [json!({"max_uses": 0}), json!({"expires_in_hours": 0}), json!({"max_uses": 1001})] {
        is_error(&ann.send(Method::POST, &path, wrong).await, 422, "VALIDATION_INVALID_VALUE");
    }
}

#[rstest]
#[tokio::test]
async fn join_chatroom_by_a_code(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob, carl) =
        (Person::new(&server, "ann").await, Person::new(&server, "bob").await, Person::new(&server, "carl").await);
    let room = hall(&ann).await;
    let code = ann.code(&room, json!({"max_uses": 1})).await;
    let joined = join(&bob, &code).await;
    let chatroom = &is_well(&joined, 200)["chatroom"];
    assert_eq!(fields(chatroom), ["description", "id", "member_count", "name", "role"]);
    let seen = (&chatroom["id"], &chatroom["member_count"], &chatroom["role"]);
    assert_eq!(seen, (&json!(room), &json!(2), &json!("member")));
    assert_eq!(is_well(&join(&bob, &code).await, 200)["chatroom"]["member_count"], 2, "again costs nothing");
    for wrong in [code.as_str(), "nonsense", "%ff"] {
        is_error(&join(&carl, wrong).await, 404, "CHATROOM_INVITE_INVALID");
    }
    let set = ann.send(Method::PUT, &format!("/chatrooms/{room}"), json!({"max_members": 2})).await;
    is_well(&set, 200);
    is_error(&join(&carl, &ann.code(&room, json!({})).await).await, 409, "CHATROOM_FULL");
}

#[rstest]
#[tokio::test]
async fn leave_chatroom_and_hear_no_more(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let room = hall(&ann).await;
    ann.lets_in(&room, &bob).await;
    let leave =
        async |person: &Person<'_>| answer(person.request(Method::POST, &format!("/chatrooms/{room}/leave"))).await;
    assert_eq!(leave(&ann).await.status, 200);
    is_error(&leave(&ann).await, 403, "CHATROOM_ACCESS_DENIED");
    let shown = bob.get(&format!("/chatrooms/{room}")).await;
    assert_eq!(is_well(&shown, 200)["user_role"], "owner", "somebody inherits");
    assert_eq!(leave(&bob).await.status, 200);
    is_error(&bob.get(&format!("/chatrooms/{room}")).await, 404, "CHATROOM_NOT_FOUND");
}

#[rstest]
#[tokio::test]
async fn set_role_is_the_owners(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let room = hall(&ann).await;
    ann.lets_in(&room, &bob).await;
    let (of_ann, of_bob) = (ann.in_room(&room).await, bob.in_room(&room).await);
    let role = |role: &str| json!({"role": role});
    is_error(&bob.send(Method::PUT, &of_bob, role("moderator")).await, 403, "CHATROOM_OWNER_REQUIRED");
    let set = ann.send(Method::PUT, &of_bob, role("moderator")).await;
    let member: &Value = &is_well(&set, 200)["member"];
    assert_eq!((&member["username"], &member["role"]), (&json!("bob"), &json!("moderator")));
    is_error(&ann.send(Method::PUT, &of_bob, role("king")).await, 422, "VALIDATION_INVALID_FORMAT");
    is_error(&ann.send(Method::PUT, &of_ann, role("member")).await, 422, "VALIDATION_INVALID_VALUE");
    is_well(&ann.send(Method::PUT, &of_bob, role("owner")).await, 200);
    is_well(&bob.send(Method::PUT, &of_ann, role("member")).await, 200);
}

#[rstest]
#[tokio::test]
async fn remove_member_is_for_those_above_them(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob, carl) =
        (Person::new(&server, "ann").await, Person::new(&server, "bob").await, Person::new(&server, "carl").await);
    let room = hall(&ann).await;
    for person in [&bob, &carl] {
        ann.lets_in(&room, person).await;
    }
    let (of_ann, of_bob, of_carl) = (ann.in_room(&room).await, bob.in_room(&room).await, carl.in_room(&room).await);
    let remove = async |by: &Person<'_>, path: &str| answer(by.request(Method::DELETE, path)).await;
    is_error(&remove(&bob, &of_carl).await, 403, "RESOURCE_ACCESS_DENIED");
    is_well(&ann.send(Method::PUT, &of_bob, json!({"role": "moderator"})).await, 200);
    is_error(&remove(&bob, &of_ann).await, 403, "RESOURCE_ACCESS_DENIED");
    assert_eq!(remove(&bob, &of_carl).await.status, 200);
    is_error(&remove(&bob, &of_carl).await, 404, "AUTH_USER_NOT_FOUND");
    is_error(&carl.get(&format!("/chatrooms/{room}")).await, 403, "CHATROOM_ACCESS_DENIED");
}
