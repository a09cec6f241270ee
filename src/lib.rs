//! How Errand is served: the listeners, the contracts' faces, the agent, and the command line.
//!
//! What the service *is* lives in `errand_core`, what an agent may do in `errand_mcp_tools`, what an English sentence means in
//! `errand_language`. Here:
//!
//! - [`faces`]: the published contracts, thin: take the request, ask the `App`, convert the answer;
//! - [`mcp`]: the tools for everybody's agents;
//! - [`agent`]: one turn of a conversation, from the user's sentence to the stored answer;
//! - [`auth`]: tokens, and who a request comes from; `proxies`: from which address; [`limits`]: how often; [`lock`]: who uses the database;
//! - [`oauth`]: how people let programs act in their name;
//! - [`config`], [`cli`], [`serve`], [`telemetry`], [`secret`]: from a command to a running process;
//! - [`mention`]: who speaks to the assistant in a room, and what it does and answers;
//! - [`assistant`], [`crypto`], [`search`], [`summary`]: rooms that are encrypted, and what can be done in those that let the assistant in;
//! - [`files`]: the store of what people upload;
//! - [`mcp_board`]: the board that agents' hosts show beside a list of tasks;
//! - [`state`]: what a handler can reach; `trace`: the id that every request has; `unread`: what was not read of its body.

pub mod agent;
pub mod assistant;
pub mod auth;
pub mod cli;
pub mod config;
pub mod crypto;
pub mod faces;
pub mod files;
pub mod limits;
pub mod lock;
pub mod mcp;
pub mod mcp_board;
pub mod mention;
mod metrics;
mod notices;
pub mod oauth;
pub mod presence;
mod proxies;
pub mod public_url;
mod relay;
pub mod search;
pub mod secret;
pub mod serve;
pub mod state;
pub mod summary;
pub mod telemetry;
mod trace;
mod unread;
