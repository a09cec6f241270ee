//! What is shown: the answer as it comes, everything else in one dim line each; plain when it is not a terminal.

use std::io::{self, IsTerminal as _};

use super::turn::Said;
use crate::cli::print::{harmless, out};

/// The standard output of a conversation.
pub(super) struct Screen {
    terminal: bool,
    dim: bool,
    /// Whether the last line waits for its end.
    open: bool,
}

impl Screen {
    pub(super) fn new() -> Self {
        let terminal = io::stdout().is_terminal();
        let dim = terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self { terminal, dim, open: false }
    }

    /// Whether somebody watches the answer being written.
    pub(super) fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Shows what was said.
    pub(super) fn show(&mut self, said: &Said) -> io::Result<()> {
        match said {
            Said::Text(text) => {
                let text = harmless(text);
                self.open = if text.is_empty() { self.open } else { !text.ends_with('\n') };
                out(&text)
            }
            Said::Void => self.aside("(that does not count)"),
            Said::Did(line) => self.aside(&format!("· {}", harmless(line).replace('\n', " "))),
            Said::Answered => self.end_line(),
            Said::Failed(why) => {
                self.end_line()?;
                eprintln!("No answer: {}", harmless(why));
                Ok(())
            }
        }
    }

    /// A dim line of its own.
    pub(super) fn aside(&mut self, line: &str) -> io::Result<()> {
        self.end_line()?;
        if self.dim { out(&format!("\x1b[2m{line}\x1b[0m\n")) } else { out(&format!("{line}\n")) }
    }

    /// A line about the conversation and not of it: a script's output must not have it.
    pub(super) fn note(&mut self, line: &str) -> io::Result<()> {
        if self.terminal {
            return self.aside(line);
        }
        eprintln!("{line}");
        Ok(())
    }

    fn end_line(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.open) { out("\n") } else { Ok(()) }
    }
}
