//! Chatrooms in the core: who may do what, who comes and goes, what is told of it, and what many at once come to.

mod assistant;
mod files;
mod following;
mod history;
mod invites;
mod keys;
mod members;
mod messages;
mod reactions;
mod roles;
mod rooms;
mod summaries;

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use errand_core::{
    App, Caller, Door, RoomId, RoomMessageId,
    chatroom::{
        ChatEvent, ChatMessage, Chatroom, ChatroomEdit, Envelope, MessageKind, NewChatMessage, NewChatroom, NewInvite,
        NewSummary, Posted, Refused, Role, WrappedKey,
    },
    event::{Event, Topic},
    feed::{Delivered, Next, Subscriptions},
};
use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::{harness::Database, store::account};

pub(super) async fn person(app: &App, name: &str) -> Caller {
    Caller::new(&account(app, name).await, Door::Rest)
}

pub(super) fn called(name: &str) -> NewChatroom {
    NewChatroom {
        name: name.into(),
        description: String::new(),
        is_private: false,
        max_members: None,
        auto_summary_enabled: None,
        summary_threshold: None,
    }
}

pub(super) async fn make(app: &App, caller: &Caller, name: &str) -> RoomId {
    app.make_chatroom(caller, called(name)).await.unwrap().id
}

/// A code for `uses` people.
pub(super) async fn code(app: &App, caller: &Caller, room: RoomId, uses: i64) -> String {
    let invite = app.invite(caller, room, NewInvite { max_uses: Some(uses), hours: None }).await.unwrap();
    invite.code.expose().to_owned()
}

/// Lets somebody in, with this role.
pub(super) async fn admit(app: &App, owner: &Caller, room: RoomId, who: &Caller, role: Role) {
    let code = code(app, owner, room, 1).await;
    app.join_chatroom(who, &code).await.unwrap();
    app.set_role(owner, room, who.user, role).await.unwrap();
}

/// A room of ann, its owner, with mod, a moderator, and bob, a member.
pub(super) async fn three(app: &App) -> (RoomId, [Caller; 3]) {
    let people = [person(app, "ann").await, person(app, "mod").await, person(app, "bob").await];
    let room = make(app, &people[0], "The hall").await;
    admit(app, &people[0], room, &people[1], Role::Moderator).await;
    admit(app, &people[0], room, &people[2], Role::Member).await;
    (room, people)
}

pub(super) async fn follow(app: &App, caller: &Caller, room: RoomId, since: Option<i64>) -> Subscriptions {
    let mut subscriptions = Subscriptions::default();
    app.follow_chatroom(caller, &mut subscriptions, room, since).await.unwrap();
    subscriptions
}

/// The next event of the room: its number, and what happened.
pub(super) async fn heard(subscriptions: &mut Subscriptions) -> (i64, ChatEvent) {
    let next = tokio::time::timeout(Duration::from_secs(5), subscriptions.next()).await.expect("an event in time");
    let Next::Event(event) = next.unwrap() else { panic!("too slow") };
    (event.seq, what(&event))
}

fn what(event: &Arc<Delivered>) -> ChatEvent {
    let Event::Chatroom { event: told, room } = &event.event else { panic!("not of a chatroom: {:?}", event.event) };
    assert!(matches!(event.topic, Topic::Rooms(_)) || event.topic == Topic::Room(*room));
    told.clone()
}

/// What was told to somebody of the rooms they are in, wherever they listen.
pub(super) async fn own(app: &App, caller: &Caller) -> Vec<ChatEvent> {
    let mut subscription = app.store.subscribe(Topic::Rooms(caller.user)).await.unwrap();
    subscription.rewind(0).await.unwrap();
    std::iter::from_fn(|| subscription.take_ready()).map(|event| what(&event)).collect()
}

/// Who is in a room, in the order in which they are listed, with what they are.
pub(super) async fn roles(app: &App, caller: &Caller, room: RoomId) -> Vec<(String, Role)> {
    let details = app.chatroom(caller, room).await.unwrap();
    details.members.into_iter().map(|member| (member.person.username, member.role)).collect()
}

