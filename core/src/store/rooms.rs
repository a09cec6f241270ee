//! The SQL of rooms, who takes part in them, and what is said there. [Chatrooms](super::chatrooms) are none of these.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Conn, Tx, on, tx::Writing, writing};
use crate::{
    error::Result,
    id::{RoomId, RoomMessageId, UserId},
    room::{Participant, Room, RoomKind, RoomMessage},
};

#[derive(sqlx::FromRow)]
struct Row {
    id: RoomId,
    number: i64,
    kind: RoomKind,
    name: Option<String>,
    created_at: DateTime<Utc>,
}

impl Row {
    fn with(self, participants: Vec<Participant>) -> Room {
        let Self { id, number, kind, name, created_at } = self;
        Room { id, number, kind, name, participants, created_at }
    }
}

/// Makes a direct room; none when these two have one already.
pub(crate) async fn add_direct(tx: &mut Tx, people: [UserId; 2], now: DateTime<Utc>) -> Result<Option<Room>> {
    add(tx, RoomKind::Direct, None, Some(direct_key(people)), &people, now).await
}

/// Makes a group.
pub(crate) async fn add_group(
    tx: &mut Tx,
    name: Option<&str>,
    people: &[UserId],
    now: DateTime<Utc>,
) -> Result<Option<Room>> {
    add(tx, RoomKind::Group, name, None, people, now).await
}

async fn add(
    tx: &mut Tx,
    kind: RoomKind,
    name: Option<&str>,
    direct_key: Option<String>,
    people: &[UserId],
    now: DateTime<Utc>,
) -> Result<Option<Room>> {
    // Two who ask at once: the second waits here for the first to commit, and adds nothing.
    const ADD: Writing = writing!(
        "INSERT INTO rooms (id, kind, name, direct_key, created_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (direct_key) DO NOTHING RETURNING id"
    );
    const LET_IN: Writing = writing!("INSERT INTO participants (room_id, user_id) VALUES ($1, $2)");
    let id = RoomId::fresh();
    let sql = tx.sql(&ADD);
    let added: Option<RoomId> = on!(tx.conn, c => sqlx::query_scalar(sql)
        .bind(id).bind(kind).bind(name).bind(direct_key).bind(now).fetch_optional(c).await?);
    if added.is_none() {
        return Ok(None);
    }
    for person in people {
        let sql = tx.sql(&LET_IN);
        on!(tx.conn, c => sqlx::query(sql).bind(id).bind(person).execute(c).await.map(|_| ())?);
    }
    by_id(&mut tx.conn, id).await
}

/// The key of the one direct room of two people, whoever of them asks.
fn direct_key(mut people: [UserId; 2]) -> String {
    people.sort();
    format!("{}:{}", people[0], people[1])
}

/// The direct room of two people.
pub(crate) async fn direct(conn: &mut Conn, people: [UserId; 2]) -> Result<Option<Room>> {
    const SQL: &str = "SELECT id, number, kind, name, created_at FROM rooms WHERE direct_key = $1";
    let row: Option<Row> = on!(conn, c => sqlx::query_as(SQL).bind(direct_key(people)).fetch_optional(c).await?);
    with_people(conn, row).await
}

/// The room with this id, whoever takes part.
pub(crate) async fn by_id(conn: &mut Conn, id: RoomId) -> Result<Option<Room>> {
    const SQL: &str = "SELECT id, number, kind, name, created_at FROM rooms WHERE id = $1 AND kind <> 'chatroom'";
    let row: Option<Row> = on!(conn, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await?);
    with_people(conn, row).await
}

async fn with_people(conn: &mut Conn, row: Option<Row>) -> Result<Option<Room>> {
    const SQL: &str = "SELECT accounts.id, accounts.username FROM participants JOIN accounts ON accounts.id = user_id
        WHERE room_id = $1 ORDER BY participants.number";
    let Some(row) = row else { return Ok(None) };
    let people = on!(conn, c => sqlx::query_as(SQL).bind(row.id).fetch_all(c).await?);
    Ok(Some(row.with(people)))
}

