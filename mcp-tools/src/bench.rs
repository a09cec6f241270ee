//! Where the tools are tested: real databases, accounts, and a clock that stands still.

use chrono::{DateTime, Utc};
use errand_core::{Account, App, Caller, Clock, Door, Store, account::Registration, store::Options};
use serde_json::{Value, json};

use crate::{
    assent::Assent,
    tool::Failure,
    toolbox::{Context, Toolbox},
    tools,
    watch::Watch,
};

/// The service on a database of its own, for one test. It is Saturday 2026-11-21, ten o'clock in Madrid.
pub(crate) struct Bench {
    pub(crate) app: App,
    pub(crate) ann: Caller,
    toolbox: Toolbox,
    database: Option<String>,
    _folder: tempfile::TempDir,
}

impl Bench {
    /// On `SQLite`, with ann, who lives in Madrid.
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("errand.db");
        Self::on(format!("sqlite:{}", path.display()), folder).await
    }

    /// One on each database: `SQLite`, and `PostgreSQL` where it can be reached.
    pub(crate) async fn each() -> Vec<Self> {
        let mut benches = vec![Self::new().await];
        if let Some(database) = postgres::create().await {
            let url = format!("{}/{database}", postgres::SERVER);
            let bench = Self::on(url, tempfile::tempdir().unwrap()).await;
            benches.push(Self { database: Some(database), ..bench });
        }
        benches
    }

    /// Takes a database on a server away again.
    pub(crate) async fn end(self) {
        self.app.store.close().await;
        if let Some(database) = self.database {
            postgres::remove(&database).await;
        }
    }

    async fn on(url: String, folder: tempfile::TempDir) -> Self {
        let store = Store::open(&Options { url, connections: 4, replay: 100 }).await.unwrap();
        let now: DateTime<Utc> = "2026-11-21T09:00:00Z".parse().unwrap();
        let app = App::new(store, Clock::fixed(now));
        let ann = caller(&app, "ann", "Europe/Madrid").await;
        Self { app, ann, toolbox: tools::all(), database: None, _folder: folder }
    }

    /// Somebody else.
    pub(crate) async fn caller(&self, name: &str, zone: &str) -> Caller {
        caller(&self.app, name, zone).await
    }

    /// Calls a tool for `caller`: the output and whether the call is an error; a text when there is no output.
    pub(crate) async fn call_as(&self, caller: &Caller, tool: &str, arguments: Value) -> (Value, bool) {
        let Value::Object(arguments) = arguments else { panic!("arguments must be an object") };
        let context = Context { app: &self.app, caller, watch: &Watch::default(), assent: &Assent::default() };
        match self.toolbox.call(context, tool, arguments).await.expect("there is such a tool") {
            Ok(output) => (output.data, false),
            Err(Failure::Nothing(output)) => (output, true),
            Err(Failure::Refused(why)) => (Value::String(why), true),
        }
    }

    /// Calls a tool for ann.
    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> (Value, bool) {
        self.call_as(&self.ann, tool, arguments).await
    }

    /// What a tool answers ann, when something went through.
    pub(crate) async fn ok(&self, tool: &str, arguments: Value) -> Value {
        let (output, is_error) = self.call(tool, arguments).await;
        assert!(!is_error, "{tool} failed: {output}");
        output
    }

    /// The text with which a tool refuses ann's call.
    pub(crate) async fn refused(&self, tool: &str, arguments: Value) -> String {
        match self.call(tool, arguments).await {
            (Value::String(why), true) => why,
            (other, _) => panic!("{tool} did not refuse: {other}"),
        }
    }

    /// The message of the one item that fails.
    pub(crate) async fn item_error(&self, tool: &str, arguments: Value) -> Value {
        let (output, _) = self.call(tool, arguments).await;
        let errors = output["errors"].as_array().unwrap_or_else(|| panic!("{tool} has no errors: {output}"));
        assert_eq!(errors.len(), 1, "{output}");
        errors[0].clone()
    }

    /// Makes tasks with these titles and answers their ids.
    pub(crate) async fn tasks(&self, titles: &[&str]) -> Vec<String> {
        let tasks: Vec<_> = titles.iter().map(|title| json!({"title": title})).collect();
        let made = self.ok("create_tasks", json!({"tasks": tasks})).await;
        ids(&made)
    }

    /// The titles of ann's open tasks, the newest first.
    pub(crate) async fn titles(&self) -> Vec<String> {
        let listed = self.ok("list_tasks", json!({"sort": "created", "limit": 100})).await;
        strings(&listed["tasks"], "title")
    }
}

async fn caller(app: &App, name: &str, zone: &str) -> Caller {
    let registration =
        Registration { username: name.into(), email: format!("{name}@example.com"), password: "correct horse".into() };
    let account = app.register(registration).await.unwrap();
    Caller::new(&Account { time_zone: Some(zone.into()), ..account }, Door::Mcp { client: "bench".into() })
}

/// The ids of an output's tasks.
pub(crate) fn ids(output: &Value) -> Vec<String> {
    strings(&output["tasks"], "id")
}

/// A field of each object of an array.
pub(crate) fn strings(items: &Value, field: &str) -> Vec<String> {
    let items = items.as_array().unwrap_or_else(|| panic!("not an array: {items}"));
    items.iter().map(|item| item[field].as_str().unwrap_or_default().to_owned()).collect()
}

mod postgres {
    use sqlx::{Connection, PgConnection};

    pub(super) const SERVER: &str = "postgres://root@127.0.0.1:5432";

    async fn run(statement: String) -> Result<(), sqlx::Error> {
        let mut connection = PgConnection::connect(&format!("{SERVER}/postgres")).await?;
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await.map(drop)
    }

    /// A new database; `None`, said aloud, when there is no server.
    pub(super) async fn create() -> Option<String> {
        let name = format!("errand_tools_{}", errand_core::id::fresh().simple());
        match run(format!("CREATE DATABASE {name}")).await {
            Ok(()) => Some(name),
            Err(error) => {
                println!("skipped on PostgreSQL: {error}");
                None
            }
        }
    }

    pub(super) async fn remove(name: &str) {
        run(format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
    }
}
