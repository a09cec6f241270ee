//! `--list-api` and `--list-ws`: what is served, from the same tables as the router and the documents.

use std::fmt::Write as _;

use crate::faces;

/// `METHOD path`, then the contract and its listener.
pub(super) fn api() -> String {
    let mut list = String::new();
    for face in &faces::ALL {
        for route in (face.routes)() {
            let operation = format!("{} {}", route.method, face.path(&route));
            let _ = writeln!(list, "{operation:50}  {:9}  :{}", face.name, face.listener.port());
        }
    }
    list
}

/// The contract, its listener and socket, the direction, the event's name and an example.
pub(super) fn sockets() -> String {
    let mut list = String::new();
    for face in &faces::ALL {
        let Some(socket) = &face.socket else { continue };
        for event in socket.events() {
            let whose = format!("{:9}  :{}{}", face.name, face.listener.port(), socket.path);
            let _ = writeln!(list, "{whose:28}  {}  {:19}  {}", event.direction, event.name, event.example);
        }
    }
    list
}
