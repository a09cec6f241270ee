//! The contract `rooms`: people who chat, end-to-end encrypted, with their accounts, sessions and profiles.
//!
//! Every body is an envelope: `{"success": true, "data", "message"}` or `{"success": false, "error": {…}}`.

mod auth;
mod avatars;
mod chatrooms;
mod envelope;
mod examples;
mod failure;
mod files;
mod form;
mod frames;
mod health;
mod keys;
mod members;
mod messages;
mod metrics;
mod search;
mod sessions;
mod socket;
mod summaries;
mod users;
mod wire;

use axum::http::StatusCode;

pub(super) use self::socket::{Crowded, Dialect};
use super::{
    Face, Failures, Listener, Pace, Route,
    event::Socket,
    failed::refuse,
    route::{delete, get, patch, post, put},
    ws,
};
use crate::files::picture;

pub(super) const FACE: Face = Face {
    name: "rooms",
    about: "People who chat, end-to-end encrypted, with an assistant that they may let in.",
    listener: Listener::Main,
    base: "",
    routes,
    refuse: refuse::<failure::Failure>,
    failures: Failures {
        foreign: StatusCode::FORBIDDEN,
        invalid: StatusCode::UNPROCESSABLE_ENTITY,
        body: failure::schema,
    },
    pace: Some(Pace::User { windows: |limits| &limits.rooms, except: &[HEALTH, METRICS, AVATARS] }),
    socket: Some(Socket {
        path: ws::PATH,
        about: "What happens in chatrooms, as it happens, and writing in them.",
        open: None, // `dashboard` has it
        events: examples::events,
    }),
};

const HEALTH: &str = "/health";
const METRICS: &str = "/metrics";
/// A page shows many at once.
const AVATARS: &str = "/avatars/";

fn routes() -> Vec<Route> {
    [accounts(), chatrooms(), messages(), files(), service()].into_iter().flatten().collect()
}

fn accounts() -> Vec<Route> {
    vec![
        post("/auth/register", auth::register, "register", "Makes an account and begins a session.")
            .refusing(&[StatusCode::CONFLICT]),
        post(
            "/auth/login",
            auth::log_in,
            "login",
            "Begins a session, for a name or an e-mail address, and a password.",
        )
        .refusing(&[StatusCode::UNAUTHORIZED]),
        post("/auth/refresh", auth::refresh, "refresh", "Gives the next tokens of a session for its refresh token.")
            .refusing(&[StatusCode::UNAUTHORIZED]),
        post("/auth/logout", auth::log_out, "logout", "Ends the session: its tokens are not good any more, anywhere.")
            .refusing(&[StatusCode::FORBIDDEN]),
        get("/auth/sessions", sessions::list, "list_sessions", "Where the caller is logged in, the newest first."),
        delete("/auth/sessions/{session_id}", sessions::end, "end_session", "Ends one of the caller's sessions."),
        get("/users/me", users::show, "get_me", "The caller's own profile."),
        put("/users/me", users::update, "update_me", "Changes what is given of the caller's profile."),
    ]
}

fn chatrooms() -> Vec<Route> {
    const ROOMS: &str = "/chatrooms";
    const ROOM: &str = "/chatrooms/{chatroom_id}";
    const INVITE: &str = "/chatrooms/{chatroom_id}/invite";
    const LEAVE: &str = "/chatrooms/{chatroom_id}/leave";
    const JOIN: &str = "/chatrooms/join/{invite_code}";
    const MEMBER: &str = "/chatrooms/{chatroom_id}/members/{user_id}";
    vec![
        get(
            ROOMS,
            chatrooms::list,
            "list_chatrooms",
            "The caller's chatrooms, the one that was entered last at first.",
        ),
        post(ROOMS, chatrooms::create, "create_chatroom", "Makes a chatroom."),
        get(ROOM, chatrooms::show, "get_chatroom", "A chatroom, with everybody in it."),
        put(ROOM, chatrooms::update, "update_chatroom", "Changes what is given of a chatroom's settings."),
        delete(ROOM, chatrooms::delete, "delete_chatroom", "Deletes a chatroom with all that is in it."),
        post(INVITE, members::invite, "invite", "Makes an invitation; its code is not to be had again."),
        post(
            JOIN,
            members::join,
            "join_chatroom",
            "Comes into a chatroom; who is in it already costs the invitation nothing.",
        )
        .refusing(&[StatusCode::NOT_FOUND, StatusCode::CONFLICT]),
        post(LEAVE, members::leave, "leave_chatroom", "Leaves a chatroom; the last one out deletes it."),
        delete(MEMBER, members::kick, "remove_member", "Puts somebody out of a chatroom."),
        put(MEMBER, members::set_role, "set_role", "Makes somebody an owner, a moderator or a member."),
    ]
}

