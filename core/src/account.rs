//! Accounts, and the caller: who asks, and through which door.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Problem, Result, Rule},
    id::{RoomId, TurnId, UserId},
    scope::{Scope, Scopes},
    text,
};

/// Somebody who can log in.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Account {
    /// The id that travels.
    pub id: UserId,
    /// The id for contracts with integers.
    pub number: i64,
    /// The name as it was written at registration.
    pub username: String,
    /// The e-mail address as it was written.
    pub email: String,
    /// The IANA zone that the user last sent.
    pub time_zone: Option<String>,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
}

impl Account {
    /// The user's zone: the last one sent, else UTC.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.time_zone.as_deref().and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC)
    }
}

/// What a registration asks for.
#[derive(Clone, Deserialize)]
pub struct Registration {
    /// 1-64 letters, digits, `_`, `-` or `.`.
    pub username: String,
    /// An e-mail address.
    pub email: String,
    /// 8-128 characters.
    pub password: String,
}

impl Registration {
    /// Checks the rules and trims name and address.
    ///
    /// # Errors
    /// Every field that breaks a rule.
    pub fn checked(self) -> Result<Self, Vec<Problem>> {
        let registration = Self {
            username: self.username.trim().to_owned(),
            email: self.email.trim().to_owned(),
            password: self.password,
        };
        let problems: Vec<_> =
            [username(&registration.username), email(&registration.email), password(&registration.password)]
                .into_iter()
                .filter_map(Result::err)
                .collect();
        if problems.is_empty() { Ok(registration) } else { Err(problems) }
    }
}

fn username(name: &str) -> Result<(), Problem> {
    text::length("username", name, 1, 64)?;
    if name.chars().all(in_usernames) {
        Ok(())
    } else {
        Err(Problem::new("username", "may only have letters, digits, '_', '-' and '.'").of(Rule::Format))
    }
}

pub(crate) fn in_usernames(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// Only what a mail server would refuse for certain is refused here; whether somebody reads it, only a mail can tell.
pub(crate) fn email(address: &str) -> Result<(), Problem> {
    let wrong = || Problem::new("email", "must be an e-mail address").of(Rule::Format);
    text::length("email", address, 3, 254).map_err(|_| wrong())?;
    let (local, domain) = address.rsplit_once('@').ok_or_else(wrong)?;
    let plain = |part: &str| {
        !part.is_empty()
            && !part
                .chars()
                .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '@' | ',' | '<' | '>' | '(' | ')'))
    };
    let labels =
        domain.split('.').all(|label| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-'));
    if plain(local) && labels && domain.contains('.') { Ok(()) } else { Err(wrong()) }
}

/// Checks a new password: 8-128 characters.
pub(crate) fn password(password: &str) -> Result<(), Problem> {
    text::length("password", password, 8, 128)
}

/// Who asks. Each verb of [`crate::App`] takes one and checks its rights.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Whose rows may be seen and changed.
    pub user: UserId,
    /// The user's name.
    pub name: String,
    /// The zone in which the user's days begin and end.
    pub zone: Tz,
    /// Through which door the request came.
    pub door: Door,
    /// What the token that was shown lets its holder do.
    pub scopes: Scopes,
}

impl Caller {
    /// `account`, through `door`, as the person who is logged in: everything may be done.
    #[must_use]
    pub fn new(account: &Account, door: Door) -> Self {
        let (user, name, zone) = (account.id, account.username.clone(), account.zone());
        Self { user, name, zone, door, scopes: Scopes::ALL }
    }

    /// The same with these scopes only.
    #[must_use]
    pub fn limited(self, scopes: Scopes) -> Self {
        Self { scopes, ..self }
    }

    /// Checks that `scope` was granted.
    ///
    /// # Errors
    /// [`Error::OutOfScope`].
    pub fn may(&self, scope: Scope) -> Result<()> {
        if self.scopes.permit(scope) { Ok(()) } else { Err(Error::OutOfScope(scope)) }
    }
}

