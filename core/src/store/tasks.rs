//! The SQL of tasks. A deleted task keeps its row: `undo` brings it back.

use chrono::{DateTime, NaiveDate, Utc};

use super::{Conn, NEVER, Tx, on, tx::Writing, writing};
use crate::{
    error::Result,
    id::{RoomId, TaskId, UserId},
    slice::Slice,
    task::{Due, Priority, Status, Task, TaskSet},
};

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: TaskId,
    number: i64,
    user_id: UserId,
    title: String,
    description: String,
    status: Status,
    priority: Priority,
    due_at: Option<DateTime<Utc>>,
    due_day: Option<NaiveDate>,
    room_id: Option<RoomId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Row> for Task {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            number: row.number,
            user: row.user_id,
            title: row.title,
            description: row.description,
            status: row.status,
            priority: row.priority,
            due: row.due_at.map(|at| Due { at, day: row.due_day }),
            room: row.room_id,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

macro_rules! columns {
    () => {
        "id, number, user_id, title, description, status, priority, due_at, due_day, room_id, version, created_at,
        updated_at"
    };
}

pub(super) use columns;

fn search_text(task: &Task) -> String {
    format!("{}\n{}", task.title, task.description).to_lowercase()
}

/// Adds a task; its number is the database's.
pub(crate) async fn add(tx: &mut Tx, mut task: Task) -> Result<Task> {
    const SQL: Writing = writing!(
        "INSERT INTO tasks (id, user_id, title, description, search, status, priority, due_at, due_day,
            due_sort, room_id, version, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING number"
    );
    let sql = tx.sql(&SQL);
    task.number = on!(tx.conn, c => sqlx::query_scalar(sql)
        .bind(task.id).bind(task.user).bind(&task.title).bind(&task.description).bind(search_text(&task))
        .bind(task.status).bind(task.priority)
        .bind(task.due.map(|due| due.at)).bind(task.due.and_then(|due| due.day))
        .bind(task.due.map_or(NEVER, |due| due.at)).bind(task.room)
        .bind(task.version).bind(task.created_at).bind(task.updated_at)
        .fetch_one(c).await?);
    Ok(task)
}

/// Replaces what can change of a task; one that was deleted is there again.
pub(crate) async fn replace(tx: &mut Tx, task: &Task) -> Result<()> {
    const SQL: Writing = writing!(
        "UPDATE tasks SET title = $2, description = $3, search = $4, status = $5, priority = $6,
            due_at = $7, due_day = $8, due_sort = $9, version = $10, updated_at = $11, deleted_at = NULL
        WHERE id = $1"
    );
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql)
        .bind(task.id).bind(&task.title).bind(&task.description).bind(search_text(task))
        .bind(task.status).bind(task.priority)
        .bind(task.due.map(|due| due.at)).bind(task.due.and_then(|due| due.day))
        .bind(task.due.map_or(NEVER, |due| due.at))
        .bind(task.version).bind(task.updated_at)
        .execute(c).await.map(|_| ())?);
    Ok(())
}

/// Takes a task away; the row stays.
pub(crate) async fn delete(tx: &mut Tx, task: TaskId, now: DateTime<Utc>) -> Result<()> {
    const SQL: Writing = writing!("UPDATE tasks SET deleted_at = $2, version = version + 1 WHERE id = $1");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(task).bind(now).execute(c).await.map(|_| ())?);
    Ok(())
}

/// The task with this id, whosever it is.
pub(crate) async fn by_id(conn: &mut Conn, id: TaskId) -> Result<Option<Task>> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM tasks WHERE id = $1 AND deleted_at IS NULL");
    let row: Option<Row> = on!(conn, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await?);
    Ok(row.map(Task::from))
}

/// The task with this number, whosever it is.
pub(crate) async fn by_number(conn: &mut Conn, number: i64) -> Result<Option<Task>> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM tasks WHERE number = $1 AND deleted_at IS NULL");
    let row: Option<Row> = on!(conn, c => sqlx::query_as(SQL).bind(number).fetch_optional(c).await?);
    Ok(row.map(Task::from))
}

/// The version of a task's row, deleted or not.
pub(crate) async fn version(conn: &mut Conn, id: TaskId) -> Result<Option<i64>> {
    const SQL: &str = "SELECT version FROM tasks WHERE id = $1";
    Ok(on!(conn, c => sqlx::query_scalar(SQL).bind(id).fetch_optional(c).await?))
}

/// All tasks of a user, the newest first; at most `limit` of them, before the one with the number `before`.
pub(crate) async fn all(conn: &mut Conn, user: UserId, limit: i64, before: i64) -> Result<Vec<Task>> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM tasks WHERE user_id = $1 AND deleted_at IS NULL AND number < $2 ORDER BY number DESC LIMIT $3 + 0"
    );
    let rows: Vec<Row> = on!(conn, c => sqlx::query_as(SQL).bind(user).bind(before).bind(limit).fetch_all(c).await?);
    Ok(rows.into_iter().map(Task::from).collect())
}

/// All tasks of a user that are not put away, by age: what a board shows; at most `limit` of them, after the one with the number `after`.
pub(crate) async fn board(conn: &mut Conn, user: UserId, limit: i64, after: i64) -> Result<Vec<Task>> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM tasks WHERE user_id = $1 AND deleted_at IS NULL AND status <> 'archived' AND number > $2 ORDER BY number LIMIT $3 + 0"
    );
    let rows: Vec<Row> = on!(conn, c => sqlx::query_as(SQL).bind(user).bind(after).bind(limit).fetch_all(c).await?);
    Ok(rows.into_iter().map(Task::from).collect())
}

/// A [`TaskSet`] in SQL: the condition of the index that serves it, word for word, for `SQLite` does not see otherwise that the index
/// has all that is wanted.
macro_rules! in_set {
    (All) => {
        ""
    };
    (Open) => {
        " AND status IN ('pending', 'in_progress')"
    };
    (Completed) => {
        " AND status = 'completed'"
    };
    (Archived) => {
        " AND status = 'archived'"
    };
}

pub(super) use in_set;

/// Tasks of a user, the newest first.
pub(crate) async fn newest(conn: &mut Conn, user: UserId, set: TaskSet, slice: Slice) -> Result<Vec<Task>> {
    macro_rules! newest {
        ($set:ident) => {
            concat!(
                "SELECT ",
                columns!(),
                " FROM tasks WHERE user_id = $1 AND deleted_at IS NULL",
                in_set!($set),
                " ORDER BY number DESC LIMIT $2 + 0 OFFSET $3"
            )
        };
    }
    let sql = match set {
        TaskSet::All => newest!(All),
        TaskSet::Open => newest!(Open),
        TaskSet::Completed => newest!(Completed),
        TaskSet::Archived => newest!(Archived),
    };
    let rows: Vec<Row> = on!(conn, c =>
        sqlx::query_as(sql).bind(user).bind(slice.limit).bind(slice.offset).fetch_all(c).await?);
    Ok(rows.into_iter().map(Task::from).collect())
}
