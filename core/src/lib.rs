//! What Errand is: accounts, tasks, conversations, the rules that hold for them, how they are kept and who hears of a change.
//!
//! This crate knows no HTTP, no language model and no contract's JSON. Everything that asks it something (a contract's face, a tool,
//! a command) goes through one door, [`App`], as one [`Caller`].
//!
//! The map:
//!
//! - the nouns: [`account`], [`assistant`], [`login`], [`profile`], [`identity`], [`task`], [`conversation`], [`room`], [`chatroom`], [`grant`], [`change`], [`event`], each with its types and rules;
//! - [`app`]: what can be asked, a file per noun, plain verbs that check the caller's rights;
//! - [`store`]: how it is kept, [`Store::write`] being the only way to write;
//! - [`feed`]: who hears of it, as gapless numbered events per topic;
//! - [`mailbox`]: what waits for one reader, for the feed and whatever else sockets wait for;
//! - [`measure`]: what is counted, for whoever watches the service;
//! - [`error`], [`scope`], [`clock`], [`id`], [`mod@slice`]: what all of them share.
//!
//! To add a noun: its types here, its table in `migrations/{sqlite,postgres}`, its SQL in `store/`, its verbs in `app/`,
//! and, when others must hear of it, a variant in [`event::Event`].

pub mod account;
pub mod app;
pub mod assistant;
pub mod change;
pub mod chatroom;
pub mod clock;
pub mod conversation;
pub mod error;
pub mod event;
pub mod feed;
pub mod grant;
pub mod id;
pub mod identity;
pub mod login;
pub mod mailbox;
pub mod measure;
pub mod profile;
pub mod room;
pub mod scope;
pub mod slice;
pub mod store;
pub mod task;
mod text;

pub use account::{Account, Caller, Door};
pub use app::App;
pub use clock::Clock;
pub use error::{Error, Noun, Problem, Result};
pub use id::{
    ConversationId, FileId, GrantId, InviteId, LoginId, MessageId, RoomId, RoomMessageId, SummaryId, TaskId, TurnId,
    UserId,
};
pub use scope::{Scope, Scopes};
pub use slice::Slice;
pub use store::Store;