fn messages() -> Vec<Route> {
    const MESSAGES: &str = "/chatrooms/{chatroom_id}/messages";
    const MESSAGE: &str = "/chatrooms/{chatroom_id}/messages/{message_id}";
    const REACTION: &str = "/chatrooms/{chatroom_id}/messages/{message_id}/reactions/{emoji}";
    const SEARCH: &str = "/chatrooms/{chatroom_id}/search";
    const KEYS: &str = "/chatrooms/{chatroom_id}/keys";
    const SUMMARY: &str = "/chatrooms/{chatroom_id}/summary";
    const VERSION: &str = "/chatrooms/{chatroom_id}/keys/{version}";
    vec![
        get(MESSAGES, messages::list, "list_messages", "What was written, the newest page first, each oldest first."),
        post(MESSAGES, messages::write, "send_message", "Writes a message; with the same `client_id`, once."),
        patch(MESSAGE, messages::edit, "edit_message", "Writes one of the caller's messages anew."),
        delete(MESSAGE, messages::delete, "delete_message", "Takes a message away; its place stays."),
        put(REACTION, messages::react, "add_reaction", "Reacts to a message."),
        delete(REACTION, messages::take_reaction_back, "remove_reaction", "Takes a reaction of the caller's back."),
        post(SEARCH, search::search, "search", "Searches what was written, where the assistant has the room's key."),
        get(KEYS, keys::show, "get_keys", "Everybody's public key, and the room's keys as the caller can open them."),
        put(VERSION, keys::write, "put_keys", "Gives everybody the next version of the room's key.")
            .refusing(&[StatusCode::CONFLICT]),
        get(SUMMARY, summaries::show, "get_summary", "The newest summary of what was written within these dates."),
        post(
            SUMMARY,
            summaries::make,
            "create_summary",
            "Makes a summary; without dates, of the newest 1,000 messages.",
        )
        .refusing(&[StatusCode::SERVICE_UNAVAILABLE]),
    ]
}

fn files() -> Vec<Route> {
    vec![
        post("/users/me/avatar", avatars::upload, "upload_avatar", "Gives the caller another picture.")
            .reading(4 * picture::BYTES_MAX),
        get("/avatars/{name}", avatars::show, "get_avatar", "Somebody's picture, for whoever has its address.")
            .refusing(&[StatusCode::NOT_FOUND]),
        post("/upload/file", files::upload, "upload_file", "Uploads a file, to be attached to a message.")
            .refusing(&[StatusCode::FORBIDDEN, StatusCode::NOT_FOUND])
            .reading(files::BODY_MAX),
        get("/files/{file_id}", files::download, "get_file", "A file, as it was uploaded."),
        get("/files/{file_id}/thumbnail", files::thumbnail, "get_thumbnail", "The smaller picture of a file."),
    ]
}

fn service() -> Vec<Route> {
    vec![
        get(METRICS, metrics::metrics, "metrics", "What was counted, as Prometheus reads it.")
            .refusing(&[StatusCode::UNAUTHORIZED, StatusCode::NOT_FOUND]),
        get(HEALTH, health::health, "health", "Whether the service can answer, and what it needs for that.")
            .refusing(&[StatusCode::SERVICE_UNAVAILABLE]),
    ]
}
