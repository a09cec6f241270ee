//! The SQL of summaries, and of whose turn it is to make one.

use chrono::{DateTime, Utc};

use crate::{
    chatroom::{Dates, Envelope, NewSummary, Remark, Summary, SummaryClaim, SummaryKind},
    error::Result,
    id::{ClaimId, RoomId, SummaryId, UserId},
    store::{Conn, NEVER, Tx, on, tx::Writing, writing},
};

#[derive(sqlx::FromRow)]
struct Row {
    id: SummaryId,
    room_id: RoomId,
    kind: SummaryKind,
    asked_by: Option<UserId>,
    first_seq: i64,
    last_seq: i64,
    message_count: i64,
    messages_read: i64,
    oldest_version: i64,
    start_at: DateTime<Utc>,
    end_at: DateTime<Utc>,
    encrypted_data: String,
    iv: String,
    key_version: i64,
    created_at: DateTime<Utc>,
}

impl From<Row> for Summary {
    fn from(row: Row) -> Self {
        let content = Envelope { encrypted_data: row.encrypted_data, iv: row.iv, key_version: row.key_version };
        let made = NewSummary {
            first_seq: row.first_seq,
            last_seq: row.last_seq,
            message_count: row.message_count,
            read: row.messages_read,
            oldest_version: row.oldest_version,
            start_at: row.start_at,
            end_at: row.end_at,
            content,
        };
        let Row { id, room_id: room, kind, asked_by, created_at, .. } = row;
        Self { id, room, kind, asked_by, made, created_at }
    }
}

/// Adds a summary.
pub(crate) async fn add(tx: &mut Tx, summary: &Summary) -> Result<()> {
    const SQL: Writing = writing!(
        "INSERT INTO summaries (id, room_id, kind, asked_by, first_seq, last_seq, message_count, messages_read,
            oldest_version, start_at, end_at, encrypted_data, iv, key_version, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
    );
    let Summary { id, room, kind, asked_by, made, created_at } = summary;
    let NewSummary { first_seq, last_seq, message_count, read, oldest_version, start_at, end_at, content } = made;
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(id).bind(room).bind(kind).bind(asked_by).bind(first_seq).bind(last_seq)
        .bind(message_count).bind(read).bind(oldest_version).bind(start_at).bind(end_at).bind(&content.encrypted_data).bind(&content.iv)
        .bind(content.key_version).bind(created_at).execute(c).await.map(|_| ())?);
    Ok(())
}

/// The newest summary of what was written within these dates. Only one for whose messages `user` was given the keys: who came later
/// does not learn from it what was said before.
pub(crate) async fn newest(
    conn: &mut Conn,
    (room, user): (RoomId, UserId),
    dates: Dates,
    kind: Option<SummaryKind>,
) -> Result<Option<Summary>> {
    const SQL: &str = "SELECT id, room_id, kind, asked_by, first_seq, last_seq, message_count, messages_read,
            oldest_version, start_at, end_at, encrypted_data, iv, key_version, created_at
        FROM summaries WHERE room_id = $1 AND start_at >= $2 AND end_at <= $3 AND kind IN ($4, $5)
            AND (SELECT COUNT(*) FROM room_keys WHERE room_keys.room_id = summaries.room_id AND user_id = $6
                AND version BETWEEN oldest_version AND summaries.key_version) = summaries.key_version - oldest_version + 1
        ORDER BY number DESC LIMIT 1";
    let (from, to) = (dates.from.unwrap_or(DateTime::UNIX_EPOCH), dates.to.unwrap_or(NEVER));
    let (one, other) = kind.map_or((SummaryKind::Automatic, SummaryKind::Manual), |kind| (kind, kind));
    let row: Option<Row> = on!(conn, c => sqlx::query_as(SQL).bind(room).bind(from).bind(to).bind(one).bind(other)
        .bind(user).fetch_optional(c).await?);
    Ok(row.map(Summary::from))
}

/// Takes away the summaries that are about this message, too.
pub(crate) async fn remove_about(tx: &mut Tx, room: RoomId, seq: i64) -> Result<()> {
    const SQL: Writing = writing!("DELETE FROM summaries WHERE room_id = $1 AND first_seq <= $2 AND last_seq >= $2");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(room).bind(seq).execute(c).await.map(|_| ())?);
    Ok(())
}