/// The rooms in which somebody takes part, the newest first; at most `limit` of them, after `after`.
pub(crate) async fn of(conn: &mut Conn, user: UserId, limit: i64, after: Option<RoomId>) -> Result<Vec<Room>> {
    // Ids sort by time; by them one index serves both the rooms and their order.
    const ROOMS: &str = "SELECT rooms.id, rooms.number, kind, name, created_at FROM participants
        JOIN rooms ON rooms.id = participants.room_id
        WHERE user_id = $1 AND participants.room_id < $2 AND kind <> 'chatroom'
        ORDER BY participants.room_id DESC LIMIT $3 + 0";
    const PEOPLE: &str = "SELECT people.room_id, accounts.id, accounts.username FROM participants AS mine
        JOIN rooms ON rooms.id = mine.room_id AND kind <> 'chatroom'
        JOIN participants AS people ON people.room_id = mine.room_id JOIN accounts ON accounts.id = people.user_id
        WHERE mine.user_id = $1 AND mine.room_id < $2 AND mine.room_id >= $3 ORDER BY mine.room_id DESC, people.number";
    #[derive(sqlx::FromRow)]
    struct Place {
        room_id: RoomId,
        #[sqlx(flatten)]
        participant: Participant,
    }
    let before = after.unwrap_or(RoomId(Uuid::max()));
    let rows: Vec<Row> = on!(conn, c => sqlx::query_as(ROOMS).bind(user).bind(before).bind(limit).fetch_all(c).await?);
    let Some(last) = rows.last() else { return Ok(Vec::new()) };
    let places: Vec<Place> =
        on!(conn, c => sqlx::query_as(PEOPLE).bind(user).bind(before).bind(last.id).fetch_all(c).await?);
    let mut people: HashMap<RoomId, Vec<Participant>> = HashMap::with_capacity(rows.len());
    for place in places {
        people.entry(place.room_id).or_default().push(place.participant);
    }
    // A room is made with its people: those of every room that was read are there.
    Ok(rows
        .into_iter()
        .map(|row| {
            let here = people.remove(&row.id).unwrap_or_default();
            row.with(here)
        })
        .collect())
}

/// Whether somebody takes part in a room; none when there is no such room.
pub(crate) async fn takes_part(conn: &mut Conn, room: RoomId, user: UserId) -> Result<Option<bool>> {
    const SQL: &str = "SELECT EXISTS (SELECT 1 FROM participants WHERE room_id = rooms.id AND user_id = $2)
        FROM rooms WHERE id = $1 AND kind <> 'chatroom'";
    Ok(on!(conn, c => sqlx::query_scalar(SQL).bind(room).bind(user).fetch_optional(c).await?))
}

/// Adds a message.
pub(crate) async fn say(
    tx: &mut Tx,
    room: RoomId,
    sender: UserId,
    content: String,
    now: DateTime<Utc>,
) -> Result<RoomMessage> {
    const SQL: Writing = writing!(
        "INSERT INTO room_messages (id, room_id, sender_id, content, created_at) VALUES ($1, $2, $3, $4, $5)
        RETURNING number"
    );
    let id = RoomMessageId::fresh();
    let sql = tx.sql(&SQL);
    let number = on!(tx.conn, c => sqlx::query_scalar(sql)
        .bind(id).bind(room).bind(sender).bind(&content).bind(now).fetch_one(c).await?);
    Ok(RoomMessage { id, number, room, sender, content, created_at: now })
}

/// The number of a message in a room.
pub(crate) async fn number(conn: &mut Conn, room: RoomId, message: RoomMessageId) -> Result<Option<i64>> {
    const SQL: &str = "SELECT number FROM room_messages WHERE id = $1 AND room_id = $2";
    Ok(on!(conn, c => sqlx::query_scalar(SQL).bind(message).bind(room).fetch_optional(c).await?))
}

/// The newest messages of a room with a lower number than `before`, at most `limit`, the oldest of them first.
pub(crate) async fn messages(conn: &mut Conn, room: RoomId, before: i64, limit: i64) -> Result<Vec<RoomMessage>> {
    const SQL: &str = "SELECT id, number, room_id, sender_id, content, created_at FROM room_messages
        WHERE room_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3 + 0";
    let mut messages: Vec<RoomMessage> =
        on!(conn, c => sqlx::query_as(SQL).bind(room).bind(before).bind(limit).fetch_all(c).await?);
    messages.reverse();
    Ok(messages)
}
