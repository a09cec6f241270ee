//! The JSON of `rooms`: people and their sessions.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use errand_core::{
    LoginId, RoomId, RoomMessageId, UserId,
    chatroom::{Chatroom, Entry, LastMessage, Member, Person, Role},
    login::Login,
    profile::Profile,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Somebody who has just registered.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NewUser")]
pub(super) struct NewUserJson {
    id: UserId,
    username: String,
    email: String,
    display_name: String,
    avatar_url: Option<String>,
    is_verified: bool,
    created_at: DateTime<Utc>,
}

impl From<Profile> for NewUserJson {
    fn from(profile: Profile) -> Self {
        let Profile { account, display_name, avatar: avatar_url, public_key: _, is_verified, last_login: _ } = profile;
        let (id, username, email, created_at) = (account.id, account.username, account.email, account.created_at);
        Self { id, username, email, display_name, avatar_url, is_verified, created_at }
    }
}

/// Somebody who has just logged in.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LoggedInUser")]
pub(super) struct LoggedInUserJson {
    id: UserId,
    username: String,
    display_name: String,
    avatar_url: Option<String>,
    last_login: DateTime<Utc>,
}

impl From<Profile> for LoggedInUserJson {
    fn from(profile: Profile) -> Self {
        let Profile { account, display_name, avatar: avatar_url, public_key: _, is_verified: _, last_login } = profile;
        Self { id: account.id, username: account.username, display_name, avatar_url, last_login }
    }
}

/// The caller.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Me")]
pub(super) struct MeJson {
    id: UserId,
    username: String,
    email: String,
    display_name: String,
    avatar_url: Option<String>,
    public_key: Option<String>,
    is_verified: bool,
    created_at: DateTime<Utc>,
    last_login: DateTime<Utc>,
}

impl From<Profile> for MeJson {
    fn from(profile: Profile) -> Self {
        let Profile { account, display_name, avatar: avatar_url, public_key, is_verified, last_login } = profile;
        let (id, username, email, created_at) = (account.id, account.username, account.email, account.created_at);
        Self { id, username, email, display_name, avatar_url, public_key, is_verified, created_at, last_login }
    }
}

/// Where the caller is logged in.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Session")]
pub(super) struct SessionJson {
    id: LoginId,
    /// The program, as it called itself.
    user_agent: String,
    /// Where it was begun.
    ip_address: String,
    created_at: DateTime<Utc>,
    /// To the minute.
    last_used_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    /// Whether it is the one in which this is asked.
    is_current: bool,
}

impl SessionJson {
    pub(super) fn new(login: Login, current: Option<LoginId>) -> Self {
        let Login { id, agent: user_agent, address: ip_address, created_at, used_at: last_used_at, expires_at } = login;
        Self { id, user_agent, ip_address, created_at, last_used_at, expires_at, is_current: Some(id) == current }
    }
}

/// What somebody is in a chatroom.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Role")]
pub(super) enum RoleJson {
    Owner,
    Moderator,
    Member,
}

impl From<Role> for RoleJson {
    fn from(role: Role) -> Self {
        match role {
            Role::Owner => Self::Owner,
            Role::Moderator => Self::Moderator,
            Role::Member => Self::Member,
        }
    }
}

impl From<RoleJson> for Role {
    fn from(role: RoleJson) -> Self {
        match role {
            RoleJson::Owner => Self::Owner,
            RoleJson::Moderator => Self::Moderator,
            RoleJson::Member => Self::Member,
        }
    }
}

/// A chatroom that was just made.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MadeChatroom")]
pub(super) struct MadeChatroomJson {
    id: RoomId,
    name: String,
    description: Option<String>,
    owner_id: UserId,
    is_private: bool,
    max_members: i64,
    encryption_enabled: bool,
    auto_summary_enabled: bool,
    summary_threshold: i64,
    created_at: DateTime<Utc>,
}

