//! The SQL of lists of tasks with filters: a page at a time, and how many match on all pages.
//!
//! A page is one statement, so that both are of one moment and the database is asked once. To tell something else of each task: a type
//! with its columns, and an `impl` of [`Listed`].

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use sqlx::{FromRow, postgres::PgRow, sqlite::SqliteRow};

use super::{
    Conn, NEVER,
    names::part,
    on,
    tasks::{Row, columns, in_set},
};
use crate::{
    error::Result,
    id::UserId,
    task::{Cursor, Due, Priority, QUERY_WORDS, Status, Task, TaskFilter, TaskLine, TaskOrder, TaskSet, start_of},
};

/// The conditions of a list, the same for the page and for the count; `bind_filter!` binds them. Most lists are a `set` and nothing
/// else: then the other conditions are not looked at, which takes longer than to read a row.
macro_rules! matching {
    () => {
        " FROM tasks WHERE user_id = $1 AND deleted_at IS NULL
            AND (status = $3 OR status = $4 OR status = $5 OR status = $6)
            AND due_sort < $11
            AND ($20 IS NOT NULL OR (($2 IS NULL OR priority = $2)
            AND ($7 IS NULL OR (due_day IS NOT NULL AND due_day >= $7) OR (due_day IS NULL AND due_at >= $8))
            AND ($9 IS NULL OR (due_day IS NOT NULL AND due_day <= $9) OR (due_day IS NULL AND due_at < $10))
            AND ($12 IS NULL OR (search LIKE '%' || $12 || '%' ESCAPE '\\' AND search LIKE '%' || $13 || '%' ESCAPE '\\'
                AND search LIKE '%' || $14 || '%' ESCAPE '\\' AND search LIKE '%' || $15 || '%' ESCAPE '\\'
                AND search LIKE '%' || $16 || '%' ESCAPE '\\' AND search LIKE '%' || $17 || '%' ESCAPE '\\'
                AND search LIKE '%' || $18 || '%' ESCAPE '\\' AND search LIKE '%' || $19 || '%' ESCAPE '\\'))))"
    };
}

/// How many match on all pages. What is asked for by its status only is counted in the index that has just that; no row is read for it.
macro_rules! total {
    () => {
        concat!(
            "CASE $20 WHEN 1 THEN ",
            total!(All),
            " WHEN 2 THEN ",
            total!(Open),
            " WHEN 3 THEN ",
            total!(Completed),
            " WHEN 4 THEN ",
            total!(Archived),
            " ELSE (SELECT COUNT(*)",
            matching!(),
            ") END"
        )
    };
    ($set:ident) => {
        concat!("(SELECT COUNT(*) FROM tasks WHERE user_id = $1 AND deleted_at IS NULL", in_set!($set), ")")
    };
}

/// The set that a filter is, as `total!` names it.
fn set(filter: &TaskFilter) -> Option<i16> {
    filter.set().map(|set| match set {
        TaskSet::All => 1,
        TaskSet::Open => 2,
        TaskSet::Completed => 3,
        TaskSet::Archived => 4,
    })
}

