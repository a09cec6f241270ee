//! The usual handler: axum, a pool of eight `SQLite` connections, one `INSERT` in one transaction.
//!
//! It writes the same row into the same table with the same indexes, and nothing else: no token, no event, no journal.

use std::path::Path;

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use chrono::{DateTime, Utc};
use errand_bench::{Broken, kept::Kept, load::Load, plain};
use serde::{Deserialize, Serialize};
use sqlx::SqlitePool;
use uuid::Uuid;

use crate::{TASK, Target};

const TABLE: &str = "
    CREATE TABLE tasks (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, user_id BLOB NOT NULL,
        title TEXT NOT NULL, description TEXT NOT NULL, search TEXT NOT NULL, status TEXT NOT NULL,
        priority SMALLINT NOT NULL, due_at TEXT, due_day DATE, due_sort TEXT NOT NULL, version BIGINT NOT NULL,
        created_at TEXT NOT NULL, updated_at TEXT NOT NULL, deleted_at TEXT
    );
    CREATE INDEX tasks_by_due ON tasks (user_id, due_sort, number) WHERE deleted_at IS NULL;
    CREATE INDEX tasks_by_age ON tasks (user_id, number) WHERE deleted_at IS NULL;
    CREATE INDEX tasks_by_priority ON tasks (user_id, priority DESC, due_sort, number) WHERE deleted_at IS NULL;";

#[derive(Deserialize)]
struct NewTask {
    title: String,
    description: String,
    priority: Priority,
    due_date: DateTime<Utc>,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Priority {
    Low = 1,
    Medium,
    High,
    Urgent,
}

#[derive(Serialize)]
struct Task {
    id: Uuid,
    title: String,
    description: String,
    status: &'static str,
    priority: Priority,
    due_date: DateTime<Utc>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    user_id: Uuid,
}

/// Serves the usual handler on a fresh file in `folder`.
pub(crate) async fn start(folder: &Path) -> Result<Target, Broken> {
    let database = folder.join("usual.db");
    let pool = plain::database(&database, TABLE).await?;
    let router = Router::new().route("/tasks", post(create)).with_state(pool);
    let address = plain::serve(router).await?;
    let counts = &[("tasks", "SELECT COUNT(*) FROM tasks")];
    Ok(Target { name: "usual", load: Load::post(address, "/tasks", TASK)?, kept: Kept { database, counts } })
}

async fn create(State(pool): State<SqlitePool>, Json(new): Json<NewTask>) -> Result<Json<Task>, StatusCode> {
    insert(&pool, new).await.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

#[expect(clippy::disallowed_methods, reason = "this is the handler that does without Errand's clock, ids and store")]
async fn insert(pool: &SqlitePool, new: NewTask) -> sqlx::Result<Task> {
    let (id, now) = (Uuid::now_v7(), Utc::now());
    let search = format!("{}\n{}", new.title, new.description).to_lowercase();
    let mut tx = pool.begin().await?;
    sqlx::query(
        "INSERT INTO tasks (id, user_id, title, description, search, status, priority, due_at, due_sort, version,
            created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, 'pending', $6, $7, $7, 1, $8, $8)",
    )
    .bind(id)
    .bind(Uuid::nil())
    .bind(&new.title)
    .bind(&new.description)
    .bind(search)
    .bind(new.priority as i16)
    .bind(new.due_date)
    .bind(now)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(Task {
        id,
        title: new.title,
        description: new.description,
        status: "pending",
        priority: new.priority,
        due_date: new.due_date,
        created_at: now,
        updated_at: now,
        user_id: Uuid::nil(),
    })
}
