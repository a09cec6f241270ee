//! The SQL of chatrooms: the rooms themselves here, a file for each of the things in them.

pub(crate) mod files;
pub(crate) mod invites;
pub(crate) mod keys;
pub(crate) mod members;
pub(crate) mod mentions;
pub(crate) mod messages;
pub(crate) mod reactions;
pub(crate) mod summaries;

use chrono::{DateTime, Utc};

use super::{Conn, Tx, names::part, on, tx::Writing, writing};
use crate::{
    chatroom::{Chatroom, Entry, LastMessage, Role, Settings},
    error::Result,
    id::{RoomId, RoomMessageId, UserId},
    slice::Slice,
};

macro_rules! chatroom {
    () => {
        "rooms.id, rooms.name, description, is_private, max_members, auto_summary_enabled, summary_threshold,
        chatrooms.key_version, needed_key_version, rooms.created_at, updated_at,
        (SELECT COUNT(*) FROM members AS people WHERE people.room_id = rooms.id AND NOT people.is_assistant) AS member_count,
        (SELECT people.user_id FROM members AS people WHERE people.room_id = rooms.id AND people.role = 'owner'
            ORDER BY people.number LIMIT 1) AS owner_id"
    };
}

/// Makes a chatroom, without anybody in it.
pub(crate) async fn add(
    tx: &mut Tx,
    room: RoomId,
    settings: &Settings,
    is_private: bool,
    now: DateTime<Utc>,
) -> Result<()> {
    const ROOM: Writing = writing!("INSERT INTO rooms (id, kind, name, created_at) VALUES ($1, 'chatroom', $2, $3)");
    const CHATROOM: Writing = writing!(
        "INSERT INTO chatrooms (room_id, search, description, is_private, max_members, auto_summary_enabled,
            summary_threshold, key_version, needed_key_version, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 1, $8)"
    );
    let Settings { name, description, max_members, auto_summary_enabled, summary_threshold } = settings;
    let sql = tx.sql(&ROOM);
    on!(tx.conn, c => sqlx::query(sql).bind(room).bind(name).bind(now).execute(c).await.map(|_| ())?);
    let sql = tx.sql(&CHATROOM);
    on!(tx.conn, c => sqlx::query(sql).bind(room).bind(name.to_lowercase()).bind(description).bind(is_private)
        .bind(max_members).bind(auto_summary_enabled).bind(summary_threshold).bind(now)
        .execute(c).await.map(|_| ())?);
    Ok(())
}