/// Binds what `total!` and `matching!` name; the zone and the time come from the caller.
macro_rules! bind_filter {
    ($query:expr, $user:expr, $filter:expr, $zone:expr, $now:expr) => {{
        let statuses = statuses($filter);
        let [one, two, three, four, five, six, seven, eight] = words($filter);
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
            .bind(one)
            .bind(two)
            .bind(three)
            .bind(four)
            .bind(five)
            .bind(six)
            .bind(seven)
            .bind(eight)
            .bind(set($filter))
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

/// What is told of each task of a page. Each column costs, so there are no more than that.
pub(crate) trait Listed: Sized {
    /// A row of a page, with how many match on all pages.
    type Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin;
    /// What is due first comes first.
    const DUE: &str;
    /// The newest first.
    const NEWEST: &str;
    /// The most important first.
    const PRIORITY: &str;

    /// A task, and how many match on all pages.
    fn of(row: Self::Row) -> (Self, i64);

    /// Where a page that ended with it goes on.
    fn cursor(&self) -> Cursor;
}

/// The three statements of [`Listed`], for these columns.
macro_rules! listed {
    ($columns:expr) => {
        const DUE: &str = concat!(
    listed!(of $columns),
            " AND (due_sort, number) > ($21, $23) AND $22 IS NOT NULL ORDER BY due_sort, number LIMIT $24 + 0"
        );
        const NEWEST: &str = concat!(
    listed!(of $columns),
            " AND number < $23 AND $21 IS NOT NULL AND $22 IS NOT NULL ORDER BY number DESC LIMIT $24 + 0"
        );
        const PRIORITY: &str = concat!(
    listed!(of $columns),
            " AND (priority < $22 OR (priority = $22 AND (due_sort, number) > ($21, $23)))
                ORDER BY priority DESC, due_sort, number LIMIT $24 + 0"
        );
    };
    (of $columns:expr) => {
        concat!("SELECT ", $columns, ", ", total!(), " AS total", matching!())
    };
}

/// All of a task.
#[derive(FromRow)]
pub(crate) struct Whole {
    #[sqlx(flatten)]
    task: Row,
    total: i64,
}

impl Listed for Task {
    type Row = Whole;
    listed!(columns!());

    fn of(Whole { task, total }: Whole) -> (Self, i64) {
        (task.into(), total)
    }

    fn cursor(&self) -> Cursor {
        place(self.number, self.priority, self.due)
    }
}

/// A line, its columns by their places: to look for their names takes longer than to read them.
type Line = (i64, String, Status, Priority, Option<DateTime<Utc>>, Option<NaiveDate>, i64);

impl Listed for TaskLine {
    type Row = Line;
    listed!("number, title, status, priority, due_at, due_day");

    fn of((number, title, status, priority, due_at, due_day, total): Line) -> (Self, i64) {
        let due = due_at.map(|at| Due { at, day: due_day });
        (Self { number, title, status, priority, due }, total)
    }

    fn cursor(&self) -> Cursor {
        place(self.number, self.priority, self.due)
    }
}

fn place(number: i64, priority: Priority, due: Option<Due>) -> Cursor {
    Cursor { due: due.map_or(NEVER, |due| due.at), priority, number }
}

/// A page of at most `limit` tasks after `cursor`, and how many match on all pages.
pub(crate) async fn list<T: Listed>(
    conn: &mut Conn,
    user: UserId,
    (zone, now): (Tz, DateTime<Utc>),
    filter: &TaskFilter,
    limit: i64,
    cursor: Option<Cursor>,
) -> Result<(Vec<T>, i64)> {
    let first = match filter.order {
        TaskOrder::Due | TaskOrder::Priority => (DateTime::<Utc>::UNIX_EPOCH, i64::MIN),
        TaskOrder::Newest => (DateTime::<Utc>::UNIX_EPOCH, i64::MAX),
    };
    let (due, priority, number) =
        cursor.map_or((first.0, 5, first.1), |cursor| (cursor.due, cursor.priority as i16, cursor.number));
    let sql = match filter.order {
        TaskOrder::Due => T::DUE,
        TaskOrder::Newest => T::NEWEST,
        TaskOrder::Priority => T::PRIORITY,
    };
    let rows: Vec<T::Row> = on!(conn, c => bind_filter!(sqlx::query_as(sql), user, filter, zone, now)
        .bind(due).bind(priority).bind(number).bind(limit).fetch_all(c).await?);
    let mut total = None;
    let tasks = rows.into_iter().map(T::of).map(|(task, all)| {
        total = Some(all);
        task
    });
    let tasks: Vec<_> = tasks.collect();
    let total = match (total, cursor) {
        (Some(total), _) => total,
        (None, None) => 0,
        (None, Some(_)) => count(conn, user, (zone, now), filter).await?, // nothing is left after the cursor
    };
    Ok((tasks, total))
}

/// How many tasks match.
pub(crate) async fn count(
    conn: &mut Conn,
    user: UserId,
    (zone, now): (Tz, DateTime<Utc>),
    filter: &TaskFilter,
) -> Result<i64> {
    const SQL: &str = concat!("SELECT ", total!());
    Ok(on!(conn, c => bind_filter!(sqlx::query_scalar(SQL), user, filter, zone, now).fetch_one(c).await?))
}
