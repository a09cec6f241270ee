//! A day of rmcp's own client: it logs in, lists, creates with progress, changes, completes, deletes after a question, hears of changes.
//! The clients of other makers tell the same story in `tests/mcp/clients`.

use std::time::Duration;

use rmcp::{
    ClientHandler, ClientServiceExt as _, ErrorData, RoleClient,
    model::{
        CallToolRequestParams, ClientCapabilities, ClientConfig, ElicitRequestParams, ElicitResult, ElicitationAction,
        Implementation, ProgressNotificationParam, ResourceUpdatedNotificationParam, SubscribeRequestParams,
        SubscriptionFilter,
    },
    service::{NotificationContext, RequestContext, RunningService},
    transport::{
        AuthClient, AuthorizationManager, StreamableHttpClientTransport,
        auth::{AuthorizationRequest, OAuthState},
        streamable_http_client::StreamableHttpClientTransportConfig as TransportConfig,
    },
};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use super::Era;
use crate::{
    harness::{Backend, Server},
    oauth::{Browser, CALLBACK},
    script::Script,
};

/// What a host shows its user.
#[derive(Debug, PartialEq)]
enum Shown {
    Question(String),
    Step(f64),
    Change(String),
}

/// A host whose user says yes to everything.
struct Host(UnboundedSender<Shown>);

impl ClientHandler for Host {
    fn get_info(&self) -> ClientConfig {
        let can = ClientCapabilities::builder().enable_elicitation().build();
        ClientConfig::new(can, Implementation::new("rmcp", "3"))
    }

    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let ElicitRequestParams::FormElicitationParams { message, .. } = request else { panic!("not a form") };
        self.0.send(Shown::Question(message)).unwrap();
        Ok(ElicitResult::new(ElicitationAction::Accept).with_content(json!({"confirm": true})))
    }

    async fn on_progress(&self, step: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        self.0.send(Shown::Step(step.progress)).unwrap();
    }

    async fn on_resource_updated(&self, news: ResourceUpdatedNotificationParam, _: NotificationContext<RoleClient>) {
        self.0.send(Shown::Change(news.uri)).unwrap();
    }
}

struct Connected {
    client: RunningService<RoleClient, Host>,
    shown: UnboundedReceiver<Shown>,
}

impl Connected {
    async fn call(&self, tool: &'static str, arguments: Value) -> Value {
        let arguments = arguments.as_object().unwrap().clone();
        let called = self.client.call_tool(CallToolRequestParams::new(tool).with_arguments(arguments));
        let result = tokio::time::timeout(Duration::from_secs(20), called).await.expect("an answer in time").unwrap();
        assert_ne!(result.is_error, Some(true), "{result:?}");
        result.structured_content.unwrap()
    }

    async fn next(&mut self) -> Shown {
        tokio::time::timeout(Duration::from_secs(5), self.shown.recv()).await.expect("something in time").unwrap()
    }
}

/// What "add server, log in, allow" comes to: from an address to a client that is let in.
async fn logged_in(server: &Server, name: &str) -> AuthorizationManager {
    let mut login = OAuthState::new(format!("{}/mcp", server.base), None).await.unwrap();
    let request = AuthorizationRequest::new(CALLBACK).with_client_name("rmcp").with_initial_scope_selection();
    login.start_authorization(request).await.unwrap();
    let address: reqwest::Url = login.get_authorization_url().await.unwrap().parse().unwrap();
    assert!(address.as_str().starts_with(&format!("{}/oauth/authorize?", server.base)), "{address}");
    let asked: Vec<_> = address.query_pairs().into_owned().collect();
    let page = Browser::new(server).allow(&asked, name, &["tasks:read", "tasks:write"]).await;
    login.handle_callback_url(page.location().as_str()).await.unwrap();
    login.into_authorization_manager().unwrap()
}

async fn connected(server: &Server, name: &str, era: Era) -> Connected {
    let client = AuthClient::new(reqwest::Client::new(), logged_in(server, name).await);
    let config = TransportConfig::with_uri(format!("{}/mcp", server.base));
    let transport = StreamableHttpClientTransport::with_client(client, config);
    let (host, shown) = mpsc::unbounded_channel();
    Connected { client: Host(host).serve_with_lifecycle(transport, era.lifecycle()).await.unwrap(), shown }
}

#[rstest]
#[tokio::test]
async fn from_log_in_to_undo(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[values(Era::Sessions, Era::Requests)] era: Era,
) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let ann = server.user("ann").await;
    let mut host = connected(&server, "ann", era).await;
    assert_eq!(host.client.list_all_tools().await.unwrap().len(), 8);

    let tasks: Vec<_> = (0..12).map(|n| json!({"title": format!("Task {n}")})).collect();
    let made = host.call("create_tasks", json!({"tasks": tasks})).await;
    let ids: Vec<_> = made["tasks"].as_array().unwrap().iter().map(|task| task["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 12);
    for step in [5., 10., 12.] {
        assert_eq!(host.next().await, Shown::Step(step));
    }

    let changed = host.call("update_tasks", json!({"updates": [{"id": ids[0], "title": "Call Ann"}]})).await;
    assert_eq!(changed["tasks"][0]["title"], "Call Ann");

    watched(&mut host, era, &format!("task://{}", ids[1]), json!({"ids": [ids[1], ids[2]]})).await;

    let gone = host.call("delete_tasks", json!({"ids": [ids[3]]})).await;
    assert_eq!(gone["deleted"][0]["id"], ids[3]);
    let Shown::Question(question) = host.next().await else { panic!("not asked") };
    assert!(question.contains("Task 3"), "{question}");
    assert_eq!(host.call("list_tasks", json!({})).await["total"], 9);
    assert_eq!(host.call("undo", json!({})).await["tasks"][0]["id"], ids[3]);
    assert_eq!(ann.tasks().await.len(), 12);
}

/// Completing tasks is told to who watches one of them.
async fn watched(host: &mut Connected, era: Era, uri: &str, ids: Value) {
    match era {
        Era::Sessions => {
            #[expect(deprecated, reason = "it is what older clients send")]
            host.client.subscribe(SubscribeRequestParams::new(uri)).await.unwrap();
            host.call("complete_tasks", ids).await;
            assert_eq!(host.next().await, Shown::Change(uri.to_owned()));
        }
        Era::Requests => {
            let filter = SubscriptionFilter::builder().resource_subscriptions([uri.to_owned()]).build();
            let mut changes = host.client.listen(filter).await.unwrap();
            host.call("complete_tasks", ids).await;
            tokio::time::timeout(Duration::from_secs(5), changes.next()).await.expect("heard in time").unwrap();
        }
    }
}
