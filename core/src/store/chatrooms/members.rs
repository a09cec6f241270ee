//! The SQL of who is in a chatroom.

use chrono::{DateTime, Utc};

use crate::{
    chatroom::{Member, Role},
    error::Result,
    id::{RoomId, UserId},
    store::{Conn, Tx, on, tx::Writing, writing},
};

macro_rules! member {
    () => {
        "SELECT user_id, username, display_name, avatar, role, is_assistant, joined_at, last_read_at FROM members
        JOIN accounts ON accounts.id = user_id "
    };
}

/// Lets somebody in who is not; the event with the number `seq` tells of it.
pub(crate) async fn add(
    tx: &mut Tx,
    room: RoomId,
    user: UserId,
    role: Role,
    seq: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    const PARTICIPANT: Writing = writing!("INSERT INTO participants (room_id, user_id) VALUES ($1, $2)");
    const MEMBER: Writing = writing!(
        "INSERT INTO members (room_id, user_id, role, joined_at, joined_seq, read_seq, last_read_at, is_assistant)
        VALUES ($1, $2, $3, $4, $5, $5, $4, EXISTS (SELECT 1 FROM assistant WHERE assistant.user_id = $2))"
    );
    let sql = tx.sql(&PARTICIPANT);
    on!(tx.conn, c => sqlx::query(sql).bind(room).bind(user).execute(c).await.map(|_| ())?);
    let sql = tx.sql(&MEMBER);
    on!(tx.conn, c => sqlx::query(sql).bind(room).bind(user).bind(role).bind(now).bind(seq)
        .execute(c).await.map(|_| ())?);
    Ok(())
}

/// Takes somebody out.
pub(crate) async fn remove(tx: &mut Tx, room: RoomId, user: UserId) -> Result<()> {
    const SQL: Writing = writing!("DELETE FROM participants WHERE room_id = $1 AND user_id = $2");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(room).bind(user).execute(c).await.map(|_| ())?);
    Ok(())
}

/// Makes somebody something else.
pub(crate) async fn set_role(tx: &mut Tx, room: RoomId, user: UserId, role: Role) -> Result<()> {
    const SQL: Writing = writing!("UPDATE members SET role = $3 WHERE room_id = $1 AND user_id = $2");
    let sql = tx.sql(&SQL);
    on!(tx.conn, c => sqlx::query(sql).bind(room).bind(user).bind(role).execute(c).await.map(|_| ())?);
    Ok(())
}

/// From now on the room's key must be one that was made after all there are. Answers from which version on.
pub(crate) async fn need_new_key(tx: &mut Tx, room: RoomId) -> Result<i64> {
    const SQL: Writing = writing!(
        "UPDATE chatrooms SET needed_key_version = key_version + 1 WHERE room_id = $1 RETURNING needed_key_version"
    );
    let sql = tx.sql(&SQL);
    Ok(on!(tx.conn, c => sqlx::query_scalar(sql).bind(room).fetch_one(c).await?))
}

/// Everybody in a room, whoever came first at first.
pub(crate) async fn all(conn: &mut Conn, room: RoomId) -> Result<Vec<Member>> {
    const SQL: &str = concat!(member!(), "WHERE room_id = $1 ORDER BY members.number");
    Ok(on!(conn, c => sqlx::query_as(SQL).bind(room).fetch_all(c).await?))
}

/// One of them.
pub(crate) async fn one(conn: &mut Conn, room: RoomId, user: UserId) -> Result<Option<Member>> {
    const SQL: &str = concat!(member!(), "WHERE room_id = $1 AND user_id = $2");
    Ok(on!(conn, c => sqlx::query_as(SQL).bind(room).bind(user).fetch_optional(c).await?))
}

/// How many of the people have this role.
pub(crate) async fn count(conn: &mut Conn, room: RoomId, role: Role) -> Result<i64> {
    const SQL: &str = "SELECT COUNT(*) FROM members WHERE room_id = $1 AND role = $2";
    Ok(on!(conn, c => sqlx::query_scalar(SQL).bind(room).bind(role).fetch_one(c).await?))
}

/// Who inherits a room that has no owner: the moderator who came first, else whoever did. None: nobody is left.
pub(crate) async fn heir(conn: &mut Conn, room: RoomId) -> Result<Option<UserId>> {
    const SQL: &str = "SELECT user_id FROM members WHERE room_id = $1 AND NOT is_assistant
        ORDER BY CASE role WHEN 'owner' THEN 0 WHEN 'moderator' THEN 1 ELSE 2 END, number LIMIT 1";
    Ok(on!(conn, c => sqlx::query_scalar(SQL).bind(room).fetch_optional(c).await?))
}

/// Everybody who is in one of somebody's chatrooms, but not they themselves, nor the assistant.
pub(crate) async fn companions(conn: &mut Conn, user: UserId) -> Result<Vec<UserId>> {
    const SQL: &str = "SELECT DISTINCT theirs.user_id FROM members AS mine
        JOIN members AS theirs ON theirs.room_id = mine.room_id
        WHERE mine.user_id = $1 AND theirs.user_id <> $1 AND NOT theirs.is_assistant";
    Ok(on!(conn, c => sqlx::query_scalar(SQL).bind(user).fetch_all(c).await?))
}
