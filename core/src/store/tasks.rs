//! The SQL of tasks. A deleted task keeps its row: `undo` brings it back.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::{Conn, NEVER, Tx, names::part, on, tx::Writing, writing};
use crate::{
    error::Result,
    id::{TaskId, UserId},
    slice::Slice,
    task::{Cursor, Due, Priority, QUERY_WORDS, Status, Task, TaskFilter, TaskOrder, TaskSet, start_of},
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
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

macro_rules! columns {
    () => {
        "id, number, user_id, title, description, status, priority, due_at, due_day, version, created_at, updated_at"
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
            due_sort, version, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING number"
    );
    let sql = tx.sql(&SQL);
    task.number = on!(tx.conn, c => sqlx::query_scalar(sql)
        .bind(task.id).bind(task.user).bind(&task.title).bind(&task.description).bind(search_text(&task))
        .bind(task.status).bind(task.priority)
        .bind(task.due.map(|due| due.at)).bind(task.due.and_then(|due| due.day))
        .bind(task.due.map_or(NEVER, |due| due.at))
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

/// Tasks of a user, the newest first. Each set is the condition of the index that serves it, word for word: `SQLite` does not see
/// otherwise that the index has all that is wanted.
pub(crate) async fn newest(conn: &mut Conn, user: UserId, set: TaskSet, slice: Slice) -> Result<Vec<Task>> {
    macro_rules! newest {
        ($condition:literal) => {
            concat!(
                "SELECT ",
                columns!(),
                " FROM tasks WHERE user_id = $1 AND deleted_at IS NULL",
                $condition,
                " ORDER BY number DESC LIMIT $2 + 0 OFFSET $3"
            )
        };
    }
    let sql = match set {
        TaskSet::All => newest!(""),
        TaskSet::Open => newest!(" AND status IN ('pending', 'in_progress')"),
        TaskSet::Completed => newest!(" AND status = 'completed'"),
        TaskSet::Archived => newest!(" AND status = 'archived'"),
    };
    let rows: Vec<Row> = on!(conn, c =>
        sqlx::query_as(sql).bind(user).bind(slice.limit).bind(slice.offset).fetch_all(c).await?);
    Ok(rows.into_iter().map(Task::from).collect())
}

/// The conditions of a list, the same for the page and for the count; `bind_filter!` binds them.
macro_rules! matching {
    () => {
        " FROM tasks WHERE user_id = $1 AND deleted_at IS NULL
            AND ($2 IS NULL OR priority = $2)
            AND (status = $3 OR status = $4 OR status = $5 OR status = $6)
            AND ($7 IS NULL OR (due_day IS NOT NULL AND due_day >= $7) OR (due_day IS NULL AND due_at >= $8))
            AND ($9 IS NULL OR (due_day IS NOT NULL AND due_day <= $9) OR (due_day IS NULL AND due_at < $10))
            AND due_sort < $11
            AND ($12 IS NULL OR (search LIKE '%' || $12 || '%' ESCAPE '\\' AND search LIKE '%' || $13 || '%' ESCAPE '\\'
                AND search LIKE '%' || $14 || '%' ESCAPE '\\' AND search LIKE '%' || $15 || '%' ESCAPE '\\'
                AND search LIKE '%' || $16 || '%' ESCAPE '\\' AND search LIKE '%' || $17 || '%' ESCAPE '\\'
                AND search LIKE '%' || $18 || '%' ESCAPE '\\' AND search LIKE '%' || $19 || '%' ESCAPE '\\'))"
    };
}

/// What a page is made of: one trip to the database, and both of one moment.
macro_rules! listed {
    () => {
        concat!("SELECT ", columns!(), ", (SELECT COUNT(*)", matching!(), ") AS total")
    };
}

/// Binds what `matching!` names; the zone and the time come from the caller.
macro_rules! bind_filter {
    ($query:expr, $user:expr, $filter:expr, $zone:expr, $now:expr) => {{
        let statuses = statuses($filter);
        let words = words($filter);
        let (from, to) = ($filter.due_from, $filter.due_to);
        $query
            .bind($user)
            .bind($filter.priority)
            .bind(statuses[0])
            .bind(statuses[1])
            .bind(statuses[2])
            .bind(statuses[3])
            .bind(from)
            .bind(from.map(|day| start_of(day, $zone)))
            .bind(to)
            .bind(to.and_then(|day| day.succ_opt()).map(|day| start_of(day, $zone)))
            .bind(if $filter.overdue { $now } else { DateTime::<Utc>::from_timestamp_micros(FOREVER).unwrap_or(NEVER) })
            .bind(words[0].clone())
            .bind(words[1].clone())
            .bind(words[2].clone())
            .bind(words[3].clone())
            .bind(words[4].clone())
            .bind(words[5].clone())
            .bind(words[6].clone())
            .bind(words[7].clone())
    }};
}

/// After [`NEVER`], so that "not overdue only" leaves nothing out.
const FOREVER: i64 = 253_402_300_799_000_000;

/// The wanted statuses, the last one repeated to fill four places.
fn statuses(filter: &TaskFilter) -> [Status; 4] {
    const ALL: [Status; 4] = [Status::Pending, Status::InProgress, Status::Completed, Status::Archived];
    match filter.statuses.as_slice() {
        [] => ALL,
        [first, rest @ ..] => {
            let mut four = [*first; 4];
            for (place, status) in four[1..].iter_mut().zip(rest) {
                *place = *status;
            }
            four
        }
    }
}

/// The wanted words; those that are missing match everything, and without any the texts are not looked at. There are no more,
/// `App::tasks` sees to that.
fn words(filter: &TaskFilter) -> [Option<String>; QUERY_WORDS] {
    let mut words = filter.query.as_deref().unwrap_or_default().split_whitespace().peekable();
    let some = words.peek().is_some();
    std::array::from_fn(|_| some.then(|| part(words.next().unwrap_or_default())))
}

/// A task of a page, with how many match on all pages.
#[derive(sqlx::FromRow)]
struct Listed {
    #[sqlx(flatten)]
    task: Row,
    total: i64,
}

/// A page of at most `limit` tasks after `cursor`, and how many match on all pages.
pub(crate) async fn list(
    conn: &mut Conn,
    user: UserId,
    (zone, now): (Tz, DateTime<Utc>),
    filter: &TaskFilter,
    limit: i64,
    cursor: Option<Cursor>,
) -> Result<(Vec<Task>, i64)> {
    const DUE: &str = concat!(
        listed!(),
        matching!(),
        " AND (due_sort, number) > ($20, $22) AND $21 IS NOT NULL ORDER BY due_sort, number LIMIT $23 + 0"
    );
    const NEWEST: &str = concat!(
        listed!(),
        matching!(),
        " AND number < $22 AND $20 IS NOT NULL AND $21 IS NOT NULL ORDER BY number DESC LIMIT $23 + 0"
    );
    const PRIORITY: &str = concat!(
        listed!(),
        matching!(),
        " AND (priority < $21 OR (priority = $21 AND (due_sort, number) > ($20, $22)))
            ORDER BY priority DESC, due_sort, number LIMIT $23 + 0"
    );
    let first = match filter.order {
        TaskOrder::Due | TaskOrder::Priority => (DateTime::<Utc>::UNIX_EPOCH, i64::MIN),
        TaskOrder::Newest => (DateTime::<Utc>::UNIX_EPOCH, i64::MAX),
    };
    let (due, priority, number) =
        cursor.map_or((first.0, 5, first.1), |cursor| (cursor.due, cursor.priority as i16, cursor.number));
    let sql = match filter.order {
        TaskOrder::Due => DUE,
        TaskOrder::Newest => NEWEST,
        TaskOrder::Priority => PRIORITY,
    };
    let rows: Vec<Listed> = on!(conn, c => bind_filter!(sqlx::query_as(sql), user, filter, zone, now)
        .bind(due).bind(priority).bind(number).bind(limit).fetch_all(c).await?);
    let total = match (rows.first(), cursor) {
        (Some(first), _) => first.total,
        (None, None) => 0,
        (None, Some(_)) => count(conn, user, (zone, now), filter).await?, // nothing is left after the cursor
    };
    Ok((rows.into_iter().map(|row| row.task.into()).collect(), total))
}

/// How many tasks match.
pub(crate) async fn count(
    conn: &mut Conn,
    user: UserId,
    (zone, now): (Tz, DateTime<Utc>),
    filter: &TaskFilter,
) -> Result<i64> {
    const SQL: &str = concat!("SELECT COUNT(*)", matching!());
    Ok(on!(conn, c => bind_filter!(sqlx::query_scalar(SQL), user, filter, zone, now).fetch_one(c).await?))
}

/// Where a page that ended with `task` goes on.
pub(crate) fn cursor(task: &Task) -> Cursor {
    Cursor { due: task.due.map_or(NEVER, |due| due.at), priority: task.priority, number: task.number }
}