/// Changes the settings of a chatroom.
pub(crate) async fn set(tx: &mut Tx, room: RoomId, settings: &Settings, now: DateTime<Utc>) -> Result<()> {
    const NAME: Writing = writing!("UPDATE rooms SET name = $2 WHERE id = $1");
    const REST: Writing = writing!(
        "UPDATE chatrooms SET search = $2, description = $3, max_members = $4, auto_summary_enabled = $5,
            summary_threshold = $6, updated_at = $7 WHERE room_id = $1"
    );
    let Settings { name, description, max_members, auto_summary_enabled, summary_threshold } = settings;
    let sql = tx.sql(&NAME);
    on!(tx.conn, c => sqlx::query(sql).bind(room).bind(name).execute(c).await.map(|_| ())?);
    let sql = tx.sql(&REST);
    on!(tx.conn, c => sqlx::query(sql).bind(room).bind(name.to_lowercase()).bind(description).bind(max_members)
        .bind(auto_summary_enabled).bind(summary_threshold).bind(now).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Deletes a chatroom with all that is in it.
pub(crate) async fn delete(tx: &mut Tx, room: RoomId, now: DateTime<Utc>) -> Result<()> {
    const SQL: Writing = writing!("DELETE FROM rooms WHERE id = $1");
    files::delete_of_room(tx, room, now).await?;
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(room).execute(c).await.map(|_| ())?);
    Ok(())
}

/// The chatroom with this id, whoever is in it.
pub(crate) async fn by_id(conn: &mut Conn, room: RoomId) -> Result<Option<Chatroom>> {
    const SQL: &str =
        concat!("SELECT ", chatroom!(), " FROM chatrooms JOIN rooms ON rooms.id = room_id WHERE room_id = $1");
    Ok(on!(conn, c => sqlx::query_as(SQL).bind(room).fetch_optional(c).await?))
}

/// What somebody is in a chatroom, with what of the room decides what may be done in it.
#[derive(sqlx::FromRow)]
pub(crate) struct Standing {
    /// None when they are not in it.
    pub(crate) role: Option<Role>,
    /// The number of the event that told that they came.
    pub(crate) joined_seq: Option<i64>,
    pub(crate) is_private: bool,
    pub(crate) key_version: i64,
    pub(crate) needed_key_version: i64,
}

/// What somebody is in a chatroom; none when there is no such chatroom.
pub(crate) async fn standing(conn: &mut Conn, room: RoomId, user: UserId) -> Result<Option<Standing>> {
    const SQL: &str = "SELECT role, joined_seq, is_private, key_version, needed_key_version FROM chatrooms
        LEFT JOIN members ON members.room_id = chatrooms.room_id AND user_id = $2 WHERE chatrooms.room_id = $1";
    Ok(on!(conn, c => sqlx::query_as(SQL).bind(room).bind(user).fetch_optional(c).await?))
}

/// The chatrooms that somebody is in whose name has `search` in it, the one that was entered last at first.
pub(crate) async fn of(conn: &mut Conn, user: UserId, search: &str, slice: Slice) -> Result<Vec<Entry>> {
    const SQL: &str = concat!(
        "SELECT mine.role, mine.joined_at, last.id AS last_id, last.encrypted_data, last.iv, last.key_version AS last_key,
            last.sender_id, username, last.created_at AS last_at, ",
        chatroom!(),
        ", (SELECT COUNT(*) FROM chat_messages WHERE chat_messages.room_id = mine.room_id AND seq > mine.read_seq
            AND chat_messages.sender_id <> mine.user_id AND deleted_at IS NULL) AS unread
        FROM members AS mine JOIN rooms ON rooms.id = mine.room_id JOIN chatrooms ON chatrooms.room_id = mine.room_id
        LEFT JOIN chat_messages AS last ON last.id = (SELECT id FROM chat_messages
            WHERE chat_messages.room_id = mine.room_id AND deleted_at IS NULL ORDER BY seq DESC LIMIT 1)
        LEFT JOIN accounts ON accounts.id = last.sender_id
        WHERE mine.user_id = $1 AND search LIKE '%' || $2 || '%' ESCAPE '\\'
        ORDER BY mine.number DESC LIMIT $3 + 0 OFFSET $4 + 0"
    );
    let rows: Vec<Row> = on!(conn, c => sqlx::query_as(SQL).bind(user).bind(part(search)).bind(slice.limit)
        .bind(slice.offset).fetch_all(c).await?);
    Ok(rows.into_iter().map(Entry::from).collect())
}

#[derive(sqlx::FromRow)]
struct Row {
    role: Role,
    joined_at: DateTime<Utc>,
    unread: i64,
    #[sqlx(flatten)]
    chatroom: Chatroom,
    last_id: Option<RoomMessageId>,
    encrypted_data: Option<String>,
    iv: Option<String>,
    last_key: Option<i64>,
    sender_id: Option<UserId>,
    username: Option<String>,
    last_at: Option<DateTime<Utc>>,
}

impl From<Row> for Entry {
    fn from(row: Row) -> Self {
        let Row { role, joined_at, unread, chatroom, .. } = row;
        let last = || {
            Some(LastMessage {
                id: row.last_id?,
                content: messages::envelope(row.encrypted_data, row.iv, row.last_key)?,
                sender: row.sender_id?,
                username: row.username?,
                created_at: row.last_at?,
            })
        };
        Self { chatroom, role, joined_at, unread, last: last() }
    }
}

/// How many there are of these.
pub(crate) async fn count(conn: &mut Conn, user: UserId, search: &str) -> Result<i64> {
    const SQL: &str = "SELECT COUNT(*) FROM members JOIN chatrooms ON chatrooms.room_id = members.room_id
        WHERE user_id = $1 AND search LIKE '%' || $2 || '%' ESCAPE '\\'";
    Ok(on!(conn, c => sqlx::query_scalar(SQL).bind(user).bind(part(search)).fetch_one(c).await?))
}
