//! The SQL of conversations and their messages.

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use super::{Conn, NEVER, Tx, on, tx::Writing, writing};
use crate::{
    conversation::{Author, Body, Conversation, Cursor, Kind, Message, NewMessage},
    error::{Error, Result},
    id::{ConversationId, MessageId, TurnId, UserId},
    slice::Slice,
};

#[derive(sqlx::FromRow)]
struct Row {
    id: MessageId,
    number: i64,
    conversation_id: ConversationId,
    turn_id: Option<TurnId>,
    author: Author,
    content: String,
    detail: Json<Body>,
    client_id: Option<String>,
    created_at: DateTime<Utc>,
}

impl From<Row> for Message {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            number: row.number,
            conversation: row.conversation_id,
            turn: row.turn_id,
            author: row.author,
            content: row.content,
            body: row.detail.0,
            client_id: row.client_id,
            created_at: row.created_at,
        }
    }
}

macro_rules! conversation {
    () => {
        "SELECT id, number, user_id, title, is_active, created_at, updated_at,
            (SELECT COUNT(*) FROM messages WHERE conversation_id = conversations.id) AS message_count FROM conversations "
    };
}

macro_rules! message {
    () => {
        "SELECT id, number, conversation_id, turn_id, author, content, detail, client_id, created_at FROM messages "
    };
}

/// Begins a conversation.
pub(crate) async fn add(tx: &mut Tx, user: UserId, title: &str, now: DateTime<Utc>) -> Result<Conversation> {
    const SQL: Writing = writing!(
        "INSERT INTO conversations (id, user_id, title, is_active, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $5) RETURNING number"
    );
    let id = ConversationId::fresh();
    let sql = tx.sql(&SQL);
    let number = on!(tx.conn, c => sqlx::query_scalar(sql).bind(id).bind(user).bind(title).bind(true).bind(now)
        .fetch_one(c).await?);
    let title = title.to_owned();
    Ok(Conversation { id, number, user, title, is_active: true, created_at: now, updated_at: now, message_count: 0 })
}

/// The conversation with this id, whosever it is.
pub(crate) async fn by_id(conn: &mut Conn, id: ConversationId) -> Result<Option<Conversation>> {
    const SQL: &str = concat!(conversation!(), "WHERE id = $1");
    Ok(on!(conn, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await?))
}

/// The conversation with this number, whosever it is.
pub(crate) async fn by_number(conn: &mut Conn, number: i64) -> Result<Option<Conversation>> {
    const SQL: &str = concat!(conversation!(), "WHERE number = $1");
    Ok(on!(conn, c => sqlx::query_as(SQL).bind(number).fetch_optional(c).await?))
}

/// The conversation with this id and whose it is, without its messages being counted.
pub(crate) async fn owner_by_id(conn: &mut Conn, id: ConversationId) -> Result<Option<(ConversationId, UserId)>> {
    const SQL: &str = "SELECT id, user_id FROM conversations WHERE id = $1";
    Ok(on!(conn, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await?))
}

/// The same for the conversation with this number.
pub(crate) async fn owner_by_number(conn: &mut Conn, number: i64) -> Result<Option<(ConversationId, UserId)>> {
    const SQL: &str = "SELECT id, user_id FROM conversations WHERE number = $1";
    Ok(on!(conn, c => sqlx::query_as(SQL).bind(number).fetch_optional(c).await?))
}

/// All conversations of a user, the one with the last message first; at most `limit` of them, after `cursor`.
pub(crate) async fn all(
    conn: &mut Conn,
    user: UserId,
    limit: i64,
    cursor: Option<Cursor>,
) -> Result<Vec<Conversation>> {
    const SQL: &str = concat!(
        conversation!(),
        "WHERE user_id = $1 AND (updated_at, number) < ($2, $3) ORDER BY updated_at DESC, number DESC LIMIT $4 + 0"
    );
    let after = cursor.unwrap_or(Cursor { updated_at: NEVER, number: i64::MAX });
    Ok(on!(conn, c => sqlx::query_as(SQL).bind(user).bind(after.updated_at).bind(after.number).bind(limit)
        .fetch_all(c).await?))
}

/// The conversation that is the user's main one.
pub(crate) async fn main(conn: &mut Conn, user: UserId) -> Result<Option<ConversationId>> {
    const SQL: &str = "SELECT id FROM conversations WHERE user_id = $1 AND is_main";
    Ok(on!(conn, c => sqlx::query_scalar(SQL).bind(user).fetch_optional(c).await?))
}

