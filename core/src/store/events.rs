//! Events as rows: numbered without holes per topic, because the number is taken in the transaction that writes the event.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{Conn, on};
use crate::{
    error::Result,
    event::{Event, Topic},
    feed::Delivered,
};

/// Takes the topic's row, so that a second writer for it waits here.
pub(super) async fn lock(conn: &mut PgConnection, topic: Topic) -> Result<()> {
    const SQL: &str =
        "INSERT INTO topics (topic, seq) VALUES ($1, 0) ON CONFLICT (topic) DO UPDATE SET seq = topics.seq";
    sqlx::query(SQL).bind(topic.to_string()).execute(conn).await?;
    Ok(())
}

/// Stores `events` with the topic's next numbers.
pub(super) async fn store(
    conn: &mut Conn,
    topic: Topic,
    now: DateTime<Utc>,
    events: Vec<Event>,
) -> Result<Vec<Delivered>> {
    const TAKE: &str = "INSERT INTO topics (topic, seq) VALUES ($1, $2)
        ON CONFLICT (topic) DO UPDATE SET seq = topics.seq + $2 RETURNING seq";
    const STORE: &str = "INSERT INTO events (topic, seq, about, body, created_at) VALUES ($1, $2, $3, $4, $5)";
    let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
    if count == 0 {
        return Ok(Vec::new());
    }
    let name = topic.to_string();
    let last: i64 = on!(conn, c => sqlx::query_scalar(TAKE).bind(&name).bind(count).fetch_one(c).await?);
    let mut stored = Vec::with_capacity(events.len());
    for (seq, event) in (last - count + 1..).zip(events) {
        on!(conn, c => sqlx::query(STORE).bind(&name).bind(seq).bind(event.about()).bind(Json(&event)).bind(now)
            .execute(c).await.map(|_| ())?);
        stored.push(Delivered::new(topic, seq, now, event));
    }
    Ok(stored)
}

/// The topic's newest number; 0 before the first event.
pub(crate) async fn newest(conn: &mut Conn, topic: Topic) -> Result<i64> {
    const SQL: &str = "SELECT seq FROM topics WHERE topic = $1";
    let seq: Option<i64> = on!(conn, c => sqlx::query_scalar(SQL).bind(topic.to_string()).fetch_optional(c).await?);
    Ok(seq.unwrap_or(0))
}

/// The events after `since` up to and with `until`, in order.
pub(crate) async fn between(conn: &mut Conn, topic: Topic, since: i64, until: i64) -> Result<Vec<Delivered>> {
    const SQL: &str =
        "SELECT seq, created_at, body FROM events WHERE topic = $1 AND seq > $2 AND seq <= $3 ORDER BY seq";
    let rows: Vec<(i64, DateTime<Utc>, Json<Event>)> = on!(conn, c =>
        sqlx::query_as(SQL).bind(topic.to_string()).bind(since).bind(until).fetch_all(c).await?);
    Ok(rows.into_iter().map(|(seq, at, Json(event))| Delivered::new(topic, seq, at, event)).collect())
}

/// Rewrites what was told about a row that is gone, so that nothing of it stays in the log of events.
pub(crate) async fn rewrite(conn: &mut Conn, topic: Topic, about: Uuid, event: &Event) -> Result<()> {
    const SQL: &str = "UPDATE events SET body = $3 WHERE about = $2 AND topic = $1";
    on!(conn, c => sqlx::query(SQL).bind(topic.to_string()).bind(about).bind(Json(event)).execute(c).await.map(|_| ())?);
    Ok(())
}
