//! A server, and what is asked of it.

use std::net::SocketAddr;

use errand_bench::{Broken, kept::Kept, load::Load};
use serde_json::{Value, json};

/// How many tasks the one has who lists.
pub(crate) const TASKS: usize = 50;

/// Which of a server's loads is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    List,
    Create,
}

/// A server with these tools.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    list: Load,
    create: Load,
    pub(crate) kept: Kept,
}

impl Target {
    /// A server at `address`; the tokens are those of who lists and of who creates.
    pub(crate) fn new(
        name: &'static str,
        address: SocketAddr,
        [lists, creates]: [Option<&str>; 2],
        kept: Kept,
    ) -> Result<Self, Broken> {
        let list = call(address, lists, "list_tasks", &json!({}))?;
        Ok(Self { name, list, create: call(address, creates, "create_tasks", &tasks(1))?, kept })
    }

    pub(crate) fn load(&self, tool: Tool) -> &Load {
        match tool {
            Tool::List => &self.list,
            Tool::Create => &self.create,
        }
    }

    /// The same, after a look at what it answers.
    pub(crate) async fn checked(self) -> Result<Self, Broken> {
        for (load, expected) in [(&self.list, 20), (&self.create, 1)] {
            let answer = load.ask().await?;
            if answer["result"]["structuredContent"]["tasks"].as_array().map(Vec::len) != Some(expected) {
                return Err(format!("{} does not answer {expected} tasks: {answer}", self.name).into());
            }
        }
        Ok(self)
    }
}

/// The arguments with which so many tasks are made.
pub(crate) fn tasks(many: usize) -> Value {
    let task = json!({"title": "Call the dentist", "description": "Ask about the wisdom tooth",
        "priority": "urgent", "due": "2026-11-22T09:00:00+01:00"});
    json!({"tasks": vec![task; many]})
}

/// A call of a tool, as MCP 2026-07-28 wants it.
pub(crate) fn call(address: SocketAddr, token: Option<&str>, tool: &str, arguments: &Value) -> Result<Load, Broken> {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
    });
    let params = json!({"name": tool, "arguments": arguments, "_meta": meta});
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    let load = Load::post(address, "/mcp", message.to_string())?
        .with("accept", "application/json, text/event-stream")?
        .with("mcp-protocol-version", "2026-07-28")?
        .with("mcp-method", "tools/call")?
        .with("mcp-name", tool)?;
    match token {
        Some(token) => load.with("authorization", &format!("Bearer {token}")),
        None => Ok(load),
    }
}
