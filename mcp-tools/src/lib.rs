//! What an agent may do in Errand: the tools, and the MCP server that offers them.
//!
//! - [`Tool`]: what a tool is; [`Toolbox`]: several of them, by name; [`tools::all`]: the one list;
//! - [`TaskServer`]: the toolbox as an MCP server, for any transport;
//! - [`InProcess`]: the MCP client that the assistant of this process calls it with.
//!
//! A tool knows no MCP and no transport: it reads its input, asks [`errand_core::App`], and answers with its output. What is the same for all
//! of them stands once: `arguments` reads what models send, `schema` writes what they are shown, `batch` gives every item of a
//! call its own result, `due`, `id` and `view` are the words in which dates, ids and tasks are said, `size` shortens what is too long, `kept` has what was answered
//! last.
//!
//! To add a tool:
//!
//! 1. Write `src/tools/<name>.rs`: a unit struct that implements [`Tool`], its input with `Deserialize`, `JsonSchema` and
//!    `deny_unknown_fields`, its output with `Serialize` and `JsonSchema`. The description and the fields' doc comments are what
//!    the model reads, in every request: each word has to earn its place.
//! 2. Ask the core for one verb, so that the call is one transaction and `undo` takes back all of it. If there is no such verb,
//!    add it to `errand_core::app` first: rules and rights are checked there.
//! 3. Say in an error what to do next. [`Failure`] is for a call of which nothing went through.
//! 4. Test its behaviour and the way it fails in the same file, with `crate::bench::Bench`.
//! 5. Name it in [`tools::all`], and look at the changed snapshot of the list; a test keeps the whole list under 8,000 bytes.

mod arguments;
mod assent;
mod batch;
#[cfg(test)]
mod bench;
pub mod data;
mod due;
mod id;
mod in_process;
mod kept;
mod schema;
mod server;
mod size;
mod tool;
mod toolbox;
pub mod tools;
mod view;
mod watch;

pub use assent::{Assent, Question};
pub use in_process::{InProcess, StartError, ToolOutcome};
pub use server::{Check, Session, TaskServer};
pub use tool::{Ask, Effect, Failure, Tool};
pub use toolbox::{Context, Toolbox};
pub use watch::{Progress, Watch};