/// Makes a conversation its user's main one; there must be none yet.
pub(crate) async fn make_main(tx: &mut Tx, id: ConversationId) -> Result<()> {
    const SQL: Writing = writing!("UPDATE conversations SET is_main = TRUE WHERE id = $1");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(id).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Renames a conversation.
pub(crate) async fn rename(tx: &mut Tx, id: ConversationId, title: &str, now: DateTime<Utc>) -> Result<()> {
    const SQL: Writing = writing!("UPDATE conversations SET title = $2, updated_at = $3 WHERE id = $1");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(id).bind(title).bind(now).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Deletes a conversation with its messages and turns.
pub(crate) async fn delete(tx: &mut Tx, id: ConversationId) -> Result<()> {
    const SQL: Writing = writing!("DELETE FROM conversations WHERE id = $1");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(id).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Adds a message and moves its conversation to the front.
pub(crate) async fn say(
    tx: &mut Tx,
    conversation: ConversationId,
    turn: Option<TurnId>,
    new: NewMessage,
    client_id: Option<String>,
    now: DateTime<Utc>,
) -> Result<Message> {
    const SAY: Writing = writing!(
        "INSERT INTO messages (id, conversation_id, turn_id, author, kind, content, detail, client_id,
            created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING number"
    );
    const TOUCH: Writing = writing!("UPDATE conversations SET updated_at = $2 WHERE id = $1 RETURNING number");
    let kind: Kind = new.body.kind();
    let sql = tx.sql(&TOUCH);
    let touched: Option<i64> =
        on!(tx.conn, c => sqlx::query_scalar(sql).bind(conversation).bind(now).fetch_optional(c).await?);
    if touched.is_none() {
        return Err(Error::NotFound(crate::Noun::Conversation)); // deleted while a turn was running in it
    }
    let sql = tx.sql(&SAY);
    let number = on!(tx.conn, c => sqlx::query_scalar(sql)
        .bind(new.id).bind(conversation).bind(turn).bind(new.author).bind(kind).bind(&new.content)
        .bind(Json(&new.body)).bind(&client_id).bind(now)
        .fetch_one(c).await?);
    Ok(Message {
        id: new.id,
        number,
        conversation,
        turn,
        author: new.author,
        content: new.content,
        body: new.body,
        client_id,
        created_at: now,
    })
}

/// The messages of a conversation, the oldest first.
pub(crate) async fn messages(conn: &mut Conn, conversation: ConversationId) -> Result<Vec<Message>> {
    const SQL: &str = concat!(message!(), "WHERE conversation_id = $1 ORDER BY number");
    let rows: Vec<Row> = on!(conn, c => sqlx::query_as(SQL).bind(conversation).fetch_all(c).await?);
    Ok(rows.into_iter().map(Message::from).collect())
}

/// What was said in a conversation, the oldest first, without tool calls and their outcomes.
pub(crate) async fn said(conn: &mut Conn, conversation: ConversationId, slice: Slice) -> Result<Vec<Message>> {
    const SQL: &str = concat!(
        message!(),
        "WHERE conversation_id = $1 AND kind IN ('text', 'error') ORDER BY number LIMIT $2 + 0 OFFSET $3"
    );
    let rows: Vec<Row> = on!(conn, c =>
        sqlx::query_as(SQL).bind(conversation).bind(slice.limit).bind(slice.offset).fetch_all(c).await?);
    Ok(rows.into_iter().map(Message::from).collect())
}

/// The newest messages of a conversation, at most `limit`, the oldest of them first; with a number, those before that message.
pub(crate) async fn newest(
    conn: &mut Conn,
    conversation: ConversationId,
    limit: i64,
    before: Option<i64>,
) -> Result<Vec<Message>> {
    const SQL: &str =
        concat!(message!(), "WHERE conversation_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3 + 0");
    let before = before.unwrap_or(i64::MAX);
    let rows: Vec<Row> =
        on!(conn, c => sqlx::query_as(SQL).bind(conversation).bind(before).bind(limit).fetch_all(c).await?);
    Ok(rows.into_iter().rev().map(Message::from).collect())
}

/// The messages of one turn, in order.
pub(crate) async fn of_turn(conn: &mut Conn, conversation: ConversationId, turn: TurnId) -> Result<Vec<Message>> {
    const SQL: &str = concat!(message!(), "WHERE conversation_id = $1 AND turn_id = $2 ORDER BY number");
    let rows: Vec<Row> = on!(conn, c => sqlx::query_as(SQL).bind(conversation).bind(turn).fetch_all(c).await?);
    Ok(rows.into_iter().map(Message::from).collect())
}
