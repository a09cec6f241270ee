//! The ways in which a conversation ends.

use errand_core::Error;

/// The largest frame from a client, where its contract does not say otherwise.
const FRAME_MAX: usize = 64 * 1024;

/// Why the conversation with a client is over.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It went away, or does not read.
    Gone,
    /// We close, with a code and a reason.
    Close(u16, &'static str),
}

/// Close codes: RFC 6455 and those of the contracts.
impl End {
    pub(super) const GOING_AWAY: Self = Self::Close(1001, "The server is going away");
    pub(super) const NO_TOKEN: Self = Self::Close(1008, "Authentication token is missing or invalid");
    pub(super) const TOO_BIG: Self = Self::Close(1009, "A frame may have at most 64 KiB");
    pub(super) const FAILED: Self = Self::Close(1011, "An unexpected error occurred");
    pub(super) const EXPIRED: Self = Self::Close(4401, "The access token has expired");
    pub(super) const LOGGED_OUT: Self = Self::Close(4401, "Logged out");
    /// The client did not keep up.
    pub(crate) const TOO_SLOW: Self = Self::Close(4508, "Too slow; resume from the last seq");
    /// The user has as many sockets open as they may.
    pub(crate) const TOO_MANY: Self = Self::Close(4429, "Too many connections");

    /// The end after an error of ours.
    pub(crate) fn failed(error: &Error) -> Self {
        tracing::error!(%error, "socket.failed");
        Self::FAILED
    }
}

/// What a step of the conversation came to.
pub(crate) type Step<T = ()> = Result<T, End>;

/// That a frame is not larger than most contracts allow.
pub(crate) fn fits(text: &str) -> Step {
    if text.len() <= FRAME_MAX { Ok(()) } else { Err(End::TOO_BIG) }
}
