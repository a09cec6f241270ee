//! Making, listing, seeing, changing and deleting chatrooms.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{Person, fields, is_error, is_time, is_well, text};
use crate::{
    harness::{Backend, Server, Socket, answer},
    script::Script,
};

#[rstest]
#[tokio::test]
async fn create_chatroom_answers_201_with_defaults(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    let made = ann.send(Method::POST, "/chatrooms", json!({"name": "The hall", "is_private": true})).await;
    let room = &is_well(&made, 201)["chatroom"];
    let expected = [
        "auto_summary_enabled",
        "created_at",
        "description",
        "encryption_enabled",
        "id",
        "is_private",
        "max_members",
        "name",
        "owner_id",
        "summary_threshold",
    ];
    assert_eq!(fields(room), expected);
    assert_eq!(
        (&room["name"], &room["description"], &room["is_private"]),
        (&json!("The hall"), &Value::Null, &json!(true))
    );
    assert_eq!((&room["max_members"], &room["summary_threshold"]), (&json!(100), &json!(50)));
    assert_eq!((&room["encryption_enabled"], &room["auto_summary_enabled"]), (&json!(true), &json!(true)));
    assert_eq!(room["owner_id"], is_well(&ann.get("/users/me").await, 200)["id"]);
    assert!(is_time(&room["created_at"]));
}

#[rstest]
#[case::no_name("name", json!(" "), "VALIDATION_INVALID_VALUE")]
#[case::long_name("name", json!("x".repeat(101)), "VALIDATION_LENGTH_EXCEEDED")]
#[case::long_description("description", json!("x".repeat(501)), "VALIDATION_LENGTH_EXCEEDED")]
#[case::too_few("max_members", json!(1), "VALIDATION_INVALID_VALUE")]
#[case::too_many("max_members", json!(1001), "VALIDATION_INVALID_VALUE")]
#[case::no_number("max_members", json!("many"), "VALIDATION_INVALID_FORMAT")]
#[case::no_threshold("summary_threshold", json!(0), "VALIDATION_INVALID_VALUE")]
#[tokio::test]
async fn create_chatroom_and_update_chatroom_refuse_what_is_invalid(
    #[case] field: &str,
    #[case] value: Value,
    #[case] code: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = Person::new(&server, "ann").await;
    let mut body = json!({"name": "The hall", "is_private": false});
    let path = format!("/chatrooms/{}", ann.room(&body).await);
    body[field] = value;
    for (method, path) in [(Method::POST, "/chatrooms"), (Method::PUT, &path)] {
        let refused = ann.send(method, path, body.clone()).await;
        is_error(&refused, 422, code);
        assert_eq!(fields(&refused.body["error"]["details"]["fields"]), [field]);
    }
    is_error(&ann.send(Method::POST, "/chatrooms", json!({})).await, 422, "VALIDATION_REQUIRED_FIELD");
}

#[rstest]
#[tokio::test]
async fn list_chatrooms_by_page_and_name(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    for name in ["Hall one", "Garden", "hall TWO"] {
        ann.room(&json!({"name": name, "is_private": false})).await;
    }
    bob.room(&json!({"name": "Bob's hall", "is_private": false})).await;
    let page = async |query: &str| is_well(&ann.get(&format!("/chatrooms{query}")).await, 200).clone();
    let names = |page: &Value| -> Vec<String> {
        page["chatrooms"].as_array().unwrap().iter().map(|room| text(&room["name"])).collect()
    };
    let all = page("").await;
    assert_eq!(names(&all), ["hall TWO", "Garden", "Hall one"]);
    assert_eq!(all["pagination"], json!({"page": 1, "limit": 20, "total": 3, "pages": 1}));
    let expected = [
        "description",
        "id",
        "is_private",
        "joined_at",
        "last_message",
        "member_count",
        "name",
        "role",
        "unread_count",
    ];
    assert_eq!(fields(&all["chatrooms"][0]), expected);
    let room = &all["chatrooms"][0];
    assert_eq!((&room["role"], &room["member_count"], &room["unread_count"]), (&json!("owner"), &json!(1), &json!(0)));
    assert_eq!(room["last_message"], Value::Null, "it is empty");
    let second = page("?page=2&limit=2").await;
    assert_eq!(names(&second), ["Hall one"]);
    assert_eq!(second["pagination"], json!({"page": 2, "limit": 2, "total": 3, "pages": 2}));
    let halls = page("?search=HALL").await;
    assert_eq!((names(&halls), &halls["pagination"]["total"]), (vec!["hall TWO".into(), "Hall one".into()], &json!(2)));
    assert_eq!(names(&page("?search=%25").await), Vec::<String>::new());
    for query in ["?page=0", "?page=-1", "?limit=0", "?limit=101", "?page=many", "?page=9223372036854775807"] {
        let refused = ann.get(&format!("/chatrooms{query}")).await;
        assert_eq!((refused.status, &refused.body["success"]), (422, &json!(false)), "{query}");
    }
}