pub(super) fn refused<T: std::fmt::Debug>(answer: errand_core::Result<T>) -> Refused {
    match answer {
        Err(errand_core::Error::Chatroom(refused)) => refused,
        other => panic!("{other:?}"),
    }
}

/// The fields that break a rule.
pub(super) fn wrong<T: std::fmt::Debug>(answer: errand_core::Result<T>) -> Vec<&'static str> {
    match answer {
        Err(errand_core::Error::Invalid(problems)) => problems.iter().map(|problem| problem.field).collect(),
        other => panic!("{other:?}"),
    }
}

pub(super) async fn resized(app: &App, caller: &Caller, room: RoomId, most: i64) -> errand_core::Result<Chatroom> {
    app.edit_chatroom(caller, room, ChatroomEdit { max_members: Some(most), ..ChatroomEdit::default() }).await
}

/// Gives somebody a public key. What it is, only those who wrap with it care.
pub(super) async fn publish_key(database: &Database, who: &Caller) {
    const SQL: &str = "UPDATE accounts SET public_key = 'a key' WHERE username = $1";
    if database.url.starts_with("sqlite:") {
        let mut conn = SqliteConnection::connect(&database.url).await.unwrap();
        sqlx::query(SQL).bind(&who.name).execute(&mut conn).await.unwrap();
    } else {
        let mut conn = PgConnection::connect(&database.url).await.unwrap();
        sqlx::query(SQL).bind(&who.name).execute(&mut conn).await.unwrap();
    }
}

/// What looks like a room's key that was wrapped for somebody.
pub(super) fn wrapped(who: &Caller) -> WrappedKey {
    WrappedKey { user: who.user, wrapped_key: STANDARD.encode([7; 256]) }
}

/// A room of three as [`three`], with its first key.
pub(super) async fn with_key(database: &Database, app: &App) -> (RoomId, [Caller; 3]) {
    let (room, people) = three(app).await;
    for who in &people {
        publish_key(database, who).await;
    }
    app.write_room_keys(&people[0], room, 1, people.iter().map(wrapped).collect()).await.unwrap();
    (room, people)
}

/// What looks like an encrypted message; `text` can be told from it, so that tests can tell one from another.
pub(super) fn sealed(text: &str) -> Envelope {
    sealed_with(text, 1)
}

pub(super) fn sealed_with(text: &str, key_version: i64) -> Envelope {
    let iv = &errand_core::id::fresh().into_bytes()[4..];
    let encrypted_data = STANDARD.encode([text.as_bytes(), &[0; 16]].concat());
    Envelope { encrypted_data, iv: STANDARD.encode(iv), key_version }
}

pub(super) fn opened(message: &ChatMessage) -> String {
    let mut text = STANDARD.decode(&message.content.as_ref().unwrap().encrypted_data).unwrap();
    text.truncate(text.len() - 16);
    String::from_utf8(text).unwrap()
}

pub(super) fn says(text: &str) -> NewChatMessage {
    let attachments = Vec::new();
    NewChatMessage { content: sealed(text), kind: MessageKind::Text, reply_to: None, attachments, client_id: None }
}

pub(super) fn is_new(posted: Posted) -> ChatMessage {
    match posted {
        Posted::New(message) => message,
        Posted::There(message) => panic!("it was there: {message:?}"),
    }
}

pub(super) async fn post(app: &App, who: &Caller, room: RoomId, text: &str) -> RoomMessageId {
    is_new(app.post(who, room, says(text)).await.unwrap()).id
}

/// What looks like a summary of what was written up to the message with this number.
pub(super) fn new_summary(last_seq: i64) -> NewSummary {
    let at = chrono::DateTime::UNIX_EPOCH;
    NewSummary {
        first_seq: 1,
        last_seq,
        message_count: 1,
        read: 0,
        oldest_version: 1,
        start_at: at,
        end_at: at,
        content: sealed("in short"),
    }
}
