//! The SQL of turns: claimed once, closed once.

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use super::{Conn, Tx, on, tx::Writing, writing};
use crate::{
    conversation::{Failure, Turn, TurnState},
    error::{Error, Result},
    id::{ConversationId, InstanceId, MessageId, TurnId, UserId},
};

#[derive(sqlx::FromRow)]
struct Row {
    id: TurnId,
    conversation_id: ConversationId,
    state: TurnState,
    answer_id: Option<MessageId>,
    failure: Option<Json<Failure>>,
}

impl From<Row> for Turn {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            conversation: row.conversation_id,
            state: row.state,
            answer: row.answer_id,
            failure: row.failure.map(|Json(failure)| failure),
        }
    }
}

macro_rules! turn {
    () => {
        "SELECT id, conversation_id, state, answer_id, failure FROM turns "
    };
}

/// A turn to be claimed.
pub(crate) struct Claim<'a> {
    pub(crate) turn: TurnId,
    pub(crate) conversation: ConversationId,
    pub(crate) user: UserId,
    pub(crate) scope: Uuid,
    pub(crate) client_id: Option<&'a str>,
    pub(crate) instance: InstanceId,
}

/// Claims a turn.
///
/// # Errors
/// [`Error::TurnRunning`] when the conversation's last turn is not over, or the same request was claimed a moment ago.
pub(crate) async fn claim(tx: &mut Tx, claim: Claim<'_>, now: DateTime<Utc>) -> Result<()> {
    const SQL: Writing = writing!(
        "INSERT INTO turns (id, conversation_id, user_id, scope, client_id, state, instance, started_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    );
    let sql = tx.sql(&SQL);
    let inserted = on!(tx.conn, c => sqlx::query(sql)
        .bind(claim.turn).bind(claim.conversation).bind(claim.user).bind(claim.scope).bind(claim.client_id)
        .bind(TurnState::Running).bind(claim.instance).bind(now)
        .execute(c).await.map(|_| ()));
    match inserted {
        Err(error) if super::is_duplicate(&error) => Err(Error::TurnRunning),
        other => Ok(other?),
    }
}

/// The turn that was claimed with this client's id.
pub(crate) async fn claimed(conn: &mut Conn, scope: Uuid, client_id: &str) -> Result<Option<Turn>> {
    const SQL: &str = concat!(turn!(), "WHERE scope = $1 AND client_id = $2");
    let row: Option<Row> = on!(conn, c => sqlx::query_as(SQL).bind(scope).bind(client_id).fetch_optional(c).await?);
    Ok(row.map(Turn::from))
}

/// The turn with this id.
pub(crate) async fn by_id(conn: &mut Conn, id: TurnId) -> Result<Option<Turn>> {
    const SQL: &str = concat!(turn!(), "WHERE id = $1");
    let row: Option<Row> = on!(conn, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await?);
    Ok(row.map(Turn::from))
}

/// Closes a running turn; false when it was closed already.
pub(crate) async fn close(
    tx: &mut Tx,
    turn: TurnId,
    end: std::result::Result<MessageId, Failure>,
    now: DateTime<Utc>,
) -> Result<bool> {
    const SQL: Writing = writing!(
        "UPDATE turns SET state = $2, answer_id = $3, failure = $4, finished_at = $5
        WHERE id = $1 AND state = 'running' RETURNING id"
    );
    let state = if end.is_ok() { TurnState::Completed } else { TurnState::Failed };
    let sql = tx.sql(&SQL);
    let closed: Option<TurnId> = on!(tx.conn, c => sqlx::query_scalar(sql)
        .bind(turn).bind(state).bind(end.ok()).bind(end.err().map(Json)).bind(now)
        .fetch_optional(c).await?);
    Ok(closed.is_some())
}

/// Running turns whose instance was last seen before `seen_before`, with their users: what a crash left open.
pub(crate) async fn abandoned(conn: &mut Conn, seen_before: DateTime<Utc>) -> Result<Vec<(Turn, UserId)>> {
    const SQL: &str = "SELECT id, conversation_id, state, answer_id, failure, user_id FROM turns
        WHERE state = 'running' AND NOT EXISTS
            (SELECT 1 FROM instances WHERE instances.id = turns.instance AND instances.seen_at >= $1)";
    #[derive(sqlx::FromRow)]
    struct Owned {
        #[sqlx(flatten)]
        turn: Row,
        user_id: UserId,
    }
    let rows: Vec<Owned> = on!(conn, c => sqlx::query_as(SQL).bind(seen_before).fetch_all(c).await?);
    Ok(rows.into_iter().map(|row| (Turn::from(row.turn), row.user_id)).collect())
}

/// Says that an instance is alive.
pub(crate) async fn heartbeat(tx: &mut Tx, instance: InstanceId, now: DateTime<Utc>) -> Result<()> {
    const SQL: Writing = writing!(
        "INSERT INTO instances (id, seen_at) VALUES ($1, $2)
        ON CONFLICT (id) DO UPDATE SET seen_at = $2"
    );
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(instance).bind(now).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Forgets instances that were last seen before `seen_before`.
pub(crate) async fn forget_instances(tx: &mut Tx, seen_before: DateTime<Utc>) -> Result<()> {
    const SQL: Writing = writing!("DELETE FROM instances WHERE seen_at < $1");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(seen_before).execute(c).await.map(|_| ())?);
    Ok(())
}
