//! What a token lets an agent do.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{Agent, Era, asked, begin, message, modern};
use crate::{
    harness::{Answer, Backend, Server, User, answer},
    script::Script,
};

async fn server() -> Server {
    Server::start(Backend::Sqlite, Script::adding()).await.unwrap()
}

/// A token that `user` makes for a program of their own, and its id.
pub(super) async fn token(user: &User<'_>, scopes: Value) -> (String, String) {
    let made = user.post("/account/tokens", json!({"name": "a script", "scopes": scopes})).await;
    assert_eq!(made.status, 201, "{made:?}");
    let text = |field: &str| made.body[field].as_str().unwrap().to_owned();
    (text("token"), text("id"))
}

async fn called(user: &User<'_>, era: Era, tool: &str, arguments: Value) -> Answer {
    let call = json!({"name": tool, "arguments": arguments});
    match era {
        Era::Sessions => {
            let session = begin(user).await;
            answer(asked(user, Method::POST).header("mcp-session-id", session).json(&message("tools/call", &call)))
                .await
        }
        Era::Requests => answer(modern(user, "tools/call", call)).await,
    }
}

#[rstest]
#[tokio::test]
async fn who_may_only_read_sees_and_does_only_that(#[values(Era::Sessions, Era::Requests)] era: Era) {
    let server = server().await;
    let ann = server.user("ann").await;
    let reader = User { server: &server, token: token(&ann, json!(["tasks:read"])).await.0 };
    let agent = Agent::of(&reader, era).await;
    let names: Vec<_> = agent.0.list_all_tools().await.unwrap().into_iter().map(|tool| tool.name).collect();
    assert_eq!(names, ["list_tasks", "get_tasks", "get_context"]);
    assert!(agent.titles().await.is_empty());
    for (tool, arguments) in [
        ("create_tasks", json!({"tasks": [{"title": "x"}]})),
        ("delete_tasks", json!({"ids": ["t_1"]})),
        ("undo", json!({})),
    ] {
        let refused = called(&reader, era, tool, arguments).await;
        assert_eq!((refused.status, &refused.body["error"]["code"]), (403, &json!(-32600)), "{refused:?}");
        let challenge = refused.headers["www-authenticate"].to_str().unwrap();
        assert!(challenge.starts_with("Bearer error=\"insufficient_scope\", resource_metadata=\"http"), "{challenge}");
        assert!(challenge.contains("scope=\"tasks:write\""), "{challenge}");
    }
    assert!(ann.tasks().await.is_empty());
}
