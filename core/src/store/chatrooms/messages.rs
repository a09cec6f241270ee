//! The SQL of messages in chatrooms, and of reactions to them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::files;
use crate::{
    chatroom::{
        Attachment, ChatMessage, Envelope, MessageKind, NewChatMessage, Person, Reaction, SealedMessage, Wanted,
    },
    error::Result,
    id::{RoomId, RoomMessageId, UserId},
    store::{Conn, Tx, on, tx::Writing, writing},
};

macro_rules! message {
    () => {
        "SELECT chat_messages.id, room_id, seq, sender_id AS user_id, username, display_name, avatar, client_id,
            encrypted_data, iv, key_version, kind, reply_to, edited_at, deleted_at, chat_messages.created_at
        FROM chat_messages JOIN accounts ON accounts.id = sender_id "
    };
}

#[derive(sqlx::FromRow)]
struct Row {
    id: RoomMessageId,
    room_id: RoomId,
    seq: i64,
    #[sqlx(flatten)]
    sender: Person,
    client_id: Option<String>,
    encrypted_data: Option<String>,
    iv: Option<String>,
    key_version: Option<i64>,
    kind: MessageKind,
    reply_to: Option<RoomMessageId>,
    edited_at: Option<DateTime<Utc>>,
    deleted_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl Row {
    fn with(self, attachments: Vec<Attachment>, reactions: Vec<Reaction>) -> ChatMessage {
        let Self {
            id, room_id: room, seq, sender, client_id, kind, reply_to, edited_at, deleted_at, created_at, ..
        } = self;
        let content = envelope(self.encrypted_data, self.iv, self.key_version);
        ChatMessage {
            id,
            room,
            seq,
            sender,
            client_id,
            content,
            kind,
            reply_to,
            attachments,
            reactions,
            edited_at,
            deleted_at,
            created_at,
        }
    }
}

/// The envelope of a row; none when it was taken away.
pub(super) fn envelope(data: Option<String>, iv: Option<String>, key_version: Option<i64>) -> Option<Envelope> {
    Some(Envelope { encrypted_data: data?, iv: iv?, key_version: key_version? })
}

/// Remembers that an iv is used; false when it was used before.
pub(crate) async fn use_iv(tx: &mut Tx, room: RoomId, content: &Envelope) -> Result<bool> {
    const SQL: Writing = writing!(
        "INSERT INTO room_ivs (room_id, key_version, iv) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING key_version"
    );
    let sql = tx.sql(&SQL);
    let used: Option<i64> = on!(tx.conn, c => sqlx::query_scalar(sql).bind(room).bind(content.key_version)
        .bind(&content.iv).fetch_optional(c).await?);
    Ok(used.is_some())
}

/// Adds a message, of which the event with the number `seq` tells. It is later than all there are, by however little: a client that
/// asks for what was written before or after one of them gets the rest, and all of it.
pub(crate) async fn add(
    tx: &mut Tx,
    room: RoomId,
    (seq, sender): (i64, UserId),
    new: NewChatMessage,
    now: DateTime<Utc>,
) -> Result<RoomMessageId> {
    const LAST: &str = "SELECT created_at FROM chat_messages WHERE room_id = $1 ORDER BY seq DESC LIMIT 1";
    const ADD: Writing = writing!(
        "INSERT INTO chat_messages (id, room_id, seq, sender_id, client_id, encrypted_data, iv, key_version, kind,
            reply_to, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    );
    let last: Option<DateTime<Utc>> = on!(tx.conn, c => sqlx::query_scalar(LAST).bind(room).fetch_optional(c).await?);
    let at = last.map_or(now, |last| now.max(last + chrono::TimeDelta::microseconds(1)));
    let NewChatMessage { content, kind, reply_to, attachments: _, client_id } = new;
    let Envelope { encrypted_data, iv, key_version } = content;
    let id = RoomMessageId::fresh();
    let sql = tx.sql(&ADD);
    on!(tx.conn, c => sqlx::query(sql).bind(id).bind(room).bind(seq).bind(sender).bind(client_id).bind(encrypted_data)
        .bind(iv).bind(key_version).bind(kind).bind(reply_to).bind(at).execute(c).await.map(|_| ())?);
    Ok(id)
}

/// Replaces what a message says.
pub(crate) async fn edit(tx: &mut Tx, id: RoomMessageId, content: &Envelope, now: DateTime<Utc>) -> Result<()> {
    const SQL: Writing = writing!(
        "UPDATE chat_messages SET encrypted_data = $2, iv = $3, key_version = $4, edited_at = $5 WHERE id = $1"
    );
    let Envelope { encrypted_data, iv, key_version } = content;
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(id).bind(encrypted_data).bind(iv).bind(key_version).bind(now)
        .execute(c).await.map(|_| ())?);
    Ok(())
}