#[rstest]
#[tokio::test]
async fn get_chatroom_has_everybody_in_it(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let room = ann.room(&json!({"name": "The hall", "is_private": false})).await;
    ann.lets_in(&room, &bob).await;
    let mut socket = Socket::open(&server, &format!("?token={}", bob.token)).await;
    socket.sync(None).await;
    let path = format!("/chatrooms/{room}");
    let shown = is_well(&bob.get(&path).await, 200).clone();
    assert_eq!(fields(&shown), ["chatroom", "members", "user_role"]);
    let expected = [
        "auto_summary_enabled",
        "created_at",
        "description",
        "encryption_enabled",
        "id",
        "is_private",
        "max_members",
        "member_count",
        "name",
        "owner_id",
        "summary_threshold",
        "updated_at",
    ];
    assert_eq!(fields(&shown["chatroom"]), expected);
    assert_eq!((&shown["chatroom"]["member_count"], &shown["user_role"]), (&json!(2), &json!("member")));
    let members = shown["members"].as_array().unwrap();
    let expected = [
        "avatar_url",
        "display_name",
        "is_assistant",
        "is_online",
        "joined_at",
        "last_read_at",
        "role",
        "user_id",
        "username",
    ];
    for member in members {
        assert_eq!(fields(member), expected);
        assert!(is_time(&member["joined_at"]) && is_time(&member["last_read_at"]));
    }
    let of = |index: usize| (text(&members[index]["username"]), text(&members[index]["display_name"]));
    let expected = [("ann", "The ann"), ("errand", "Errand"), ("bob", "The bob")];
    assert_eq!([of(0), of(1), of(2)], expected.map(|(name, shown)| (name.to_owned(), shown.to_owned())));
    let all = |field: &str| members.iter().map(|member| member[field].clone()).collect::<Vec<_>>();
    assert_eq!(all("is_assistant"), [false, true, false]);
    assert_eq!(all("is_online"), [false, true, true], "the assistant always is");
    assert_eq!(all("role"), ["owner", "member", "member"]);
}

#[rstest]
#[tokio::test]
async fn a_chatroom_that_is_not_the_callers(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let room = ann.room(&json!({"name": "The hall", "is_private": false})).await;
    for (id, status, code) in [
        (room.as_str(), 403, "CHATROOM_ACCESS_DENIED"),
        ("00000000-0000-0000-0000-000000000000", 404, "CHATROOM_NOT_FOUND"),
        ("nonsense", 404, "CHATROOM_NOT_FOUND"),
    ] {
        let user = "00000000-0000-0000-0000-000000000000";
        for (method, path, body) in [
            (Method::GET, format!("/chatrooms/{id}"), None),
            (Method::PUT, format!("/chatrooms/{id}"), Some(json!({"name": "Mine"}))),
            (Method::DELETE, format!("/chatrooms/{id}"), None),
            (Method::POST, format!("/chatrooms/{id}/invite"), Some(json!({}))),
            (Method::POST, format!("/chatrooms/{id}/leave"), None),
            (Method::DELETE, format!("/chatrooms/{id}/members/{user}"), None),
            (Method::PUT, format!("/chatrooms/{id}/members/{user}"), Some(json!({"role": "owner"}))),
        ] {
            let request = body.into_iter().fold(bob.request(method, &path), |request, body| request.json(&body));
            is_error(&answer(request).await, status, code);
        }
    }
}

#[rstest]
#[tokio::test]
async fn update_chatroom_changes_what_is_given(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let room = ann.room(&json!({"name": "The hall", "description": "plans", "is_private": false})).await;
    ann.lets_in(&room, &bob).await;
    let path = format!("/chatrooms/{room}");
    let put = async |body: Value| is_well(&ann.send(Method::PUT, &path, body).await, 200)["chatroom"].clone();
    let named = put(json!({"name": "The garden"})).await;
    assert_eq!((&named["name"], &named["description"]), (&json!("The garden"), &json!("plans")));
    let set =
        put(json!({"max_members": 7, "auto_summary_enabled": false, "summary_threshold": 9, "description": null}))
            .await;
    assert_eq!((&set["max_members"], &set["summary_threshold"]), (&json!(7), &json!(9)));
    assert_eq!((&set["auto_summary_enabled"], &set["description"]), (&json!(false), &Value::Null));
    assert_eq!(is_well(&ann.get(&path).await, 200)["chatroom"], set);
    is_error(&bob.send(Method::PUT, &path, json!({"name": "Mine"})).await, 403, "RESOURCE_ACCESS_DENIED");
}

#[rstest]
#[tokio::test]
async fn delete_chatroom_is_the_owners(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
    let room = ann.room(&json!({"name": "The hall", "is_private": false})).await;
    ann.lets_in(&room, &bob).await;
    let path = format!("/chatrooms/{room}");
    is_error(&answer(bob.request(Method::DELETE, &path)).await, 403, "CHATROOM_OWNER_REQUIRED");
    let deleted = answer(ann.request(Method::DELETE, &path)).await;
    assert_eq!((deleted.status, &deleted.body["success"]), (200, &json!(true)));
    for person in [&ann, &bob] {
        is_error(&person.get(&path).await, 404, "CHATROOM_NOT_FOUND");
        assert_eq!(is_well(&person.get("/chatrooms").await, 200)["chatrooms"], json!([]));
    }
}
