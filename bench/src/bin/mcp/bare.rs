//! The bare server: the same two tools on rmcp alone, with one table. No token, no event, no journal, no total; each row
//! is a statement that commits by itself, which is the fastest way to insert one.

use std::{path::Path, sync::Arc};

use axum::Router;
use errand_bench::{Broken, kept::Kept, plain};
use rmcp::{
    ErrorData, Json, ServerHandler,
    handler::server::{router::tool::ToolRouter, wrapper::Parameters},
    schemars::{self, JsonSchema},
    tool, tool_handler, tool_router,
    transport::streamable_http_server::{
        StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
    },
};
use serde::{Deserialize, Serialize};
use sqlx::SqlitePool;

use crate::target::{TASKS, Target, tasks};

const TABLE: &str = "CREATE TABLE tasks (
    id INTEGER PRIMARY KEY, title TEXT NOT NULL, description TEXT, status TEXT NOT NULL DEFAULT 'pending', priority TEXT, due TEXT
)";

#[derive(Clone)]
struct Tasks {
    pool: SqlitePool,
    tools: ToolRouter<Self>,
}

#[derive(Deserialize, JsonSchema)]
struct NewTasks {
    tasks: Vec<NewTask>,
}

#[derive(Deserialize, JsonSchema)]
struct NewTask {
    title: String,
    description: Option<String>,
    priority: Option<String>,
    due: Option<String>,
}

#[derive(Serialize, JsonSchema, sqlx::FromRow)]
struct Task {
    id: i64,
    title: String,
    status: String,
    priority: Option<String>,
    due: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Page {
    tasks: Vec<Task>,
}

#[tool_router]
impl Tasks {
    #[tool(description = "List the tasks")]
    async fn list_tasks(&self) -> Result<Json<Page>, ErrorData> {
        let list = "SELECT id, title, status, priority, due FROM tasks ORDER BY id LIMIT 20";
        Ok(Json(Page { tasks: sqlx::query_as(list).fetch_all(&self.pool).await.map_err(failed)? }))
    }

    #[tool(description = "Create tasks")]
    async fn create_tasks(&self, Parameters(new): Parameters<NewTasks>) -> Result<Json<Page>, ErrorData> {
        let insert = "INSERT INTO tasks (title, description, priority, due) VALUES ($1, $2, $3, $4)
            RETURNING id, title, status, priority, due";
        let mut tasks = Vec::with_capacity(new.tasks.len());
        for new in new.tasks {
            let row = sqlx::query_as(insert).bind(new.title).bind(new.description).bind(new.priority).bind(new.due);
            tasks.push(row.fetch_one(&self.pool).await.map_err(failed)?);
        }
        Ok(Json(Page { tasks }))
    }
}

#[tool_handler(router = self.tools)]
impl ServerHandler for Tasks {}

#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn failed(error: sqlx::Error) -> ErrorData {
    ErrorData::internal_error(error.to_string(), None)
}

/// Serves it on a fresh file in `folder`.
pub(crate) async fn start(folder: &Path) -> Result<Target, Broken> {
    let database = folder.join("bare.db");
    let server = Tasks { pool: plain::database(&database, TABLE).await?, tools: Tasks::tool_router() };
    server.create_tasks(Parameters(serde_json::from_value(tasks(TASKS))?)).await?;
    let service = StreamableHttpService::new(
        move || Ok(server.clone()),
        Arc::new(LocalSessionManager::default()),
        StreamableHttpServerConfig::default().with_json_response(true),
    );
    let address = plain::serve(Router::new().nest_service("/mcp", service)).await?;
    let kept = Kept { database, counts: &[("tasks", "SELECT COUNT(*) FROM tasks")] };
    Target::new("bare", address, [None, None], kept)?.checked().await
}
