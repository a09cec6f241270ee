//! A server for one test, and clients for it.

mod database;
mod server;
mod services;
mod settings;
mod socket;
mod user;

pub(crate) use self::{
    database::{Backend, Database},
    server::Server,
    services::{redis_url, skipped},
    settings::{config, defaults},
    socket::Socket,
    user::{Answer, User, answer},
};