impl From<Chatroom> for MadeChatroomJson {
    fn from(room: Chatroom) -> Self {
        Self {
            id: room.id,
            name: room.name,
            description: room.description,
            owner_id: room.owner,
            is_private: room.is_private,
            max_members: room.max_members,
            encryption_enabled: true, // there are no others
            auto_summary_enabled: room.auto_summary_enabled,
            summary_threshold: room.summary_threshold,
            created_at: room.created_at,
        }
    }
}

/// A chatroom, as everybody in it sees it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Chatroom")]
pub(super) struct ChatroomJson {
    #[serde(flatten)]
    made: MadeChatroomJson,
    member_count: i64,
    updated_at: DateTime<Utc>,
}

impl From<Chatroom> for ChatroomJson {
    fn from(room: Chatroom) -> Self {
        Self { member_count: room.member_count, updated_at: room.updated_at, made: room.into() }
    }
}

/// A chatroom that the caller came into.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "JoinedChatroom")]
pub(super) struct JoinedChatroomJson {
    id: RoomId,
    name: String,
    description: Option<String>,
    member_count: i64,
    role: RoleJson,
}

impl From<(Chatroom, Role)> for JoinedChatroomJson {
    fn from((room, role): (Chatroom, Role)) -> Self {
        let Chatroom { id, name, description, member_count, .. } = room;
        Self { id, name, description, member_count, role: role.into() }
    }
}

/// A chatroom in the caller's list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ListedChatroom")]
pub(super) struct EntryJson {
    id: RoomId,
    name: String,
    description: Option<String>,
    is_private: bool,
    member_count: i64,
    last_message: Option<LastMessageJson>,
    unread_count: i64,
    role: RoleJson,
    joined_at: DateTime<Utc>,
}

/// The newest message of a room.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LastMessage")]
pub(super) struct LastMessageJson {
    id: RoomMessageId,
    /// Encrypted.
    content: String,
    user_id: UserId,
    username: String,
    created_at: DateTime<Utc>,
}

impl From<LastMessage> for LastMessageJson {
    fn from(LastMessage { id, content, sender: user_id, username, created_at }: LastMessage) -> Self {
        Self { id, content: content.encrypted_data, user_id, username, created_at }
    }
}

impl From<Entry> for EntryJson {
    fn from(Entry { chatroom, role, joined_at, unread: unread_count, last }: Entry) -> Self {
        let Chatroom { id, name, description, is_private, member_count, .. } = chatroom;
        let (last_message, role) = (last.map(Into::into), role.into());
        Self { id, name, description, is_private, member_count, last_message, unread_count, role, joined_at }
    }
}

/// Somebody in a chatroom.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Member")]
pub(super) struct MemberJson {
    user_id: UserId,
    username: String,
    display_name: String,
    avatar_url: Option<String>,
    role: RoleJson,
    joined_at: DateTime<Utc>,
    last_read_at: DateTime<Utc>,
    is_online: bool,
    is_assistant: bool,
}

impl MemberJson {
    /// Those who are online are in `online`.
    pub(super) fn new(member: Member, online: &HashSet<UserId>) -> Self {
        let Member { person, role, is_assistant, joined_at, last_read_at } = member;
        let Person { id: user_id, username, display_name, avatar: avatar_url } = person;
        let is_online = is_assistant || online.contains(&user_id);
        let role = role.into();
        Self { user_id, username, display_name, avatar_url, role, joined_at, last_read_at, is_online, is_assistant }
    }
}

/// Somebody who came into a chatroom.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NewMember")]
pub(super) struct NewMemberJson {
    id: UserId,
    username: String,
    display_name: String,
    avatar_url: Option<String>,
    role: RoleJson,
    is_assistant: bool,
}

impl From<Member> for NewMemberJson {
    fn from(Member { person, role, is_assistant, .. }: Member) -> Self {
        let Person { id, username, display_name, avatar: avatar_url } = person;
        Self { id, username, display_name, avatar_url, role: role.into(), is_assistant }
    }
}