/// The newest messages in words with numbers between these two, the newest first.
pub(crate) async fn remarks(
    conn: &mut Conn,
    room: RoomId,
    (after, before): (i64, i64),
    limit: i64,
) -> Result<Vec<Remark>> {
    const SQL: &str = "SELECT seq, sender_id, display_name, encrypted_data, iv, key_version, chat_messages.created_at
        FROM chat_messages JOIN accounts ON accounts.id = sender_id
        WHERE room_id = $1 AND seq > $2 AND seq < $3 AND kind = 'text' AND deleted_at IS NULL
        ORDER BY seq DESC LIMIT $4 + 0";
    type Said = (i64, UserId, String, String, String, i64, DateTime<Utc>);
    let rows: Vec<Said> = on!(conn, c => sqlx::query_as(SQL).bind(room).bind(after).bind(before).bind(limit)
        .fetch_all(c).await?);
    let remark = |(seq, sender, display_name, encrypted_data, iv, key_version, created_at): Said| {
        let content = Envelope { encrypted_data, iv, key_version };
        Remark { seq, sender, display_name, content, created_at }
    };
    Ok(rows.into_iter().map(remark).collect())
}

/// How many messages in words there are with numbers between these two.
pub(crate) async fn count(conn: &mut Conn, room: RoomId, (after, before): (i64, i64)) -> Result<i64> {
    const SQL: &str = "SELECT COUNT(*) FROM chat_messages
        WHERE room_id = $1 AND seq > $2 AND seq < $3 AND kind = 'text' AND deleted_at IS NULL";
    Ok(on!(conn, c => sqlx::query_scalar(SQL).bind(room).bind(after).bind(before).fetch_one(c).await?))
}

/// Rooms that let `$1` in, who holds their key, that have been written in as often as they want since they were summarised last, and
/// that nobody has claimed at `$2`. The index of who is where serves it, and in each room the one of its messages.
macro_rules! due {
    () => {
        "SELECT members.room_id FROM members JOIN chatrooms ON chatrooms.room_id = members.room_id
            LEFT JOIN summary_marks ON summary_marks.room_id = members.room_id
        WHERE members.user_id = $1 AND auto_summary_enabled AND needed_key_version <= chatrooms.key_version
            AND EXISTS (SELECT 1 FROM room_keys WHERE room_keys.room_id = members.room_id
                AND room_keys.user_id = members.user_id AND version = chatrooms.key_version)
            AND (claimed_until IS NULL OR claimed_until <= $2)
            AND (SELECT COUNT(*) FROM chat_messages WHERE chat_messages.room_id = members.room_id
                AND seq > COALESCE(up_to_seq, 0) AND deleted_at IS NULL) >= summary_threshold"
    };
}

/// All of these.
pub(crate) async fn due(conn: &mut Conn, user: UserId, now: DateTime<Utc>) -> Result<Vec<RoomId>> {
    const SQL: &str = due!();
    Ok(on!(conn, c => sqlx::query_scalar(SQL).bind(user).bind(now).fetch_all(c).await?))
}

/// Whether this is one of them.
pub(crate) async fn is_due(conn: &mut Conn, room: RoomId, user: UserId, now: DateTime<Utc>) -> Result<bool> {
    const SQL: &str = concat!(due!(), " AND members.room_id = $3");
    let found: Option<RoomId> =
        on!(conn, c => sqlx::query_scalar(SQL).bind(user).bind(now).bind(room).fetch_optional(c).await?);
    Ok(found.is_some())
}

/// Claims a room, whoever had it before.
pub(crate) async fn claim(tx: &mut Tx, room: RoomId, until: DateTime<Utc>) -> Result<SummaryClaim> {
    const CLAIM: Writing = writing!(
        "INSERT INTO summary_marks (room_id, up_to_seq, claim, claimed_until) VALUES ($1, 0, $2, $3)
        ON CONFLICT (room_id) DO UPDATE SET claim = $2, claimed_until = $3 RETURNING up_to_seq"
    );
    const LAST: &str = "SELECT COALESCE(MAX(seq), 0) FROM chat_messages WHERE room_id = $1";
    let (id, sql) = (ClaimId::fresh(), tx.sql(&CLAIM));
    let after_seq = on!(tx.conn, c => sqlx::query_scalar(sql).bind(room).bind(id).bind(until).fetch_one(c).await?);
    let up_to_seq = on!(tx.conn, c => sqlx::query_scalar(LAST).bind(room).fetch_one(c).await?);
    Ok(SummaryClaim { room, id, after_seq, up_to_seq })
}

/// Marks what was claimed as summarised; false when somebody else has claimed it since.
pub(crate) async fn finish(tx: &mut Tx, claim: &SummaryClaim) -> Result<bool> {
    const SQL: Writing = writing!(
        "UPDATE summary_marks SET up_to_seq = $3, claim = NULL, claimed_until = NULL WHERE room_id = $1 AND claim = $2
        RETURNING up_to_seq"
    );
    let sql = tx.sql(&SQL);
    let finished: Option<i64> = on!(tx.conn, c => sqlx::query_scalar(sql).bind(claim.room).bind(claim.id)
        .bind(claim.up_to_seq).fetch_optional(c).await?);
    Ok(finished.is_some())
}
