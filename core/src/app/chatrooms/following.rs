//! Hearing what happens in chatrooms.

use super::admit;
use crate::{
    account::Caller,
    app::App,
    chatroom::Verb,
    error::Result,
    event::Topic,
    feed::{Followed, Subscriptions},
    id::{RoomId, UserId},
    store::chatrooms::members,
};

impl App {
    /// Has `subscriptions` hear from now on which rooms the caller comes into and which are theirs no longer, whoever does that, and
    /// wherever.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn follow_own_rooms(&self, caller: &Caller, subscriptions: &mut Subscriptions) -> Result<Followed> {
        subscriptions.follow(&self.store, Topic::Rooms(caller.user), None).await
    }

    /// Everybody who shares a chatroom with `user`.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn companions(&self, user: UserId) -> Result<Vec<UserId>> {
        members::companions(&mut self.store.read().await?, user).await
    }

    /// Has `subscriptions` hear what happens in a chatroom, until the caller leaves it: from now on, or what came after `since` first.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound), [`Error::Forbidden`](crate::Error::Forbidden).
    pub async fn follow_chatroom(
        &self,
        caller: &Caller,
        subscriptions: &mut Subscriptions,
        room: RoomId,
        since: Option<i64>,
    ) -> Result<Followed> {
        let topic = Topic::Room(room);
        let followed = subscriptions.follow(&self.store, topic, since).await?;
        // Asked second: who is put out before this is refused here, and who is put out after it hears of it.
        let admitted = match self.store.read().await {
            Ok(mut conn) => admit(&mut conn, caller, room, Verb::Follow).await,
            Err(error) => Err(error),
        };
        match admitted {
            Ok(admitted) => subscriptions.until_leaving(room, caller.user, admitted.joined_seq),
            Err(error) => {
                subscriptions.unfollow(topic);
                return Err(error);
            }
        }
        Ok(followed)
    }
}
