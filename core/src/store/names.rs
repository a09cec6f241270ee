//! The SQL that finds tasks by what people call them.

use super::{
    Conn, on,
    tasks::{Row, columns},
};
use crate::{error::Result, id::UserId, task::Task};

/// Tasks of a user with exactly this title, without regard to case; at most six.
pub(crate) async fn titled(conn: &mut Conn, user: UserId, title: &str) -> Result<Vec<Task>> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM tasks WHERE user_id = $1 AND deleted_at IS NULL AND search LIKE $2 || '%' ESCAPE '\\' ORDER BY number DESC LIMIT 200"
    );
    let key = title.to_lowercase();
    let rows: Vec<Row> = on!(conn, c => sqlx::query_as(SQL).bind(user).bind(part(title)).fetch_all(c).await?);
    Ok(rows.into_iter().map(Task::from).filter(|task| task.title.to_lowercase() == key).take(6).collect())
}

/// Tasks of a user whose title or description has a word of `title`, the newest first, at most five: what may have been meant.
pub(crate) async fn alike(conn: &mut Conn, user: UserId, title: &str) -> Result<Vec<Task>> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM tasks WHERE user_id = $1 AND deleted_at IS NULL AND (search LIKE '%' || $2 || '%' ESCAPE '\\'
            OR search LIKE '%' || $3 || '%' ESCAPE '\\' OR search LIKE '%' || $4 || '%' ESCAPE '\\') ORDER BY number DESC LIMIT 5"
    );
    let mut words: Vec<&str> = title.split_whitespace().filter(|word| word.chars().count() > 2).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    let Some(longest) = words.first() else { return Ok(Vec::new()) };
    let word = |place: usize| part(words.get(place).unwrap_or(longest));
    let rows: Vec<Row> = on!(conn, c => sqlx::query_as(SQL).bind(user).bind(word(0)).bind(word(1)).bind(word(2))
        .fetch_all(c).await?);
    Ok(rows.into_iter().map(Task::from).collect())
}

/// Tasks of a user whose number begins with `digits` or whose title begins with `title`, the newest first.
pub(crate) async fn beginning(
    conn: &mut Conn,
    user: UserId,
    (digits, title): (Option<&str>, &str),
    limit: i64,
) -> Result<Vec<Task>> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM tasks WHERE user_id = $1 AND deleted_at IS NULL
            AND (CAST(number AS TEXT) LIKE $2 || '%' OR search LIKE $3 || '%' ESCAPE '\\') ORDER BY number DESC LIMIT $4 + 0"
    );
    let rows: Vec<Row> =
        on!(conn, c => sqlx::query_as(SQL).bind(user).bind(digits).bind(part(title)).bind(limit).fetch_all(c).await?);
    Ok(rows.into_iter().map(Task::from).collect())
}

/// Part of a text, as a `LIKE` pattern wants it, in the lower case of the column `search`.
pub(super) fn part(text: &str) -> String {
    text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