/// Through which door a request came.
#[derive(Clone, Debug)]
pub enum Door {
    /// A tool call of the assistant, in a turn of a conversation.
    Chat(Box<Call>),
    /// A contract's endpoint.
    Rest,
    /// Somebody's agent, over MCP, with the name that it gave itself.
    Mcp {
        /// The client's name.
        client: String,
    },
    /// The service itself, or its operator.
    System,
}

/// The tool call in which a change was made.
#[derive(Clone, Debug)]
pub struct Call {
    /// The turn.
    pub turn: TurnId,
    /// The chatroom in which the assistant was asked; none in a conversation.
    pub room: Option<RoomId>,
    /// The call's id, given by the model.
    pub id: String,
    /// The tool's name.
    pub tool: String,
    /// The call's arguments.
    pub arguments: serde_json::Value,
}

/// Where a change came from, as it is stored and told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Source {
    /// The assistant.
    Chat,
    /// An endpoint.
    Rest,
    /// Somebody's agent.
    Mcp,
    /// The service.
    System,
}

/// Where a change came from, with the name of the agent when it was one that has told it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The door.
    pub source: Source,
    /// The name of the MCP client, where `source` is `mcp` and it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
}

impl From<&Door> for Origin {
    fn from(door: &Door) -> Self {
        Self { source: door.source(), client: door.client().map(str::to_owned) }
    }
}

impl Door {
    /// The most characters of a client's name that are kept.
    const CLIENT_MAX: usize = 100;

    /// The door of an agent that calls itself `client`: what it says is cut, and cleaned of what does not show.
    #[must_use]
    pub fn mcp(client: &str) -> Self {
        let client = text::clean(client, false).chars().take(Self::CLIENT_MAX).collect();
        Self::Mcp { client }
    }

    /// The word for this door in events and in the journal.
    #[must_use]
    pub fn source(&self) -> Source {
        match self {
            Self::Chat(_) => Source::Chat,
            Self::Rest => Source::Rest,
            Self::Mcp { .. } => Source::Mcp,
            Self::System => Source::System,
        }
    }

    /// The name of the MCP client, when it is known.
    #[must_use]
    pub fn client(&self) -> Option<&str> {
        match self {
            Self::Mcp { client } => Some(client.as_str()).filter(|client| !client.is_empty()),
            Self::Chat(_) | Self::Rest | Self::System => None,
        }
    }

    /// The chatroom in which the assistant was asked for what comes through this door.
    #[must_use]
    pub fn room(&self) -> Option<RoomId> {
        self.call().and_then(|call| call.room)
    }

    /// The tool call, when it was one of the assistant's.
    #[must_use]
    pub fn call(&self) -> Option<&Call> {
        match self {
            Self::Chat(call) => Some(call),
            Self::Rest | Self::Mcp { .. } | Self::System => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clients_name_is_cut_and_clean() {
        let Door::Mcp { client } = Door::mcp(&format!(" evil\u{202e}\u{0}\nIDE{}", "é".repeat(200))) else { panic!() };
        assert!(client.starts_with("evil IDE") && client.chars().count() == 100, "{client}");
    }

    #[rstest::rstest]
    #[case("ann", "ann@example.com", "password", &[])]
    #[case("Ünal.O-1_x", "a+b@mail.example.co.uk", "correct horse", &[])]
    #[case("", "ann", "short", &["username", "email", "password"])]
    #[case("a b", "a@b", "12345678", &["username", "email"])]
    #[case("user:x", "a b@example.com", "12345678", &["username", "email"])]
    fn registrations(#[case] username: &str, #[case] email: &str, #[case] password: &str, #[case] wrong: &[&str]) {
        let registration = Registration { username: username.into(), email: email.into(), password: password.into() };
        let fields: Vec<_> = match registration.checked() {
            Ok(_) => vec![],
            Err(problems) => problems.iter().map(|problem| problem.field).collect(),
        };
        assert_eq!(fields, wrong);
    }
}
