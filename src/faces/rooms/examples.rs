//! An example of every frame of `/ws` in this contract's dialect, for those who write a client; a test wants one for each variant.

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use errand_core::{
    RoomId, RoomMessageId, UserId,
    chatroom::{ChatMessage, Chatroom, Envelope, Member, MessageKind, Person, Role},
};
use uuid::Uuid;

use super::{
    failure::{Code, Failure},
    frames::{Asked, Told},
    messages::{ContentJson, Kind, MessageJson, Write},
};
use crate::faces::{
    event::{self, EVENT, Event},
    schema::Schemas,
};

/// Everything that is said in this dialect.
pub(super) fn events(schemas: &mut Schemas) -> Vec<Event> {
    let mut events = event::from_client(schemas, EVENT, &asked());
    events.extend(event::to_client(schemas, EVENT, &told()));
    events
}

fn asked() -> Vec<Asked> {
    let Envelope { encrypted_data, iv, key_version } = content();
    let message = Write {
        content: ContentJson { encrypted_data, iv, key_version },
        message_type: Kind::Text,
        reply_to: None,
        attachments: Vec::new(),
        client_id: Some(CLIENT_ID.into()),
    };
    vec![
        Asked::JoinChatroom { chatroom_id: ROOM, since_seq: Some(41) },
        Asked::LeaveChatroom { chatroom_id: ROOM },
        Asked::SendMessage { chatroom_id: ROOM, message },
        Asked::TypingStart { chatroom_id: ROOM },
        Asked::TypingStop { chatroom_id: ROOM },
        Asked::MessageRead { chatroom_id: ROOM, message_id: MESSAGE },
        Asked::Auth { token: "<JWT>".into() },
    ]
}

fn told() -> Vec<Told> {
    let message = || Box::new(MessageJson::new(message(), Some(ANN)));
    let username = || "ann".to_owned();
    let failure =
        Failure::new(StatusCode::FORBIDDEN, Code::ChatroomAccessDenied, "You are not a member of this chatroom");
    vec![
        Told::JoinedChatroom { chatroom_id: ROOM, seq: 41, gap: false },
        Told::LeftChatroom { chatroom_id: ROOM },
        Told::MessageReceived { message: message(), seq: SEQ, client_id: Some(CLIENT_ID.into()) },
        Told::MessageEdited { message: message(), seq: SEQ + 1 },
        Told::MessageDeleted { chatroom_id: ROOM, message_id: MESSAGE, user_id: ANN, seq: SEQ + 2 },
        Told::ReactionAdded {
            chatroom_id: ROOM,
            message_id: MESSAGE,
            user_id: ANN,
            username: username(),
            emoji: "👍".into(),
            created_at: at(),
            seq: SEQ + 1,
        },
        Told::ReactionRemoved {
            chatroom_id: ROOM,
            message_id: MESSAGE,
            user_id: ANN,
            emoji: "👍".into(),
            seq: SEQ + 2,
        },
        Told::MessageReadBy { chatroom_id: ROOM, message_id: MESSAGE, user_id: ANN, read_at: at(), seq: SEQ + 1 },
        Told::UserJoined { chatroom_id: ROOM, user: member().into(), seq: Some(SEQ) },
        Told::UserLeft { chatroom_id: ROOM, user_id: ANN, removed_by: None, needed_key_version: 2, seq: Some(SEQ + 1) },
        Told::RoleChanged { chatroom_id: ROOM, user_id: ANN, role: Role::Moderator.into(), seq: Some(SEQ + 1) },
        Told::KeysChanged { chatroom_id: ROOM, version: 2, user_id: ANN, seq: SEQ + 2 },
        Told::ChatroomUpdated { chatroom: Box::new(chatroom().into()), seq: SEQ + 1 },
        Told::ChatroomDeleted { chatroom_id: ROOM },
        Told::TypingIndicator { chatroom_id: ROOM, user_id: ANN, username: username(), is_typing: true },
        Told::UserOnline { user_id: ANN, username: username() },
        Told::UserOffline { user_id: ANN, username: username() },
        Told::Error(failure.into_about()),
    ]
}

const ANN: UserId = UserId(id(1));
const ROOM: RoomId = RoomId(id(2));
const MESSAGE: RoomMessageId = RoomMessageId(id(3));
const SEQ: i64 = 42;
const CLIENT_ID: &str = "m-1";

/// An id as they are made on the day of the examples.
const fn id(last: u128) -> Uuid {
    Uuid::from_u128(0x019a_a5f6_5c00_7000_8000_0000_0000_0000 + last)
}

fn at() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_778) + TimeDelta::hours(8)
}

fn content() -> Envelope {
    Envelope {
        encrypted_data: "q83vEjRWeJq83vEjRWeJqzrNuNI6zbjSOs240jo=".into(),
        iv: "AAECAwQFBgcICQoL".into(),
        key_version: 1,
    }
}

fn person() -> Person {
    Person { id: ANN, username: "ann".into(), display_name: "Ann".into(), avatar: None }
}

fn member() -> Member {
    Member { person: person(), role: Role::Member, is_assistant: false, joined_at: at(), last_read_at: at() }
}

fn message() -> ChatMessage {
    ChatMessage {
        id: MESSAGE,
        room: ROOM,
        seq: SEQ,
        sender: person(),
        client_id: Some(CLIENT_ID.into()),
        content: Some(content()),
        kind: MessageKind::Text,
        reply_to: None,
        attachments: Vec::new(),
        reactions: Vec::new(),
        edited_at: None,
        deleted_at: None,
        created_at: at(),
    }
}

fn chatroom() -> Chatroom {
    Chatroom {
        id: ROOM,
        name: "Choir".into(),
        description: None,
        owner: ANN,
        is_private: true,
        max_members: 100,
        member_count: 3,
        auto_summary_enabled: false,
        summary_threshold: 50,
        key_version: 1,
        needed_key_version: 1,
        created_at: at(),
        updated_at: at(),
    }
}
