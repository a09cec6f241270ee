//! What all sockets have in common: who may open one, how frames come and go, and the ways in which it ends.
//!
//! One task a socket. It never makes others wait: what waits for it in the feed is bounded, and a client that does not keep up is closed.
//!
//! To add a socket: a handler that calls [`upgrade`], and a loop over [`Link::over`], [`Link::listen`] and the face's events.

mod end;
mod guest;
mod handshake;
mod link;

pub(crate) use self::{
    end::{End, Step, fits},
    guest::Guest,
    handshake::{Handshake, upgrade},
    link::{Heard, Link},
};
