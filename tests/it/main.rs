//! The one integration binary: a real server on a real socket, real SQLite and real PostgreSQL; only the model is played.
//!
//! A test takes a [`harness::Backend`] and runs on both. A machine without PostgreSQL skips that half and says so; with
//! `ERRAND_TEST_REQUIRE_SERVICES=1` a skip is a failure.

#![expect(clippy::unwrap_used, reason = "whatever fails in a test fails the test")]

mod assistant;
mod bucket;
mod canary;
mod chatrooms;
mod contracts;
mod coverage;
mod crash;
mod documents;
mod events;
mod feed;
mod harness;
mod identities;
mod issuer;
mod lists;
mod mcp;
mod oauth;
mod paging;
mod parity;
mod refusals;
mod requests;
mod rooms;
mod schemas;
mod script;
mod store;
mod task_lists;
mod turns;
mod unread;
