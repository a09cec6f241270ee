//! The tools on the database, in this process.

use errand_core::{Account, App, Caller, Door};
use errand_mcp_tools::TaskServer;
use rmcp::{ServiceExt as _, service::ServerInitializeError, transport::stdio};

use super::McpError;
use crate::mcp_board;

/// Serves until the agent closes our standard input.
pub(super) async fn run(app: &App, account: &Account, secret: &[u8]) -> Result<(), McpError> {
    let caller = Caller::new(account, Door::Mcp { client: String::new() });
    let server =
        TaskServer::new(app.clone()).with_secret(secret).with_board(mcp_board::document()?).speaking_for(caller);
    if let Err(error) = app.forget_answers().await {
        tracing::error!(%error, "mcp.sweep_failed");
    }
    tracing::info!(user = %account.username, "mcp.ready");
    match server.serve(stdio()).await {
        Ok(running) => {
            running.waiting().await.map_err(|error| McpError::Protocol(error.to_string()))?;
            Ok(())
        }
        Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
        Err(error) => Err(McpError::Protocol(error.to_string())),
    }
}
