//! The standard output, which can end before we do, and the names for people's eyes.

use std::io::{self, Write as _};

/// Writes `text` at once.
pub(super) fn out(text: &str) -> io::Result<()> {
    bytes(text.as_bytes())
}

/// Writes `bytes` at once.
pub(super) fn bytes(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// `text` without what would steer a terminal: what people wrote must not.
pub(super) fn harmless(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}
