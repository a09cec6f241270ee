//! An example of every frame of `/ws`, for those who write a client; a test wants one for each variant.

use chrono::{DateTime, TimeDelta, Utc};
use errand_core::{
    ConversationId, MessageId, TaskId, TurnId, UserId,
    account::{Origin, Source},
    conversation::{Author, Body, Conversation, Message as Stored, ToolCall},
    task::{Due, Priority, Status, Task},
};
use serde_json::json;
use uuid::Uuid;

use super::frames::{About, Asked, Auth, CancelTurn, Code, Frame, Message, SyncRequest, TaskTold, Told};
use crate::faces::{
    event::{self, Event},
    schema::Schemas,
};

/// Everything that is said on the socket.
pub(super) fn events(schemas: &mut Schemas) -> Vec<Event> {
    let mut events = event::from_client(schemas, event::TYPE, &asked());
    let frames: Vec<_> = (41..).zip(told()).map(|(seq, told)| Frame::new(told, at(), seq)).collect();
    events.extend(event::to_client(schemas, event::TYPE, &frames));
    events
}

fn asked() -> Vec<Asked> {
    vec![
        Asked::SyncRequest(SyncRequest { since: Some(41) }),
        Asked::Message(Message {
            content: "remind me to call the dentist tomorrow at 9".into(),
            session_id: SESSION,
            user_timezone: Some("Europe/Madrid".into()),
            client_message_id: Some("m-1".into()),
        }),
        Asked::CancelTurn(CancelTurn { session_id: SESSION }),
        Asked::Auth(Auth { token: "<JWT>".into() }),
    ]
}

fn told() -> Vec<Told> {
    let changed = || TaskTold::new(&task(), &Origin { source: Source::Chat, client: None }, at());
    let call = ToolCall {
        id: "call_1".into(),
        name: "create_tasks".into(),
        arguments: json!({"tasks": [{"title": "Call the dentist"}]}),
    };
    let about = About { session_id: Some(SESSION), client_message_id: Some("m-1".into()) };
    vec![
        Told::TaskCreated(changed()),
        Told::TaskUpdated(TaskTold::new(&task(), &by_agent(), at())),
        Told::TaskStatusChanged(changed()),
        Told::TaskDeleted { task_id: TASK, user_id: USER, timestamp: at(), origin: (&by_agent()).into() },
        Told::SyncResponse { tasks: vec![task().into()], timestamp: at(), gap: false },
        Told::SessionCreated { session: session().into() },
        Told::SessionUpdated { session: session().into() },
        Told::SessionDeleted { session_id: SESSION },
        Told::MessageCreated { message: Box::new(message().into()) },
        Told::TurnStarted { session_id: SESSION, turn_id: TURN },
        Told::AssistantDelta { session_id: SESSION, message_id: ANSWER, text: "I added ".into(), reset: false },
        Told::TurnCompleted { session_id: SESSION, turn_id: TURN, message_id: ANSWER, tool_calls: vec![call] },
        Told::TurnFailed {
            session_id: SESSION,
            turn_id: TURN,
            code: Code::AiServiceError,
            message: "The assistant could not be reached.".into(),
        },
        Told::Error { code: Code::ConversationNotFound, message: "Conversation not found".into(), about },
    ]
}

fn by_agent() -> Origin {
    Origin { source: Source::Mcp, client: Some("Claude Code".into()) }
}

const USER: UserId = UserId(id(1));
const TASK: TaskId = TaskId(id(2));
const SESSION: ConversationId = ConversationId(id(3));
const TURN: TurnId = TurnId(id(4));
const ANSWER: MessageId = MessageId(id(5));

/// An id as they are made on the day of the examples.
const fn id(last: u128) -> Uuid {
    Uuid::from_u128(0x019a_a5f6_5c00_7000_8000_0000_0000_0000 + last)
}

fn at() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_778) + TimeDelta::minutes(8 * 60)
}

fn task() -> Task {
    Task {
        id: TASK,
        number: 12,
        user: USER,
        title: "Call the dentist".into(),
        description: String::new(),
        status: Status::Pending,
        priority: Priority::Medium,
        due: Some(Due::at(at() + TimeDelta::days(1))),
        room: None,
        version: 1,
        created_at: at(),
        updated_at: at(),
    }
}

fn session() -> Conversation {
    Conversation {
        id: SESSION,
        number: 7,
        user: USER,
        title: "The dentist".into(),
        is_active: true,
        created_at: at(),
        updated_at: at(),
        message_count: 0,
    }
}

fn message() -> Stored {
    Stored {
        id: ANSWER,
        number: 31,
        conversation: SESSION,
        turn: Some(TURN),
        author: Author::Assistant,
        content: "I added \"Call the dentist\" for tomorrow at 9.".into(),
        body: Body::TEXT,
        client_id: None,
        created_at: at(),
    }
}
