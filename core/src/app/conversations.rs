//! Conversations: beginning, reading, renaming, deleting, and storing a message.

use super::{ALL, App, cut, page_size};
use crate::{
    account::Caller,
    conversation::{self, Author, Body, Conversation, ConversationPage, Cursor, Message, NewMessage},
    error::{Error, Noun, Result},
    event::{Event, Topic},
    id::{ConversationId, UserId},
    slice::Slice,
    store::{Conn, conversations},
};

/// Which conversation is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConversationRef {
    /// By the id that travels.
    Id(ConversationId),
    /// By its number.
    Number(i64),
}

impl App {
    /// Begins a conversation.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the title.
    pub async fn begin_conversation(&self, caller: &Caller, title: &str) -> Result<Conversation> {
        let (title, user, now) = (conversation::title(title)?, caller.user, self.clock.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    tx.serialize(Topic::User(user)).await?;
                    let conversation = conversations::add(tx, user, &title, now).await?;
                    let event = Event::ConversationCreated { conversation: conversation.clone() };
                    tx.tell(Topic::User(user), now, vec![event]);
                    Ok(conversation)
                })
            })
            .await
    }

    /// The caller's main conversation, the one that goes on where a client names none. Where there is none it is begun, with a title
    /// from `first`, what is about to be said in it.
    ///
    /// # Errors
    /// [`Error::Invalid`] when `first` could not be said.
    pub async fn main_conversation(&self, caller: &Caller, first: &str) -> Result<ConversationId> {
        let title = conversation::title_from(&conversation::content(first)?);
        if let Some(there) = conversations::main(&mut self.store.read().await?, caller.user).await? {
            return Ok(there);
        }
        let (user, now) = (caller.user, self.clock.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    tx.serialize(Topic::User(user)).await?;
                    if let Some(there) = conversations::main(&mut tx.conn, user).await? {
                        return Ok(there); // begun a moment ago, by another request
                    }
                    let conversation = conversations::add(tx, user, &title, now).await?;
                    let id = conversation.id;
                    conversations::make_main(tx, id).await?;
                    tx.tell(Topic::User(user), now, vec![Event::ConversationCreated { conversation }]);
                    Ok(id)
                })
            })
            .await
    }

    /// The caller's conversations, the one with the last message first.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn conversations(&self, caller: &Caller) -> Result<Vec<Conversation>> {
        conversations::all(&mut self.store.read().await?, caller.user, ALL, None).await
    }

    /// A page of the caller's conversations, in the same order.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a limit outside 1-100.
    pub async fn conversation_page(
        &self,
        caller: &Caller,
        limit: i64,
        cursor: Option<Cursor>,
    ) -> Result<ConversationPage> {
        page_size(limit)?;
        let mut page = conversations::all(&mut self.store.read().await?, caller.user, limit + 1, cursor).await?;
        let more = cut(&mut page, limit);
        let next = page.last().filter(|_| more).map(Cursor::from);
        Ok(ConversationPage { conversations: page, next })
    }

    /// One conversation.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn conversation(&self, caller: &Caller, wanted: ConversationRef) -> Result<Conversation> {
        find(&mut self.store.read().await?, caller, wanted).await
    }

    /// A conversation with its messages, the oldest first.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn messages(&self, caller: &Caller, wanted: ConversationRef) -> Result<(Conversation, Vec<Message>)> {
        let mut conn = self.store.read().await?;
        let conversation = find(&mut conn, caller, wanted).await?;
        let messages = conversations::messages(&mut conn, conversation.id).await?;
        Ok((conversation, messages))
    }

    /// What was said in a conversation, or in the caller's main one, the oldest first, without tool calls and their outcomes.
    /// Nothing, when there is no main one yet.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn history(&self, caller: &Caller, of: Option<ConversationRef>, slice: Slice) -> Result<Vec<Message>> {
        let mut conn = self.store.read().await?;
        let conversation = match of {
            Some(wanted) => Some(own(&mut conn, caller, wanted).await?),
            None => conversations::main(&mut conn, caller.user).await?,
        };
        match conversation {
            Some(conversation) => conversations::said(&mut conn, conversation, slice).await,
            None => Ok(Vec::new()),
        }
    }

    /// The newest messages of a conversation, at most `limit`, the oldest of them first: what a model is shown.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn newest_messages(
        &self,
        caller: &Caller,
        conversation: ConversationId,
        limit: i64,
    ) -> Result<Vec<Message>> {
        let mut conn = self.store.read().await?;
        own(&mut conn, caller, ConversationRef::Id(conversation)).await?;
        conversations::newest(&mut conn, conversation, limit, None).await
    }

    /// A page of a conversation's messages: the newest, or with a number, those just before that message; the oldest of them first.
    /// Whether there are older ones.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a limit outside 1-100, [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn message_page(
        &self,
        caller: &Caller,
        wanted: ConversationRef,
        limit: i64,
        before: Option<i64>,
    ) -> Result<(Vec<Message>, bool)> {
        page_size(limit)?;
        let mut conn = self.store.read().await?;
        let conversation = own(&mut conn, caller, wanted).await?;
        let mut page = conversations::newest(&mut conn, conversation, limit + 1, before).await?;
        page.reverse();
        let more = cut(&mut page, limit);
        page.reverse();
        Ok((page, more))
    }

    /// Gives a conversation another title.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn rename_conversation(
        &self,
        caller: &Caller,
        wanted: ConversationRef,
        title: &str,
    ) -> Result<Conversation> {
        let (title, caller, now) = (conversation::title(title)?, caller.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    tx.serialize(Topic::User(caller.user)).await?;
                    let mut conversation = find(&mut tx.conn, &caller, wanted).await?;
                    conversations::rename(tx, conversation.id, &title, now).await?;
                    (conversation.title, conversation.updated_at) = (title, now);
                    let event = Event::ConversationUpdated { conversation: conversation.clone() };
                    tx.tell(Topic::User(caller.user), now, vec![event]);
                    Ok(conversation)
                })
            })
            .await
    }

    /// Deletes a conversation with its messages. What was told of them is rewritten, so that no copy stays.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn delete_conversation(&self, caller: &Caller, wanted: ConversationRef) -> Result<()> {
        let (caller, now) = (caller.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let topic = Topic::User(caller.user);
                    tx.serialize(topic).await?;
                    let id = own(&mut tx.conn, &caller, wanted).await?;
                    conversations::delete(tx, id).await?;
                    let gone = Event::ConversationDeleted { conversation_id: id };
                    tx.retell(topic, id.0, gone.clone());
                    tx.tell(topic, now, vec![gone]);
                    Ok(())
                })
            })
            .await
    }

    /// Stores a message that a client made, without running the assistant.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn add_message(
        &self,
        caller: &Caller,
        wanted: ConversationRef,
        author: Author,
        content: &str,
        body: Body,
    ) -> Result<Message> {
        let message = NewMessage::new(author, conversation::content(content)?, body);
        let (caller, now) = (caller.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    tx.serialize(Topic::User(caller.user)).await?;
                    let conversation = own(&mut tx.conn, &caller, wanted).await?;
                    let message = conversations::say(tx, conversation, None, message, None, now).await?;
                    let event = Event::MessageCreated { message: message.clone() };
                    tx.tell(Topic::User(caller.user), now, vec![event]);
                    Ok(message)
                })
            })
            .await
    }
}

/// The conversation that is meant, if it is the caller's.
pub(super) async fn find(conn: &mut Conn, caller: &Caller, wanted: ConversationRef) -> Result<Conversation> {
    let found = match wanted {
        ConversationRef::Id(id) => conversations::by_id(conn, id).await?,
        ConversationRef::Number(number) => conversations::by_number(conn, number).await?,
    };
    let found = found.ok_or(Error::NotFound(Noun::Conversation))?;
    check(caller, found.user)?;
    Ok(found)
}

/// The id of the conversation that is meant, if it is the caller's. Does not grow with its messages, which [`find`] counts.
async fn own(conn: &mut Conn, caller: &Caller, wanted: ConversationRef) -> Result<ConversationId> {
    let found = match wanted {
        ConversationRef::Id(id) => conversations::owner_by_id(conn, id).await?,
        ConversationRef::Number(number) => conversations::owner_by_number(conn, number).await?,
    };
    let (id, owner) = found.ok_or(Error::NotFound(Noun::Conversation))?;
    check(caller, owner)?;
    Ok(id)
}

fn check(caller: &Caller, owner: UserId) -> Result<()> {
    if owner == caller.user { Ok(()) } else { Err(Error::Forbidden(Noun::Conversation)) }
}
