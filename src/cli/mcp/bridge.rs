//! Messages of the standard input go to a server, its messages go to the standard output. What they mean is not known here, but for what
//! HTTP needs of them: which session, which version, which call.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures::StreamExt as _;
use reqwest::Url;
use serde_json::{Value, json};
use tokio::{
    io::AsyncWriteExt as _,
    sync::mpsc,
    task::{AbortHandle, JoinSet},
};
use tokio_util::codec::{FramedRead, LinesCodec, LinesCodecError};

use super::{
    McpError, Token,
    link::{Link, is_modern},
};

/// The longest message from the agent, in bytes.
const LONGEST: usize = 16 << 20;

/// How long calls may go on after the agent has closed our standard input.
const GRACE: Duration = Duration::from_secs(5);

/// Relays until the agent closes our standard input.
pub(super) async fn run(server: &Url, token: Token) -> Result<(), McpError> {
    let (out, messages) = mpsc::channel(64);
    let writing = tokio::spawn(write(messages));
    let mut relay =
        Relay { link: Arc::new(Link::new(server, token, out)?), calls: JoinSet::new(), by_id: HashMap::new() };
    tracing::info!(%server, "mcp.bridge_ready");
    let mut lines = FramedRead::new(tokio::io::stdin(), LinesCodec::new_with_max_length(LONGEST));
    while let Some(line) = lines.next().await {
        match line {
            Ok(line) if line.trim().is_empty() => {}
            Ok(line) => relay.take(&line).await,
            Err(LinesCodecError::MaxLineLengthExceeded) => relay.unreadable("the line is too long").await,
            Err(LinesCodecError::Io(error)) => return Err(error.into()),
        }
    }
    relay.end().await;
    drop(relay);
    writing.await.map_err(std::io::Error::other)??;
    Ok(())
}

/// A line for each message.
async fn write(mut messages: mpsc::Receiver<Value>) -> std::io::Result<()> {
    let mut output = tokio::io::stdout();
    while let Some(message) = messages.recv().await {
        output.write_all(format!("{message}\n").as_bytes()).await?;
        output.flush().await?;
    }
    Ok(())
}

struct Relay {
    link: Arc<Link>,
    calls: JoinSet<()>,
    /// Calls of the new era: they are cancelled by no longer waiting for them.
    by_id: HashMap<String, AbortHandle>,
}

impl Relay {
    async fn take(&mut self, text: &str) {
        let message: Value = match serde_json::from_str(text) {
            Ok(message) => message,
            Err(error) => return self.unreadable(&error.to_string()).await,
        };
        while self.calls.try_join_next().is_some() {}
        let link = self.link.clone();
        match message["method"].as_str() {
            // What comes after these needs what they bring about.
            Some("initialize") => link.pass(&message).await,
            Some("notifications/initialized") => {
                link.pass(&message).await;
                self.calls.spawn(async move { link.listen().await });
            }
            Some("notifications/cancelled") if self.cancel(&message["params"]["requestId"]) => {}
            _ => {
                let (id, modern) = (message["id"].to_string(), is_modern(&message));
                let call = self.calls.spawn(async move { link.pass(&message).await });
                if modern {
                    self.by_id.retain(|_, call| !call.is_finished());
                    self.by_id.insert(id, call);
                }
            }
        }
    }

    /// Whether it was a call of the new era.
    fn cancel(&mut self, id: &Value) -> bool {
        self.by_id.remove(&id.to_string()).inspect(AbortHandle::abort).is_some()
    }

    async fn unreadable(&self, why: &str) {
        let error = json!({"code": -32700, "message": format!("this is no message: {why}")});
        self.link.tell(json!({"jsonrpc": "2.0", "id": null, "error": error})).await;
    }

    /// Lets calls come to their end, but not those that have none.
    async fn end(&mut self) {
        self.link.stop_listening();
        let calls = async { while self.calls.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, calls).await.is_err() {
            self.calls.shutdown().await;
        }
        self.link.end().await;
    }
}