/// Takes away what a message says, what is attached to it, and the reactions to it. It keeps its place.
pub(crate) async fn delete(tx: &mut Tx, id: RoomMessageId, now: DateTime<Utc>) -> Result<()> {
    const MESSAGE: Writing = writing!(
        "UPDATE chat_messages SET encrypted_data = NULL, iv = NULL, key_version = NULL, deleted_at = $2 WHERE id = $1"
    );
    const REACTIONS: Writing = writing!("DELETE FROM chat_reactions WHERE message_id = $1");
    let sql = tx.sql(&MESSAGE);
    on!(tx.conn, c => sqlx::query(sql).bind(id).bind(now).execute(c).await.map(|_| ())?);
    let sql = tx.sql(&REACTIONS);
    on!(tx.conn, c => sqlx::query(sql).bind(id).execute(c).await.map(|_| ())?);
    files::delete_of_message(tx, id, now).await
}

/// The message with this id, whether or not it was taken away.
pub(crate) async fn by_id(conn: &mut Conn, room: RoomId, id: RoomMessageId) -> Result<Option<ChatMessage>> {
    const SQL: &str = concat!(message!(), "WHERE chat_messages.id = $1 AND room_id = $2");
    let row: Option<Row> = on!(conn, c => sqlx::query_as(SQL).bind(id).bind(room).fetch_optional(c).await?);
    alone(conn, row).await
}

/// The message to which its sender's client gave this id.
pub(crate) async fn by_client_id(
    conn: &mut Conn,
    room: RoomId,
    sender: UserId,
    client_id: &str,
) -> Result<Option<ChatMessage>> {
    const SQL: &str = concat!(message!(), "WHERE room_id = $1 AND sender_id = $2 AND client_id = $3");
    let row: Option<Row> =
        on!(conn, c => sqlx::query_as(SQL).bind(room).bind(sender).bind(client_id).fetch_optional(c).await?);
    alone(conn, row).await
}

async fn alone(conn: &mut Conn, row: Option<Row>) -> Result<Option<ChatMessage>> {
    Ok(match row {
        Some(row) => whole(conn, vec![row]).await?.pop(),
        None => None,
    })
}

/// The newest messages of a room with numbers between these two, at most `limit` after `offset` newer ones, the newest first.
pub(crate) async fn between(
    conn: &mut Conn,
    room: RoomId,
    (after, before): (i64, i64),
    (limit, offset): (i64, i64),
) -> Result<Vec<ChatMessage>> {
    const SQL: &str = concat!(
        message!(),
        "WHERE room_id = $1 AND seq > $2 AND seq < $3 ORDER BY seq DESC LIMIT $4 + 0 OFFSET $5 + 0"
    );
    let rows: Vec<Row> = on!(conn, c => sqlx::query_as(SQL).bind(room).bind(after).bind(before).bind(limit).bind(offset)
        .fetch_all(c).await?);
    whole(conn, rows).await
}

/// A message that was not taken away, without what others made of it.
macro_rules! sealed_message {
    () => {
        "SELECT id, seq, sender_id, kind, encrypted_data, iv, key_version, reply_to, created_at FROM chat_messages "
    };
}

pub(super) use sealed_message;

#[derive(sqlx::FromRow)]
pub(super) struct SealedRow {
    id: RoomMessageId,
    seq: i64,
    sender_id: UserId,
    kind: MessageKind,
    encrypted_data: String,
    iv: String,
    key_version: i64,
    reply_to: Option<RoomMessageId>,
    created_at: DateTime<Utc>,
}

impl From<SealedRow> for SealedMessage {
    fn from(row: SealedRow) -> Self {
        let SealedRow { id, seq, sender_id: sender, kind, encrypted_data, iv, key_version, reply_to, created_at } = row;
        Self { id, seq, sender, kind, content: Envelope { encrypted_data, iv, key_version }, reply_to, created_at }
    }
}

/// The newest messages that were not taken away and are wanted, with numbers from `first` to below `below`, the newest first. The
/// times of what is wanted are these numbers.
pub(crate) async fn sealed(
    conn: &mut Conn,
    room: RoomId,
    (first, below): (i64, i64),
    Wanted { kind, sender, from: _, to: _ }: Wanted,
    limit: i64,
) -> Result<Vec<SealedMessage>> {
    const SQL: &str = concat!(
        sealed_message!(),
        "WHERE room_id = $1 AND seq >= $2 AND seq < $3 AND deleted_at IS NULL
            AND ($4 IS NULL OR kind = $4) AND ($5 IS NULL OR sender_id = $5) ORDER BY seq DESC LIMIT $6 + 0"
    );
    let rows: Vec<SealedRow> = on!(conn, c => sqlx::query_as(SQL).bind(room).bind(first).bind(below).bind(kind)
        .bind(sender).bind(limit).fetch_all(c).await?);
    Ok(rows.into_iter().map(SealedMessage::from).collect())
}

