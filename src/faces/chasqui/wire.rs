//! The JSON of `chasqui`: ids that say what they name; a task is completed or it is not.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use errand_core::{
    RoomId, RoomMessageId, TaskId, UserId,
    room::{Participant, Room, RoomKind, RoomMessage},
    task::{Status, Task},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use uuid::fmt::Hyphenated;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal $id:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) struct $name(pub(super) $id);

        impl std::str::FromStr for $name {
            type Err = &'static str;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let wrong = concat!("an id here is ", $prefix, "<uuid>");
                let id: Hyphenated = text.strip_prefix($prefix).ok_or(wrong)?.parse().map_err(|_| wrong)?;
                Ok(Self($id(id.into_uuid())))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&format_args!(concat!($prefix, "{}"), self.0))
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let uuid = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";
                json_schema!({"type": "string", "pattern": format!(concat!("^", $prefix, "{}$"), uuid)})
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    )*};
}

ids! {
    /// `conv:<uuid>`.
    ConversationIdJson "conv:" RoomId
    /// `msg:<uuid>`.
    MessageIdJson "msg:" RoomMessageId
    /// `user:<uuid>`.
    UserIdJson "user:" UserId
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Conversation")]
pub(super) struct ConversationJson {
    id: ConversationIdJson,
    #[serde(rename = "type")]
    kind: KindJson,
    name: Option<String>,
    participants: Vec<ParticipantJson>,
    created_at: DateTime<Utc>,
}

impl From<Room> for ConversationJson {
    fn from(room: Room) -> Self {
        Self {
            id: ConversationIdJson(room.id),
            kind: room.kind.into(),
            name: room.name,
            participants: room.participants.into_iter().map(ParticipantJson::from).collect(),
            created_at: room.created_at,
        }
    }
}

/// The kinds of conversation that this contract knows.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ConversationType")]
pub(super) enum KindJson {
    Direct,
    Group,
}

impl From<RoomKind> for KindJson {
    fn from(kind: RoomKind) -> Self {
        match kind {
            RoomKind::Direct => Self::Direct,
            RoomKind::Group => Self::Group,
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Participant")]
pub(super) struct ParticipantJson {
    id: UserIdJson,
    username: String,
}

impl From<Participant> for ParticipantJson {
    fn from(participant: Participant) -> Self {
        Self { id: UserIdJson(participant.id), username: participant.username }
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Message")]
pub(super) struct MessageJson {
    id: MessageIdJson,
    conversation_id: ConversationIdJson,
    sender_id: UserIdJson,
    content: String,
    created_at: DateTime<Utc>,
}

impl From<RoomMessage> for MessageJson {
    fn from(message: RoomMessage) -> Self {
        Self {
            id: MessageIdJson(message.id),
            conversation_id: ConversationIdJson(message.room),
            sender_id: UserIdJson(message.sender),
            content: message.content,
            created_at: message.created_at,
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Task")]
pub(super) struct TaskJson {
    id: TaskId,
    title: String,
    description: String,
    completed: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Task> for TaskJson {
    fn from(task: Task) -> Self {
        Self {
            id: task.id,
            title: task.title,
            description: task.description,
            completed: is_completed(task.status),
            created_at: task.created_at,
            updated_at: task.updated_at,
        }
    }
}

/// Whether a task of this status shows as completed.
pub(super) fn is_completed(status: Status) -> bool {
    match status {
        Status::Pending | Status::InProgress => false,
        Status::Completed | Status::Archived => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("conv:018f2c6e-7d4a-7c3b-9b1d-2f4e6a8c0b1d", true)]
    #[case("018f2c6e-7d4a-7c3b-9b1d-2f4e6a8c0b1d", false)]
    #[case("msg:018f2c6e-7d4a-7c3b-9b1d-2f4e6a8c0b1d", false)]
    #[case("conv:018f2c6e7d4a7c3b9b1d2f4e6a8c0b1d", false)]
    #[case("conv:", false)]
    #[case("", false)]
    fn an_id_has_one_form(#[case] text: &str, #[case] good: bool) {
        let id = text.parse::<ConversationIdJson>();
        assert_eq!(id.is_ok(), good);
        if let Ok(id) = id {
            assert_eq!(serde_json::to_value(id).unwrap(), text);
        }
    }
}
