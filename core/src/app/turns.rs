//! Turns: claimed once, told as they go, closed once; and what a crash left open is closed from the journal.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    App,
    conversations::{ConversationRef, find},
};
use crate::{
    account::Caller,
    change::Change,
    conversation::{
        self, Author, Body, Conversation, Failure, Message, NewMessage, Outcome, ToolCall, Turn, TurnState,
    },
    error::Result,
    event::{Event, Topic},
    id::{InstanceId, MessageId, TurnId, UserId},
    store::{Tx, changes, conversations, turns},
};

/// How long an instance may be silent before others close its turns.
pub(super) const SILENCE: TimeDelta = TimeDelta::seconds(10);

/// What a user says to the assistant.
#[derive(Clone, Debug)]
pub struct TurnRequest {
    /// Where; none begins a conversation.
    pub conversation: Option<ConversationRef>,
    /// What, 1-8,000 characters.
    pub content: String,
    /// The client's own id: the same one again is the same turn.
    pub client_id: Option<String>,
}

/// What came of a request for a turn.
#[derive(Clone, Debug)]
pub enum Claimed {
    /// It is this caller's to run.
    New(Box<Claim>),
    /// The same request was made before; here is how it stands.
    Before(Turn),
}

/// A turn that is the caller's to run.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Where.
    pub conversation: Conversation,
    /// The user's message as it was stored.
    pub message: Message,
}

impl App {
    /// Claims a turn and stores the user's message, in one transaction.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`], [`crate::Error::NotFound`], [`crate::Error::Forbidden`]; [`crate::Error::TurnRunning`] while the conversation's last turn is
    /// not over.
    pub async fn claim_turn(&self, caller: &Caller, request: TurnRequest) -> Result<Claimed> {
        let content = conversation::content(&request.content)?;
        if let Some(id) = &request.client_id {
            conversation::client_id(id)?;
        }
        let request = TurnRequest { content, ..request };
        let (caller, now, instance) = (caller.clone(), self.clock.now(), self.shared.instance);
        self.store.write(move |tx| Box::pin(claim(tx, caller, request, instance, now))).await
    }

    /// Stores what was said in a turn; the feed tells.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] when the conversation was deleted meanwhile.
    pub async fn tell_turn(&self, caller: &Caller, turn: &Turn, messages: Vec<NewMessage>) -> Result<Vec<Message>> {
        let (user, turn, now) = (caller.user, turn.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    tx.serialize(Topic::User(user)).await?;
                    say_all(tx, user, &turn, messages, now).await
                })
            })
            .await
    }

    /// Stores the last messages of a turn, the answer being the last of them, and closes it.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] when the conversation was deleted meanwhile.
    pub async fn complete_turn(
        &self,
        caller: &Caller,
        turn: &Turn,
        messages: Vec<NewMessage>,
        tool_calls: Vec<ToolCall>,
    ) -> Result<Vec<Message>> {
        let (user, turn, now) = (caller.user, turn.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    tx.serialize(Topic::User(user)).await?;
                    let stored = say_all(tx, user, &turn, messages, now).await?;
                    let message_id = stored.last().map_or(MessageId(turn.id.0), |message| message.id);
                    if turns::close(tx, turn.id, Ok(message_id), now).await? {
                        let (conversation_id, turn_id) = (turn.conversation, turn.id);
                        let event = Event::TurnCompleted { conversation_id, turn_id, message_id, tool_calls };
                        tx.tell(Topic::User(user), now, vec![event]);
                    }
                    Ok(stored)
                })
            })
            .await
    }

    /// Stores the last messages of a turn that failed, and why it did, and closes it.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] when the conversation was deleted meanwhile.
    pub async fn fail_turn(
        &self,
        caller: &Caller,
        turn: &Turn,
        messages: Vec<NewMessage>,
        failure: Failure,
        why: String,
    ) -> Result<()> {
        let (user, turn, now) = (caller.user, turn.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    tx.serialize(Topic::User(user)).await?;
                    fail(tx, user, &turn, messages, failure, why, now).await
                })
            })
            .await
    }

    /// How a turn stands.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn turn(&self, id: TurnId) -> Result<Option<Turn>> {
        turns::by_id(&mut self.store.read().await?, id).await
    }

    /// The messages of a turn, in order.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn turn_messages(&self, turn: &Turn) -> Result<Vec<Message>> {
        conversations::of_turn(&mut self.store.read().await?, turn.conversation, turn.id).await
    }

    /// What the calls of a turn changed, in order: the proof of what its answer says.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn turn_changes(&self, turn: TurnId) -> Result<Vec<Change>> {
        changes::of_turn(&mut self.store.read().await?, turn).await
    }

    /// Says that this instance is alive, and closes what instances left open that are not. `alone`: no other instance can be
    /// alive, so whatever is open is abandoned. Answers how many turns were closed.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn close_abandoned_turns(&self, alone: bool) -> Result<usize> {
        let (now, instance) = (self.clock.now(), self.shared.instance);
        self.store.write(move |tx| Box::pin(turns::heartbeat(tx, instance, now))).await?;
        let seen_before = if alone { now } else { now - SILENCE };
        let open = turns::abandoned(&mut self.store.read().await?, seen_before).await?;
        let closed = open.len();
        for (turn, user) in open {
            self.store.write(move |tx| Box::pin(close_from_journal(tx, user, turn, now))).await?;
        }
        self.store.write(move |tx| Box::pin(turns::forget_instances(tx, seen_before))).await?;
        Ok(closed)
    }
}

