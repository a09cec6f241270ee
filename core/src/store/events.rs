//! Events as rows: numbered without holes per topic, because the number is taken in the transaction that writes the event.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, QueryBuilder, types::Json};
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

/// What a transaction will do to the log of events before it commits.
pub(super) enum Entry {
    /// An event to store, and to tell of.
    Tell(Topic, DateTime<Utc>, Event),
    /// What was told about a row that is gone becomes this event, so that nothing of it stays in the log.
    Rewrite(Topic, Uuid, Event),
    /// All that was told on the topic goes.
    Forget(Topic),
}

/// Does what `entries` say, in their order, and answers the events that have to be told. All that lie between two others are
/// stored at once: the jobs of a group share the trips to the database.
pub(super) async fn store(conn: &mut Conn, entries: impl Iterator<Item = Entry>) -> Result<Vec<Arc<Delivered>>> {
    let (mut told, mut waiting) = (Vec::new(), Vec::new());
    for entry in entries {
        match entry {
            Entry::Tell(topic, at, event) => waiting.push((topic, at, event)),
            Entry::Rewrite(topic, about, event) => {
                told.extend(add(conn, std::mem::take(&mut waiting)).await?);
                rewrite(conn, topic, about, &event).await?;
            }
            Entry::Forget(topic) => {
                told.extend(add(conn, std::mem::take(&mut waiting)).await?);
                forget(conn, topic).await?;
            }
        }
    }
    told.extend(add(conn, waiting).await?);
    Ok(told)
}

/// Stores `events` with their topics' next numbers.
async fn add(conn: &mut Conn, events: Vec<(Topic, DateTime<Utc>, Event)>) -> Result<Vec<Arc<Delivered>>> {
    const STORE: &str = "INSERT INTO events (topic, seq, about, body, created_at) ";
    const ROWS: usize = 500; // five values a row; both databases take more than 30,000 in a statement
    let mut counts: Vec<(Topic, i64)> = Vec::new();
    for (topic, _, _) in &events {
        match counts.iter_mut().find(|(known, _)| known == topic) {
            Some((_, count)) => *count += 1,
            None => counts.push((*topic, 1)),
        }
    }
    counts.sort_unstable(); // two transactions that tell the same topics take them in the same order, or each would wait for the other
    let mut next = HashMap::with_capacity(counts.len());
    for (topic, count) in counts {
        next.insert(topic, take(conn, topic, count).await?);
    }
    let numbered = |(topic, at, event): (Topic, DateTime<Utc>, Event)| {
        let seq = next.entry(topic).or_default();
        *seq += 1;
        Arc::new(Delivered::new(topic, *seq - 1, at, event))
    };
    let told: Vec<Arc<Delivered>> = events.into_iter().map(numbered).collect();
    for rows in told.chunks(ROWS) {
        on!(conn, c => {
            let mut insert = QueryBuilder::new(STORE);
            insert.push_values(rows, |mut row, told| {
                row.push_bind(told.topic.to_string()).push_bind(told.seq).push_bind(told.event.about());
                row.push_bind(Json(&told.event)).push_bind(told.at);
            });
            insert.build().persistent(rows.len() == 1).execute(c).await.map(|_| ())?;
        });
    }
    Ok(told)
}

/// Takes the topic's next `count` numbers; the first of them.
async fn take(conn: &mut Conn, topic: Topic, count: i64) -> Result<i64> {
    const SQL: &str = "INSERT INTO topics (topic, seq) VALUES ($1, $2)
        ON CONFLICT (topic) DO UPDATE SET seq = topics.seq + $2 RETURNING seq";
    let last: i64 = on!(conn, c => sqlx::query_scalar(SQL).bind(topic.to_string()).bind(count).fetch_one(c).await?);
    Ok(last - count + 1)
}

/// The topic's newest number; 0 before the first event.
pub(crate) async fn newest(conn: &mut Conn, topic: Topic) -> Result<i64> {
    const SQL: &str = "SELECT seq FROM topics WHERE topic = $1";
    let seq: Option<i64> = on!(conn, c => sqlx::query_scalar(SQL).bind(topic.to_string()).fetch_optional(c).await?);
    Ok(seq.unwrap_or(0))
}

/// How far `topics` have come, those that have begun, in one trip: a socket follows as many rooms as its user joined.
pub(crate) async fn all_newest(conn: &mut PgConnection, topics: &[Topic]) -> Result<Vec<(Topic, i64)>> {
    const SQL: &str = "SELECT topic, seq FROM topics WHERE topic = ANY($1)";
    let by_name: HashMap<String, Topic> = topics.iter().map(|topic| (topic.to_string(), *topic)).collect();
    let names: Vec<&str> = by_name.keys().map(String::as_str).collect();
    let rows: Vec<(String, i64)> = sqlx::query_as(SQL).bind(names).fetch_all(conn).await?;
    Ok(rows.into_iter().filter_map(|(name, seq)| by_name.get(&name).map(|topic| (*topic, seq))).collect())
}

/// The first `limit` events after `since` up to and with `until`, in order.
pub(crate) async fn between(
    conn: &mut Conn,
    topic: Topic,
    (since, until): (i64, i64),
    limit: i64,
) -> Result<Vec<Delivered>> {
    const SQL: &str = "SELECT seq, created_at, body FROM events WHERE topic = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4 + 0";
    let rows: Vec<(i64, DateTime<Utc>, Json<Event>)> = on!(conn, c =>
        sqlx::query_as(SQL).bind(topic.to_string()).bind(since).bind(until).bind(limit)
            .fetch_all(c).await?);
    Ok(rows.into_iter().map(|(seq, at, Json(event))| Delivered::new(topic, seq, at, event)).collect())
}

async fn rewrite(conn: &mut Conn, topic: Topic, about: Uuid, event: &Event) -> Result<()> {
    const SQL: &str = "UPDATE events SET body = $3 WHERE about = $2 AND topic = $1";
    on!(conn, c => sqlx::query(SQL).bind(topic.to_string()).bind(about).bind(Json(event)).execute(c).await.map(|_| ())?);
    Ok(())
}

async fn forget(conn: &mut Conn, topic: Topic) -> Result<()> {
    const SQL: &str = "DELETE FROM events WHERE topic = $1";
    on!(conn, c => sqlx::query(SQL).bind(topic.to_string()).execute(c).await.map(|_| ())?);
    Ok(())
}
