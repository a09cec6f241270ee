//! What is typed: lines from a terminal, with the arrow keys' history, or from a pipe.

use std::{
    io::{self, IsTerminal as _},
    path::Path,
};

use rustyline::{DefaultEditor, error::ReadlineError};

use super::ChatError;

/// Where lines come from.
pub(super) enum Input {
    /// A person.
    Terminal(Box<DefaultEditor>),
    /// A script.
    Pipe,
}

/// What came.
pub(super) enum Typed {
    /// A line.
    Line(String),
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-D, or the end of the pipe.
    End,
}

/// Whether a person sits there.
pub(super) fn is_terminal() -> bool {
    io::stdin().is_terminal()
}

impl Input {
    /// The standard input, with the history in the file if there is one.
    pub(super) fn open(history: Option<&Path>) -> Result<Self, ChatError> {
        if !is_terminal() {
            return Ok(Self::Pipe);
        }
        let mut editor = DefaultEditor::new()?;
        if let Some(path) = history {
            editor.load_history(path)?;
        }
        Ok(Self::Terminal(Box::new(editor)))
    }

    /// Waits for a line, on a thread where waiting is fine, and gives the input back with it.
    pub(super) fn read(mut self, history: Option<&Path>) -> (Self, Result<Typed, ChatError>) {
        let typed = match &mut self {
            Self::Terminal(editor) => edit(editor, history),
            Self::Pipe => {
                let mut line = String::new();
                match io::stdin().read_line(&mut line) {
                    Ok(0) => Ok(Typed::End),
                    Ok(_) => Ok(Typed::Line(line)),
                    Err(error) => Err(error.into()),
                }
            }
        };
        (self, typed)
    }
}

fn edit(editor: &mut DefaultEditor, history: Option<&Path>) -> Result<Typed, ChatError> {
    match editor.readline("> ") {
        Ok(line) => {
            if !line.trim().is_empty()
                && editor.add_history_entry(&line)?
                && let Some(path) = history
            {
                editor.append_history(path)?;
            }
            Ok(Typed::Line(line))
        }
        Err(ReadlineError::Interrupted) => Ok(Typed::Interrupt),
        Err(ReadlineError::Eof) => Ok(Typed::End),
        Err(error) => Err(error.into()),
    }
}