async fn claim(
    tx: &mut Tx,
    caller: Caller,
    request: TurnRequest,
    instance: InstanceId,
    now: DateTime<Utc>,
) -> Result<Claimed> {
    let topic = Topic::User(caller.user);
    tx.serialize(topic).await?;
    let existing = match request.conversation {
        Some(wanted) => Some(find(&mut tx.conn, &caller, wanted).await?),
        None => None,
    };
    let scope = existing.as_ref().map_or(caller.user.0, |conversation| conversation.id.0);
    if let Some(client_id) = &request.client_id
        && let Some(turn) = turns::claimed(&mut tx.conn, scope, client_id).await?
    {
        return Ok(Claimed::Before(turn));
    }
    let mut events = Vec::new();
    let conversation = if let Some(conversation) = existing {
        conversation
    } else {
        let title = conversation::title_from(&request.content);
        let begun = conversations::add(tx, caller.user, &title, now).await?;
        events.push(Event::ConversationCreated { conversation: begun.clone() });
        begun
    };
    let new = NewMessage::new(Author::User, request.content, Body::TEXT);
    let turn = TurnId::from(new.id);
    let client_id = request.client_id.as_deref();
    let (user, conversation_id) = (caller.user, conversation.id);
    let claim = turns::Claim { turn, conversation: conversation_id, user, scope, client_id, instance };
    turns::claim(tx, claim, now).await?;
    let message = conversations::say(tx, conversation.id, Some(turn), new, request.client_id.clone(), now).await?;
    events.push(Event::MessageCreated { message: message.clone() });
    tx.tell(topic, now, events);
    Ok(Claimed::New(Box::new(Claim { conversation, message })))
}

async fn say_all(
    tx: &mut Tx,
    user: UserId,
    turn: &Turn,
    messages: Vec<NewMessage>,
    now: DateTime<Utc>,
) -> Result<Vec<Message>> {
    let mut stored = Vec::with_capacity(messages.len());
    for message in messages {
        stored.push(conversations::say(tx, turn.conversation, Some(turn.id), message, None, now).await?);
    }
    let events = stored.iter().map(|message| Event::MessageCreated { message: message.clone() }).collect();
    tx.tell(Topic::User(user), now, events);
    Ok(stored)
}

async fn fail(
    tx: &mut Tx,
    user: UserId,
    turn: &Turn,
    mut messages: Vec<NewMessage>,
    failure: Failure,
    why: String,
    now: DateTime<Utc>,
) -> Result<()> {
    messages.push(NewMessage::new(Author::System, why.clone(), Body::Error { failure: Some(failure) }));
    say_all(tx, user, turn, messages, now).await?;
    if turns::close(tx, turn.id, Err(failure), now).await? {
        let (conversation_id, turn_id) = (turn.conversation, turn.id);
        let event = Event::TurnFailed { conversation_id, turn_id, failure, message: why };
        tx.tell(Topic::User(user), now, vec![event]);
    }
    Ok(())
}

/// Closes a turn that was cut off: what its calls had done is told, call by call, from the journal.
async fn close_from_journal(tx: &mut Tx, user: UserId, turn: Turn, now: DateTime<Utc>) -> Result<()> {
    tx.serialize(Topic::User(user)).await?;
    match turns::by_id(&mut tx.conn, turn.id).await?.map(|turn| turn.state) {
        Some(TurnState::Running) => {}
        Some(TurnState::Completed | TurnState::Failed) | None => return Ok(()), // somebody was faster
    }
    let said = conversations::of_turn(&mut tx.conn, turn.conversation, turn.id).await?;
    let told = |id: &str| {
        said.iter().any(|message| matches!(&message.body, Body::Command { call: Some(call) } if call.id == id))
    };
    tx.store_journal().await?;
    let changes = changes::of_turn(&mut tx.conn, turn.id).await?;
    let untold: Vec<&Change> =
        changes.iter().filter(|change| change.call.as_ref().is_some_and(|call| !told(&call.id))).collect();
    let messages = untold.iter().flat_map(|change| retold(change)).collect();
    let done = if changes.is_empty() {
        "nothing was changed".to_owned()
    } else {
        changes.iter().map(Change::in_words).collect::<Vec<_>>().join("; ")
    };
    let why = format!("The answer was interrupted. What had happened: {done}.");
    fail(tx, user, &turn, messages, Failure::Interrupted, why, now).await
}

/// The call and its outcome, as far as the journal knows them.
fn retold(change: &Change) -> Vec<NewMessage> {
    let Some(made) = &change.call else { return Vec::new() };
    let call = ToolCall { id: made.id.clone(), name: made.tool.clone(), arguments: made.arguments.clone() };
    let tasks: Vec<_> = change
        .items
        .iter()
        .filter_map(crate::change::Item::task)
        .map(|task| serde_json::json!({"id": format!("t_{}", task.number), "title": task.title, "status": task.status}))
        .collect();
    let content = serde_json::json!({"interrupted": true, "done": change.in_words(), "tasks": tasks});
    let outcome = Outcome { call_id: call.id.clone(), name: call.name.clone(), content, is_error: false };
    let text = |value: &serde_json::Value| format!("{} {value}", call.name);
    vec![
        NewMessage::new(Author::Assistant, text(&call.arguments), Body::Command { call: Some(call.clone()) }),
        NewMessage::new(Author::System, text(&outcome.content), Body::Response { outcome: Some(outcome) }),
    ]
}
