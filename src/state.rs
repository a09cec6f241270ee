//! What a handler can reach.

use std::{net::IpAddr, sync::Arc};

use errand_core::{App, UserId};

use crate::{
    agent::Agent,
    assistant::Assistant,
    auth::{Attempts, Issuer, Keys},
    config::{self, Networks},
    faces::kept::Lists,
    files::Files,
    limits::{Limit, Shared, Windows},
    metrics::Metrics,
    oauth::Oauth,
    presence::Presence,
    public_url::PublicUrl,
    summary::Summaries,
};

/// What a handler can reach. Cheap to clone.
#[derive(Clone)]
pub struct State {
    /// What the service is.
    pub app: App,
    /// Who answers in conversations.
    pub agent: Agent,
    /// The same as a member of chatrooms.
    pub assistant: Assistant,
    /// What signs and checks tokens.
    pub keys: Arc<Keys>,
    /// Who has a socket open, and what they are doing.
    pub presence: Presence,
    /// The store of what people upload.
    pub files: Arc<Files>,
    /// Who tries passwords how often.
    pub attempts: Arc<Attempts>,
    /// What instances share beside the database, where there is something.
    pub redis: Option<Arc<Shared>>,
    /// How long logins of the contract `rooms` last.
    pub rooms: config::Rooms,
    /// The outside identity service whose tokens are good too, where there is one.
    pub issuer: Option<Arc<Issuer>>,
    /// How programs get their tokens.
    pub oauth: Arc<Oauth>,
    /// Who makes summaries of rooms.
    pub summaries: Summaries,
    /// How often chats may be asked for.
    pub limits: Arc<Limits>,
    /// Whole lists as they went out last.
    pub(crate) lists: Arc<Lists>,
    /// Where people find the service.
    pub public_url: PublicUrl,
    /// What was counted, where it is told.
    pub(crate) metrics: Option<Arc<Metrics>>,
    /// Proxies that may say for whom they ask.
    pub proxies: Networks,
}

/// The limits that the contracts publish.
pub struct Limits {
    /// `POST /api/chat` and what the assistant is asked in rooms, by user.
    pub chat: Windows<UserId>,
    /// What agents ask for at `/mcp`, by user.
    pub mcp: Windows<UserId>,
    /// How often `/api/v1` may be asked, by address.
    pub v1: Windows<IpAddr>,
    /// How often the endpoints of `rooms` may be asked.
    pub rooms: Windows<Asker>,
    /// What these say of it, where nobody is limited, too.
    pub rooms_published: Limit,
    /// How often files and pictures may be uploaded, by user.
    pub uploads: Windows<UserId>,
}

/// Who asks: a user, or an address as long as it is not known who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asker {
    /// Somebody with a good token.
    User(UserId),
    /// Anybody else.
    Address(IpAddr),
}

impl std::fmt::Display for Asker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::User(user) => write!(f, "user:{user}"),
            Self::Address(address) => write!(f, "address:{address}"),
        }
    }
}