/// How many messages there are with numbers between these two.
pub(crate) async fn count(conn: &mut Conn, room: RoomId, (after, before): (i64, i64)) -> Result<i64> {
    const SQL: &str = "SELECT COUNT(*) FROM chat_messages WHERE room_id = $1 AND seq > $2 AND seq < $3";
    Ok(on!(conn, c => sqlx::query_scalar(SQL).bind(room).bind(after).bind(before).fetch_one(c).await?))
}

/// The number of the first message that was written at this time or later.
pub(crate) async fn first_from(conn: &mut Conn, room: RoomId, at: DateTime<Utc>) -> Result<Option<i64>> {
    const SQL: &str =
        "SELECT seq FROM chat_messages WHERE room_id = $1 AND created_at >= $2 ORDER BY created_at LIMIT 1";
    Ok(on!(conn, c => sqlx::query_scalar(SQL).bind(room).bind(at).fetch_optional(c).await?))
}

/// The number of the last message that was written at this time or earlier.
pub(crate) async fn last_until(conn: &mut Conn, room: RoomId, at: DateTime<Utc>) -> Result<Option<i64>> {
    const SQL: &str =
        "SELECT seq FROM chat_messages WHERE room_id = $1 AND created_at <= $2 ORDER BY created_at DESC LIMIT 1";
    Ok(on!(conn, c => sqlx::query_scalar(SQL).bind(room).bind(at).fetch_optional(c).await?))
}

/// `rows` of one room, in one piece and in the order of their numbers, with what is attached to them and the reactions to them.
async fn whole(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<ChatMessage>> {
    let (Some(one), Some(other)) = (rows.first(), rows.last()) else { return Ok(Vec::new()) };
    let (room, stretch) = (one.room_id, (one.seq.min(other.seq), one.seq.max(other.seq)));
    let mut attachments = attachments(conn, room, stretch).await?;
    let mut reactions = reactions(conn, room, stretch).await?;
    let with = |row: Row| {
        let (attached, here) = (attachments.remove(&row.id), reactions.remove(&row.id));
        row.with(attached.unwrap_or_default(), here.unwrap_or_default())
    };
    Ok(rows.into_iter().map(with).collect())
}

/// What is attached to the messages with numbers from the one to the other.
async fn attachments(
    conn: &mut Conn,
    room: RoomId,
    (first, last): (i64, i64),
) -> Result<HashMap<RoomMessageId, Vec<Attachment>>> {
    const SQL: &str =
        "SELECT message_id, files.id, filename, file_type, file_size, thumbnail IS NOT NULL AS has_thumbnail,
            files.created_at FROM chat_messages JOIN files ON message_id = chat_messages.id
        WHERE chat_messages.room_id = $1 AND seq >= $2 AND seq <= $3 ORDER BY seq, place";
    #[derive(sqlx::FromRow)]
    struct Place {
        message_id: RoomMessageId,
        #[sqlx(flatten)]
        attachment: Attachment,
    }
    let places: Vec<Place> = on!(conn, c => sqlx::query_as(SQL).bind(room).bind(first).bind(last).fetch_all(c).await?);
    Ok(by_message(places.into_iter().map(|Place { message_id, attachment }| (message_id, attachment))))
}

/// The reactions to the messages with numbers from the one to the other.
async fn reactions(
    conn: &mut Conn,
    room: RoomId,
    (first, last): (i64, i64),
) -> Result<HashMap<RoomMessageId, Vec<Reaction>>> {
    const SQL: &str = "SELECT message_id, user_id, username, emoji, chat_reactions.created_at FROM chat_messages
        JOIN chat_reactions ON message_id = chat_messages.id JOIN accounts ON accounts.id = user_id
        WHERE room_id = $1 AND seq >= $2 AND seq <= $3 ORDER BY chat_reactions.number";
    #[derive(sqlx::FromRow)]
    struct Place {
        message_id: RoomMessageId,
        #[sqlx(flatten)]
        reaction: Reaction,
    }
    let places: Vec<Place> = on!(conn, c => sqlx::query_as(SQL).bind(room).bind(first).bind(last).fetch_all(c).await?);
    Ok(by_message(places.into_iter().map(|Place { message_id, reaction }| (message_id, reaction))))
}

fn by_message<T>(places: impl Iterator<Item = (RoomMessageId, T)>) -> HashMap<RoomMessageId, Vec<T>> {
    let mut of: HashMap<RoomMessageId, Vec<T>> = HashMap::new();
    for (message, it) in places {
        of.entry(message).or_default().push(it);
    }
    of
}
