//! An example of every frame of `/api/ws/chat`, for those who write a client; a test wants one for each variant.

use chrono::{DateTime, TimeDelta};
use errand_core::{RoomId, RoomMessageId, UserId, room::RoomMessage};
use uuid::Uuid;

use super::{
    frames::{Asked, Auth, Frame},
    wire::ConversationIdJson,
};
use crate::faces::{
    event::{self, Event},
    schema::Schemas,
};

/// Everything that is said on the socket.
pub(super) fn events(schemas: &mut Schemas) -> Vec<Event> {
    let mut events = event::from_client(schemas, event::TYPE, &asked());
    events.extend(event::to_client(schemas, event::TYPE, &told()));
    events
}

fn asked() -> Vec<Asked> {
    vec![
        Asked::Join { conversation_id: CONVERSATION, since_seq: Some(41) },
        Asked::Message { conversation_id: CONVERSATION, content: "Hello world!".into() },
        Asked::Auth { data: Auth { token: "<JWT>".into() } },
    ]
}

fn told() -> Vec<Frame> {
    let message = RoomMessage {
        id: RoomMessageId(id(2)),
        number: 31,
        room: CONVERSATION.0,
        sender: UserId(id(3)),
        content: "Hello world!".into(),
        created_at: DateTime::UNIX_EPOCH + TimeDelta::days(20_778) + TimeDelta::hours(8),
    };
    vec![
        Frame::Joined { conversation_id: CONVERSATION, seq: 41, gap: false },
        Frame::NewMessage { message: message.into(), seq: 42 },
        Frame::Error { message: "Conversation not found".into(), conversation_id: Some(CONVERSATION) },
    ]
}

const CONVERSATION: ConversationIdJson = ConversationIdJson(RoomId(id(1)));

/// An id as they are made on the day of the examples.
const fn id(last: u128) -> Uuid {
    Uuid::from_u128(0x019a_a5f6_5c00_7000_8000_0000_0000_0000 + last)
}
